/**
 * Quality of recommendations on judged reviews: some papers of a systematic review are liked, and all others are ranked from
 * these likes, by Kindred and by a simple baseline (by-hand.ts).
 *
 * A REVIEW is a folder in BEIR's layout with a judgement of 1 (included) or 0 for every paper. --dislikes compares with the
 * ranking after this many excluded papers are disliked. --text likes a text instead of papers: the review's subject, and an
 * included paper's title and abstract. --mixed joins all reviews into one collection, and likes papers of this many reviews
 * at once. Intervals are for paired differences over reviews (or mixtures).
 */
import { describeModel } from "../../src/embedding/description.js";
import { EmbeddingModel } from "../../src/embedding/model.js";
import type { Kindred } from "../../src/kindred.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import { VERSION } from "../../src/core/version.js";
import { readCommand } from "../common/command.js";
import { ByHand } from "./by-hand.js";
import { readJudged, withCorpora, type Judged } from "./judged.js";
import { mulberry32 } from "../../src/map/random.js";
import { mean } from "../common/numbers.js";
import { areaUnderCurve, averagePrecision, bootstrapInterval } from "./measures.js";

/** Depth of average precision. */
const FIRST = 500;

const { values, words } = readCommand(
  "npm run evaluate -- recommend REVIEW... [--likes 1,3,5,10,30] [--dislikes 5] [--draws 10] [--text] [--mixed 2] [--keep DIRECTORY]",
  1,
  {
    likes: { type: "string", default: "1,3,5,10,30" },
    dislikes: { type: "string", default: "0" },
    draws: { type: "string", default: "10" },
    text: { type: "boolean", default: false },
    mixed: { type: "string" },
    keep: { type: "string" },
  },
);
const likeCounts = values.likes.split(",").map(Number);
const [dislikes, draws] = [Number(values.dislikes), Number(values.draws)];

type Example = { id: string } | { text: string };
/** Likes, dislikes, and the grades of the papers to rank. */
type Case = { positive: Example[]; negative: string[]; grades: Map<string, number> };
type Measured = { auc: number; ap: number };
/** Results for one review or mixture of reviews; `disliking` is Kindred with dislikes too. */
type Row = { name: string; kindred: Measured; byHand: Measured; disliking: Measured };

const model = await EmbeddingModel.load();
const rows = new Map<string, Row[]>();
const reviews = words.map((set) => readJudged(set, "test"));
try {
  if (values.mixed === undefined)
    for (const [i, review] of reviews.entries())
      await withCorpora([words[i]!], values.keep, async (kindred, directory) => {
        const byHand = await byHandOf(directory);
        for (const [kind, cases] of casesOf(review, byHand)) await measure(kind, review.name, kindred, byHand, cases);
      });
  else
    await withCorpora(words, values.keep, async (kindred, directory) => {
      const byHand = await byHandOf(directory);
      for (const likes of likeCounts)
        for (const [name, cases] of mixtures(Number(values.mixed), likes, byHand))
          await measure(`${likes} likes of each of ${values.mixed} reviews`, name, kindred, byHand, cases);
    });
} finally {
  await model.close();
}
console.log(
  `Kindred ${VERSION}, Node ${process.version}; ${draws} draws; average precision in the first ${FIRST}, AUC`,
);
for (const [kind, measured] of rows) {
  console.log(`\n| ${kind} | Kindred | by hand |${dislikes > 0 ? ` with ${dislikes} dislikes |` : ""}`);
  console.log(`|---|---|---|${dislikes > 0 ? "---|" : ""}`);
  const line = (name: string, cells: Measured[]) =>
    console.log(`| ${name} | ${cells.map(({ ap, auc }) => `${ap.toFixed(4)}, ${auc.toFixed(4)}`).join(" | ")} |`);
  const cellsOf = (row: Row) => [row.kindred, row.byHand, ...(dislikes > 0 ? [row.disliking] : [])];
  for (const row of measured) line(row.name, cellsOf(row));
  const cells = measured.map(cellsOf);
  line(
    "mean",
    cells[0]!.map((_, i) => meanOf(cells.map((each) => each[i]!))),
  );
  difference("Kindred - by hand", (row) => row.kindred.ap - row.byHand.ap, measured);
  if (dislikes > 0) difference("with dislikes - without", (row) => row.disliking.ap - row.kindred.ap, measured);
}

function difference(what: string, of: (row: Row) => number, measured: Row[]): void {
  const differences = measured.map(of);
  const [low, high] = bootstrapInterval(differences);
  const better = differences.filter((one) => one > 0).length;
  console.log(
    `${what}: ${mean(differences).toFixed(4)} (95% interval ${low.toFixed(4)} to ${high.toFixed(4)}), ` +
      `better in ${better} of ${measured.length}`,
  );
}

