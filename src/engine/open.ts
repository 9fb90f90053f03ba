/** Opens the embedded engine, or the one that a module exports. A thread's bundle holds only what it opens. */
import { KindredError } from "../core/errors.js";
import { databasePath, mayOnlyBeRead, openDatabase } from "../store/database.js";
import type { EngineModule, EngineOption, Indexer, Migrated, Opening, Reader, Verified } from "./module.js";

const exportsOf = async ({ module }: EngineOption): Promise<EngineModule> => (await import(module)) as EngineModule;

export const check: EngineModule["check"] = async (opening) =>
  opening.engine === undefined ? checkDirectory(opening.directory) : (await exportsOf(opening.engine)).check(opening);

export async function openReader(opening: Opening): Promise<Reader> {
  if (opening.engine !== undefined) return (await exportsOf(opening.engine)).openReader(opening);
  const { EmbeddedReader } = await import("./embedded-reader.js");
  return new EmbeddedReader(opening);
}

export async function openIndexer(opening: Opening): Promise<Indexer> {
  if (opening.engine !== undefined) return (await exportsOf(opening.engine)).openIndexer(opening);
  const { EmbeddedIndexer } = await import("./embedded-indexer.js");
  return new EmbeddedIndexer(opening);
}

/** @throws KindredError `invalid` when the engine cannot be checked. */
export async function verifyEngine(
  opening: Opening & { engine: EngineOption },
  options: Parameters<NonNullable<EngineModule["verify"]>>[1],
): Promise<Verified> {
  const { verify } = await exportsOf(opening.engine);
  if (verify === undefined) throw new KindredError("invalid", "this engine cannot be verified");
  return verify(opening, options);
}

/** @throws KindredError `invalid` when the engine has nothing to migrate. */
export async function migrateEngine(
  opening: Opening & { engine: EngineOption },
  options: Parameters<NonNullable<EngineModule["migrate"]>>[1],
): Promise<Migrated> {
  const { migrate } = await exportsOf(opening.engine);
  if (migrate === undefined) throw new KindredError("invalid", "this engine needs no migration");
  return migrate(opening, options);
}

function checkDirectory(directory: string): KindredError | null {
  try {
    openDatabase(directory).close();
    return null;
  } catch (thrown) {
    if (!(thrown instanceof KindredError && thrown.code === "storage" && mayOnlyBeRead(directory))) throw thrown;
    return new KindredError(
      "storage",
      `${databasePath(directory)} could not be written: the file or its folder may not be written by this user; ` +
        `"kindred backup FILE" and "kindred restore FILE --directory FOLDER" make a writable copy`,
      { cause: thrown },
    );
  }
}
