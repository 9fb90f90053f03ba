/** Opens the embedded engine, which keeps its papers in a directory. */
import { KindredError } from "../core/errors.js";
import { databasePath, mayOnlyBeRead, openDatabase } from "../store/database.js";
import type { Indexer, Opening, Reader } from "./module.js";

export async function check({ directory }: Opening): Promise<KindredError | null> {
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

export async function openReader(opening: Opening): Promise<Reader> {
  const { EmbeddedReader } = await import("./embedded-reader.js");
  return new EmbeddedReader(opening);
}

export async function openIndexer(opening: Opening): Promise<Indexer> {
  const { EmbeddedIndexer } = await import("./embedded-indexer.js");
  return new EmbeddedIndexer(opening);
}
