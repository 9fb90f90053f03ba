/**
 * What it costs in quality to store sentences as signs, one bit per dimension, instead of floating-point vectors: compares
 * the same search with both, query by query.
 */
import { searchSchema } from "../../src/api.js";
import { embedSentences } from "../../src/embedding/embed.js";
import { describeModel } from "../../src/embedding/description.js";
import { EmbeddingModel } from "../../src/embedding/model.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import type { Block } from "../../src/engine/engine.js";
import { search } from "../../src/questions/search.js";
import { VERSION } from "../../src/core/version.js";
import { readCommand } from "../common/command.js";
import { readJudged, relevantTo, withCorpus } from "./judged.js";
import { mean } from "../common/numbers.js";
import { bootstrapInterval, ndcg } from "./measures.js";

/** The engine with the same sentences, as floating-point vectors. */
class FloatEngine extends EmbeddedEngine {
  readonly sentenceVectors = new Map<number, Float32Array[]>();

  override async inspect(): Promise<Block> {
    const bestSentences = (query: Float32Array, labels: readonly number[]) =>
      Float64Array.from(labels, (label) => {
        const vectors = this.sentenceVectors.get(label);
        if (vectors === undefined) return NaN;
        return Math.max(...vectors.map((vector) => vector.reduce((sum, value, i) => sum + value * query[i]!, 0)));
      });
    return { ...(await super.inspect()), bestSentences };
  }
}

const { values, words } = readCommand("npm run evaluate -- sketches SET... [--split test] [--keep DIRECTORY]", 1, {
  split: { type: "string", default: "test" },
  keep: { type: "string" },
});

const description = await describeModel();
const model = await EmbeddingModel.load(description.name);
const embed = (text: string) => model.embed(text);
console.log(`Kindred ${VERSION}, Node ${process.version}, ${description.name}`);
console.log("| set | floating point, nDCG@10 | signs | difference (95% interval) | bytes per sentence |");
console.log("|---|---|---|---|---|");
for (const set of words) {
  const judged = readJudged(set, values.split);
  await withCorpus(set, values.keep, async ({ directory }) => {
    const signs = new EmbeddedEngine(directory, description);
    const floats = new FloatEngine(directory, description);
    const labels = new Set<number>();
    for (let after = 0; ;) {
      const page = await signs.papersAfter(after, 500);
      for (const { label, paper } of page) {
        floats.sentenceVectors.set(label, (await embedSentences(model, paper)).vectors);
        labels.add(label);
      }
      process.stderr.write(`\rsentences of ${labels.size} papers   `);
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.label;
    }
    process.stderr.write("\r");
    const gains = async (engine: EmbeddedEngine): Promise<number[]> => {
      const each: number[] = [];
      for (const { id, text } of judged.queries) {
        const { hits } = await search(engine, embed, searchSchema.parse({ q: text, limit: 11 }));
        const ranking = hits.map(({ paper }) => paper.id).filter((hit) => hit !== judged.sources.get(id));
        each.push(ndcg(ranking, relevantTo(judged, id), 10));
      }
      return each;
    };
    const [one, other] = [await gains(floats), await gains(signs)];
    const [low, high] = bootstrapInterval(other.map((gain, i) => gain - one[i]!));
    const lost = (100 * (mean(other) - mean(one))) / mean(one);
    console.log(
      `| ${judged.name} | ${mean(one).toFixed(4)} | ${mean(other).toFixed(4)} | ${lost.toFixed(2)}% ` +
        `(${low.toFixed(4)} to ${high.toFixed(4)}) | ${description.dimensions * 4} and ${description.dimensions / 8} |`,
    );
    signs.close();
    floats.close();
  });
}
