/** One paper: read, related to, removed; whatever its id. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { importReportSchema } from "../../src/api.js";
import { paperSchema } from "../../src/paper.js";
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
  "-",
  "..a",
  "x".repeat(1_900),
];
const one = z.strictObject({ paper: paperSchema });
const path = (id: string): string => `api/papers/${encodeURIComponent(id)}`;

const served = servedSample();

describe("a paper is read, related to, and removed by its id, which in an address is percent-encoded", () => {
  for (const [i, id] of IDS.entries())
    test(JSON.stringify(id.slice(0, 40)), async () => {
      const abstract = `Paper ${i} measures how long hedgehogs sleep in garden number ${i}.`;
      const report = parsed(
        importReportSchema,
        await served.import(jsonLines({ id, title: `Hedgehogs of garden ${i}`, abstract })),
      );
      assert.equal(report.added, 1, JSON.stringify(report.problems));

      assert.equal(parsed(one, await served.ask(path(id))).paper.id, id);
      // Not compared with one another: the paper may be embedded between the two.
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

test("papers are listed newest first, each exactly a paper, with how many there are", async () => {
  const { papers, total } = await served.browse({ limit: 500 });
  const { papers: stored } = await served.status();
  assert.deepEqual([papers.length, total], [stored, stored]);
  const dates = papers.map(({ published }) => published ?? "");
  assert.deepEqual(dates, dates.toSorted().toReversed());
  assert.equal((await served.browse()).papers.length, 20, "twenty unless told otherwise");
});

test("a list that nothing passes is empty and says that it holds none", async () => {
  assert.deepEqual(await served.browse({ venue: "no such venue" }), { papers: [], total: 0, next: null });
});
