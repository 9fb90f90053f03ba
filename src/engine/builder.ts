/**
 * A thread that writes the files derived from papers.db: the tables and the graph. It reads the previous files and the changes
 * since, writes new ones and ends, so that the search thread neither builds nor writes anything.
 */
import { workerData } from "node:worker_threads";
import type { ModelDescription } from "../embedding/description.js";
import { lowerPriority } from "../core/priority.js";
import { answerCalls, type Call } from "../core/thread.js";
import { EmbeddedEngine } from "./embedded.js";

export type BuilderData = { directory: string; model: ModelDescription; polite: boolean };

/** The change number up to which the files are valid, and the number of vectors in the graph. */
export type Saved = { change: number; count: number };

const { directory, model, polite } = workerData as BuilderData;
lowerPriority("building", polite);

const methods = {
  /**
   * Writes tables and graph; the caller holds the directory's lock.
   *
   * @param again Whether to rebuild the graph from the stored vectors.
   * @returns Null if it was aborted.
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
