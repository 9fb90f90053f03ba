/**
 * A thread that writes what is derived from papers.db: the tables and the graph. It reads the files of before and what has
 * changed since, and ends when they are written, so the thread that answers neither builds nor writes anything.
 */
import { workerData } from "node:worker_threads";
import type { ModelDescription } from "../embedding/description.js";
import { lowerPriority } from "../core/priority.js";
import { answerCalls, type Call } from "../core/thread.js";
import { EmbeddedEngine } from "./embedded.js";

export type BuilderData = { directory: string; model: ModelDescription; polite: boolean };

/** The change that the files are good for, and how many vectors are in the graph. */
export type Saved = { change: number; count: number };

const { directory, model, polite } = workerData as BuilderData;
lowerPriority("building", polite);

const methods = {
  /**
   * Writes tables and graph; the caller holds the directory's lock.
   *
   * @param again Whether the graph is made again from the stored vectors.
   * @returns Null when it was stopped before.
   */
  build: async (again: boolean, { signal }: Call): Promise<Saved | null> => {
    const engine = new EmbeddedEngine(directory, model);
    try {
      if (again) engine.rebuild();
      await engine.save(signal);
      const { saved, count } = engine.index();
      return signal.aborted ? null : { change: saved, count };
    } finally {
      engine.close();
    }
  },
};
export type BuilderMethods = typeof methods;

answerCalls(methods);
