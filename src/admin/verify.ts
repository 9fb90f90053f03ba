/** Checks that everything in a directory is consistent: the database itself, and the files derived from it. */
import { existsSync, rmSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { join } from "node:path";
import { passageOf } from "../embedding/embed.js";
import type { ModelDescription } from "../embedding/description.js";
import { KindredError, messageOf } from "../core/errors.js";
import { EmbeddedEngine } from "../engine/embedded.js";
import { GRAPH_FILE, loadGraph } from "../engine/graph.js";
import type { Verified } from "../engine/module.js";
import type { Finding } from "../store/check.js";
import { databasePath, storageError, tryLock } from "../store/database.js";
import { Store } from "../store/store.js";
import { dequantize, quantize } from "../vectors/quantize.js";

/** How many texts are embedded again by default. */
export const TEXTS = 20;
/** Lowest cosine of two embeddings of one text, on any two machines. */
const SAME = 0.995;
/** Labels per step. */
const BATCH = 5_000;

/**
 * Checks everything against everything else. With `repair`, derives again what can be derived from papers and texts,
 * and changes nothing else. Damaged vectors and sentences are deleted: the next `index` embeds them.
 *
 * SQLite has no checksums, so a changed byte in data that is stored only once cannot be detected: SECURITY.md lists
 * what that is.
 *
 * @param texts How many texts are embedded again, to compare with their stored vectors.
 * @throws KindredError `busy` when another process is indexing; `damaged` when the database cannot be opened at all.
 */
export async function verify(
  directory: string,
  model: ModelDescription,
  {
    repair = false,
    texts = TEXTS,
    progress = () => {},
  }: { repair?: boolean; texts?: number; progress?: (about: string, done: number) => void } = {},
): Promise<Verified> {
  // First, so that nothing is changed next to a database that is refused.
  const store = repair ? Store.open(directory, model) : Store.openForReading(directory, model);
  const unlock = locked(join(directory, "indexing.lock"), repair);
  if (unlock === null) {
    store.close();
    throw new KindredError("busy", "another process is embedding papers here: verify again when it has ended");
  }
  const findings: Verified["findings"] = [];
  let embedded = 0;
  const report = (about: string, found: readonly Finding[]): void => {
    for (const { what, count, examples, fix } of found) {
      const repaired = repair && fix !== null;
      if (repaired) store.write(fix);
      findings.push({ about, what, count, examples, repairable: fix !== null, repaired });
    }
  };
  try {
    for (const [about, step] of store.check().steps()) {
      progress(about, 0);
      report(about, await unlessDamaged(directory, () => step((done) => progress(about, done))));
      // A damaged file must not be written, and its content means nothing.
      if (findings.some(({ repairable }) => !repairable)) break;
    }
    // Files derived from a damaged database cannot be checked.
    if (findings.every(({ repaired }) => repaired)) {
      for (const [about, step] of [
        [
          "vectors and their texts",
          async () => {
            const { looked, found } = await checkVectors(store, model, texts);
            embedded = looked;
            return found;
          },
        ],
        ["tables.bin", () => tables(directory, model, store)],
        [GRAPH_FILE, () => graph(directory, model, store)],
      ] as [string, () => Promise<Finding[]>][]) {
        progress(about, 0);
        report(about, await unlessDamaged(directory, step));
      }
    }
    return { findings, papers: store.papers.count(), texts: embedded, failed: store.vectors.failed() };
  } finally {
    store.close();
    unlock();
  }
}

/** Without `repair`, no lock is needed where this user cannot take it: the folder is read-only, or the disk full. */
function locked(path: string, repair: boolean): (() => void) | null {
  try {
    return tryLock(path);
  } catch (thrown) {
    if (repair || !(thrown instanceof KindredError && thrown.code === "storage")) throw thrown;
    return () => {};
  }
}

/** The findings of a step, or that the file is damaged if SQLite cannot continue. */
async function unlessDamaged(directory: string, step: () => Finding[] | Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await step();
  } catch (thrown) {
    const error = storageError(thrown, databasePath(directory));
    if (!(error instanceof KindredError && error.code === "damaged")) throw error;
    return [{ what: "places where the file is damaged", count: 1, examples: [messageOf(thrown)], fix: null }];
  }
}

