import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { paperAnswerSchema } from "../../src/api.js";
import { answerIn, idsOf, jsonLines, parsed, problemIn, servedSample } from "./serving.js";

const served = servedSample();
const LIKED = "vaswani-2017-attention";

describe("related", () => {
  test("by GET and POST are the same, byte for byte, each time", async () => {
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
    test(`to ${JSON.stringify(text)} has no hits and says why`, async () => {
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

  describe("with an aspect", () => {
    for (const aspect of ["background", "method", "result"])
      test(`${aspect}: the same by GET and POST, each hit with two sentences, in the order without an aspect`, async () => {
        const got = await served.ask(`api/papers/${LIKED}/related?aspect=${aspect}&limit=9&explain=true`);
        const without = answerIn(await served.ask(`api/papers/${LIKED}/related?limit=9&explain=true`));
        const posted = await served.post("api/related", { id: LIKED, aspect, limit: 9, explain: true });
        assert.equal(posted.text, got.text);
        const { hits, notice } = answerIn(got);
        assert.deepEqual([hits.length, notice], [9, null]);
        assert.deepEqual(
          hits.map(({ paper, score }) => [paper.id, score]),
          without.hits.map(({ paper, score }) => [paper.id, score]),
        );
        const { paper: asked } = parsed(paperAnswerSchema, await served.ask(`api/papers/${LIKED}`));
        for (const { paper, matched, score, explain } of hits) {
          const { here, there, similarity } = matched.pair!;
          assert.equal(asked.abstract?.slice(here.start, here.end), here.text);
          assert.equal(paper.abstract?.slice(there.start, there.end), there.text);
          assert.ok(similarity >= -1 && similarity <= 1);
          const signals = explain!.signals;
          assert.deepEqual(
            signals.map(({ name }) => name),
            ["words", "abstract", "title"],
          );
          const added = signals.reduce((sum, { contribution }) => sum + contribution, 0);
          assert.ok(Math.abs(added - score) < 1e-9);
        }
      });

    test("for a text shows its own sentences", async () => {
      const text = "We ask whether smoking harms. We counted cells in a dish. Results show that lungs are harmed.";
      const [first] = answerIn(await served.post("api/related", { text, aspect: "result" })).hits;
      assert.equal(first?.matched.pair?.here.text, "Results show that lungs are harmed.");
    });

    test("for a title without an abstract shows no sentences, and says so", async () => {
      const { hits, notice } = answerIn(
        await served.post("api/related", { title: "Smoking and lungs", aspect: "method" }),
      );
      assert.equal(notice, "There is no abstract to find a method in, so no sentences are shown.");
      assert.equal(hits[0]?.paper.id, "doll-1950-smoking");
      assert.ok(hits.every(({ matched }) => matched.pair === null));
    });

    test("for a paper that is not yet embedded shows its sentences nevertheless", async () => {
      await served.import(
        jsonLines({
          id: "fresh",
          title: "Cigarettes",
          abstract: "We ask if smoking harms. Results show that it does.",
        }),
      );
      const [first] = answerIn(await served.ask("api/papers/fresh/related?aspect=background")).hits;
      assert.equal(first?.matched.pair?.here.text, "We ask if smoking harms.");
      // Embedding it would change the mean of the collection while other tests compare.
      await served.ask("api/papers/fresh", { method: "DELETE" });
    });

    test("that does not exist is refused, with a list of those that do", async () => {
      for (const reply of [
        await served.ask(`api/papers/${LIKED}/related?aspect=conclusion`),
        await served.post("api/related", { id: LIKED, aspect: "conclusion" }),
      ]) {
        const { parameter, detail } = problemIn(reply, 400);
        assert.equal(parameter, "aspect");
        assert.match(detail, /background.*method.*result.*conclusion/);
      }
      assert.equal(problemIn(await served.ask("api/search?q=x&aspect=method"), 400).parameter, "aspect");
    });
  });

  test("to a paper by GET accepts neither text nor title", async () => {
    for (const name of ["id", "text", "title", "abstract"])
      assert.equal(problemIn(await served.ask(`api/papers/${LIKED}/related?${name}=x`), 400).parameter, name);
  });
});

describe("recommendations", () => {
  test("accept ids, ids in objects, and texts, and say which like each hit is closest to", async () => {
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
    for (const { because } of answer.hits.slice(0, 10)) {
      assert.ok(because !== undefined && because.reason === null && because.for.length > 0);
      assert.ok(because.for.every(({ example }) => likes.has(JSON.stringify(example))));
      for (const { similarity, share } of [...because.for, ...because.against])
        assert.ok(similarity >= -1 && similarity <= 1 && share > 0 && share <= 1);
    }
    for (const id of [LIKED, "devlin-2019-bert", "brown-2020-gpt3"]) assert.ok(!idsOf(answer).includes(id), id);
  });

  const WRONG: [body: object, parameter: string][] = [
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

  test("skip unknown liked papers and say so; if all are unknown, they answer 404", async () => {
    const whole = answerIn(await served.post("api/recommend", { positive: [LIKED], limit: 5 }));
    for (const body of [{ positive: [LIKED, "nobody"] }, { positive: [LIKED], negative: ["nobody"] }]) {
      const { hits, notice } = answerIn(await served.post("api/recommend", { ...body, limit: 5 }));
      assert.equal(notice, "Not here, and left out: nobody.");
      assert.deepEqual(hits, whole.hits);
    }
    assert.match(problemIn(await served.post("api/recommend", { positive: ["nobody"] }), 404).detail, /"nobody"/);
    assert.match(
      problemIn(await served.post("api/recommend", { positive: ["a?", "b?"] }), 404).detail,
      /none of the 2/,
    );
  });

  test("do not depend on the order of examples", async () => {
    const positive = [LIKED, "riess-1998-acceleration", { text: "the age of the universe" }];
    const negative = ["brown-2020-gpt3", "mayor-1995-planet"];
    const one = await served.post("api/recommend", { positive, negative });
    const other = await served.post("api/recommend", {
      positive: positive.toReversed(),
      negative: negative.toReversed(),
    });
    assert.deepEqual(answerIn(one).hits, answerIn(other).hits);
  });

  test("rank papers near a dislike lower, and leave others alone", async () => {
    const positive = [LIKED, "riess-1998-acceleration"];
    const ask = async (negative: string[]) =>
      answerIn(await served.post("api/recommend", { positive, negative, limit: 200, explain: true })).hits;
    const [before, after] = [await ask([]), await ask(["brown-2020-gpt3"])];
    const scores = new Map(before.map(({ paper, score }) => [paper.id, score]));
    let pushed = 0;
    for (const { paper, score, because, explain } of after) {
      const lost = scores.get(paper.id)! - score;
      const said = explain?.signals.find(({ name }) => name === "dislikes");
      assert.ok(lost >= -1e-9, paper.id);
      assert.equal(lost > 1e-9, (said?.value ?? 0) > 1e-9, paper.id);
      if (lost <= 1e-9) continue;
      pushed++;
      assert.deepEqual(because?.against[0]?.example, { id: "brown-2020-gpt3" });
    }
    assert.ok(pushed > 0 && pushed < after.length / 4, `${pushed} of ${after.length} are pushed away`);
  });

  test("have scores that are the sum of contributions", async () => {
    for (const positive of [[LIKED, "riess-1998-acceleration"], []])
      for (const { score, explain } of answerIn(await served.post("api/recommend", { positive, explain: true })).hits) {
        const added = explain?.signals.reduce((sum, { contribution }) => sum + contribution, 0) ?? NaN;
        assert.ok(Math.abs(added - score) < 1e-9);
      }
  });

  test("without likes are trending papers, with dates and votes", async () => {
    const noted = { id: "noted", title: "A noted paper", published: "2024-06-01", upvotes: 120, comments: 3 };
    const unnoted = { id: "unnoted", title: "An unnoted paper", published: "2024-06-20" };
    const older = { id: "older", title: "A paper once noted", published: "2020-01-01", upvotes: 500 };
    await served.import(jsonLines(noted, unnoted, older));
    const answer = answerIn(await served.post("api/recommend", { positive: [], from: "2020", limit: 100 }));
    const order = idsOf(answer).filter((id) => id.includes("noted") || id === "older");
    assert.deepEqual(order, ["noted", "unnoted", "older"], "votes outweigh three weeks, and not four years");
    const hit = answer.hits.find(({ paper }) => paper.id === "noted");
    assert.equal(hit?.because?.reason, "published 2024-06-01, 120 upvotes, 3 comments");
    assert.deepEqual(answerIn(await served.post("api/recommend", { from: "2020", limit: 100 })).hits, answer.hits);
    const less = answerIn(await served.post("api/recommend", { from: "2020", negative: ["noted"] }));
    assert.ok(!idsOf(less).includes("noted"));
  });

  test("from a text of punctuation have hits or a reason for none", async () => {
    for (const text of ["?", "🙂", "\0", " "]) {
      const { hits, notice } = answerIn(await served.post("api/recommend", { positive: [{ text }] }));
      assert.ok(hits.length > 0 || notice !== null, JSON.stringify(text));
    }
  });
});
