import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answerIn, idsOf, problemIn, servedSample } from "./serving.js";

const served = servedSample();
const LIKED = "vaswani-2017-attention";

describe("related", () => {
  test("by GET and by POST are the same, byte for byte, each time", async () => {
    const got = await served.ask(`api/papers/${LIKED}/related?limit=7&explain=true&from=1990`);
    const posted = await served.post("api/related", { id: LIKED, limit: 7, explain: true, from: "1990" });
    assert.equal(posted.text, got.text);
    assert.equal((await served.ask(`api/papers/${LIKED}/related?limit=7&explain=true&from=1990`)).text, got.text);
    const { hits, method } = answerIn(got);
    assert.equal(hits.length, 7);
    assert.equal(method.ranking, "hybrid");
    assert.ok(hits.every(({ paper, explain }) => paper.id !== LIKED && explain !== undefined));
  });

  const TEXTS: Record<string, object> = {
    "a text": { text: "translation between languages with neural networks" },
    "a title": { title: "Translation with neural networks" },
    "an abstract": { abstract: "We translate between languages with neural networks." },
    "a title and an abstract": { title: "Translation", abstract: "We translate with neural networks." },
    "200,000 characters": { text: "neural translation ".repeat(10_526).slice(0, 200_000) },
    "10,000 different words": { text: Array.from({ length: 10_000 }, (_, i) => `word${i}`).join(" ") },
    Chinese: { text: "深度学习" },
    "half a character": { text: "\ud800 neural translation" },
    "NUL among words": { text: "neural\0translation" },
    "FTS5's syntax": { text: '"neural NEAR( title: ^translation* {a}:b' },
  };
  for (const [what, about] of Object.entries(TEXTS))
    test(`to ${what} has hits`, async () => {
      const { hits } = answerIn(await served.post("api/related", { ...about, limit: 5 }));
      assert.equal(hits.length, 5);
    });

  for (const text of ["", "  ", "?!", "\0", "🙂"])
    test(`to ${JSON.stringify(text)} has none and says why`, async () => {
      const { hits, notice } = answerIn(await served.post("api/related", { text }));
      assert.deepEqual(hits, []);
      assert.match(notice ?? "", /no letter or digit/);
    });

  const WRONG: [body: object, parameter: string][] = [
    [{}, "id"],
    [{ id: LIKED, text: "both" }, "id"],
    [{ text: "x", title: "y" }, "id"],
    [{ id: "" }, "id"],
    [{ id: 5 }, "id"],
    [{ text: "x".repeat(200_001) }, "text"],
    [{ abstract: "x".repeat(200_001) }, "abstract"],
    [{ id: LIKED, limit: 0 }, "limit"],
    [{ id: LIKED, q: "x" }, "q"],
  ];
  for (const [body, parameter] of WRONG)
    test(`to ${JSON.stringify(body).slice(0, 50)} is refused and names ${parameter}`, async () => {
      assert.equal(problemIn(await served.post("api/related", body), 400).parameter, parameter);
    });

  test("to a paper by GET takes neither text nor title", async () => {
    for (const name of ["id", "text", "title", "abstract"])
      assert.equal(problemIn(await served.ask(`api/papers/${LIKED}/related?${name}=x`), 400).parameter, name);
  });
});

describe("recommendations", () => {
  test("take ids, ids in objects, and texts, and say which like each hit is closest to", async () => {
    const request = {
      positive: [LIKED, { id: "devlin-2019-bert" }, { text: "measuring the expansion of the universe" }],
      negative: ["brown-2020-gpt3", { text: "large language models" }],
      limit: 30,
      explain: true,
    };
    const reply = await served.post("api/recommend", request);
    assert.equal((await served.post("api/recommend", request)).text, reply.text, "byte for byte, again");
    const answer = answerIn(reply);
    assert.equal(answer.hits.length, 30);
    const likes = new Set(['{"id":"vaswani-2017-attention"}', '{"id":"devlin-2019-bert"}']);
    likes.add('{"text":"measuring the expansion of the universe"}');
    for (const { closest } of answer.hits) {
      assert.ok(closest !== undefined && closest.similarity >= -1 && closest.similarity <= 1);
      assert.ok(likes.has(JSON.stringify(closest.positive)));
    }
    for (const id of [LIKED, "devlin-2019-bert", "brown-2020-gpt3"]) assert.ok(!idsOf(answer).includes(id), id);
  });

  const WRONG: [body: object, parameter: string][] = [
    [{}, "positive"],
    [{ positive: [] }, "positive"],
    [{ positive: "x" }, "positive"],
    [{ positive: [5] }, "positive.0"],
    [{ positive: [LIKED, { id: "a", text: "b" }] }, "positive.1"],
    [{ positive: [{}] }, "positive.0"],
    [{ positive: [""] }, "positive.0"],
    [{ positive: [LIKED], negative: [null] }, "negative.0"],
    [{ positive: Array.from({ length: 1_001 }, () => LIKED) }, "positive"],
    [{ positive: [LIKED], limit: 501 }, "limit"],
    [{ positive: [LIKED], like: "x" }, "like"],
  ];
  for (const [body, parameter] of WRONG)
    test(`from ${JSON.stringify(body).slice(0, 60)} are refused and name ${parameter}`, async () => {
      const problem = problemIn(await served.post("api/recommend", body), 400);
      assert.ok(problem.parameter?.startsWith(parameter), problem.parameter);
    });

  test("from a paper that is not here answer 404 and name it", async () => {
    for (const body of [{ positive: ["nobody"] }, { positive: [LIKED], negative: ["nobody"] }])
      assert.match(problemIn(await served.post("api/recommend", body), 404).detail, /"nobody"/);
  });

  test("from a text of punctuation have hits or say why not", async () => {
    for (const text of ["?", "🙂", "\0", " "]) {
      const { hits, notice } = answerIn(await served.post("api/recommend", { positive: [{ text }] }));
      assert.ok(hits.length > 0 || notice !== null, JSON.stringify(text));
    }
  });
});
