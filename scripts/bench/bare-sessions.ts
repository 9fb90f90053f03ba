/**
 * The upper limit for indexing speed: onnxruntime sessions and nothing else, run on the token ids of a directory's pending
 * texts, in the same batches as Kindred's. One session and one thread per worker.
 *
 *   node bare-sessions.js DIRECTORY WORKERS
 *
 * Reports in lines of JSON: first that all sessions are loaded, then progress on abstracts, then on sentences.
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

/** A line of the report; `cpu` is the CPU time of all threads so far, in milliseconds. */
export type BareMessage = { event: "ready" } | { event: Phase; done: number; total: number; cpu: number };

/** Texts between two progress reports of a worker: as many as for an embedder of Kindred. */
const REPORT_EVERY = 8;

/** For each text, the model calls that it takes. */
type Calls = Record<Phase, ModelInputs[][]>;
/** `next` holds the index of the next text of each phase; a free worker takes it. */
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
  const report = (message: BareMessage) => console.log(JSON.stringify(message));
  const calls = await callsOf(directory);
  const work: Work = { calls, next: new Int32Array(new SharedArrayBuffer(8)) };
  const done = { vectors: 0, sentences: 0 };
  const threads = Array.from(
    { length: workers },
    () => new Worker(fileURLToPath(import.meta.url), { workerData: work, execArgv: [] }),
  );
  let ready = 0;
  for (const thread of threads)
    thread.on("message", (message: { ready: true } | { phase: Phase; texts: number }) => {
      if ("ready" in message) {
        if (++ready < workers) return;
        report({ event: "ready" });
        for (const one of threads) one.postMessage("go");
      } else {
        done[message.phase] += message.texts;
        report({ event: message.phase, done: done[message.phase], total: calls[message.phase].length, cpu: cpuTime() });
      }
    });
}

/** The token ids of all pending texts, in the order in which they are embedded. */
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

/** A copy that can be posted to another thread. */
function plain(inputs: ModelInputs): ModelInputs {
  return Object.fromEntries(Object.entries(inputs).map(([name, { data, dims }]) => [name, { data, dims }])) as never;
}

async function run({ calls, next }: Work): Promise<void> {
  // The same priority as Kindred's embedders, so that other load on the machine slows both equally.
  lowerPriority("embedding", false);
  // Resolves the runtime that transformers uses, wherever npm has put it.
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
      const from = Atomics.add(next, at, REPORT_EVERY);
      const texts = calls[phase].slice(from, from + REPORT_EVERY);
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
