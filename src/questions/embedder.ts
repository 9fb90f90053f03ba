/** A thread that embeds queries, so that a query does not wait for other work of the search thread. */
import { workerData } from "node:worker_threads";
import { EmbeddingModel } from "../embedding/model.js";
import { answerCalls } from "../core/thread.js";

const loading = EmbeddingModel.load(workerData as string);
// Callers get the rejection; without this it would be unhandled before the first call.
loading.catch(() => {});

const methods = {
  ready: async (): Promise<void> => void (await loading),
  embed: async (text: string): Promise<Float32Array> => (await loading).embed(text),
};
export type QueryMethods = typeof methods;

answerCalls(methods, loading);
