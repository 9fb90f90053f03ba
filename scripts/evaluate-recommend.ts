/**
 * Recommending on judged reviews: some of the papers a systematic review included are liked, all others are ranked.
 *
 *   npm run evaluate-recommend -- REVIEW... [--likes 5] [--dislikes 5] [--draws 20] [--keep DIRECTORY]
 *
 * A REVIEW is a folder in BEIR's layout whose judgements say 1 (included) or 0 of every paper.
 */
import { parseArgs } from "node:util";
import type { Kindred } from "../src/kindred.js";
import { VERSION } from "../src/version.js";
import { readJudged, withCorpus } from "./judged.js";
import { areaUnderCurve, averagePrecision, bootstrapInterval, mean, mulberry32 } from "./measures.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    likes: { type: "string", default: "5" },
    dislikes: { type: "string", default: "5" },
    draws: { type: "string", default: "20" },
    keep: { type: "string" },
  },
});
if (positionals.length === 0) {
  console.error(
    "usage: npm run evaluate-recommend -- REVIEW... [--likes 5] [--dislikes 5] [--draws 20] [--keep DIRECTORY]",
  );
  process.exit(2);
}
const [likes, dislikes, draws] = [Number(values.likes), Number(values.dislikes), Number(values.draws)];
console.log(
  `Kindred ${VERSION}, Node ${process.version}; ${likes} likes, ${draws} draws; without and with ${dislikes} dislikes`,
);
console.log("| review | AUC, average precision | with dislikes | difference in average precision (95% interval) |");
console.log("|---|---|---|---|");
const all = { without: [] as number[][], with: [] as number[][] };
for (const set of positionals) {
  const { name, grades } = readJudged(set, "test");
  await withCorpus(set, values.keep, async (kindred) => {
    const judged = [...grades.values()].flatMap((papers) => [...papers]).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const included = judged.filter(([, grade]) => grade > 0).map(([id]) => id);
    const excluded = judged.filter(([, grade]) => grade === 0).map(([id]) => id);
    const told = { without: [] as { auc: number; ap: number }[], with: [] as { auc: number; ap: number }[] };
    for (let draw = 0; draw < draws; draw++) {
      const random = mulberry32(draw + 1);
      const positive = pick(included, likes, random);
      const negative = pick(excluded, dislikes, random);
      const rest = new Map(judged.filter(([id]) => !positive.includes(id) && !negative.includes(id)));
      for (const [kind, disliked] of [
        ["without", []],
        ["with", negative],
      ] as const) {
        const ranking = (await ranked(kindred, positive, disliked)).filter((id) => rest.has(id));
        told[kind].push({ auc: areaUnderCurve(ranking, rest), ap: averagePrecision(ranking, rest) });
      }
    }
    const [low, high] = bootstrapInterval(told.with.map(({ ap }, i) => ap - told.without[i]!.ap));
    const cell = (of: { auc: number; ap: number }[]) =>
      `${mean(of.map(({ auc }) => auc)).toFixed(4)}, ${mean(of.map(({ ap }) => ap)).toFixed(4)}`;
    console.log(`| ${name} | ${cell(told.without)} | ${cell(told.with)} | ${low.toFixed(4)} to ${high.toFixed(4)} |`);
    for (const kind of ["without", "with"] as const)
      all[kind].push([mean(told[kind].map(({ auc }) => auc)), mean(told[kind].map(({ ap }) => ap))]);
  });
}
const average = (of: number[][]) =>
  `${mean(of.map(([auc = 0]) => auc)).toFixed(4)}, ${mean(of.map(([, ap = 0]) => ap)).toFixed(4)}`;
console.log(`| mean | ${average(all.without)} | ${average(all.with)} | |`);

/** All that is recommended, page by page. */
async function ranked(kindred: Kindred, positive: string[], negative: readonly string[]): Promise<string[]> {
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
