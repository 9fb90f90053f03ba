/** Makes good directories that are then damaged, and reads what a directory holds and answers. */
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { backup } from "../../src/admin/backup.js";
import type { ModelDescription } from "../../src/embedding/description.js";
import { openKindred, type Kindred } from "../../src/kindred.js";
import { mulberry32 } from "../../src/map/random.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import { Store } from "../../src/store/store.js";
import { unitVector } from "../../test/vectors/random.js";
import { record, type Random } from "./draw.js";
import { storeText, type NamedRecord } from "./library.js";

/** Papers in each directory. */
const PAPERS = 20;

export type Directories = {
  /**
   * `good` is closed and indexed, `older` is the same some changes ago, `other` has other papers. `open` was copied while in
   * use: its last changes are in papers.db-wal.
   */
  good: string;
  older: string;
  other: string;
  open: string;
  /** A backup file of `good`. */
  backup: string;
  /** Contents of `open` before the first and after each change in its papers.db-wal. */
  held: string[];
};

export async function makeDirectories(folder: string, model: ModelDescription, seed: number): Promise<Directories> {
  const random = mulberry32(seed);
  const [work, good, older, other, open] = ["work", "good", "older", "other", "open"].map((name) =>
    join(folder, name),
  ) as [string, string, string, string, string];
  await opened(other, (kindred) => fill(kindred, random, "other"));
  await writeGraph(other, model);
  await opened(work, (kindred) => fill(kindred, random, "paper"));
  await writeGraph(work, model);
  cpSync(work, older, { recursive: true });
  await opened(work, async (kindred) => {
    await change(kindred, random, "late");
    await kindred.index();
  });
  await writeGraph(work, model);
  cpSync(work, good, { recursive: true });
  const file = join(folder, "good.backup");
  await backup(good, model, file);
  const held = [holds(work, model)];
  await opened(work, async (kindred) => {
    const seen = () => held.push(holds(work, model));
    await change(kindred, random, "later", seen);
    await kindred.index();
    await writeGraph(work, model);
    await change(kindred, random, "last", seen);
    cpSync(work, open, { recursive: true });
  });
  rmSync(work, { recursive: true });
  return { good, older, other, open, backup: file, held };
}

/** Sizes that make an engine build and use a graph, however few papers there are. */
const LARGE = { exact: 0, scan: 0 };

/** Writes the graph that only a large library has. */
async function writeGraph(directory: string, model: ModelDescription): Promise<void> {
  const engine = new EmbeddedEngine(directory, model, LARGE);
  try {
    await engine.save(new AbortController().signal);
  } finally {
    engine.close();
  }
}

async function opened(directory: string, work: (kindred: Kindred) => Promise<void>): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const kindred = await openKindred({ directory, workers: 1 });
  try {
    await work(kindred);
  } finally {
    await kindred.close();
  }
}

async function fill(kindred: Kindred, random: Random, name: string): Promise<void> {
  await bring(
    kindred,
    Array.from({ length: PAPERS }, (_, i) => record(random, `${name}-${i}`)),
  );
  await kindred.createList("to read");
  await kindred.addToList("to read", `${name}-3`);
  await kindred.addToList("likes", `${name}-4`);
  await kindred.note(`${name}-5`, "Read this again.");
  await kindred.index();
}

/** Adds, changes and removes papers; calls `changed` after each step. */
async function change(kindred: Kindred, random: Random, name: string, changed = () => {}): Promise<void> {
  const [gone] = (await kindred.browse({ limit: 1 })).papers;
  for (const step of [
    () => bring(kindred, [record(random, `${name}-1`), record(random, `${name}-2`), record(random, "paper-7")]),
    () => kindred.addToList("likes", `${name}-1`),
    () => kindred.remove(gone!.id),
    () => kindred.note(`${name}-2`, `A note on ${name}.`),
  ]) {
    await step();
    changed();
  }
}

const bring = (kindred: Kindred, records: NamedRecord[]) => kindred.import(bytesOf(records), { name: "papers" });

async function* bytesOf(records: readonly unknown[]): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(records.map((one) => `${JSON.stringify(one)}\n`).join("")));
}

/** All papers, imports, lists and notes of a directory, as text. */
export function holds(directory: string, model: ModelDescription): string {
  const store = Store.open(directory, model);
  try {
    return storeText(store);
  } finally {
    store.close();
  }
}

const WORDS = "antenna bread crow tide metal signal sleep winter graph knot".split(" ");

/**
 * Answers as text: by words, by exact comparison of vectors, by the graph, and by sentences.
 *
 * @param fresh Ignore all files but papers.db.
 */
export async function answersOf(directory: string, model: ModelDescription, fresh = false): Promise<string> {
  const random = mulberry32(5);
  const queries = Array.from({ length: 4 }, () => unitVector(random, model.dimensions));
  const answers: unknown[] = [];
  for (const sizes of [undefined, LARGE]) {
    const engine = new EmbeddedEngine(directory, model, sizes, fresh);
    try {
      await engine.openGraph();
      if (sizes !== undefined && (fresh || engine.index().saved === 0)) engine.rebuildGraph();
      while (engine.advance(1_000)) await setImmediate();
      const labels = await engine.passing({}, 1_000);
      const block = await engine.inspect();
      answers.push(
        await engine.counts(),
        await Promise.all(WORDS.map((word) => engine.words([word], {}, 20))),
        await Promise.all(queries.map((query) => engine.nearest(query, {}, 20))),
        queries.map((query) => block.bestSentences(query, labels)),
        (await engine.papers(labels)).map((paper) => paper?.title),
      );
    } finally {
      engine.close();
    }
  }
  return JSON.stringify(answers);
}
