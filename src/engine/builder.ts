/**
 * A thread that writes the files derived from papers.db: the tables and, for a large library, the graph. It reads the
 * previous files and the changes since, writes new ones and ends, so that the search thread neither builds nor writes anything.
 */
import { workerData } from "node:worker_threads";
import { lowerPriority } from "../core/priority.js";
import { answerCalls, type Call } from "../core/thread.js";
import { EmbeddedEngine } from "./embedded.js";
import type { Opening } from "./module.js";

const { directory, model, polite } = workerData as Opening;
lowerPriority("building", polite);

const methods = {
  /**
   * Writes the files; the caller holds the directory's lock.
   *
   * @param again Whether to make them again from papers.db alone.
   * @returns The change number up to which the files are valid; null if it was aborted.
   */
  build: async (again: boolean, { signal }: Call): Promise<number | null> => {
    const engine = new EmbeddedEngine(directory, model, undefined, again);
    try {
      return await engine.save(signal, again);
    } finally {
      engine.close();
    }
  },
};
export type BuilderMethods = typeof methods;

answerCalls(methods);
