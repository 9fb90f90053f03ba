/**
 * Recall@10 and time of the search for nearest abstracts, under filters of different selectivity, compared with exact
 * search among the matching papers.
 *
 * FILE holds papers in any format that Kindred reads. For each share of the papers, a random source is made, and categories
 * of the papers nearest to one paper. Queries from inside a category correlate with the filter; queries from outside the
 * largest category are anticorrelated with it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Filters } from "../../src/api.js";
import { describeModel } from "../../src/embedding/description.js";
import { EmbeddingModel } from "../../src/embedding/model.js";
import { openKindred, type Paper } from "../../src/kindred.js";
import { DEPTH } from "../../src/ranking/candidates.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import { mulberry32 } from "../../src/map/random.js";
import { MACHINE, readCommand } from "../common/command.js";
import { mean } from "../common/numbers.js";

const { values, words } = readCommand("npm run bench -- filters FILE [--keep DIRECTORY] [--queries 200]", 1, {
  keep: { type: "string" },
  queries: { type: "string", default: "200" },
});
const [file = ""] = words;
const SHARES = [0.5, 0.1, 0.01, 0.001, 0.0001];
/** Number of papers around which categories are made, with one category for each share. */
const PIVOTS = 4;
const K = 10;
const percent = (share: number): string => `${Number((100 * share).toPrecision(3))}%`;

const directory = values.keep ?? mkdtempSync(join(tmpdir(), "kindred-"));
const model = await describeModel();
await fill(directory, file);
const embedding = await EmbeddingModel.load(model.name);
const engine = new EmbeddedEngine(directory, model);
const exact = new EmbeddedEngine(directory, model, { exact: Infinity, scan: Infinity });
engine.rebuildGraph();
while (engine.advance(1_000));

const random = mulberry32(7);
const queries = await pick(Number(values.queries));
const { papers } = await engine.counts();
console.log(MACHINE);
console.log(`${papers} papers, ${queries.length} queries (titles of papers), nearest ${K} and nearest ${DEPTH}\n`);
console.log(
  `| filter | papers that match (median) | recall@${K} | in ${DEPTH} | fewest hits missing | graph | ms | exact ms |`,
);
console.log("|---|---|---|---|---|---|---|---|");
await row("none", (query) => ({ query, filters: {} }));
for (const share of SHARES)
  await row(`random ${percent(share)}`, (query) => ({ query, filters: { source: [percent(share)] } }));
const all = (await engine.papersAfter(0, papers)).map(({ paper }) => paper);
const tag = (pivot: number, share: number): string => `near.${pivot}.${percent(share)}`;
for (const share of SHARES) {
  const inside = Array.from({ length: PIVOTS }, (_, i) =>
    all.filter(({ categories }) => categories.includes(tag(i, share))),
  );
  await row(`correlated ${percent(share)}`, (paper, i) => {
    const members = inside[i % PIVOTS]!;
    return {
      query: members[Math.floor(random() * members.length)] ?? paper,
      filters: { category: [tag(i % PIVOTS, share)] },
    };
  });
}
for (const share of SHARES) {
  await row(`contrary ${percent(share)}`, (_, i) => {
    const outside = () => all[Math.floor(random() * all.length)]!;
    let query = outside();
    while (query.categories.includes(tag(i % PIVOTS, SHARES[0]!))) query = outside();
    return { query, filters: { category: [tag(i % PIVOTS, share)] } };
  });
}
engine.close();
exact.close();
if (values.keep === undefined) rmSync(directory, { recursive: true });

