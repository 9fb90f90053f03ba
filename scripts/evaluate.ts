/**
 * Ranking quality on judged queries, through the same code as the API.
 *
 *   npm run evaluate -- SET... [--split test] [--keep DIRECTORY] [--modes lexical,semantic,hybrid]
 *
 * A SET is a folder in BEIR's layout: corpus.jsonl(.gz), queries.jsonl, qrels/SPLIT.tsv; with a qrels/source_docs.tsv,
 * the paper a question was written from is dropped from its ranking. --keep names where the index of each set stays,
 * so that a second run embeds nothing.
 */
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { openKindred, type Kindred } from "../src/kindred.js";
import { modeSchema, type Mode } from "../src/api.js";
import { VERSION } from "../src/version.js";
import { bootstrapInterval, mean, ndcg, recall } from "./measures.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    split: { type: "string", default: "test" },
    keep: { type: "string" },
    modes: { type: "string", default: "lexical,semantic,hybrid" },
  },
});
if (positionals.length === 0) {
  console.error(
    "usage: npm run evaluate -- SET... [--split test] [--keep DIRECTORY] [--modes lexical,semantic,hybrid]",
  );
  process.exit(2);
}
const modes = values.modes.split(",").map((mode) => modeSchema.parse(mode));

console.log(`Kindred ${VERSION}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}`);
for (const set of positionals) await evaluate(set);

async function evaluate(set: string): Promise<void> {
  const qrels = readQrels(join(set, "qrels", `${values.split}.tsv`));
  const sources = readSources(join(set, "qrels", "source_docs.tsv"));
  const queries = readFileSync(join(set, "queries.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { _id: string; text: string })
    .filter(({ _id }) => qrels.has(_id));
  const directory =
    values.keep === undefined ? mkdtempSync(join(tmpdir(), "kindred-")) : join(values.keep, basename(set));
  const kindred = await openKindred({ directory });
  try {
    await fill(kindred, set);
    const { papers, model } = await kindred.status();
    console.log(
      `\n${basename(set)} ${values.split}: ${papers} papers, ${queries.length} judged queries, ${model.name}`,
    );
    console.log("mode       nDCG@10  (95% interval)   recall@100   median ms");
    for (const mode of modes) console.log(await row(kindred, mode, queries, qrels, sources));
  } finally {
    await kindred.close();
    if (values.keep === undefined) rmSync(directory, { recursive: true });
  }
}

async function fill(kindred: Kindred, set: string): Promise<void> {
  const corpus = ["corpus.jsonl.gz", "corpus.jsonl"].map((name) => join(set, name)).find(existsSync);
  if (corpus === undefined) throw new Error(`${set}: there is no corpus.jsonl or corpus.jsonl.gz`);
  const report = await kindred.import(createReadStream(corpus), { name: corpus });
  if (report.rejected > 0) console.log(`${report.rejected} records rejected: ${report.problems[0]?.reason}`);
  await kindred.index({
    onProgress: ({ phase, done, total }) => process.stderr.write(`\r${phase} ${done} of ${total}   `),
  });
  process.stderr.write("\r");
}

async function row(
  kindred: Kindred,
  mode: Mode,
  queries: { _id: string; text: string }[],
  qrels: Map<string, Map<string, number>>,
  sources: Map<string, string>,
): Promise<string> {
  const gains: number[] = [];
  const recalls: number[] = [];
  const times: number[] = [];
  for (const { _id, text } of queries) {
    const start = performance.now();
    const { hits } = await kindred.search({ q: text, mode, limit: 101 });
    times.push(performance.now() - start);
    const judged = qrels.get(_id) as Map<string, number>;
    const source = sources.get(_id);
    const ranking = hits.map(({ paper }) => paper.id).filter((id) => id !== source);
    const relevant = new Map([...judged].filter(([id]) => id !== source));
    gains.push(ndcg(ranking, relevant, 10));
    recalls.push(recall(ranking, relevant, 100));
  }
  const [low, high] = bootstrapInterval(gains);
  const median = times.toSorted((a, b) => a - b)[times.length >> 1] ?? NaN;
  return (
    `${mode.padEnd(10)} ${mean(gains).toFixed(4)}   (${low.toFixed(3)} to ${high.toFixed(3)})   ` +
    `${mean(recalls).toFixed(4)}       ${median.toFixed(1)}`
  );
}

/** query -> paper -> grade, of grades above 0. */
function readQrels(path: string): Map<string, Map<string, number>> {
  const qrels = new Map<string, Map<string, number>>();
  for (const [query, paper, grade] of rows(path)) {
    if (query === undefined || paper === undefined || !(Number(grade) > 0)) continue;
    const judged = qrels.get(query) ?? new Map<string, number>();
    qrels.set(query, judged.set(paper, Number(grade)));
  }
  return qrels;
}

function readSources(path: string): Map<string, string> {
  return new Map(existsSync(path) ? rows(path).map(([query = "", paper = ""]) => [query, paper]) : []);
}

/** Rows of a tab-separated file behind its header. */
function rows(path: string): string[][] {
  return readFileSync(path, "utf8")
    .split("\n")
    .slice(1)
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));
}
