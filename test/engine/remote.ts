/**
 * The module of an engine that behaves as if it were in another process: its papers are in a directory of its own, each call
 * takes a round trip, and only copies are passed.
 */
import * as embedded from "../../src/engine/open.js";
import type { Indexer, Opening, Reader } from "../../src/engine/module.js";
import { strict, strictWriter } from "./strict.js";

export type Settings = { directory: string };

const own = (opening: Opening): Opening => ({
  ...opening,
  ...(opening.engine!.settings as Settings),
  engine: undefined,
});

export const check = (opening: Opening): ReturnType<typeof embedded.check> => embedded.check(own(opening));

export async function openReader(opening: Opening): Promise<Reader> {
  const reader = await embedded.openReader(own(opening));
  const engine = strict(reader.engine);
  return {
    engine,
    get version() {
      return reader.version;
    },
    begin: () => reader.begin(),
    latest: async () => {
      await reader.latest();
      return engine;
    },
    settle: (milliseconds) => reader.settle(milliseconds),
    notice: () => reader.notice(),
    written: (saved) => reader.written(saved),
    explained: (thrown) => reader.explained(thrown),
    close: () => reader.close(),
  };
}

export async function openIndexer(opening: Opening): Promise<Indexer> {
  const indexer = await embedded.openIndexer(own(opening));
  return {
    writer: strictWriter(indexer.writer),
    copying: indexer.copying,
    save: (again, signal) => indexer.save(again, signal),
    close: () => indexer.close(),
  };
}
