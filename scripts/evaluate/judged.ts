/** Judged queries in BEIR's layout, and an index of their corpus. */
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { engineFrom } from "../../src/cli/engine.js";
import { openKindred, type Kindred } from "../../src/kindred.js";

export type Judged = {
  name: string;
  queries: { id: string; text: string }[];
  /** Query -> paper -> grade; includes papers judged 0. */
  grades: Map<string, Map<string, number>>;
  /** Query -> the paper from which the query was written, which does not count as an answer. */
  sources: Map<string, string>;
};

export function readJudged(set: string, split: string): Judged {
  const grades = new Map<string, Map<string, number>>();
  for (const [query = "", paper = "", grade] of rows(join(set, "qrels", `${split}.tsv`))) {
    const judged = grades.get(query) ?? new Map<string, number>();
    grades.set(query, judged.set(paper, Number(grade)));
  }
  const sources = join(set, "qrels", "source_docs.tsv");
  return {
    name: basename(set),
    queries: readFileSync(join(set, "queries.jsonl"), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { _id: string; text: string })
      .filter(({ _id }) => grades.has(_id))
      .map(({ _id, text }) => ({ id: _id, text })),
    grades,
    sources: new Map(existsSync(sources) ? rows(sources).map(([query = "", paper = ""]) => [query, paper]) : []),
  };
}

/** The papers that answer a query, with grades above 0. */
export const relevantTo = ({ grades, sources }: Judged, query: string): Map<string, number> =>
  new Map([...(grades.get(query) ?? [])].filter(([paper, grade]) => grade > 0 && paper !== sources.get(query)));

/**
 * Runs a function on an index of the set's corpus. Makes the index first if it is missing.
 *
 * @param keep Folder in which to keep the index; undefined for a temporary one.
 */
export const withCorpus = (
  set: string,
  keep: string | undefined,
  work: (kindred: Kindred) => Promise<void>,
): Promise<void> => withCorpora([set], keep, work);

/** Like `withCorpus`, on one index of several corpora; the function also gets its directory. */
export async function withCorpora(
  sets: readonly string[],
  keep: string | undefined,
  work: (kindred: Kindred, directory: string) => Promise<void>,
): Promise<void> {
  const corpora = sets.map((set) => {
    const corpus = ["corpus.jsonl.gz", "corpus.jsonl"].map((name) => join(set, name)).find(existsSync);
    if (corpus === undefined) throw new Error(`${set}: expected a corpus.jsonl or corpus.jsonl.gz in it`);
    return corpus;
  });
  const directory =
    keep === undefined
      ? mkdtempSync(join(tmpdir(), "kindred-"))
      : join(keep, sets.map((set) => basename(set)).join("+"));
  const engine = engineFrom(process.env);
  const kindred = await openKindred({ directory, ...(engine !== undefined && { engine }) });
  try {
    for (const corpus of corpora) {
      const report = await kindred.import(createReadStream(corpus), { name: corpus });
      if (report.rejected > 0) console.log(`${report.rejected} records rejected: ${report.problems[0]?.reason}`);
    }
    await kindred.index({
      onProgress: ({ phase, done, total }) => process.stderr.write(`\r${phase} ${done} of ${total}   `),
    });
    process.stderr.write("\r");
    await work(kindred, directory);
  } finally {
    await kindred.close();
    if (keep === undefined) rmSync(directory, { recursive: true });
  }
}

/** Rows of a tab-separated file, without its header. */
function rows(path: string): string[][] {
  return readFileSync(path, "utf8")
    .split("\n")
    .slice(1)
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));
}
