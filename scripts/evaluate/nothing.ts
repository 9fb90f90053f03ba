/**
 * How often a search reports that no paper is close to a question: for questions that the set answers, for the same
 * questions without the papers that answer them, and for questions of the other sets.
 *
 * SET and --keep are as in `search.ts`. `CLOSE` was chosen from the quantiles in the second table.
 */
import { searchSchema } from "../../src/api.js";
import { describeModel } from "../../src/embedding/description.js";
import { EmbeddingModel } from "../../src/embedding/model.js";
import { without } from "../../src/ranking/candidates.js";
import { CLOSE, nearest } from "../../src/ranking/closeness.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import { rank } from "../../src/questions/search.js";
import { VERSION } from "../../src/core/version.js";
import { readCommand } from "../common/command.js";
import { readJudged, relevantTo, withCorpus } from "./judged.js";

const { values, words } = readCommand("npm run evaluate -- nothing SET... [--split test] [--keep DIRECTORY]", 1, {
  split: { type: "string", default: "test" },
  keep: { type: "string" },
});

const description = await describeModel();
const model = await EmbeddingModel.load(description.name);
const embed = (text: string) => model.embed(text);
const sets = words.map((path) => ({ path, judged: readJudged(path, values.split) }));

/** For a question: whether any paper is reported as close, and the largest cosine of a paper. */
type Verdict = { close: boolean | null; nearest: number };
const rows: { name: string; questions: string; verdicts: Verdict[] }[] = [];

console.log(`Kindred ${VERSION}, Node ${process.version}, ${description.name}, close from ${CLOSE}`);
for (const { path, judged } of sets)
  await withCorpus(path, values.keep, async ({ directory }) => {
    const engine = new EmbeddedEngine(directory, description);
    try {
      const ask = async (q: string, out: readonly (string | undefined)[]): Promise<Verdict> => {
        const ranking = await rank(engine, embed, searchSchema.parse({ q }));
        if ("reason" in ranking) throw new Error(`${q}: ${ranking.reason}`);
        const labels = new Set(await engine.resolve(out.map((id) => ({ kind: "id", value: id ?? "" }))));
        const left = without(ranking.candidates, (label) => labels.has(label));
        const close = (await ranking.isClose?.(left, await engine.counts())) ?? null;
        return { close, nearest: nearest(left) };
      };
      const [here, out, others]: [Verdict[], Verdict[], Verdict[]] = [[], [], []];
      for (const { id, text } of judged.queries) {
        const source = judged.sources.has(id) ? [judged.sources.get(id)] : [];
        here.push(await ask(text, source));
        out.push(await ask(text, [...source, ...relevantTo(judged, id).keys()]));
      }
      for (const other of sets)
        if (other.path !== path) for (const { text } of other.judged.queries) others.push(await ask(text, []));
      const { name } = judged;
      rows.push({ name, questions: "answered here", verdicts: here });
      rows.push({ name, questions: "answers taken out", verdicts: out });
      if (others.length > 0) rows.push({ name, questions: "of the other sets", verdicts: others });
    } finally {
      engine.close();
    }
  });

console.log(`\n| ${values.split} | questions | how many | reported: nothing close |`);
console.log("|---|---|---|---|");
for (const { name, questions, verdicts } of rows) {
  const far = verdicts.filter(({ close }) => close === false).length;
  console.log(
    `| ${name} | ${questions} | ${verdicts.length} | ${far} (${((100 * far) / verdicts.length).toFixed(1)}%) |`,
  );
}
const SHARES = [0.01, 0.02, 0.05, 0.5, 0.95];
console.log(`\n| largest cosine | questions | ${SHARES.map((share) => `${100 * share}% are below`).join(" | ")} |`);
console.log(`|---|---|${SHARES.map(() => "---|").join("")}`);
for (const { name, questions, verdicts } of rows) {
  const order = verdicts.map((each) => each.nearest).toSorted((a, b) => a - b);
  const cells = SHARES.map((share) => order[Math.floor(share * order.length)]!.toFixed(3));
  console.log(`| ${name} | ${questions} | ${cells.join(" | ")} |`);
}
