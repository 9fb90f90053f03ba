/** Keeps a file for LaTeX up to date with a list, or with all papers. */
import { createHash } from "node:crypto";
import { readFile, readlink, realpath, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { KindredError } from "../core/errors.js";
import { replaceWhole } from "../core/files.js";
import { writePapers, type ExportFormat, type Kindred, type Paper } from "../kindred.js";
import { databasePath } from "../store/database.js";

/** Milliseconds between looks at the database; more if writing the papers takes long. */
const EVERY = 1_000;
/** The same where the papers are in a cluster, which does not say whether anything has changed: they are read each time. */
const EVERY_IN_CLUSTER = 10_000;
/** The share of the time that writing may take: a fifth. */
const REST = 4;

/** The first line. The hash is that of all other lines, so that a file that was edited is never overwritten. */
const FIRST = /^% Kindred writes this file, and stops if anybody else changes it\. sha256:([0-9a-f]{64})\n/;
const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");
const marked = (text: string): string =>
  `% Kindred writes this file, and stops if anybody else changes it. sha256:${hashOf(text)}\n${text}`;

/** The formats in which a first line that is a comment is valid. */
export const FOLLOWING: readonly ExportFormat[] = ["bibtex", "biblatex"];

export type Following = {
  /** Written when what it should hold has changed, and only then. Created if missing. */
  file: string;
  format: ExportFormat;
  list: string | undefined;
  /** Whether the papers are in a cluster instead of the directory. */
  clustered?: boolean;
  signal: AbortSignal;
  /** Called after the file was written. */
  onWritten?: (papers: number) => void;
};

/**
 * Writes the file, and again whenever any process has changed the papers or the list, until it is aborted.
 *
 * @throws KindredError `invalid` if Kindred did not write the file, or it was changed since; `not-found` when the list does not
 *   exist any more; `storage` when the file cannot be written, or the directory is read from a copy.
 */
export async function follow(
  kindred: Kindred,
  { file, format, list, clustered = false, signal, onWritten }: Following,
): Promise<void> {
  if (kindred.readOnly !== null)
    throw new KindredError(
      "storage",
      `changes cannot be followed, because this user may not write: ${kindred.readOnly}`,
    );
  const path = await targetOf(file);
  let before: string | undefined;
  let again = false;
  while (!signal.aborted) {
    const now = clustered ? undefined : await stampOf(kindred.directory);
    const start = performance.now();
    if (clustered || now !== before || again) {
      let count = 0;
      const counted = async function* (): AsyncGenerator<Paper> {
        for await (const paper of list === undefined ? kindred.papers() : kindred.papersIn(list)) {
          count++;
          yield paper;
        }
      };
      let text = "";
      for await (const piece of writePapers(counted(), format)) text += piece;
      if (await written(path, marked(text))) onWritten?.(count);
    }
    // Once more after a change: a large import is read in steps.
    again = now !== before;
    before = now;
    await setTimeout(Math.max(clustered ? EVERY_IN_CLUSTER : EVERY, REST * (performance.now() - start)), undefined, {
      signal,
    }).catch(() => {});
  }
}

/** The file that a link leads to, so that the link stays; also if there is no file yet. */
const targetOf = (file: string): Promise<string> =>
  realpath(file).catch(() =>
    readlink(file).then(
      (target) => resolve(dirname(file), target),
      () => resolve(file),
    ),
  );

/** Replaces the file as a whole, unless it holds the text already. */
async function written(path: string, text: string): Promise<boolean> {
  const old = await readFile(path, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return null;
    throw new KindredError("storage", `${path} could not be read: ${thrown.message}`, { cause: thrown });
  });
  if (old === text) return false;
  if (old !== null && !isOwn(old))
    throw new KindredError(
      "invalid",
      `${path} was not written by Kindred, or was changed since: it is not overwritten. Move it away, or name another file`,
    );
  await replaceWhole(path, text);
  return true;
}

function isOwn(text: string): boolean {
  const [first, hash] = FIRST.exec(text) ?? [];
  return first !== undefined && hashOf(text.slice(first.length)) === hash;
}

/** Changes with every transaction of any process: the time and size of the database and its log. */
async function stampOf(directory: string): Promise<string> {
  const path = databasePath(directory);
  const stamps = [path, `${path}-wal`].map((one) =>
    stat(one, { bigint: true }).then(
      ({ mtimeNs, size }) => `${mtimeNs} ${size}`,
      () => "",
    ),
  );
  return (await Promise.all(stamps)).join(", ");
}
