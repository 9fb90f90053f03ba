/** Keys for access: each has a name, is shown once, and is stored hashed in `keys.json`, with its sessions. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { KindredError, messageOf } from "../core/errors.js";
import { sync, writingError } from "../core/files.js";
import { openingError, tryLock } from "../store/database.js";

const keyNameSchema = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._@ -]{0,63}$/u, "expected 1 to 64 letters, digits, spaces or any of . _ @ -");

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

const fileSchema = z.strictObject({
  keys: z.array(
    z.strictObject({
      name: keyNameSchema,
      /**
       * Hexadecimal. A key is 256 random bits, which cannot be guessed however fast the hash is, so a slow hash is not
       * needed.
       */
      sha256: sha256Schema,
      made: z.iso.datetime(),
      /** Browsers that received a token instead of the key, oldest first. */
      sessions: z.array(z.strictObject({ sha256: sha256Schema, begun: z.iso.datetime() })).optional(),
    }),
  ),
});
type Stored = z.infer<typeof fileSchema>["keys"][number];

const MAX_KEYS = 1_000;
/** Sessions of one key: one more ends the oldest. */
const MAX_SESSIONS = 100;
/** How long a session lasts, in milliseconds. */
export const SESSION = 365 * 24 * 3_600_000;
const pathOf = (directory: string): string => join(directory, "keys.json");

/** The names of all keys, with the time each was made, oldest first. @throws KindredError `damaged`, `storage`. */
export function listKeys(directory: string): { name: string; made: string }[] {
  return read(directory).map(({ name, made }) => ({ name, made }));
}

/**
 * Makes a key.
 *
 * @returns The key. It is not stored, and cannot be shown again.
 * @throws KindredError `invalid` when the name is invalid or taken; `storage` when the key cannot be stored.
 */
export async function addKey(directory: string, name: string): Promise<string> {
  const parsed = keyNameSchema.safeParse(name);
  if (!parsed.success)
    throw new KindredError("invalid", `the name: got "${name.slice(0, 100)}", ${parsed.error.issues[0]?.message}`);
  const key = `kindred_${randomBytes(32).toString("base64url")}`;
  await change(directory, (keys) => {
    if (keys.some((one) => one.name === name))
      throw new KindredError("invalid", `there is a key called "${name}": remove it first, or choose another name`);
    if (keys.length >= MAX_KEYS) throw new KindredError("invalid", `there are ${MAX_KEYS} keys: remove one first`);
    return [...keys, { name, sha256: hashOf(key).toString("hex"), made: new Date().toISOString() }];
  });
  return key;
}

/** Revokes a key, in running servers too. @throws KindredError `not-found`, `storage`. */
export async function removeKey(directory: string, name: string): Promise<void> {
  await change(directory, (keys) => {
    const others = keys.filter((one) => one.name !== name);
    if (others.length === keys.length)
      throw new KindredError(
        "not-found",
        `there is no key called "${name.slice(0, 100)}": "kindred key list" shows all`,
      );
    return others;
  });
}

