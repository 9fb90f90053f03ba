/** One paper: read, related, removed, whatever its id. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { importReportSchema, paperAnswerSchema } from "../../src/api.js";
import { answerIn, idsOf, jsonLines, parsed, problemIn, servedSample } from "./serving.js";

const IDS = [
  "plain",
  "with/slash",
  "hep-th/9901001",
  "https://example.org/a?b=c&d=e#f",
  "100%",
  "%2F",
  "with space",
  "…é深度🙂",
  "e\u0301 not é",
  "a+b",
  "a;b,c=d:@$!*'()",
  '"quoted" <tag> {brace} [x] \\ ^ ` |',
  "related",
  "x/related",
  "..a",
  "x".repeat(1_900),
];
const path = (id: string): string => `api/papers/${encodeURIComponent(id)}`;

const served = servedSample();

describe("a paper is read, related and removed by its id, percent-encoded in the address", () => {
  for (const [i, id] of IDS.entries())
    test(JSON.stringify(id.slice(0, 40)), async () => {
      const abstract = `Paper ${i} measures how long hedgehogs sleep in garden number ${i}.`;
      const report = parsed(
        importReportSchema,
        await served.import(jsonLines({ id, title: `Hedgehogs of garden ${i}`, abstract })),
      );
      assert.equal(report.added, 1, JSON.stringify(report.problems));

      assert.equal(parsed(paperAnswerSchema, await served.ask(path(id))).paper.id, id);
      // The two answers are not compared, because the paper may be embedded in between.
      for (const reply of [
        await served.ask(`${path(id)}/related?limit=5`),
        await served.post("api/related", { id, limit: 5 }),
      ]) {
        const similar = answerIn(reply);
        assert.ok(similar.hits.length === 5 && !idsOf(similar).includes(id));
      }
      assert.deepEqual(idsOf(answerIn(await served.post("api/search", { q: "hedgehogs", within: [id] }))), [id]);
      assert.equal((await served.browse({ within: id })).total, 1);

      const removed = await served.ask(path(id), { method: "DELETE" });
      assert.deepEqual([removed.status, removed.text], [204, ""]);
      for (const [method, where] of [
        ["GET", path(id)],
        ["GET", `${path(id)}/related`],
        ["GET", `${path(id)}/neighbourhood`],
        ["DELETE", path(id)],
      ] as const) {
        const problem = problemIn(await served.ask(where, { method }), 404);
        assert.equal(problem.parameter, "id");
        assert.match(problem.detail, /search for its title/);
      }
      const { hits } = answerIn(await served.post("api/search", { q: "hedgehogs", limit: 500 }));
      assert.ok(!hits.some(({ paper }) => paper.id === id));
    });
});

test("a paper has the spans of its sentences, to which related papers refer", async () => {
  const id = "luria-1943-mutations";
  const { paper, sentences } = parsed(paperAnswerSchema, await served.ask(path(id)));
  const texts = sentences.map(({ start, end }) => paper.abstract!.slice(start, end));
  assert.equal(texts.join(" "), paper.abstract?.replaceAll(/\s+/g, " "));
  assert.ok(texts.length > 2 && texts.every((text) => /^[A-Z][^]*[.?!]$/.test(text)));
  for (const { matched } of answerIn(await served.ask(`${path(id)}/related`)).hits)
    assert.ok(texts.includes(matched.pair!.here.text));
});

test("a paper without an abstract has no sentences, and an id that is too long is not found", async () => {
  await served.import(jsonLines({ id: "bare", title: "A title and no more" }));
  assert.deepEqual(parsed(paperAnswerSchema, await served.ask(path("bare"))).sentences, []);
  await served.ask(path("bare"), { method: "DELETE" });
  assert.equal(problemIn(await served.ask(path("x".repeat(3_000))), 404).parameter, "id");
});

test("papers are listed newest first, with the schema of a paper and the total", async () => {
  const { papers, total } = await served.browse({ limit: 500 });
  const { papers: stored } = await served.status();
  assert.deepEqual([papers.length, total], [stored, stored]);
  const dates = papers.map(({ published }) => published ?? "");
  assert.deepEqual(dates, dates.toSorted().toReversed());
  assert.equal((await served.browse()).papers.length, 20, "twenty unless told otherwise");
});

test("filters that no paper passes give an empty list and a total of 0", async () => {
  assert.deepEqual(await served.browse({ venue: "no such venue" }), { papers: [], total: 0, next: null });
});
