/** Keys that let requests in: each has a name, is shown once, and is stored hashed in `keys.json`. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { KindredError } from "./errors.js";
import { tryLock } from "./store/database.js";

const keyNameSchema = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._@ -]{0,63}$/u, "expected 1 to 64 letters, digits, spaces or any of . _ @ -");

const fileSchema = z.strictObject({
  keys: z.array(
    z.strictObject({
      name: keyNameSchema,
      /** Hexadecimal. A key is 256 random bits, which no one guesses however fast the hash is: none that is slow is needed. */
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      made: z.iso.datetime(),
    }),
  ),
});
type Stored = z.infer<typeof fileSchema>["keys"][number];

const MOST = 1_000;
const pathOf = (directory: string): string => join(directory, "keys.json");

/** The names of the keys there are, and when each was made, in that order. @throws KindredError `damaged`. */
export function listKeys(directory: string): { name: string; made: string }[] {
  return read(directory).map(({ name, made }) => ({ name, made }));
}

/**
 * Makes a key.
 *
 * @returns The key: it is not stored, and cannot be shown again.
 * @throws KindredError `invalid` when the name is none, or there is a key of that name.
 */
export function addKey(directory: string, name: string): string {
  const parsed = keyNameSchema.safeParse(name);
  if (!parsed.success)
    throw new KindredError("invalid", `the name: got "${name.slice(0, 100)}", ${parsed.error.issues[0]?.message}`);
  const key = `kindred_${randomBytes(32).toString("base64url")}`;
  change(directory, (keys) => {
    if (keys.some((one) => one.name === name))
      throw new KindredError("invalid", `there is a key called "${name}": remove it first, or choose another name`);
    if (keys.length >= MOST) throw new KindredError("invalid", `there are ${MOST} keys: remove one first`);
    return [...keys, { name, sha256: hashOf(key).toString("hex"), made: new Date().toISOString() }];
  });
  return key;
}

/** From now on nobody gets in with it, in a server that runs too. @throws KindredError `not-found`. */
export function removeKey(directory: string, name: string): void {
  change(directory, (keys) => {
    const others = keys.filter((one) => one.name !== name);
    if (others.length === keys.length)
      throw new KindredError(
        "not-found",
        `there is no key called "${name.slice(0, 100)}": "kindred key list" has them`,
      );
    return others;
  });
}

/** The keys of a directory as they are now, for a server: the file is read again when it has changed. */
export class Keys {
  readonly #path;
  #read: { stamp: string; keys: { name: string; hash: Buffer }[] } = { stamp: "", keys: [] };

  constructor(directory: string) {
    this.#path = pathOf(directory);
  }

  /** Whose key it is; null when it is none. @throws KindredError `damaged`. */
  async nameOf(key: string): Promise<string | null> {
    await this.#refresh();
    const hash = hashOf(key);
    let found: string | null = null;
    // All of them, and each as a whole: how long it takes says nothing of which one was nearly right.
    for (const one of this.#read.keys) if (timingSafeEqual(one.hash, hash)) found = one.name;
    return found;
  }

  async #refresh(): Promise<void> {
    let stamp = "";
    try {
      const { mtimeMs, size, ino } = await stat(this.#path);
      stamp = `${mtimeMs} ${size} ${ino}`;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") throw thrown;
    }
    if (stamp === this.#read.stamp) return;
    const keys = stamp === "" ? [] : parse(await readFile(this.#path, "utf8"), this.#path);
    this.#read = { stamp, keys: keys.map(({ name, sha256 }) => ({ name, hash: Buffer.from(sha256, "hex") })) };
  }
}

const hashOf = (key: string): Buffer => createHash("sha256").update(key).digest();

function read(directory: string): Stored[] {
  try {
    return parse(readFileSync(pathOf(directory), "utf8"), pathOf(directory));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw thrown;
  }
}

function parse(text: string, path: string): Stored[] {
  try {
    return fileSchema.parse(JSON.parse(text)).keys;
  } catch (thrown) {
    throw new KindredError("damaged", `${path} could not be read as keys: remove it, and make them again`, {
      cause: thrown,
    });
  }
}

function change(directory: string, work: (keys: Stored[]) => Stored[]): void {
  mkdirSync(directory, { recursive: true });
  const unlock = tryLock(join(directory, "keys.lock"));
  if (unlock === null) throw new KindredError("busy", "another process is changing the keys: try again");
  try {
    const path = pathOf(directory);
    const text = `${JSON.stringify({ keys: work(read(directory)) }, null, 2)}\n`;
    // Whole or not at all, whatever happens meanwhile; and a key that was removed is no key after a power loss either.
    onDisk(`${path}.new`, "w", (file) => writeSync(file, text));
    renameSync(`${path}.new`, path);
    onDisk(directory, "r");
  } finally {
    unlock();
  }
}

/** Has what is written, or the names in a directory, reach the disk; a file is for nobody else to read. */
function onDisk(path: string, flags: "r" | "w", write: (file: number) => void = () => {}): void {
  const file = openSync(path, flags, 0o600);
  try {
    write(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