/** The keys of a directory, for a server: the file is read again when it has changed. */
export class Keys {
  readonly #path;
  readonly #directory;
  #read: { stamp: string; keys: { name: string; hash: Buffer }[]; sessions: Map<string, Session> } = {
    stamp: "",
    keys: [],
    sessions: new Map(),
  };
  /** Changes in this process wait for each other; only another process finds the file locked. */
  #changing: Promise<unknown> = Promise.resolve();

  constructor(directory: string) {
    this.#directory = directory;
    this.#path = pathOf(directory);
  }

  /** The name of a key; null if it is invalid. @throws KindredError `damaged`, `storage`. */
  async nameOf(key: string): Promise<string | null> {
    await this.#refresh();
    const hash = hashOf(key);
    let found: string | null = null;
    // Compares with every key in constant time: the duration does not reveal which one was nearly right.
    for (const one of this.#read.keys) if (timingSafeEqual(one.hash, hash)) found = one.name;
    return found;
  }

  /** The name of the key that a session belongs to; null if the token is unknown, or the session or key is gone. */
  async nameOfSession(token: string): Promise<string | null> {
    await this.#refresh();
    const session = this.#read.sessions.get(hashOf(token).toString("hex"));
    return session !== undefined && session.begun + SESSION > Date.now() ? session.name : null;
  }

  /**
   * A text that, in the address of a feed, lets its reader read this feed and nothing else while the key exists.
   *
   * @param name The name of the key.
   * @param feed The address of the feed without the secret.
   * @returns Null if there is no such key.
   */
  async secretOf(name: string, feed: string): Promise<string | null> {
    await this.#refresh();
    const key = this.#read.keys.find((one) => one.name === name);
    return key === undefined ? null : secretOf(key.hash, feed).toString("base64url");
  }

  /** The name of the key that a secret of a feed was made with; null if it is invalid, or the key is gone. */
  async nameOfSecret(secret: string, feed: string): Promise<string | null> {
    await this.#refresh();
    const given = Buffer.from(secret, "base64url");
    let found: string | null = null;
    for (const { name, hash } of this.#read.keys) {
      const expected = secretOf(hash, feed);
      if (given.length === expected.length && timingSafeEqual(given, expected)) found = name;
    }
    return found;
  }

  /**
   * Starts a session with a key, and ends others.
   *
   * @returns A token that gives the same access while the key exists, and reveals nothing about it; null if the key is
   *   invalid.
   */
  async beginSession(key: string, ended: readonly string[] = []): Promise<string | null> {
    const token = randomBytes(32).toString("base64url");
    const sha256 = hashOf(key).toString("hex");
    let started = false;
    await this.#change((keys) =>
      withoutSessions(keys, ended).map((one) => {
        if (one.sha256 !== sha256) return one;
        started = true;
        const session = { sha256: hashOf(token).toString("hex"), begun: new Date().toISOString() };
        return { ...one, sessions: [...(one.sessions ?? []), session].slice(-MAX_SESSIONS) };
      }),
    );
    return started ? token : null;
  }

  async endSessions(tokens: readonly string[]): Promise<void> {
    await this.#refresh();
    if (tokens.some((token) => this.#read.sessions.has(hashOf(token).toString("hex"))))
      await this.#change((keys) => withoutSessions(keys, tokens));
  }

  #change(work: (keys: Stored[]) => Stored[]): Promise<void> {
    const changed = this.#changing.then(() => change(this.#directory, work));
    this.#changing = changed.catch(() => {});
    return changed;
  }

  async #refresh(): Promise<void> {
    let stamp = "";
    let text: string | null = null;
    try {
      const { mtimeMs, size, ino } = await stat(this.#path);
      stamp = `${mtimeMs} ${size} ${ino}`;
      if (stamp !== this.#read.stamp) text = await readFile(this.#path, "utf8");
    } catch (thrown) {
      if (!isMissing(thrown)) throw unread(thrown, this.#path);
      stamp = "";
    }
    if (stamp === this.#read.stamp) return;
    const keys = text === null ? [] : parse(text, this.#path);
    const sessions = new Map<string, Session>();
    for (const { name, sessions: own = [] } of keys)
      for (const { sha256, begun } of own) sessions.set(sha256, { name, begun: Date.parse(begun) });
    this.#read = {
      stamp,
      keys: keys.map(({ name, sha256 }) => ({ name, hash: Buffer.from(sha256, "hex") })),
      sessions,
    };
  }
}

type Session = { name: string; begun: number };

function withoutSessions(keys: Stored[], tokens: readonly string[]): Stored[] {
  if (tokens.length === 0) return keys;
  const gone = new Set(tokens.map((token) => hashOf(token).toString("hex")));
  return keys.map((one) =>
    one.sessions === undefined
      ? one
      : { ...one, sessions: one.sessions.filter((session) => !gone.has(session.sha256)) },
  );
}

const secretOf = (hash: Buffer, feed: string): Buffer => createHmac("sha256", hash).update(`feed ${feed}`).digest();

const hashOf = (key: string): Buffer => createHash("sha256").update(key).digest();

const isMissing = (thrown: unknown): boolean => (thrown as NodeJS.ErrnoException).code === "ENOENT";

const unread = (thrown: unknown, path: string): KindredError =>
  new KindredError(
    "storage",
    `${path} could not be read (${messageOf(thrown)}): let this user read it, or remove it and make new keys`,
    { cause: thrown },
  );

function read(directory: string): Stored[] {
  const path = pathOf(directory);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (thrown) {
    if (isMissing(thrown)) return [];
    throw unread(thrown, path);
  }
  return parse(text, path);
}

function parse(text: string, path: string): Stored[] {
  try {
    return fileSchema.parse(JSON.parse(text)).keys;
  } catch (thrown) {
    throw new KindredError("damaged", `${path} is not a valid list of keys: remove it, and make new keys`, {
      cause: thrown,
    });
  }
}

const isFull = (thrown: unknown): boolean =>
  ["ENOSPC", "EDQUOT"].includes((thrown as NodeJS.ErrnoException).code ?? "");

/**
 * Overwrites a file in place, padded with blanks to its old length. A power loss meanwhile may leave a file that cannot
 * be read, which lets nobody in.
 *
 * @returns False when the text is longer than the file.
 */
async function overwritten(path: string, text: string): Promise<boolean> {
  const bytes = Buffer.from(text);
  const file = await open(path, "r+");
  try {
    const { size } = await file.stat();
    if (bytes.length > size) return false;
    await file.write(Buffer.concat([bytes, Buffer.alloc(size - bytes.length, " ")]), 0, size, 0);
    await file.truncate(bytes.length);
    await file.sync();
    return true;
  } finally {
    await file.close();
  }
}

async function change(directory: string, work: (keys: Stored[]) => Stored[]): Promise<void> {
  const path = pathOf(directory);
  try {
    mkdirSync(directory, { recursive: true });
  } catch (thrown) {
    throw openingError(thrown, path);
  }
  const unlock = tryLock(join(directory, "keys.lock"));
  if (unlock === null) throw new KindredError("busy", "another process is changing the keys: try again");
  const made = `${path}.new`;
  try {
    const text = `${JSON.stringify({ keys: work(read(directory)) }, null, 2)}\n`;
    try {
      // Atomic, and durable: a removed key stays removed after a power loss.
      await writeFile(made, text, { mode: 0o600 });
      await sync(made);
      await rename(made, path);
      await sync(directory);
    } catch (thrown) {
      await rm(made, { force: true }).catch(() => {});
      // A key or a session must be removable on a full disk too.
      if (!(isFull(thrown) && existsSync(path) && (await overwritten(path, text)))) throw thrown;
    }
  } catch (thrown) {
    throw writingError(thrown, path);
  } finally {
    unlock();
  }
}
