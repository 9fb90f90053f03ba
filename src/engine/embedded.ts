import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import type { ModelDescription } from "../embedding/description.js";
import type { Paper } from "../core/paper.js";
import { Store } from "../store/store.js";
import type { Change } from "../store/vectors.js";
import { resizeColumn } from "../core/column.js";
import { ExactIndex } from "../vectors/exact.js";
import { HnswGraph } from "../vectors/hnsw.js";
import { byNearness, type Neighbour } from "../vectors/nearest.js";
import { dequantize } from "../vectors/quantize.js";
import { SignScan } from "../vectors/scan.js";
import { SketchTable } from "../vectors/sketches.js";
import { loadSnapshot, saveSnapshot, snapshotToken, type Loaded } from "../vectors/snapshot.js";
import type { WordHit } from "../core/word.js";
import { WordCosines, type Row } from "../words/cosines.js";
import { InvertedIndex } from "../words/inverted.js";
import type { Pause } from "../core/pauses.js";
import { loadTables, saveTables, tablesToken } from "../core/tables.js";
import type { Facets, ImportsAnswer, ListsAnswer, Order, Region, Selection } from "../api.js";
import type { Block, Counts, Engine, IndexState, Likeness, Lookup, Place, Point, Way } from "./engine.js";
import { SAME_ABSTRACT } from "./engine.js";

/**
 * Up to `exact` matching papers, all vectors are compared; up to `scan` papers, signs are scanned first; above, the graph is
 * used. Chosen by speed (docs/performance.md).
 */
const SIZES = { exact: 8_000, scan: 400_000 };
export type Sizes = typeof SIZES;
/** Number of vectors compared after a scan: a multiple of k, and a minimum. */
const AFTER_SCAN = { times: 2, atLeast: 1_000 };
/** Smallest ef of a search in the graph. */
const EF = 200;
/** Changes read from the store at a time. */
const CHANGES = 100;
/** How long words are indexed before an answer, in milliseconds; `advance` does the rest. */
const BEFORE_ANSWER = 5;
/** Papers whose words are indexed between two checks of the clock: some progress even on a busy machine. */
const WORDS = 16;
/** Share of papers whose words may be out of date. If there are more, FTS5 answers, which is far slower. */
const LATE = 0.05;
/** Neighbours that a recall check looks for; below, vectors compared before it yields. */
const CHECKED = 10;
const COMPARED = 4_096;
/** Size limit of the cache of filters, in bytes; below, the size of an entry in addition to one byte per label. */
const CACHED_BYTES = 64 * 2 ** 20;
const ENTRY_BYTES = 1_000;
/** Number of changed papers for which cached filters are updated; a filter that has missed more is read again. */
const REREAD_AFTER = 10_000;
/** Share of removed papers among the graph's nodes above which it is rebuilt without them. */
const REBUILD_SHARE = 0.25;

const PAPER = 1;
const VECTOR = 2;
const SENTENCES = 4;
/** The text could not be embedded completely; the paper may have a vector, but has no sentences. */
const FAILED = 8;

/** The papers that pass a filter, one byte per label, their number, and the state up to which this is valid. */
type FilterBitmap = { allowed: Uint8Array<ArrayBuffer>; count: number; seen: number };

/**
 * The engine inside this process: SQLite for papers; the inverted index and all vectors in memory; the HNSW graph. During a
 * large import, up to 5% of the papers may be found by their words a moment late; if more are waiting, FTS5 answers. Papers
 * that are stale in the graph are compared exactly.
 */
