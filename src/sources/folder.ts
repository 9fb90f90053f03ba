/** A folder: files that are new or have changed, and whole. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, extname, isAbsolute, join, relative } from "node:path";
import { z } from "zod";
import { type Kind, commonOptions } from "./kind.js";
import { SourceError } from "./source-error.js";

/** A file is whole when nothing was written to it for so many milliseconds. */
export const SETTLED = 10_000;
const MAX_FILES = 100_000;
export const DEEPEST = 20;
/** So many files are read between two positions. */
const FILES_AT_ONCE = 100;
/** Files of papers. Others, such as PDFs, are not for Kindred. */
const EXTENSIONS = new Set(
  (
    ".atom .bib .bibtex .ciw .csv .end .enw .gz .json .jsonl .medline .nbib .ndjson .rdf .ris .rss .tab .tsv .txt .xml " +
    ".zip"
  ).split(" "),
);

/** Whether a file may have papers, by its name. */
export const isOfPapers = (name: string): boolean =>
  !basename(name).startsWith(".") && EXTENSIONS.has(extname(name).toLowerCase());

const options = z.strictObject({
  max: commonOptions.max,
  path: z.string().max(4_000).refine(isAbsolute, "expected an absolute path").describe("The folder."),
});

const position = z.object({
  /** A hash of the path, size and time of each file that was read. */
  files: z.array(z.string()),
});
type Position = z.infer<typeof position>;

export const folder: Kind<z.infer<typeof options>, Position> = {
  name: "folder",
  summary: "files of papers in a folder, new and changed ones",
  options,
  position,
  async *pages({ path: root }, saved, { now, signal }) {
    const known = new Set(saved?.files);
    const { files, remarks } = await filesIn(root, signal);
    if (files.length === 0 && known.size > 0) {
      // As when a disk is not there but its folder is.
      yield { count: 0, remarks: [`${root} has no files any more: is its disk connected?`], done: true };
      return;
    }
    const read: string[] = [];
    const fresh: { path: string; mark: string }[] = [];
    for (const path of files) {
      signal?.throwIfAborted();
      const found = await stat(join(root, path)).catch(() => undefined);
      if (found === undefined) continue;
      const mark = createHash("sha256")
        .update(`${path}\0${found.size}\0${found.mtimeMs}`)
        .digest("base64url")
        .slice(0, 12);
      if (known.has(mark)) read.push(mark);
      else if (Math.abs(now() - found.mtimeMs) > SETTLED) fresh.push({ path, mark });
    }
    for (const [i, { path, mark }] of fresh.entries()) {
      read.push(mark);
      const saving = (i + 1) % FILES_AT_ONCE === 0 ? { position: { files: [...read] } } : {};
      yield { bytes: createReadStream(join(root, path)), count: 0, name: path, ...saving };
    }
    yield { count: 0, position: { files: read }, remarks, done: true };
  },
};

/** Paths of the files below a folder, sorted. Links to folders are not followed. */
async function filesIn(root: string, signal: AbortSignal | undefined): Promise<{ files: string[]; remarks: string[] }> {
  const files: string[] = [];
  const remarks: string[] = [];
  const visit = async (folder: string, depth: number): Promise<void> => {
    signal?.throwIfAborted();
    let entries;
    try {
      entries = await readdir(folder, { withFileTypes: true });
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? "";
      const message = `the folder ${folder} cannot be read (${code})`;
      if (depth === 0)
        throw new SourceError(`${message}: does it exist, and is its disk connected?`, { passing: true, cause });
      remarks.push(message);
      return;
    }
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.name.startsWith(".")) continue;
      if (entry.isDirectory() && depth < DEEPEST) await visit(path, depth + 1);
      else if (isOfPapers(entry.name) && !entry.isDirectory()) {
        if (files.length === MAX_FILES)
          throw new SourceError(`the folder ${root} has more than ${MAX_FILES} files: choose one inside it`);
        files.push(relative(root, path));
      }
    }
  };
  await visit(root, 0);
  return { files: files.toSorted(), remarks };
}
