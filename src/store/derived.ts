/** Files derived from the database, beside it: how they are written, and which of them belong to it. */
import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { hashOf, sync, writingError } from "../core/files.js";
import type { Database } from "./database.js";

/** A registered file: it contains every change up to this one, and none after it; `details` is what its reader noted. */
export type Derivation = { change: number; details: string };

/**
 * Which derived files belong to this database, by their content. A change number is not enough: after a restore from a
 * backup, the database may have gone on to other changes with the same numbers. A copy of the database that knows a file
 * contains everything in it too.
 */
export class DerivedFiles {
  readonly #add;
  readonly #keep;
  readonly #find;

  constructor(database: Database) {
    this.#add = database.prepare<[string, string, number, string]>(
      "INSERT OR REPLACE INTO derived (file, sha256, change, details) VALUES (?, ?, ?, ?)",
    );
    this.#keep = database.prepare<[string, string]>("DELETE FROM derived WHERE file = ? AND sha256 <> ?");
    this.#find = database.prepare<[string, string], Derivation>(
      `SELECT change, details FROM derived WHERE file = ? AND sha256 = ?
        AND change <= (SELECT ifnull(max(change), 0) FROM changes)`,
    );
  }

  add(file: string, sha256: string, { change, details }: Derivation): void {
    this.#add.run(file, sha256, change, details);
  }

  /** Forgets all other contents of a file; with an empty `sha256`, all. */
  keepOnly(file: string, sha256: string): void {
    this.#keep.run(file, sha256);
  }

  /** @returns Undefined when the file does not belong to this database, or is damaged. */
  find(file: string, sha256: string): Derivation | undefined {
    return this.#find.get(file, sha256);
  }
}

/** What writing a derived file needs of a store. */
export type Registry = { readonly derived: DerivedFiles; write(work: () => void): void };

/**
 * Writes a derived file under another name, syncs it, registers its content, and only then gives it its name: whenever
 * this is interrupted, the file that has the name is complete and registered. Call only while holding the directory's lock.
 *
 * @param write Writes the file to the path it is given.
 */
export async function writeDerived(
  store: Registry,
  directory: string,
  file: string,
  derivation: Derivation,
  write: (path: string) => void | Promise<void>,
): Promise<void> {
  const path = join(directory, file);
  const temporary = `${path}.new`;
  try {
    await write(temporary);
    await sync(temporary);
    const sha256 = (await hashOf(temporary)).digest("hex");
    store.write(() => store.derived.add(file, sha256, derivation));
    await rename(temporary, path);
    await sync(directory);
    store.write(() => store.derived.keepOnly(file, sha256));
  } catch (thrown) {
    await rm(temporary, { force: true, recursive: true });
    throw writingError(thrown, path);
  }
}

/** Removes a derived file that is no longer needed; does nothing if there is none. */
export async function removeDerived(store: Registry, directory: string, file: string): Promise<void> {
  const path = join(directory, file);
  if (!existsSync(path)) return;
  await rm(path, { force: true });
  store.write(() => store.derived.keepOnly(file, ""));
}
