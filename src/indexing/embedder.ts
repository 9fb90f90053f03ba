/** A thread that embeds texts and quantises the vectors: one model, one core. */
import { workerData } from "node:worker_threads";
import { embedSentences, passageOf, type Text } from "../embedding/embed.js";
import { EmbeddingModel } from "../embedding/model.js";
import { answerCalls } from "../core/thread.js";
import type { StoredSentences, StoredVector } from "../core/vector.js";
import { quantize } from "../vectors/quantize.js";
import { sketchOf } from "../vectors/sketch.js";
import { lowerPriority } from "../core/priority.js";

export type EmbedderData = {
  /** A folder in `models/`. */
  model: string;
  polite: boolean;
};

const { model: name, polite } = workerData as EmbedderData;
lowerPriority("embedding", polite);

let model: EmbeddingModel | undefined;
const load = async (): Promise<EmbeddingModel> => (model ??= await EmbeddingModel.load(name));
const loading = load();
// A failure is reported to the first caller; until then nobody handles it. The next caller loads the model again.
loading.catch(() => {});

/**
 * One call at a time: two interleaved calls would end together, and the thread would then be idle until the next ones
 * arrive.
 */
let last: Promise<unknown> = loading;
function inTurn<T>(work: (model: EmbeddingModel) => Promise<T>): Promise<T> {
  const one = last.then(async () => work(await load()));
  last = one.catch(() => {});
  return one;
}

const methods = {
  vectors: (texts: Text[]): Promise<StoredVector[]> =>
    inTurn(async (model) => {
      const vectors: StoredVector[] = [];
      for (const text of texts) vectors.push(quantize(await model.embed(passageOf(text))));
      return vectors;
    }),
  sentences: (texts: Text[]): Promise<StoredSentences[]> =>
    inTurn(async (model) => {
      const all: StoredSentences[] = [];
      for (const text of texts) {
        const { spans, vectors } = await embedSentences(model, text);
        all.push({
          spans: Uint32Array.from(spans.flatMap(({ start, end }) => [start, end])),
          sketches: Uint8Array.from(vectors.flatMap((vector) => [...sketchOf(vector)])),
        });
      }
      return all;
    }),
};
export type EmbedderMethods = typeof methods;

answerCalls(methods, loading);