export class EmbeddedEngine implements Engine {
  readonly #directory;
  readonly #model;
  readonly #sizes;
  readonly #store;
  readonly #vectors: ExactIndex;
  readonly #scan: SignScan;
  readonly #sketches: SketchTable;
  readonly #inverted: InvertedIndex;
  readonly #cosines: WordCosines;
  /** Labels whose current words are not yet indexed. */
  readonly #unindexed = new Set<number>();
  #graph: HnswGraph | null = null;
  readonly #block: Block;
  /** The change number up to which memory is current. */
  #change = 0;
  /** The change number up to which all changes to rows have been applied. */
  #rowsRead = 0;
  /** The last change to a row seen since the start; 0 for none. */
  #row = 0;
  /** Labels whose node in the graph does not match their vector. */
  readonly #stale = new Set<number>();
  /** The store's `data_version` when last checked; below, whether all changes up to it are in memory. */
  #seen = -1;
  #caughtUp = false;
  #version = 0;
  /** Whether more papers are waiting than may be late. */
  #late = true;
  #state = new Uint8Array(1024);
  /** Hash of each label's title; 0 without one. */
  #titles = new Int32Array(1024);
  readonly #counts = { papers: 0, vectors: 0, sentences: 0, failed: 0, failedVectors: 0, failedSentences: 0 };
  readonly #passing = new LRUCache<string, FilterBitmap>({
    maxSize: CACHED_BYTES,
    sizeCalculation: ({ allowed }) => allowed.length + ENTRY_BYTES,
  });
  readonly #keys = new WeakMap<Selection, string>();
  /** Labels of recently changed papers, oldest first; below, the number of changes before these. */
  #changed: number[] = [];
  #changedBefore = 0;
  #loading: Promise<void> | undefined;
  /** Set while a snapshot is written: the graph must not change meanwhile. */
  #saving: Promise<void> | undefined;
  /** Resolves when no save is running. */
  #saved: Promise<void> = Promise.resolve();
  /** The graph on disk; null if there is no usable one. */
  #snapshot: { change: number; count: number } | null = null;
  /** The change number up to which the tables on disk are valid; 0 without tables. */
  #savedTables = 0;
  #notice: string | null = null;

  /**
   * Opens an existing store and reads its vectors; `openGraph` opens the graph.
   *
   * @param sizes The sizes at which strategies change; for tests and benchmarks.
   * @param fresh Ignores derived files and reads all rows of the store.
   */
  constructor(directory: string, model: ModelDescription, sizes: Sizes = SIZES, fresh = false) {
    this.#directory = directory;
    this.#model = model;
    this.#sizes = sizes;
    this.#store = Store.openForReading(directory, model);
    try {
      const { dimensions } = model;
      const loaded = fresh ? null : readTables(directory, model, this.#store);
      this.#vectors = loaded?.built.vectors ?? new ExactIndex(dimensions);
      this.#sketches = loaded?.built.sketches ?? new SketchTable(dimensions);
      this.#inverted = loaded?.built.inverted ?? new InvertedIndex();
      this.#cosines = new WordCosines(this.#inverted, (label) => this.#store.papers.fields(label));
      this.#scan = new SignScan(dimensions);
      this.#block = this.#inMemory();
      if (loaded !== null) {
        this.#change = this.#rowsRead = this.#savedTables = loaded.change;
        const { state, titles } = loaded.built.papers;
        this.#titles = titles;
        this.#state = new Uint8Array(state.length);
        state.forEach((flags, label) => this.#mark(label, flags));
        for (const label of this.#vectors.labels()) this.#scan.set(label, this.#vectors.get(label)!.vector);
      }
      this.catchUp();
    } catch (thrown) {
      this.#store.close();
      throw this.#store.explained(thrown);
    }
  }

  /** Checks the snapshot, and loads it only if searches use it. */
  async openGraph(): Promise<void> {
    const loaded = await this.#loadSnapshot(this.#vectors.count > this.#sizes.scan);
    if (loaded.graph === null) this.#notice = loaded.reason === null ? null : damage(loaded.reason);
    else this.#take(loaded);
  }

  /** Loads the snapshot, or starts an empty graph; `advance` brings either up to date. */
  loadGraph(): Promise<void> {
    // Callers share one load: a second graph would never be freed.
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #load(): Promise<void> {
    if (this.#graph !== null) return;
    const loaded = await this.#loadSnapshot(true);
    this.catchUp();
    if (loaded.graph !== null) return this.#take(loaded);
    this.rebuild();
    if (loaded.reason !== null) this.#notice = damage(loaded.reason);
  }

  #take(loaded: Extract<Loaded, { change: number }>): void {
    this.#snapshot = { change: loaded.change, count: loaded.count };
    if (loaded.graph === "not loaded") return;
    this.#graph?.free();
    this.#graph = loaded.graph;
    this.#stale.clear();
    for (const { label } of this.#changesSince(loaded.change)) this.#stale.add(label);
    // A label that changed before the snapshot and never had a vector is in neither, which is correct.
  }

  /**
   * Called after another engine has written the files. Loads the new graph if searches use it.
   *
   * @param again Whether the graph was rebuilt: then it replaces a loaded one.
   */
  async written(saved: { change: number; count: number }, again: boolean): Promise<void> {
    this.#snapshot = saved;
    this.#savedTables = saved.change;
    this.#notice = null;
    if (this.#vectors.count <= this.#sizes.scan || (this.#graph !== null && !again)) return;
    const loaded = await this.#loadSnapshot(true);
    if (loaded.graph !== null) this.#take(loaded);
  }

  /** Whether the files on disk are missing, damaged or stale, as far as this engine knows. */
  get unsaved(): boolean {
    const latest = this.#store.changes.latest();
    return this.#notice !== null || this.#snapshot?.change !== latest || this.#savedTables !== latest;
  }

  #loadSnapshot(withGraph: boolean): Promise<Loaded> {
    const { identity, dimensions } = this.#model;
    return loadSnapshot(
      this.#directory,
      identity,
      dimensions,
      (...file) => this.#store.knowsSnapshot(...file),
      withGraph,
    );
  }

  /** Changes whenever answers may change. */
  get version(): number {
    return this.#version;
  }

  /**
   * Applies changes that any process has committed since the last call. Cheap if there are none.
   *
   * @param milliseconds About how long it may take; the next call, or `advance`, continues.
   */
  catchUp(milliseconds = Infinity): void {
    const end = performance.now() + milliseconds;
    const seen = this.#store.dataVersion();
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#caughtUp = false;
      // Lists and places on the map change without a change to papers.
      this.#version++;
    }
    this.#readChanges(end);
    this.#readWords(performance.now() + Math.min(BEFORE_ANSWER, milliseconds));
    const waiting = this.#unindexed.size + (this.#caughtUp ? 0 : this.#store.changes.latest() - this.#change);
    this.#late = waiting > LATE * this.#counts.papers;
  }

  /** Whether memory has all changes that `catchUp` and `advance` read from the store. */
  get current(): boolean {
    return this.#caughtUp && this.#unindexed.size === 0;
  }

  /** Whether there is something that `catchUp` would read. */
  get stale(): boolean {
    return !this.current || this.#store.dataVersion() !== this.#seen;
  }

  #readChanges(end: number): void {
    while (!this.#caughtUp) {
      const changes = this.#store.vectors.changesSince(this.#change, CHANGES);
      for (const change of changes) this.#apply(change);
      // Set only after success: if reading fails, the next call reads again.
      this.#caughtUp = changes.length < CHANGES;
      if (this.#caughtUp) this.#rowsRead = this.#change;
      if (performance.now() > end) return;
    }
  }

  #apply({ label, change, row, gone, title, vector, sketches, failed }: Change): void {
    // Sentences that arrive later change the paper too, but not its place in the graph.
    if (!this.#vectors.holds(label, vector)) {
      if (this.#graph !== null) this.#stale.add(label);
      if (vector === null) {
        this.#vectors.delete(label);
        this.#scan.delete(label);
      } else {
        this.#vectors.set(label, vector);
        this.#scan.set(label, vector.vector);
      }
    }
    if (sketches === null) this.#sketches.delete(label);
    else this.#sketches.set(label, sketches);
    const parts = (vector === null ? 0 : VECTOR) | (sketches === null ? 0 : SENTENCES) | (failed ? FAILED : 0);
    this.#mark(label, gone ? 0 : PAPER | parts);
    // While changes are read in slices, a row may be seen twice, because new vectors give it a new change number.
    if (row > this.#rowsRead) {
      this.#titles[label] = hashOf(title);
      if (gone) {
        this.#inverted.delete(label);
        this.#unindexed.delete(label);
      } else this.#unindexed.add(label);
      this.#row = Math.max(this.#row, row);
      if (this.#changed.length === REREAD_AFTER) {
        this.#changedBefore += REREAD_AFTER;
        this.#changed = [];
      }
      this.#changed.push(label);
    }
    this.#change = change;
    this.#version++;
  }

  /** Indexes the words of changed papers until `end`. */
  #readWords(end: number): void {
    let read = 0;
    for (const label of this.#unindexed) {
      const fields = this.#store.papers.fields(label);
      if (fields === undefined) this.#inverted.delete(label);
      else this.#inverted.set(label, fields);
      this.#unindexed.delete(label);
      this.#version++;
      if (++read % WORDS === 0 && performance.now() > end) return;
    }
  }

  /**
   * Catches up with the store for about `milliseconds`: changes, words, stale entries, facets, the graph.
   *
   * @returns Whether there is more to do.
   */
  advance(milliseconds: number): boolean {
    const end = performance.now() + milliseconds;
    this.catchUp(milliseconds);
    this.#readWords(end);
    if (!this.current || this.#inverted.sweep(end) || this.#store.facets.catchUp(end)) return true;
    if (this.#graph === null || this.#saving !== undefined) return false;
    for (const label of this.#stale) {
      const vector = this.#vectors.get(label);
      if (vector !== undefined) this.#graph.add(label, dequantize(vector));
      else if (this.#graph.has(label)) this.#graph.delete(label);
      this.#stale.delete(label);
      if (performance.now() > end) break;
    }
    return this.#stale.size > 0;
  }

  /**
   * Brings tables and graph up to date and writes them, unless `signal` aborts before they are up to date. The caller must
   * hold the directory's lock.
   */
  save(signal: AbortSignal): Promise<void> {
    // Sequential, because two saves would write the same files.
    const saved = this.#saved.then(() => this.#save(signal));
    this.#saved = saved.catch(() => {});
    return saved;
  }

  async #save(signal: AbortSignal): Promise<void> {
    await this.loadGraph();
    if (!(await this.#advanced(signal))) return;
    const { count, deleted } = this.#graph!;
    if (deleted.size > REBUILD_SHARE * (count + deleted.size)) {
      this.rebuild();
      if (!(await this.#advanced(signal))) return;
    }
    if (this.#savedTables !== this.#change) await this.#writeTables();
    if (this.#graph === null || (this.#snapshot?.change === this.#change && this.#notice === null)) return;
    this.#saving = this.#write(this.#graph, this.#change).finally(() => (this.#saving = undefined));
    await this.#saving;
  }

  /** Waits until memory has caught up with the store. @returns False if the signal was aborted first. */
  async #advanced(signal: AbortSignal): Promise<boolean> {
    while (this.advance(5)) {
      if (signal.aborted) return false;
      await setImmediate();
    }
    return true;
  }

  async #writeTables(): Promise<void> {
    const change = this.#change;
    const labels = 1 + this.#state.findLastIndex((flags) => flags !== 0);
    await this.#registered(change, (register) =>
      saveTables(
        this.#directory,
        { model: this.#model.identity, change },
        {
          state: this.#state.subarray(0, labels),
          titles: new Uint8Array(this.#titles.buffer, 0, labels * this.#titles.BYTES_PER_ELEMENT),
          ...this.#vectors.parts(),
          ...this.#sketches.parts(),
          ...this.#inverted.parts(),
        },
        register,
      ),
    );
    this.#savedTables = change;
  }

  async #write(graph: HnswGraph, change: number): Promise<void> {
    await this.#registered(change, (register) =>
      saveSnapshot(this.#directory, { model: this.#model.identity, change }, graph, register),
    );
    // If the graph was replaced meanwhile, the new one is not saved.
    if (this.#graph !== graph) return;
    this.#snapshot = { change, count: graph.count };
    this.#notice = null;
  }

  /** Registers the written file's token in the store, and removes tokens of files that no longer exist. */
  async #registered(change: number, save: (register: (token: string) => void) => Promise<void>): Promise<void> {
    // Otherwise the file could be registered in a database from which it was not derived.
    this.#store.refuseReplaced();
    const store = Store.open(this.#directory, this.#model);
    try {
      await save((token) => store.write(() => store.snapshots.add(token, change)));
      const tokens = [tablesToken(this.#directory), await snapshotToken(this.#directory)];
      store.write(() => store.snapshots.keepOnly(tokens.filter((token) => token !== null)));
    } finally {
      store.close();
    }
  }

  /** Drops the graph; `advance` rebuilds it from the stored vectors. */
  rebuild(): void {
    // A graph that is being written cannot be freed here; the garbage collector does it.
    if (this.#saving === undefined) this.#graph?.free();
    this.#stale.clear();
    this.#graph = HnswGraph.empty(this.#model.dimensions);
    this.#snapshot = null;
    for (const label of this.#vectors.labels()) this.#stale.add(label);
  }

  index(): IndexState {
    const ready = this.#graph === null ? this.#snapshot !== null || this.#vectors.count === 0 : this.#stale.size === 0;
    return {
      state: ready ? "ready" : "building",
      count: this.#graph?.count ?? this.#snapshot?.count ?? 0,
      change: this.#change,
      saved: this.#snapshot?.change ?? 0,
      storeChange: this.#store.changes.latest(),
      notice: this.#notice,
    };
  }

  /** The parts of the store that callers may use directly. */
  get store(): Pick<Store, "papers" | "explained" | "refuseReplaced"> {
    return this.#store;
  }

  async lists(): Promise<ListsAnswer> {
    return this.#store.lists.all();
  }

  async imports(): Promise<ImportsAnswer> {
    return { imports: this.#store.imports.all() };
  }

  async mapVersion(): Promise<{ layout: number; shown: string }> {
    const layout = this.#store.map.version();
    return { layout, shown: `${this.#row} ${layout}` };
  }

  async regions(): Promise<Region[]> {
    return this.#store.map.get()?.regions ?? [];
  }

  async points(after: number, limit: number): Promise<Point[]> {
    return this.#store.map.rows(after, limit);
  }

  /** Number of papers on the map. Slow, because SQLite counts them one by one. */
  pointCount(): number {
    return this.#store.map.count();
  }

  close(): void {
    this.#store.close();
  }

  async counts(): Promise<Counts> {
    const { papers, vectors, sentences, failed, failedVectors, failedSentences } = this.#counts;
    return {
      papers,
      embedded: vectors,
      pending: papers - vectors - failedVectors,
      pendingSentences: papers - sentences - failedSentences,
      failed,
    };
  }

  async words(words: readonly string[], filters: Selection, k: number): Promise<WordHit[]> {
    if (this.#late) return this.#store.words.search(words, filters, k);
    return this.#inverted.search(words, k, this.#passes(filters)?.allowed ?? null);
  }

  /** Whether it was opened with tables from disk. */
  get fromTables(): boolean {
    return this.#savedTables > 0;
  }

  /** Whether the vector or the sketches of a paper differ from those in another engine. */
  holdsUnlike(other: EmbeddedEngine, label: number): boolean {
    const [mine, others] = [this.#sketches.get(label), other.#sketches.get(label)];
    return (
      !this.#vectors.holds(label, other.#vectors.get(label) ?? null) ||
      (mine === null || others === null ? mine !== others : Buffer.compare(mine, others) !== 0)
    );
  }

  /** Stems for which another engine finds other papers. */
  wordsUnlike(other: EmbeddedEngine): string[] {
    return this.#inverted.differingStems(other.#inverted);
  }

  async frequencies(stems: readonly string[]): Promise<number[]> {
    const index = this.#late ? this.#store.words : this.#inverted;
    return stems.map((stem) => index.documentsWith(stem));
  }

  async wordVectors(labels: readonly number[], texts: readonly string[], pause: Pause): Promise<Row[]> {
    const papers = await this.#cosines.rowsAt(labels, pause);
    return [...papers, ...texts.map((abstract) => this.#cosines.rowOf({ abstract }))];
  }

  async stemsAt(places: readonly number[]): Promise<string[]> {
    return places.map((place) => this.#cosines.stemOf(place));
  }

  async likeWords(
    query: Row,
    share: number,
    filters: Selection,
    k: number,
    postings: number,
    pause: Pause,
  ): Promise<{ nearest: number[]; likeness: Likeness }> {
    const allowed = this.#passes(filters)?.allowed ?? null;
    const { likeness, nearest } = await this.#cosines.products(query, share, k, allowed, postings, pause);
    return { nearest, likeness: async (labels) => likeness(labels) };
  }

  async unread(): Promise<number> {
    return this.#unindexed.size;
  }

  async nearest(query: Float32Array, filters: Selection, k: number): Promise<{ neighbours: Neighbour[]; way: Way }> {
    return this.#nearest(query, filters, k);
  }

  #nearest(query: Float32Array, filters: Selection, k: number): { neighbours: Neighbour[]; way: Way } {
    const passing = this.#passes(filters);
    const all = this.#vectors.count;
    if (passing !== null && passing.count <= this.#sizes.exact)
      return { neighbours: this.#vectors.nearest(query, k, labelsOf(passing)), way: "exact" };
    if (all <= this.#sizes.exact) return { neighbours: this.#vectors.nearest(query, k), way: "exact" };
    return (
      (passing === null && all > this.#sizes.scan ? this.#fromGraph(query, k) : null) ?? {
        neighbours: this.#vectors.nearest(
          query,
          k,
          this.#scan.likeliest(query, Math.max(AFTER_SCAN.times * k, AFTER_SCAN.atLeast), passing?.allowed ?? null),
        ),
        way: "scan",
      }
    );
  }

  /**
   * For a random paper: the number of nearest papers by exact comparison, at most ten, and how many of them `nearest` finds.
   * Compares in slices; if papers change meanwhile there is no result, and both numbers are 0.
   */
  async checkRecall(): Promise<{ nearest: number; found: number }> {
    const nothing = { nearest: 0, found: 0 };
    const version = this.#version;
    const rows = this.#state.length;
    let one = Math.floor(Math.random() * rows);
    for (let steps = 0; steps < rows && !this.#vectors.has(one); steps++) one = (one + 1) % rows;
    const held = this.#vectors.get(one);
    if (held === undefined) return nothing;
    const query = dequantize(held);
    let nearest: Neighbour[] = [];
    for (let from = 0; from < rows; from += COMPARED) {
      const length = Math.min(COMPARED, rows - from);
      const labels = Array.from({ length }, (_, i) => from + i);
      nearest = [...nearest, ...this.#vectors.nearest(query, CHECKED, labels)].toSorted(byNearness).slice(0, CHECKED);
      await setImmediate();
      if (this.#version !== version) return nothing;
    }
    const farthest = nearest.at(-1)!.similarity;
    const { neighbours } = this.#nearest(query, {}, CHECKED);
    // Counts by cosine instead of label, because any of equally near papers is correct.
    return { nearest: nearest.length, found: neighbours.filter(({ similarity }) => similarity >= farthest).length };
  }

  /** Null if the graph is not loaded, or too many labels are stale. */
  #fromGraph(query: Float32Array, k: number): { neighbours: Neighbour[]; way: Way } | null {
    if (this.#graph === null || this.#stale.size > this.#sizes.exact) return null;
    const wide = k + this.#stale.size;
    const found = this.#graph.nearest(query, wide, Math.max(EF, wide)).map(({ label }) => label);
    const known = found.filter((label) => !this.#stale.has(label));
    return { neighbours: this.#vectors.nearest(query, k, [...this.#stale, ...known]), way: "hnsw" };
  }

  /** Costs nothing: the values are in memory, or read when needed. */
  async inspect(): Promise<Block> {
    return this.#block;
  }

  /** A view of the values of all papers, without copying them. */
  #inMemory(): Block {
    const vectors = this.#vectors;
    const sketches = this.#sketches;
    const stored = this.#store.vectors;
    return {
      wordWeights: (word, labels) => (this.#late ? this.#store.words : this.#inverted).weights(word, labels),
      similarities: (query, labels) => vectors.similarities(query, labels),
      cosines: (queries, labels) => vectors.cosines(queries, labels),
      vector: (label) => {
        const vector = vectors.get(label);
        return vector && dequantize(vector);
      },
      bestSentences: (query, labels) => sketches.best(query, labels),
      sentences: (query, label) => {
        const similarities = sketches.similarities(query, label);
        const { spans } = stored.sentences(label) ?? {};
        if (similarities === null || spans === undefined) return null;
        return Array.from({ length: spans.length / 2 }, (_, i) => ({
          start: spans[2 * i] as number,
          end: spans[2 * i + 1] as number,
          similarity: similarities[i + 1] ?? 0,
        }));
      },
      sketches: (label) => stored.sentences(label) ?? null,
      likelyNearest: (labels, among, k) => vectors.likeliest(labels, among, k),
      maybeCopies: (labels, among) => {
        const near = vectors.maybeWithin(SAME_ABSTRACT, labels, among);
        const titleOf = (label: number) => this.#titles[label]!;
        const titles = new Set(labels.map(titleOf).filter((title) => title !== 0));
        const titled = among.map((_, position) => position).filter((position) => titles.has(titleOf(among[position]!)));
        return labels.map((label, i) => {
          const same = titled.filter((position) => titleOf(among[position]!) === titleOf(label));
          return [...new Set([...near[i]!, ...same])].sort((a, b) => a - b).map((position) => among[position]!);
        });
      },
    };
  }

  async mean(): Promise<Float32Array> {
    return this.#vectors.mean();
  }

  async papers(labels: readonly number[]): Promise<(Paper | undefined)[]> {
    return labels.map((label) => this.#store.papers.get(label));
  }

  async list(names: readonly string[]): Promise<string[][]> {
    return names.map((name) => this.#store.lists.ids(name));
  }

  async resolve(names: readonly Lookup[]): Promise<(number | undefined)[]> {
    const ids = names.flatMap(({ kind, value }) => (kind === "id" ? value : []));
    // One statement for what may be many labels.
    if (ids.length > 1 && ids.length === names.length) return this.#store.papers.labelsOf(ids);
    return names.map((name) => this.#store.papers.find(name));
  }

  async titled(titles: readonly string[]): Promise<number[][]> {
    return titles.map((title) => this.#store.papers.titled(title));
  }

  async count(filters: Selection): Promise<number> {
    return this.#passes(filters)?.count ?? this.#counts.papers;
  }

  async facets(of: readonly number[] | Selection): Promise<Facets> {
    if (isLabels(of)) return this.#store.facets.of(of);
    const passing = this.#passes(of);
    return this.#store.facets.of(passing === null ? null : labelsOf(passing));
  }

  async browse(filters: Selection, sort: Order, limit: number, after?: Place): Promise<(Place & { paper: Paper })[]> {
    return this.#store.papers.browse(filters, sort, limit, after);
  }

  async matches(labels: readonly number[], filters: Selection): Promise<boolean[]> {
    const passing = this.#passes(filters);
    return labels.map((label) => passing === null || passing.allowed[label] === 1);
  }

  async passing(filters: Selection, most: number): Promise<number[]> {
    const passing = this.#passes(filters);
    const allowed = passing?.allowed ?? this.#state;
    const labels: number[] = [];
    for (let label = 0; label < allowed.length && labels.length < most; label++) if (allowed[label]) labels.push(label);
    return labels;
  }

  /** All changes after a change number, oldest first, read in batches. */
  *#changesSince(change: number): Generator<Change> {
    for (let from = change; ;) {
      const changes = this.#store.vectors.changesSince(from, CHANGES);
      yield* changes;
      if (changes.length < CHANGES) return;
      from = changes.at(-1)!.change;
    }
  }

  /** The papers that pass the filters; null for all. */
  #passes(filters: Selection): FilterBitmap | null {
    const key = this.#keyOf(filters);
    if (key === null) return null;
    // Lists, places on the map and the set of venues can change without the paper itself changing.
    const { list, area, venue } = filters;
    const lasting = list === undefined && area === undefined && venue === undefined;
    const seen = lasting ? this.#changedBefore + this.#changed.length : this.#seen;
    const known = this.#passing.get(key);
    if (known?.seen === seen) return known;
    const passing =
      known !== undefined && lasting && known.seen >= this.#changedBefore
        ? this.#updated(filters, known)
        : this.#read(filters);
    if (passing !== null) this.#passing.set(key, { ...passing, seen });
    return passing;
  }

  #read(filters: Selection): FilterBitmap | null {
    const labels = this.#store.papers.labels(filters);
    if (labels === null) return null;
    const allowed = new Uint8Array((labels.at(-1) ?? 0) + 1);
    for (const label of labels) allowed[label] = 1;
    return { allowed, count: labels.length, seen: 0 };
  }

  /** Updates a cached filter for the papers that have changed since. */
  #updated(filters: Selection, { allowed, count, seen }: FilterBitmap): FilterBitmap {
    const changed = new Set(this.#changed.slice(seen - this.#changedBefore));
    const passing = new Set(this.#store.papers.labels(filters, [...changed]));
    const length = Math.max(0, ...passing) + 1;
    const columns = length > allowed.length ? resizeColumn(allowed, length) : allowed;
    let sum = count;
    for (const label of changed) {
      if (label >= columns.length) continue;
      const passes = passing.has(label) ? 1 : 0;
      sum += passes - columns[label]!;
      columns[label] = passes;
    }
    return { allowed: columns, count: sum, seen };
  }

  /** The cache key of a filter: a hash, because a filter may name very many papers; null without filters. */
  #keyOf(filters: Selection): string | null {
    const known = this.#keys.get(filters);
    if (known !== undefined) return known;
    const text = JSON.stringify(filters);
    if (text === "{}") return null;
    const key = createHash("sha256").update(text).digest("base64");
    this.#keys.set(filters, key);
    return key;
  }

  #mark(label: number, state: number): void {
    if (label >= this.#state.length) this.#state = resizeColumn(this.#state, label + 1);
    if (label >= this.#titles.length) this.#titles = resizeColumn(this.#titles, label + 1);
    const was = this.#state[label] as number;
    const bit = (flags: number, set: number) => ((state & flags) === set ? 1 : 0) - ((was & flags) === set ? 1 : 0);
    this.#counts.papers += bit(PAPER, PAPER);
    this.#counts.vectors += bit(VECTOR, VECTOR);
    this.#counts.sentences += bit(SENTENCES, SENTENCES);
    this.#counts.failed += bit(FAILED, FAILED);
    this.#counts.failedVectors += bit(FAILED | VECTOR, FAILED);
    this.#counts.failedSentences += bit(FAILED | SENTENCES, FAILED);
    this.#state[label] = state;
  }
}

/** The tables on disk, if they belong to this store; null otherwise. */
function readTables(directory: string, { identity, dimensions }: ModelDescription, store: Store) {
  return loadTables(
    directory,
    identity,
    (...file) => store.knowsSnapshot(...file),
    (reader) => {
      const papers = {
        state: new Uint8Array(reader.size("state")),
        titles: new Int32Array(reader.size("titles") / 4),
      };
      reader.read("state", papers.state);
      reader.read("titles", new Uint8Array(papers.titles.buffer));
      return {
        papers,
        vectors: ExactIndex.read(dimensions, reader),
        sketches: SketchTable.read(dimensions, reader),
        inverted: InvertedIndex.read(reader),
      };
    },
  );
}

const damage = (reason: string): string =>
  `${reason}: it is made again from the vectors in papers.db; until then all are looked at`;

/** FNV-1a (Fowler, Noll, Vo) over UTF-16 code units; 0 for an empty title. Different titles rarely have equal hashes. */
function hashOf(title: string): number {
  if (title === "") return 0;
  let hash = 0x811c9dc5;
  for (let i = 0; i < title.length; i++) hash = Math.imul(hash ^ title.charCodeAt(i), 0x01000193);
  return hash | 0;
}

/** The labels that pass, ascending. */
function labelsOf({ allowed }: FilterBitmap): number[] {
  const labels: number[] = [];
  for (let label = 0; label < allowed.length; label++) if (allowed[label] === 1) labels.push(label);
  return labels;
}

const isLabels = (of: readonly number[] | Selection): of is readonly number[] => Array.isArray(of);