/** Embeds this many texts again, or all if there are fewer, spread evenly over all. */
async function checkVectors(
  store: Store,
  description: ModelDescription,
  texts: number,
): Promise<{ looked: number; found: Finding[] }> {
  const changes = allVectors(store);
  const count = Math.min(texts, changes.length);
  if (count === 0) return { looked: 0, found: [] };
  // Loading the library takes longer than most checks.
  const { EmbeddingModel } = await import("../embedding/model.js");
  const model = await EmbeddingModel.load(description.name);
  const wrong: { label: number; id: string }[] = [];
  let looked = 0;
  for (let i = 0; i < count; i++) {
    const { label, vector } = changes[Math.floor((i * changes.length) / count)]!;
    const paper = store.papers.get(label);
    if (paper === undefined) continue;
    looked++;
    const again = quantize(await model.embed(passageOf(paper)));
    const product = again.vector.reduce((sum, value, j) => sum + value * vector.vector[j]!, 0);
    if (product * again.scale * vector.scale < SAME) wrong.push({ label, id: paper.id });
  }
  if (wrong.length === 0) return { looked, found: [] };
  // If one is wrong, others may be: all are embedded again.
  const found = [
    {
      what: `vectors, of ${looked} looked at, that do not match their texts; all will be embedded again`,
      count: wrong.length,
      examples: wrong.map(({ id }) => id),
      fix: () => store.vectors.forgetAll((label) => store.changes.recordVectors(label)),
    },
  ];
  return { looked, found };
}

/** Compares the content of `tables.bin` with the rows. */
async function tables(directory: string, model: ModelDescription, store: Store): Promise<Finding[]> {
  const path = join(directory, "tables.bin");
  if (!existsSync(path)) return [];
  const kept = new EmbeddedEngine(directory, model);
  const fresh = new EmbeddedEngine(directory, model, undefined, true);
  const finding = (what: string, examples: string[], fix = () => {}): Finding => ({
    what,
    count: Math.max(1, examples.length),
    examples: examples.slice(0, 5),
    fix: () => {
      fix();
      rmSync(path);
    },
  });
  try {
    if (!kept.fromTables) return [finding("file that is damaged, of another version, or of another papers.db", [])];
    for (const engine of [kept, fresh]) while (engine.advance(1_000)) await setImmediate();
    const wrong: { label: number; id: string }[] = [];
    for (let after = 0; ;) {
      const page = store.papers.export(after, BATCH);
      for (const { label, paper } of page) if (kept.holdsUnlike(fresh, label)) wrong.push({ label, id: paper.id });
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.label;
    }
    // Its checksum is right, so the row has changed since: the text is embedded again.
    if (wrong.length > 0)
      return [
        finding(
          "papers whose vectors or sentences have changed since they were stored; they will be embedded again",
          wrong.map(({ id }) => id),
          () =>
            store.vectors.forget(
              wrong.map(({ label }) => label),
              (label) => store.changes.recordVectors(label),
            ),
        ),
      ];
    const words = kept.wordsUnlike(fresh);
    if (words.length > 0) return [finding("words that differ from papers.db", words)];
    const same = JSON.stringify(await kept.counts()) === JSON.stringify(await fresh.counts());
    return same ? [] : [finding("file with another number of papers than papers.db", [])];
  } finally {
    kept.close();
    fresh.close();
  }
}

/** Compares the graph with the vectors it should contain. */
async function graph(directory: string, model: ModelDescription, store: Store): Promise<Finding[]> {
  const fix = () => rmSync(join(directory, GRAPH_FILE), { force: true });
  const loaded = await loadGraph(directory, model, store.derived);
  if (loaded.graph === null)
    return loaded.reason === null ? [] : [{ what: loaded.reason, count: 1, examples: [], fix }];
  try {
    const wrong: string[] = [];
    const seen = new Set<number>();
    for (const { label, change, vector } of allVectors(store)) {
      seen.add(label);
      if (change > loaded.change) continue;
      const held = loaded.graph.vector(label);
      const stored = dequantize(vector);
      if (held === undefined || held.some((value, i) => Math.abs(value - stored[i]!) > 1e-3)) wrong.push(String(label));
    }
    for (const label of loaded.graph.labels())
      if (!seen.has(label) && store.changes.of(label) <= loaded.change) wrong.push(String(label));
    return wrong.length === 0
      ? []
      : [
          {
            what: "vectors that differ from papers.db",
            count: wrong.length,
            examples: wrong.slice(0, 5),
            fix,
          },
        ];
  } finally {
    loaded.graph.free();
  }
}

function allVectors(store: Store) {
  const all: { label: number; change: number; vector: { vector: Int8Array; scale: number } }[] = [];
  for (let after = 0; ;) {
    const changes = store.vectors.changesSince(after, BATCH);
    for (const { label, change, vector } of changes) if (vector !== null) all.push({ label, change, vector });
    const last = changes.at(-1);
    if (last === undefined) return all;
    after = last.change;
  }
}
