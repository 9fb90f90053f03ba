import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answerIn, idsOf, servedSample } from "./serving.js";

const served = servedSample();

describe("GET and POST of search answer the same", () => {
  const REQUESTS: Record<string, string | number | boolean | (string | number)[]>[] = [
    { q: "how birds navigate" },
    { q: "attention is all you need", limit: 3 },
    { q: "smoking", mode: "lexical", sort: "date" },
    { q: "stars", mode: "semantic", explain: true, limit: 5 },
    { q: "memory", year: [1953, 1957, 1971], category: ["Neuroscience", "Psychology"] },
    { q: "learning", from: "2012", to: "2019-06", sort: "upvotes" },
    { q: "10.1002/j.1538-7305.1948.tb01338.x" },
  ];
  for (const request of REQUESTS)
    test(JSON.stringify(request), async () => {
      const got = await served.ask(served.path("api/search", request));
      answerIn(got);
      const posted = await served.post("api/search", request);
      assert.equal(posted.text, got.text);
      assert.equal((await served.ask(served.path("api/search", request))).text, got.text, "byte for byte, again");
    });

  test("and booleans in an address may be 1 and 0", async () => {
    const spelt = await served.ask("api/search?q=stars&explain=true");
    assert.equal((await served.ask("api/search?q=stars&explain=1")).text, spelt.text);
  });
});

describe("any query gets hits or a reason for none", () => {
  const long = Array.from({ length: 10_000 }, (_, i) => `word${i}`).join(" ");
  const QUERIES: Record<string, string> = {
    empty: "",
    "white space": " \t\n ",
    "one letter": "a",
    "one digit": "7",
    "stop words only": "to be or not to be",
    punctuation: "?!... --- ***",
    "one quote": '"',
    "unbalanced quotes": '"smoking and "lung',
    "unbalanced brackets": "((smoking [lung {cancer",
    operators: "AND OR NOT",
    "an operator between words": "smoking AND cancer NOT lung",
    NEAR: "NEAR(",
    "NEAR with an argument": "NEAR(smoking cancer, 5)",
    "a column": "title:",
    "a column with a word": "title:smoking",
    "a column set": "{a}:b",
    "a column left out": "-title: smoking",
    star: "*",
    prefix: "smok*",
    caret: "^",
    "caret and word": "^smoking",
    plus: "smoking + cancer",
    SQL: "'; DROP TABLE papers; --",
    "an emoji": "🙂",
    "an emoji with modifiers": "👩🏽‍🔬 laboratory",
    Chinese: "深度学习",
    Arabic: "التعلم العميق",
    "combining marks": "e\u0301\u0301\u0301\u0301",
    NUL: "\0",
    "NUL among words": "smo\0king",
    "10,000 different words": long,
    "10,000 times one word": "smoking ".repeat(10_000),
    "200,000 characters without a space": "x".repeat(200_000),
    "a number": "-1e309",
    "an address": "https://example.org/nowhere?x=1#y",
    "a DOI that is not here": "10.9999/not-here",
    "right-to-left override": "\u202Esmoking",
  };
  for (const mode of ["hybrid", "semantic", "lexical"])
    for (const [what, q] of Object.entries(QUERIES))
      test(`${what}, ${mode}`, async () => {
        const { hits, notice, next } = answerIn(await served.post("api/search", { q, mode, limit: 3 }));
        assert.ok(hits.length > 0 || (notice !== null && notice.length > 10), `no hits and the notice ${notice}`);
        if (hits.length === 0) assert.equal(next, null);
        if (q.length < 5_000) {
          const got = answerIn(await served.ask(served.path("api/search", { q, mode, limit: 3 })));
          assert.deepEqual(
            idsOf(got),
            hits.map(({ paper }) => paper.id),
          );
        }
      });

  test("and a lone surrogate, which JSON can contain", async () => {
    for (const q of ['"\\ud800"', '"smoking \\udfff lung"']) answerIn(await served.post("api/search", `{"q":${q}}`));
  });

  test("and %00 or invalid UTF-8 in the address", async () => {
    for (const q of ["%00", "smoking%00lung", "%FF%FE", "100%", "%zz"]) {
      const { hits, notice } = answerIn(await served.ask(`api/search?q=${q}`));
      assert.ok(hits.length > 0 || notice !== null, q);
    }
  });
});

describe("an order other than relevance", () => {
  test("by date has the same papers, newest first, those without a date last", async () => {
    const relevant = await served.answer({ q: "learning from data", limit: 200 });
    const newest = await served.answer({ q: "learning from data", limit: 200, sort: "date" });
    assert.deepEqual(idsOf(newest).toSorted(), idsOf(relevant).toSorted());
    const dates = newest.hits.map(({ paper }) => paper.published ?? "");
    assert.deepEqual(dates, dates.toSorted().toReversed());
  });
});

describe("explain", () => {
  test("is present on request, with both a rank and a value or neither", async () => {
    const { hits } = await served.answer({ q: "genes and inheritance", explain: true });
    for (const { explain } of hits) {
      assert.ok(explain !== undefined);
      for (const { rank, value, weight } of explain.signals) {
        assert.equal(rank === null, value === null);
        assert.ok(weight >= 0 && weight <= 1);
      }
    }
    for (const name of ["words", "abstract", "sentence"])
      assert.ok(hits.some(({ explain }) => explain?.signals.find((signal) => signal.name === name)?.rank === 1));
  });

  test("adds up: contributions to the score, weights of words to BM25", async () => {
    for (const mode of ["hybrid", "semantic", "lexical"])
      for (const { score, explain } of (await served.answer({ q: "genes and inheritance", mode, explain: true }))
        .hits) {
        const { signals = [], words = [] } = explain ?? {};
        const added = signals.reduce((sum, { contribution }) => sum + contribution, 0);
        assert.ok(Math.abs(added - score) < 1e-9);
        const bm25 = words.reduce((sum, { weight }) => sum + weight, 0);
        const value = signals.find(({ name }) => name === "words")?.value ?? 0;
        if (mode !== "semantic") assert.ok(Math.abs(bm25 - value) < 1e-6, `${bm25} and ${value}`);
      }
  });

  test("is absent otherwise, and changes nothing else", async () => {
    const plain = await served.answer({ q: "genes and inheritance" });
    const explained = await served.answer({ q: "genes and inheritance", explain: true });
    assert.ok(plain.hits.every((hit) => !("explain" in hit)));
    const without = explained.hits.map((hit) =>
      Object.fromEntries(Object.entries(hit).filter(([name]) => name !== "explain")),
    );
    assert.deepEqual(plain.hits, without);
  });
});

test("the time taken is in a header and not in the body", async () => {
  const reply = await served.ask("api/search?q=smoking");
  assert.match(
    reply.headers.get("server-timing") ?? "",
    /^queue;dur=[\d.]+, wait;dur=[\d.]+, answer;dur=[\d.]+, embed;dur=[\d.]+, total;dur=[\d.]+$/,
  );
  assert.doesNotMatch(reply.text, /"(took|time|duration|ms)"/);
});

test("HEAD returns the headers of GET without a body", async () => {
  const { status, text, headers } = await served.ask("api/search?q=smoking", { method: "HEAD" });
  assert.deepEqual([status, text], [200, ""]);
  assert.match(headers.get("content-type") ?? "", /^application\/json/);
});