async function measure(
  kind: string,
  name: string,
  kindred: Kindred,
  byHand: ByHand,
  cases: readonly Case[],
): Promise<void> {
  if (cases.length === 0) return;
  const measured: Omit<Row, "name">[] = [];
  for (const { positive, negative, grades } of cases) {
    const here = (ranking: readonly string[]): Measured => {
      const ranked = ranking.filter((id) => grades.has(id));
      return { auc: areaUnderCurve(ranked, grades), ap: averagePrecision(ranked.slice(0, FIRST), grades) };
    };
    const likes = await Promise.all(
      positive.map(async (example) =>
        "id" in example ? byHand.of(example.id) : byHand.document(example.text, await model.embed(example.text)),
      ),
    );
    const one = here(await ranked(kindred, positive, []));
    const disliking = negative.length === 0 ? one : here(await ranked(kindred, positive, negative));
    measured.push({ kindred: one, byHand: here(byHand.ranking(likes)), disliking });
  }
  const row = {
    name,
    kindred: meanOf(measured.map((each) => each.kindred)),
    byHand: meanOf(measured.map((each) => each.byHand)),
    disliking: meanOf(measured.map((each) => each.disliking)),
  };
  rows.set(kind, [...(rows.get(kind) ?? []), row]);
  process.stderr.write(`${kind}, ${name}: ${row.kindred.ap.toFixed(4)}, by hand ${row.byHand.ap.toFixed(4)}\n`);
}

function* casesOf(review: Judged, byHand: ByHand): Generator<[kind: string, cases: Case[]]> {
  const { included, excluded, grades } = parted(review, byHand);
  const withoutOf = (left: readonly string[]) => new Map([...grades].filter(([id]) => !left.includes(id)));
  if (values.text) {
    yield ["subject", review.queries.map(({ text }) => ({ positive: [{ text }], negative: [], grades }))];
    yield [
      "text of a paper",
      Array.from({ length: draws }, (_, draw) => {
        const [id = ""] = pick(included, 1, mulberry32(draw + 1));
        return { positive: [{ text: byHand.of(id).text }], negative: [], grades: withoutOf([id]) };
      }),
    ];
    return;
  }
  for (const likes of likeCounts) {
    // Some relevant papers must be left to find.
    if (included.length < likes + 5) continue;
    const cases = Array.from({ length: draws }, (_, draw): Case => {
      const random = mulberry32(draw + 1);
      const positive = pick(included, likes, random);
      const negative = pick(excluded, dislikes, random);
      return { positive: positive.map((id) => ({ id })), negative, grades: withoutOf([...positive, ...negative]) };
    });
    yield [`${likes} like${likes === 1 ? "" : "s"}`, cases];
  }
}

/** Cases with likes from several reviews at once. A mixture is a run of neighbours in the given order, cyclically. */
function* mixtures(together: number, likes: number, byHand: ByHand): Generator<[name: string, cases: Case[]]> {
  for (let first = 0; first < reviews.length; first++) {
    const mixed = Array.from({ length: together }, (_, i) => reviews[(first + i) % reviews.length]!);
    const all = reviews.map((review) => ({ ...parted(review, byHand), wanted: mixed.includes(review) }));
    if (all.some(({ wanted, included }) => wanted && included.length < likes + 5)) continue;
    const cases = Array.from({ length: draws }, (_, draw): Case => {
      const random = mulberry32(draw + 1);
      const positive = all.flatMap(({ wanted, included }) => (wanted ? pick(included, likes, random) : []));
      const grades = new Map(
        all.flatMap(({ wanted, grades: judged }) =>
          [...judged].map(([id, grade]) => [id, wanted ? grade : 0] as const),
        ),
      );
      for (const id of positive) grades.delete(id);
      return { positive: positive.map((id) => ({ id })), negative: [], grades };
    });
    yield [mixed.map(({ name }) => name).join(" + "), cases];
  }
}

/** The judged papers of a review that are in the index, split by grade. Papers without a title are not in the index. */
function parted({ grades: queries }: Judged, byHand: ByHand) {
  const grades = new Map([...queries.values()].flatMap((papers) => [...papers]).filter(([id]) => byHand.has(id)));
  const ids = [...grades.keys()].toSorted();
  return {
    grades,
    included: ids.filter((id) => grades.get(id)! > 0),
    excluded: ids.filter((id) => grades.get(id) === 0),
  };
}

/** The baseline for all papers of an index. */
async function byHandOf(directory: string): Promise<ByHand> {
  const engine = new EmbeddedEngine(directory, await describeModel());
  try {
    const labels = await engine.passing({}, Infinity);
    const [papers, block] = [await engine.papers(labels), await engine.inspect()];
    return new ByHand(labels.map((label, i) => ({ paper: papers[i]!, vector: block.vector(label)! })));
  } finally {
    engine.close();
  }
}

/** The ids of all recommended papers, best first. */
async function ranked(kindred: Kindred, positive: Example[], negative: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const request = { positive, negative: [...negative], limit: 500, ...(cursor === undefined ? {} : { cursor }) };
    const { hits, next } = await kindred.recommend(request);
    ids.push(...hits.flatMap(({ paper, versions }) => [paper.id, ...versions.map(({ id }) => id)]));
    cursor = next;
  }
  return ids;
}

function pick(from: readonly string[], count: number, random: () => number): string[] {
  const left = [...from];
  return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)[0] as string);
}

function meanOf(measured: readonly Measured[]): Measured {
  return { auc: mean(measured.map(({ auc }) => auc)), ap: mean(measured.map(({ ap }) => ap)) };
}
