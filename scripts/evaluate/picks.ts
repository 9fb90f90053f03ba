/**
 * How high the papers that a reader wants stand among the new papers of a day, when they are ordered by what the reader liked
 * before: by Kindred, as alerts for a list do, and by simpler orders.
 *
 * FILE holds papers with the day on which they were listed and their votes, such as daily papers of a year or more. Readers are
 * made from the days before those that are measured (readers.ts), without the vectors that orders compare. Votes are the
 * largest that a paper ever got, which nobody knows on the day: they say what a reader would have been glad to see, and the
 * order by votes is no order that anybody could have had. Intervals are for paired differences over readers and days.
 */
import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Paper } from "../../src/core/paper.js";
import { pauses } from "../../src/core/pauses.js";
import { describeModel } from "../../src/embedding/description.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import type { Engine, Entry } from "../../src/engine/engine.js";
import { recommendSchema } from "../../src/api.js";
import { openKindred } from "../../src/kindred.js";
import { recommend } from "../../src/questions/recommend.js";
import { dot, meanOf } from "../../src/ranking/interests.js";
import { MACHINE, readCommand } from "../common/command.js";
import { mean, median } from "../common/numbers.js";
import { ndcg, gridInterval } from "./measures.js";
import { readersOf, type Reader } from "./readers.js";

/** Days with fewer papers are left out: any order is good there. */
const LEAST = 10;
const FIRST = 10;
const LIST = "likes";

const { values, words } = readCommand(
  "npm run evaluate -- picks FILE [--days 30] [--until DAY] [--keep DIRECTORY]",
  1,
  {
    days: { type: "string", default: "30" },
    until: { type: "string", default: "9999" },
    keep: { type: "string" },
  },
);
const [file = ""] = words;
/** Recommendations, and those of which an alert would have reported nothing. */
let [asked, silent] = [0, 0];

/** One reader on one day: nDCG of each order. */
type Cell = { reader: Reader; day: string; scores: Record<string, number> };
type Order = (reader: Reader, today: readonly Paper[]) => Promise<string[]>;

const directory = values.keep === undefined ? mkdtempSync(join(tmpdir(), "kindred-")) : values.keep;
try {
  await index(directory, file);
  const engine = new EmbeddedEngine(directory, await describeModel());
  try {
    while (engine.advance(100));
    await measure(engine);
  } finally {
    engine.close();
  }
} finally {
  if (values.keep === undefined) rmSync(directory, { recursive: true });
}

/** Only abstracts are embedded: recommendations compare nothing else. */
async function index(directory: string, file: string): Promise<void> {
  const kindred = await openKindred({ directory });
  const enough = new AbortController();
  try {
    await kindred.import(createReadStream(file), { name: file });
    await kindred.index({
      signal: enough.signal,
      onProgress: ({ phase, done, total }) => {
        process.stderr.write(`\r${phase} ${done} of ${total}   `);
        if (phase === "sentences") enough.abort();
      },
    });
  } catch (thrown) {
    if (!enough.signal.aborted) throw thrown;
  } finally {
    await kindred.close();
    process.stderr.write("\r");
  }
}

async function measure(engine: EmbeddedEngine): Promise<void> {
  const labels = await engine.passing({}, Infinity);
  const papers = (await engine.papers(labels)).map((paper) => paper!);
  const byDay = new Map<string, Paper[]>();
  for (const paper of papers) byDay.set(paper.listed ?? "", [...(byDay.get(paper.listed ?? "") ?? []), paper]);
  const days = [...byDay.keys()].filter((day) => day !== "" && day <= values.until && byDay.get(day)!.length >= LEAST);
  const measured = days.toSorted().slice(-Number(values.days));
  const readers = readersOf(papers, measured[0]!);
  const block = await engine.inspect();
  const orders = ordersOf(engine, new Map(papers.map(({ id }, i) => [id, block.vector(labels[i]!)!])));
  const cells: Cell[] = [];
  for (const [i, reader] of readers.entries()) {
    process.stderr.write(`\r${i} of ${readers.length} readers   `);
    for (const day of measured) {
      const today = byDay.get(day)!;
      const half = median(today.map(({ upvotes }) => upvotes ?? 0));
      const wanted = today.filter(reader.wants);
      // Nothing can be ordered well or badly when nothing is wanted.
      if (wanted.length === 0) continue;
      const grades = new Map(wanted.map(({ id, upvotes }) => [id, (upvotes ?? 0) >= half ? 2 : 1]));
      const scores: Record<string, number> = {};
      for (const [name, order] of Object.entries(orders))
        scores[name] = ndcg(await order(reader, today), grades, FIRST);
      cells.push({ reader, day, scores });
    }
  }
  process.stderr.write("\r");
  report(papers, measured, byDay, cells, Object.keys(orders));
}

