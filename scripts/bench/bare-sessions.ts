/**
 * The upper limit of any way of indexing: onnxruntime sessions and nothing else, with the token ids of the texts that are
 * pending in a directory, in the same batches as Kindred's. One session and one thread for each worker.
 *
 *   node bare-sessions.js DIRECTORY WORKERS
 *
 * Reports in lines of JSON when all sessions are loaded, and the progress: abstracts, then sentences.
 */
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { embedSentences, passageOf } from "../../src/embedding/embed.js";
import { DEFAULT_MODEL, describeModel, MODELS_DIRECTORY } from "../../src/embedding/description.js";
import { EmbeddingModel, SESSION_OPTIONS, type ModelInputs } from "../../src/embedding/model.js";
import type { Phase } from "../../src/indexing/embed.js";
import { lowerPriority } from "../../src/core/priority.js";
import { Store } from "../../src/store/store.js";
import { cpuTime } from "../common/numbers.js";

/** What the process says; `cpu` is the time that its threads have had so far, together, in milliseconds. */
export type BareNews = { told: "ready" } | { told: Phase; done: number; total: number; cpu: number };

/** Texts after which a worker says how far it is: as often as an embedder does. */
const SAY_EVERY = 8;

/** Of each text the calls to the model that it takes. */
type Calls = Record<Phase, ModelInputs[][]>;
/** `next` is the text of each phase that is to be taken next, by whichever worker is free. */
type Work = { calls: Calls; next: Int32Array };

type Tensor = { dispose(): void };
type Runtime = {
  Tensor: new (type: "int64", data: BigInt64Array, dims: number[]) => Tensor;
  InferenceSession: {
    create(path: string, options: object): Promise<{ run(feeds: Record<string, Tensor>): Promise<unknown> }>;
  };
};

if (isMainThread) await main(process.argv[2] ?? "", Number(process.argv[3]));
else await run(workerData as Work);

async function main(directory: string, workers: number): Promise<void> {
  const tell = (news: BareNews) => console.log(JSON.stringify(news));
  const calls = await callsOf(directory);
  const work: Work = { calls, next: new Int32Array(new SharedArrayBuffer(8)) };
  const done = { vectors: 0, sentences: 0 };
  const threads = Array.from(
    { length: workers },
    () => new Worker(fileURLToPath(import.meta.url), { workerData: work, execArgv: [] }),
  );
  let ready = 0;
  for (const thread of threads)
    thread.on("message", (news: { ready: true } | { phase: Phase; texts: number }) => {
      if ("ready" in news) {
        if (++ready < workers) return;
        tell({ told: "ready" });
        for (const one of threads) one.postMessage("go");
      } else {
        done[news.phase] += news.texts;
        tell({ told: news.phase, done: done[news.phase], total: calls[news.phase].length, cpu: cpuTime() });
      }
    });
}

/** The token ids of all that is pending, in its order. */
async function callsOf(directory: string): Promise<Calls> {
  const model = await EmbeddingModel.load();
  const store = Store.openForReading(directory, await describeModel());
  const calls: Calls = { vectors: [], sentences: [] };
  const seen = new Set<string>();
  for (const text of store.vectors.pending("vectors", 0, 1e9)) {
    const hash = text.hash.toString("hex");
    if (seen.has(hash)) continue;
    seen.add(hash);
    calls.vectors.push([plain(model.tokenize([passageOf(text)]))]);
    const pairs: ModelInputs[] = [];
    await embedSentences(
      {
        embedBatch: async (texts) => {
          pairs.push(plain(model.tokenize(texts)));
          return texts.map(() => new Float32Array());
        },
      },
      text,
    );
    calls.sentences.push(pairs);
  }
  store.close();
  await model.close();
  return calls;
}

/** What can be handed to another thread. */
function plain(inputs: ModelInputs): ModelInputs {
  return Object.fromEntries(Object.entries(inputs).map(([name, { data, dims }]) => [name, { data, dims }])) as never;
}

async function run({ calls, next }: Work): Promise<void> {
  // As the embedders' threads do: what else runs on the machine is to slow both alike.
  lowerPriority("embedding", false);
  // The runtime that transformers uses, wherever npm has put it.
  const { resolve } = createRequire(import.meta.url);
  const { InferenceSession, Tensor } = createRequire(resolve("@xenova/transformers"))("onnxruntime-node") as Runtime;
  const folder = join(MODELS_DIRECTORY, DEFAULT_MODEL, "onnx");
  const [weights = ""] = readdirSync(folder);
  const session = await InferenceSession.create(join(folder, weights), SESSION_OPTIONS);
  const port = parentPort!;
  const go = new Promise((resolve) => port.once("message", resolve));
  port.postMessage({ ready: true });
  await go;
  for (const [at, phase] of (["vectors", "sentences"] as const).entries()) {
    for (;;) {
      const from = Atomics.add(next, at, SAY_EVERY);
      const texts = calls[phase].slice(from, from + SAY_EVERY);
      if (texts.length === 0) break;
      for (const inputs of texts.flat())
        await session.run(
          Object.fromEntries(
            Object.entries(inputs).map(([name, { data, dims }]) => [name, new Tensor("int64", data, dims)]),
          ),
        );
      port.postMessage({ phase, texts: texts.length });
    }
  }
}
