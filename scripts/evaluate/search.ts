/**
 * Ranking quality on judged queries, through the same code as the API.
 *
 * A SET is a folder in BEIR's layout: corpus.jsonl(.gz), queries.jsonl, qrels/SPLIT.tsv. If there is a qrels/source_docs.tsv,
 * the paper that a query was written from is dropped from its ranking. --keep names a folder for the indexes, so that a
 * second run embeds nothing. --runs writes the rankings in TREC's format; --against compares with those of an earlier run.
 * Queries with an id "PAPER#facet" ask for related papers, see related.ts.
 */
import { join } from "node:path";
import { modeSchema, type Mode } from "../../src/api.js";
import type { Kindred } from "../../src/kindred.js";
import { MACHINE, readCommand } from "../common/command.js";
import { evaluateFacets, isByFacet } from "./related.js";
import { readJudged, relevantTo, withCorpus, type Judged } from "./judged.js";
import { mean } from "../common/numbers.js";
import { bootstrapInterval, ndcg, recall } from "./measures.js";
import { readRun, writeRun, type Run } from "./runs.js";

/** Depth of a ranking; one more hit is requested, because the source paper is dropped. */
const DEPTH = 100;

const { values, words } = readCommand(
  "npm run evaluate -- search SET... [--split test] [--keep DIRECTORY] [--modes lexical,semantic,hybrid] [--runs DIRECTORY] [--against DIRECTORY]",
  1,
  {
    split: { type: "string", default: "test" },
    keep: { type: "string" },
    modes: { type: "string", default: "lexical,semantic,hybrid" },
    runs: { type: "string" },
    against: { type: "string" },
  },
);
const modes = values.modes.split(",").map((mode) => modeSchema.parse(mode));

console.log(MACHINE);
for (const set of words) {
  const judged = readJudged(set, values.split);
  await withCorpus(set, values.keep, (kindred) =>
    isByFacet(judged) ? evaluateFacets(kindred, judged) : evaluateSearch(kindred, judged),
  );
}

async function evaluateSearch(kindred: Kindred, judged: Judged): Promise<void> {
  const { papers, model } = await kindred.status();
  console.log(
    `\n${judged.name} ${values.split}: ${papers} papers, ${judged.queries.length} judged queries, ${model.name}`,
  );
  console.log("| ranking | nDCG@10 (95% interval) | recall@100 | median ms |");
  console.log("|---|---|---|---|");
  const gains = new Map<string, number[]>();
  for (const mode of modes) {
    const { run, median } = await rankings(kindred, mode, judged);
    gains.set(mode, print(mode, run, judged, median.toFixed(1)));
    const file = `${judged.name}.${values.split}.${mode}.trec`;
    if (values.runs !== undefined) writeRun(join(values.runs, file), run, `kindred-${mode}`);
    const earlier = values.against === undefined ? null : readRun(join(values.against, file));
    if (earlier !== null) gains.set(`${mode} before`, print(`${mode} before`, earlier, judged, ""));
  }
  console.log("\n| difference in nDCG@10, query by query | mean (95% interval) | better, equal, worse |");
  console.log("|---|---|---|");
  for (const [a, b] of [
    ["hybrid", "lexical"],
    ["hybrid", "semantic"],
    ...modes.map((mode) => [mode, `${mode} before`]),
  ] as const)
    compare(a, b, gains);
}

async function rankings(kindred: Kindred, mode: Mode, judged: Judged): Promise<{ run: Run; median: number }> {
  const run = new Map<string, readonly string[]>();
  const times: number[] = [];
  for (const { id, text } of judged.queries) {
    const start = performance.now();
    const { hits } = await kindred.search({ q: text, mode, limit: DEPTH + 1 });
    times.push(performance.now() - start);
    const ids = hits.map(({ paper }) => paper.id).filter((hit) => hit !== judged.sources.get(id));
    run.set(id, ids.slice(0, DEPTH));
  }
  return { run, median: times.toSorted((a, b) => a - b)[times.length >> 1] ?? NaN };
}

/** Prints the row of a ranking. @returns nDCG@10 of each query. */
function print(name: string, run: Run, judged: Judged, median: string): number[] {
  const each = judged.queries.map(({ id }) => {
    const relevant = relevantTo(judged, id);
    const ranking = run.get(id) ?? [];
    return { gain: ndcg(ranking, relevant, 10), recall: recall(ranking, relevant, DEPTH) };
  });
  const gains = each.map(({ gain }) => gain);
  const [low, high] = bootstrapInterval(gains);
  console.log(
    `| ${name} | ${mean(gains).toFixed(4)} (${low.toFixed(3)} to ${high.toFixed(3)}) | ` +
      `${mean(each.map(({ recall: found }) => found)).toFixed(4)} | ${median} |`,
  );
  return gains;
}

function compare(a: string, b: string, gains: ReadonlyMap<string, number[]>): void {
  const [one, other] = [gains.get(a), gains.get(b)];
  if (one === undefined || other === undefined) return;
  const differences = one.map((gain, i) => gain - (other[i] as number));
  const [low, high] = bootstrapInterval(differences);
  const signed = (value: number) => `${value < 0 ? "" : "+"}${value.toFixed(4)}`;
  const count = (sign: number) => differences.filter((difference) => Math.sign(difference) === sign).length;
  console.log(
    `| ${a} - ${b} | ${signed(mean(differences))} (${signed(low)} to ${signed(high)}) | ` +
      `${count(1)}, ${count(0)}, ${count(-1)} |`,
  );
}
