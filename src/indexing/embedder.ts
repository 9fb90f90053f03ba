/** A thread that embeds and packs for the store: one model, one core. */
import { workerData } from "node:worker_threads";
import { embedSentences, passageOf, type Text } from "../embedding/embed.js";
import { EmbeddingModel } from "../embedding/model.js";
import { answerCalls } from "../thread.js";
import type { StoredSentences, StoredVector } from "../vector.js";
import { quantize } from "../vectors/quantize.js";
import { sketchOf } from "../vectors/sketch.js";

const loading = EmbeddingModel.load(workerData as string);
// Rejections are told to whoever calls; before the first call nobody listens.
loading.catch(() => {});

const methods = {
  vectors: async (texts: Text[]): Promise<StoredVector[]> => {
    const model = await loading;
    const vectors: StoredVector[] = [];
    for (const text of texts) vectors.push(quantize(await model.embed(passageOf(text))));
    return vectors;
  },
  sentences: async (texts: Text[]): Promise<StoredSentences[]> => {
    const model = await loading;
    const all: StoredSentences[] = [];
    for (const text of texts) {
      const { spans, vectors } = await embedSentences(model, text);
      all.push({
        spans: Uint32Array.from(spans.flatMap(({ start, end }) => [start, end])),
        sketches: Uint8Array.from(vectors.flatMap((vector) => [...sketchOf(vector)])),
      });
    }
    return all;
  },
};
export type EmbedderMethods = typeof methods;

answerCalls(methods);
