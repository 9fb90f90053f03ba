import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { explanationSchema, type Explanation } from "../../src/api.js";
import { problemIn, servedSample } from "./serving.js";

const served = servedSample();

async function explained(request: object): Promise<Explanation> {
  const reply = await served.post("api/explain", request);
  assert.equal(reply.status, 200, reply.text);
  return explanationSchema.parse(JSON.parse(reply.text));
}

describe("POST /api/explain", () => {
  test("gives the same scores for a hit as the search", async () => {
    const q = "genes and inheritance";
    const { hits } = await served.answer({ q, explain: true, limit: 20 });
    for (const [i, { paper, score, matched, explain }] of hits.entries()) {
      const { place, hit, why } = await explained({ q, id: paper.id });
      assert.equal(place, i + 1);
      assert.deepEqual([hit?.score, hit?.matched, hit?.explain], [score, matched, explain]);
      assert.match(why, new RegExp(`^It is hit ${place} of `));
      if (i >= 10)
        assert.match(why, /It scores \d\.\d+, hit 10 \d\.\d+; it scores less in (words|abstract|sentence) \(/);
    }
  });

  test("names the filter that a paper does not pass", async () => {
    const { place, hit, why } = await explained({
      q: "smoking",
      id: "doll-1950-smoking",
      year: [1999],
      author: ["doll"],
    });
    assert.deepEqual([place, hit], [null, null]);
    assert.equal(why, "It does not pass the filter year = [1999].");
  });

  test("names the words that a paper does not contain", async () => {
    const { why, hit } = await explained({ q: "smoking penguins", id: "doll-1950-smoking" });
    assert.match(why, /It does not contain "penguins"\./);
    assert.ok((hit?.explain.words[0]?.weight ?? 0) > 0);
  });

  test("says why a paper is not in a lexical answer, and which rank it would have", async () => {
    const { place, of, why } = await explained({ q: "smoking", mode: "lexical", id: "vaswani-2017-attention" });
    assert.equal(place, null);
    assert.ok(of > 0);
    assert.match(why, /^It is not among the \d+ papers of the answer: .*If they were, it would be hit \d+\./);
  });

  test("says if the query is a paper's title or identifier", async () => {
    const id = "vaswani-2017-attention";
    assert.match((await explained({ q: "attention is all you need", id })).why, /title, so it comes first/);
    const { paper } = await explained({ q: "x", id });
    const q = `https://arxiv.org/abs/${paper.arxiv}`;
    assert.match((await explained({ q, id: "doll-1950-smoking" })).why, /identifier, and names another paper/);
    assert.equal((await explained({ q, id })).place, 1);
  });

  test("gives the reason for an answer without hits", async () => {
    assert.match((await explained({ q: "  ", id: "doll-1950-smoking" })).why, /query is empty/);
  });

  test("refuses an invalid question and an unknown paper, with a reason", async () => {
    for (const [body, status, said] of [
      [{ q: "x" }, 400, /id/],
      [{ id: "doll-1950-smoking" }, 400, /q/],
      [{ q: "x", id: "doll-1950-smoking", limit: 3 }, 400, /limit/],
      [{ q: "x", id: "doll-1950-smoking", mode: "magic" }, 400, /mode/],
      [{ q: "x", id: "nobody" }, 404, /there is no paper with the id "nobody"/],
    ] as const) {
      const { detail } = problemIn(await served.post("api/explain", body), status);
      assert.match(detail, said);
    }
  });
});

describe("diversity", () => {
  test("keeps the first hit and the set of papers, and works across pages", async () => {
    const q = "learning from data";
    const plain = await served.answer({ q, limit: 100 });
    const broad = await served.answer({ q, limit: 100, diversity: 0.5 });
    const ids = (hits: typeof plain.hits) => hits.map(({ paper }) => paper.id);
    assert.equal(ids(broad.hits)[0], ids(plain.hits)[0]);
    assert.notDeepEqual(ids(broad.hits).slice(0, 10), ids(plain.hits).slice(0, 10));
    const first = await served.answer({ q, limit: 7, diversity: 0.5 });
    const second = await served.answer({ q, limit: 7, diversity: 0.5, cursor: first.next ?? "" });
    assert.deepEqual([...ids(first.hits), ...ids(second.hits)], ids(broad.hits).slice(0, 14));
    const whole = async (diversity: number) => new Set(ids((await served.answer({ q, limit: 500, diversity })).hits));
    assert.deepEqual(await whole(1), await whole(0));
  });

  test("must be a number from 0 to 1", async () => {
    for (const diversity of ["1.1", "-0.1", "much"]) {
      const { detail } = problemIn(await served.ask(`api/search?q=a&diversity=${diversity}`), 400);
      assert.match(detail, /diversity/);
    }
  });
});
