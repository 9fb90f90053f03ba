/** Watches a folder, so that files are imported soon after they are whole, and not only when the source is due. */
import { type FSWatcher, watch } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DEEPEST, isOfPapers, SETTLED } from "./folder.js";

/** Folders that are watched at most: systems limit their number. Files in others wait until the source is due. */
const MAX_WATCHED = 5_000;
/** A folder has settled when nothing has changed in it for so many milliseconds: then its files are whole. */
const QUIET = SETTLED + 1_000;
/** A folder that never settles is read all the same after so many milliseconds: some of its files may be whole. */
const LONGEST = 60_000;
/** Elsewhere, one watch is one folder: files are not watched one by one, because there may be 50,000. */
const RECURSIVE = process.platform === "darwin" || process.platform === "win32";

export class FolderWatch {
  readonly #root;
  readonly #settled;
  readonly #quiet;
  readonly #watchers = new Map<string, FSWatcher>();
  /** Device and inode of the folder that is watched; undefined if it is not there. */
  #watched: string | undefined;
  /** When the first and the last change came that `settled` does not know of, in milliseconds. */
  #first: number | undefined;
  #last = 0;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #closed = false;

  /**
   * @param settled Called when files may have come or changed, and are whole. Returns false if it cannot read them now: then it is
   *   called again.
   * @param quiet Milliseconds without a change until then.
   */
  constructor(root: string, settled: () => boolean, quiet = QUIET) {
    this.#root = root;
    this.#settled = settled;
    this.#quiet = quiet;
  }

  /**
   * Watches the folder if it is there, and another of that name if it was replaced. Call it now and then: a disk that is
   * disconnected does not say so, nor that it is back.
   */
  async look(): Promise<void> {
    // A network disk may not answer for hours.
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    await this.#looking;
  }

  async #look(): Promise<void> {
    const found = await stat(this.#root).catch(() => undefined);
    const present = found?.isDirectory() === true ? `${found.dev} ${found.ino}` : undefined;
    if (this.#closed || present === this.#watched) return;
    this.#unwatch("");
    this.#watched = present;
    if (present === undefined) return;
    await this.#watch("", 0);
    // Files may have come while nobody watched.
    this.#note();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#unwatch("");
  }

  /** Watches a folder and those below it. @param path Relative to the root, "" for the root itself. */
  async #watch(path: string, depth: number): Promise<void> {
    if (this.#closed || depth > DEEPEST || this.#watchers.size >= MAX_WATCHED || this.#watchers.has(path)) return;
    try {
      const watcher = watch(join(this.#root, path), { persistent: false, recursive: RECURSIVE });
      this.#watchers.set(path, watcher);
      watcher.on("change", (_, name) => void this.#changed(path, name === null ? undefined : String(name), depth));
      // Such as of a disk that was disconnected.
      watcher.on("error", () => this.#unwatch(path));
    } catch {
      // No more can be watched, or it is gone already: its files wait until the source is due.
      return;
    }
    if (RECURSIVE) return;
    const entries = await readdir(join(this.#root, path), { withFileTypes: true }).catch(() => []);
    for (const entry of entries)
      if (entry.isDirectory() && !entry.name.startsWith(".")) await this.#watch(join(path, entry.name), depth + 1);
  }

  #unwatch(path: string): void {
    for (const [watched, watcher] of this.#watchers)
      if (path === "" || watched === path || watched.startsWith(join(path, "/"))) {
        watcher.close();
        this.#watchers.delete(watched);
      }
    if (path === "") this.#watched = undefined;
  }

  /** @param name Relative to the folder; undefined if the system does not say. */
  async #changed(folder: string, name: string | undefined, depth: number): Promise<void> {
    if (name === undefined || isOfPapers(name)) return this.#note();
    const path = join(folder, name);
    const found = await stat(join(this.#root, path)).catch(() => undefined);
    // Another folder may have taken its place, and the watch would stay with the one before.
    if (found === undefined || found.isDirectory()) this.#unwatch(path);
    if (found?.isDirectory() !== true || name.startsWith(".")) return;
    await this.#watch(path, depth + 1);
    this.#note();
  }

  /** Files may have come or changed. */
  #note(): void {
    if (this.#closed) return;
    this.#last = performance.now();
    this.#first ??= this.#last;
    clearTimeout(this.#timer);
    const pause = Math.min(this.#quiet, this.#first + LONGEST - this.#last);
    this.#timer = setTimeout(() => this.#tell(), Math.max(0, pause)).unref();
  }

  #tell(): void {
    const early = performance.now() - this.#last < this.#quiet - 1;
    this.#first = undefined;
    // What is not whole yet is read later.
    if (!this.#settled() || early) this.#note();
  }
}
