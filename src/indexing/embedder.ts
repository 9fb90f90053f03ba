/** A thread that embeds and packs for the store: one model, one core. */
import { workerData } from "node:worker_threads";
import { embedSentences, passageOf, type Text } from "../embedding/embed.js";
import { EmbeddingModel } from "../embedding/model.js";
import { answerCalls } from "../thread.js";
import type { StoredSentences, StoredVector } from "../vector.js";
import { quantize } from "../vectors/quantize.js";
import { sketchOf } from "../vectors/sketch.js";
import { stepBack } from "./priority.js";

export type EmbedderData = {
  /** A folder under `models/`. */
  model: string;
  polite: boolean;
};

const { model: name, polite } = workerData as EmbedderData;
stepBack("embedding", polite);

const loading = EmbeddingModel.load(name);
// Rejections are told to whoever calls; before the first call nobody listens.
loading.catch(() => {});

/** One call after the other: two side by side would end together, and leave the thread to wait for the next ones. */
let last: Promise<unknown> = loading;
function inTurn<T>(work: (model: EmbeddingModel) => Promise<T>): Promise<T> {
  const one = last.then(async () => work(await loading));
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
