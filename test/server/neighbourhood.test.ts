/** A paper's neighbourhood over HTTP. */
import "../tiny.js";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { neighbourhoodAnswerSchema, type NeighbourhoodAnswer } from "../../src/api.js";
import { openSample } from "../sample.js";
import { answerIn, bytesOf, idsOf, jsonLines, parsed, problemIn, servedSample } from "./serving.js";

const served = servedSample();
const CENTRE = "vaswani-2017-attention";

const around = async (id: string, query = ""): Promise<NeighbourhoodAnswer> =>
  parsed(neighbourhoodAnswerSchema, await served.ask(`api/papers/${encodeURIComponent(id)}/neighbourhood${query}`));

describe("a neighbourhood", () => {
  test("is the paper and its related papers, in that order, each with first author and cosine", async () => {
    const { papers, pending, notice } = await around(CENTRE);
    const related = answerIn(await served.ask(`api/papers/${CENTRE}/related?limit=24`));
    assert.deepEqual(
      papers.map(({ id }) => id),
      [CENTRE, ...idsOf(related)],
    );
    assert.deepEqual([papers.length, pending, notice], [25, 0, null]);
    assert.equal(papers[0]?.author, "Ashish Vaswani");
    assert.equal(papers[0].similarity, 1);
    for (const [i, { paper, similarity }] of related.hits.entries())
      assert.ok(Math.abs(papers[i + 1]!.similarity - similarity!) < 1e-6, paper.id);
  });

  test("joins each paper with the three nearest of the others", async () => {
    const { papers, edges } = await around(CENTRE);
    const degrees = papers.map((_, place) => edges.filter(({ from, to }) => from === place || to === place).length);
    assert.ok(degrees.every((degree) => degree >= 3));
    assert.ok(edges.length <= 3 * papers.length);
    for (const { from, to, similarity } of edges) {
      assert.ok(from >= 0 && from < to && to < papers.length);
      assert.ok(similarity >= -1 && similarity <= 1);
      if (from === 0) assert.equal(similarity, papers[to]!.similarity);
    }
    const pairs = edges.map(({ from, to }) => from * papers.length + to);
    assert.deepEqual(
      pairs,
      [...new Set(pairs)].toSorted((a, b) => a - b),
    );
    const cosine = (place: number, other: number) =>
      edges.find(({ from, to }) => from === Math.min(place, other) && to === Math.max(place, other))?.similarity;
    // All cosines to the central paper are known: its three nearest are joined with it.
    const nearest = papers
      .map(({ similarity }, place) => ({ similarity, place }))
      .slice(1)
      .toSorted((a, b) => b.similarity - a.similarity);
    for (const { place, similarity } of nearest.slice(0, 3)) assert.equal(cosine(0, place), similarity);
  });

  test("is the same each time, byte for byte, also from the library", async () => {
    const path = `api/papers/${CENTRE}/neighbourhood?limit=9`;
    const first = await served.ask(path);
    assert.equal((await served.ask(path)).text, first.text);
    assert.deepEqual(await served.kindred.neighbourhood({ id: CENTRE, limit: 9 }), JSON.parse(first.text));
    assert.equal((await around(CENTRE, "?limit=9")).papers.length, 10);
    assert.equal((await around(CENTRE, "?limit=60")).papers.length, 61);
  });

  test("contains one of several copies", async () => {
    const abstract = "Fog was caught on nets of copper wire in a desert by the sea, and gave water to three villages.";
    const copies = ["Letters on Fog", "Proceedings on Fog"].map((venue, i) => ({
      id: `fog-${i}`,
      title: "Water from fog",
      abstract,
      authors: ["Nia Mist"],
      venue,
    }));
    const near = { id: "dew", title: "Water from dew", abstract: "Dew was caught on sheets of foil in a desert." };
    await served.import(jsonLines(...copies, near));
    await served.embedded();
    const ids = (await around("dew")).papers.map(({ id }) => id);
    assert.equal(ids.filter((id) => id.startsWith("fog-")).length, 1);
    assert.ok(!(await around("fog-0")).papers.some(({ id }) => id === "fog-1"));
    for (const { id } of [...copies, near]) await served.ask(`api/papers/${id}`, { method: "DELETE" });
  });

  test("of a paper that is not yet embedded is empty, and says so", async (t) => {
    // Without a server, nothing is embedded automatically.
    const kindred = await openSample(t);
    const fresh = { id: "fresh", title: "Attention and memory", abstract: "We attend to models." };
    await kindred.import(bytesOf(jsonLines(fresh)));
    assert.deepEqual(await kindred.neighbourhood({ id: "fresh" }), {
      papers: [],
      edges: [],
      pending: 1,
      notice: "This paper is not embedded yet: ask again in a moment.",
    });
    const { papers, pending } = await kindred.neighbourhood({ id: CENTRE, limit: 60 });
    assert.equal(pending, 1);
    assert.ok(!papers.some(({ id }) => id === "fresh"));
  });

  test("has 1 to 60 papers, and needs a known paper", async () => {
    for (const limit of ["0", "61", "1.5", "many"]) {
      const problem = problemIn(await served.ask(`api/papers/${CENTRE}/neighbourhood?limit=${limit}`), 400);
      assert.equal(problem.parameter, "limit");
    }
    assert.equal(
      problemIn(await served.ask(`api/papers/${CENTRE}/neighbourhood?aspect=method`), 400).parameter,
      "aspect",
    );
    assert.equal(problemIn(await served.ask("api/papers/nobody/neighbourhood"), 404).parameter, "id");
  });
});