function ordersOf(engine: EmbeddedEngine, vectors: ReadonlyMap<string, Float32Array>): Record<string, Order> {
  const byCosine =
    (weightAt: (rank: number) => number): Order =>
    async ({ likes }, today) => {
      const newestFirst = likes.toReversed().map(({ id }) => vectors.get(id)!);
      const centroid = meanOf(
        newestFirst,
        newestFirst.map((_, i) => weightAt(i + 1)),
      );
      return sorted(today, ({ id }) => dot(centroid, vectors.get(id)!));
    };
  const notNeeded = () => Promise.reject(new Error("a paper has no vector: index the directory first"));
  const recommended = async (likes: Entry[], today: readonly Paper[]) => {
    const request = recommendSchema.parse({ basedOn: [LIST], listed: today[0]!.listed, limit: FIRST });
    const { hits } = await recommend(withLikes(engine, likes), notNeeded, request, pauses());
    asked++;
    // An alert reports what is nearer to a like than papers are on average.
    if (hits.every(({ because }) => because!.for.length === 0)) silent++;
    return hits.flatMap(({ paper, versions }) => [paper.id, ...versions.map(({ id }) => id)]);
  };
  return {
    Kindred: ({ likes }, today) => recommended(likes, today),
    "likes of any age alike": ({ likes }, today) =>
      recommended(
        likes.map(({ id }) => ({ id, added: likes[0]!.added })),
        today,
      ),
    "newest first": async (_, today) => sorted(today, ({ published }) => Date.parse(published ?? "")),
    votes: async (_, today) => sorted(today, ({ upvotes }) => upvotes ?? 0),
    centroid: byCosine(() => 1),
    // As zotero-arxiv-daily weighs papers of a library, by their rank from the newest.
    "centroid by age": byCosine((rank) => 1 / (1 + Math.log10(rank))),
  };
}

/** Largest first; ties, and what is NaN, in the order in which papers were added. */
function sorted(papers: readonly Paper[], key: (paper: Paper) => number): string[] {
  const keyed = papers.map((paper) => ({ id: paper.id, key: key(paper) }));
  return keyed.toSorted((a, b) => b.key - a.key || 0).map(({ id }) => id);
}

/** The engine with these papers in the list of likes. */
function withLikes(engine: EmbeddedEngine, likes: Entry[]): Engine {
  return new Proxy<Engine>(engine, {
    get: (target, name: keyof Engine) =>
      name === "list"
        ? async (names: readonly string[]) => names.map((one) => (one === LIST ? likes : []))
        : (target[name] as (...all: unknown[]) => unknown).bind(target),
  });
}

function report(
  papers: readonly Paper[],
  days: readonly string[],
  byDay: ReadonlyMap<string, readonly Paper[]>,
  cells: readonly Cell[],
  names: readonly string[],
): void {
  const count = days.reduce((sum, day) => sum + byDay.get(day)!.length, 0);
  console.log(MACHINE);
  console.log(
    `${basename(file)}: ${papers.length} papers; ${count} of ${days.length} days (${days[0]} to ${days.at(-1)}) are ordered. nDCG@${FIRST}; ` +
      "a paper that is wanted counts 1, or 2 if it got at least the median of its day's votes.",
  );
  console.log(`\n| readers | | days | ${names.join(" | ")} |`);
  console.log(`|---|---|---|${names.map(() => "---|").join("")}`);
  for (const kind of ["all", ...new Set(cells.map(({ reader }) => reader.kind))]) {
    const own = cells.filter(({ reader }) => kind === "all" || reader.kind === kind);
    const readers = new Set(own.map(({ reader }) => reader)).size;
    const figures = names.map((name, i) => {
      const figure = mean(own.map(({ scores }) => scores[name]!)).toFixed(3);
      if (i === 0) return figure;
      const differences = own.map(({ reader, day, scores }) => ({
        row: `${reader.kind} ${reader.name}`,
        column: day,
        value: scores[names[0]!]! - scores[name]!,
      }));
      const [low, high] = gridInterval(differences).map((bound) => `${bound < 0 ? "" : "+"}${bound.toFixed(3)}`);
      return `${figure} (${low} to ${high})`;
    });
    console.log(`| ${kind} | ${readers} | ${own.length} | ${figures.join(" | ")} |`);
  }
  console.log(`\nIn parentheses: 95% interval of what ${names[0]} is better by, over readers and days.`);
  console.log(`An alert would have reported nothing in ${silent} of ${asked} cases.`);
}