async function row(
  name: string,
  asked: (paper: Paper, i: number) => { query: Paper; filters: Filters },
): Promise<void> {
  const told = { matching: [] as number[], recall: [] as number[], deep: [] as number[], missing: 0, graph: 0 };
  const times = { own: [] as number[], exact: [] as number[] };
  for (const [i, paper] of queries.entries()) {
    const { query: from, filters } = asked(paper, i);
    const query = await embedding.embed(from.title);
    // The engine caches the matches: finding them is not measured here.
    await engine.matches([0], filters);
    await exact.matches([0], filters);
    const timed = async <T>(into: number[], work: () => Promise<T>): Promise<T> => {
      const start = performance.now();
      const result = await work();
      into.push(performance.now() - start);
      return result;
    };
    const { neighbours: truth } = await timed(times.exact, () => exact.nearest(query, filters, K));
    const found = await timed(times.own, () => engine.nearest(query, filters, K));
    const deep = (await engine.nearest(query, filters, DEPTH)).neighbours.slice(0, K);
    const share = (of: typeof truth) =>
      truth.length === 0 ? 1 : of.filter(({ label }) => truth.some((one) => one.label === label)).length / truth.length;
    told.recall.push(share(found.neighbours));
    told.deep.push(share(deep));
    told.missing = Math.max(told.missing, truth.length - found.neighbours.length);
    told.graph += found.way === "hnsw" ? 1 : 0;
    told.matching.push(await engine.count(filters));
  }
  const median = (of: number[]) => of.toSorted((a, b) => a - b)[of.length >> 1] ?? NaN;
  console.log(
    `| ${name} | ${median(told.matching)} | ${mean(told.recall).toFixed(4)} | ${mean(told.deep).toFixed(4)} | ` +
      `${told.missing} | ${((100 * told.graph) / queries.length).toFixed(0)}% | ${median(times.own).toFixed(2)} | ` +
      `${median(times.exact).toFixed(2)} |`,
  );
}

/** Random papers. */
async function pick(count: number): Promise<Paper[]> {
  const { papers: most } = await engine.counts();
  const picked: Paper[] = [];
  while (picked.length < count) {
    const [paper] = await engine.papers([1 + Math.floor(random() * most)]);
    if (paper !== undefined) picked.push(paper);
  }
  return picked;
}

/** Imports the papers and embeds their abstracts (sentences are not needed), then gives each its source and categories. */
async function fill(into: string, from: string): Promise<void> {
  const kindred = await openKindred({ directory: into });
  await kindred.import(from);
  const stop = new AbortController();
  await kindred
    .index({
      signal: stop.signal,
      onProgress: ({ phase, done, total }) => {
        process.stderr.write(`\r${phase} ${done} of ${total}   `);
        if (phase === "sentences") stop.abort();
      },
    })
    .catch((thrown: unknown) => {
      if (!stop.signal.aborted) throw thrown;
    });
  const reader = new EmbeddedEngine(into, model);
  const draw = mulberry32(11);
  const labels = await reader.passing({}, Infinity);
  const [described, block] = [await reader.papers(labels), await reader.inspect()];
  const regions = Array.from({ length: PIVOTS }, () => {
    const pivot = block.vector(labels[Math.floor(draw() * labels.length)]!)!;
    const similarities = block.similarities(pivot, labels);
    const order = labels.map((_, i) => i).toSorted((a, b) => (similarities[b] ?? -1) - (similarities[a] ?? -1));
    return new Map(order.map((i, place) => [labels[i]!, place / labels.length]));
  });
  async function* tagged(): AsyncGenerator<Buffer> {
    for (const [i, label] of labels.entries()) {
      const { id, title } = described[i]!;
      const lot = draw();
      const source = SHARES.findLast((_, i) => lot < SHARES.slice(i).reduce((sum, share) => sum + share, 0));
      const categories = regions.flatMap((region, pivot) =>
        SHARES.filter((share) => region.get(label)! < share).map((share) => `near.${pivot}.${percent(share)}`),
      );
      yield Buffer.from(
        `${JSON.stringify({ id, title, categories, source: source === undefined ? "rest" : percent(source) })}\n`,
      );
    }
  }
  const { updated, unchanged, rejected } = await kindred.import(tagged(), { name: "tags.jsonl" });
  if (rejected > 0) throw new Error(`${rejected} of ${updated + unchanged + rejected} papers could not be tagged`);
  reader.close();
  await kindred.close();
}
