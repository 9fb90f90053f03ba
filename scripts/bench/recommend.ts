/**
 * CPU time of recommendations in the search thread, by the number of likes and dislikes.
 *
 * DIRECTORY holds an index. Examples are spread over all its papers, so there are as many interests as possible. The first
 * row includes what is computed once for all papers.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { recommendSchema } from "../../src/api.js";
import { describeModel } from "../../src/embedding/description.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import { pauses } from "../../src/core/pauses.js";
import { recommend } from "../../src/questions/recommend.js";
import { VERSION } from "../../src/core/version.js";
import { readCommand } from "../common/command.js";
import { cpuTime, median } from "../common/numbers.js";

const { values, words } = readCommand("npm run bench -- recommend DIRECTORY [--runs 5] [--limit 10]", 1, {
  runs: { type: "string", default: "5" },
  limit: { type: "string", default: "10" },
});
const [directory = ""] = words;
const engine = new EmbeddedEngine(directory, await describeModel());
const ids = (await engine.papers(await engine.passing({}, Infinity))).map((paper) => paper!.id);
console.log(`Kindred ${VERSION}, Node ${process.version}; ${ids.length} papers; answers of ${values.limit}`);
console.log("| likes | dislikes | CPU ms, median | event loop held, longest ms |");
console.log("|---|---|---|---|");
const pause = pauses(new AbortController().signal);
const embed = () => Promise.reject(new Error("a paper has no vector: index the directory first"));
for (const [likes, dislikes] of [
  [5, 0],
  [5, 0],
  [30, 30],
  [1_000, 0],
  [1_000, 1_000],
] as const) {
  const times: number[] = [];
  const delays = monitorEventLoopDelay({ resolution: 1 });
  for (let run = 0; run < Number(values.runs); run++) {
    const request = recommendSchema.parse({
      positive: spread(likes, run),
      negative: spread(dislikes, run + 7),
      limit: Number(values.limit),
    });
    delays.enable();
    const before = cpuTime();
    await recommend(engine, embed, request, pause);
    times.push(cpuTime() - before);
    await new Promise(setImmediate);
    delays.disable();
  }
  console.log(`| ${likes} | ${dislikes} | ${median(times).toFixed(0)} | ${(delays.max / 1e6).toFixed(0)} |`);
}
engine.close();

/** Ids of evenly spaced papers. */
function spread(count: number, from: number): string[] {
  const step = Math.floor(ids.length / Math.max(1, count));
  return Array.from({ length: count }, (_, i) => ids[(i * step + from) % ids.length]!);
}
