/** A thread that embeds queries: with one of its own, a query waits for no other work of the thread that answers. */
import { workerData } from "node:worker_threads";
import { EmbeddingModel } from "../embedding/model.js";
import { answerCalls } from "../core/thread.js";

const loading = EmbeddingModel.load(workerData as string);
// Rejections are told to whoever calls; before the first call nobody listens.
loading.catch(() => {});

const methods = {
  ready: async (): Promise<void> => void (await loading),
  embed: async (text: string): Promise<Float32Array> => (await loading).embed(text),
};
export type QueryMethods = typeof methods;

answerCalls(methods, loading);
