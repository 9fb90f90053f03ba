import { createHash } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import type { ModelDescription } from "../embedding/description.js";
import { passageOf } from "../embedding/embed.js";
import type { Paper } from "../core/paper.js";
import { removeDerived, writeDerived } from "../store/derived.js";
import { Store } from "../store/store.js";
import type { Change } from "../store/vectors.js";
import { resizeColumn } from "../core/column.js";
import { ExactIndex } from "../vectors/exact.js";
import { hasHnsw } from "../vectors/hnsw.js";
import { byNearness, type Neighbour } from "../vectors/nearest.js";
import { dequantize } from "../vectors/quantize.js";
import { SignScan } from "../vectors/scan.js";
import { SketchTable } from "../vectors/sketches.js";
import type { WordHit } from "../core/word.js";
import { WordCosines, type Row } from "../words/cosines.js";
import { InvertedIndex } from "../words/inverted.js";
import { PassageCosines, wordCosines } from "../words/tfidf.js";
import type { Pause } from "../core/pauses.js";
import { readTables, writeTables } from "../core/tables.js";
import type { Facets, ImportsAnswer, ListsAnswer, Order, Region, Selection } from "../api.js";
import type {
  Alike,
  Block,
  Counts,
  Engine,
  EngineStatus,
  Entry,
  IndexState,
  Likeness,
  Lookup,
  Place,
  Point,
  Profile,
  Way,
} from "./engine.js";
import { SAME_ABSTRACT } from "./engine.js";
import { GRAPH_FILE, GraphIndex } from "./graph.js";
import type { OwnedRow } from "./writer.js";

/**
 * Up to `exact` matching papers, all vectors are compared; up to `scan` papers, signs are scanned first; above, a graph is
 * built and used. Chosen by speed (docs/performance.md).
 */
const SIZES = { exact: 8_000, scan: 2_000_000 };
export type Sizes = typeof SIZES;
/** Number of vectors compared after a scan: a multiple of k, and a minimum. */
const AFTER_SCAN = { times: 2, atLeast: 1_000 };
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
/** Longer filters are cached under their hash. */
const LONGEST_KEY = 500;
/** Number of changed papers for which cached filters are updated; a filter that has missed more is read again. */
const REREAD_AFTER = 10_000;

const TABLES_FILE = "tables.bin";

const PAPER = 1;
const VECTOR = 2;
const SENTENCES = 4;
/** The text could not be embedded completely; the paper may have a vector, but has no sentences. */
const FAILED = 8;

/** The papers that pass a filter, one byte per label, their number, and the state up to which this is valid. */
type FilterBitmap = { allowed: Uint8Array<ArrayBuffer>; count: number; seen: number };

/**
 * The engine inside this process: SQLite for papers; the inverted index and all vectors in memory; for a large library, an
 * HNSW graph. During a large import, up to 5% of the papers may be found by their words a moment late; if more are waiting,
 * FTS5 answers.
 */
export class EmbeddedEngine implements Engine {
  readonly compared = Infinity;
  readonly #directory;
  readonly #model;
  readonly #sizes;
  readonly #store;
  readonly #vectors: ExactIndex;
  readonly #scan: SignScan;
  readonly #sketches: SketchTable;
  readonly #inverted: InvertedIndex;
  readonly #cosines: WordCosines;
  readonly #passages: PassageCosines;
  /** Labels whose current words are not yet indexed. */
  readonly #unindexed = new Set<number>();
  readonly #graph: GraphIndex;
  readonly #block: Block;
  /** The change number up to which memory is current. */
  #change = 0;
  /** The change number up to which all changes to rows have been applied. */
  #rowsRead = 0;
  /** The last change to a row seen since the start; 0 for none. */
  #row = 0;
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
  /** The number of papers on the map, as of a version. */
  #points = { version: -1, count: 0 };
  /** Labels of recently changed papers, oldest first; below, the number of changes before these. */
  #changed: number[] = [];
  #changedBefore = 0;
  /** The change number up to which the tables on disk are valid; 0 without tables. */
  #savedTables = 0;
  #notice: string | null = null;

  /**
   * Opens an existing store and reads its vectors; `openGraph` loads the graph.
   *
   * @param sizes The sizes at which strategies change; for tests and benchmarks.
   * @param fresh Ignores derived files and reads all rows of the store.
   */
  constructor(directory: string, model: ModelDescription, sizes: Sizes = SIZES, fresh = false) {
    this.#directory = directory;
    this.#model = model;
    this.#sizes = sizes;
    this.#graph = new GraphIndex(directory, model);
    this.#store = Store.openForReading(directory, model);
    try {
      const { dimensions } = model;
      const loaded = fresh ? null : tablesIn(directory, model, this.#store);
      this.#vectors = loaded?.built.vectors ?? new ExactIndex(dimensions);
      this.#sketches = loaded?.built.sketches ?? new SketchTable(dimensions);
      this.#inverted = loaded?.built.inverted ?? new InvertedIndex();
      this.#cosines = new WordCosines(this.#inverted, (label) => this.#store.papers.fields(label));
      this.#passages = new PassageCosines(this.#inverted, (label) => this.#passageOf(label));
      this.#scan = new SignScan(dimensions);
      this.#block = this.#inMemory();
      if (loaded !== null) {
        this.#change = this.#rowsRead = this.#savedTables = loaded.change;
        const { state, titles } = loaded.built.papers;
        this.#titles = titles;
        this.#state = new Uint8Array(state.length);
        state.forEach((flags, label) => this.#mark(label, flags));
        for (const label of this.#vectors.labels()) this.#scan.set(label, this.#vectors.signs(label));
      } else if (!fresh && existsSync(join(directory, TABLES_FILE)))
        this.#notice = damage(`${TABLES_FILE} is damaged, of another version, or of another papers.db`);
      this.catchUp();
    } catch (thrown) {
      this.#store.close();
      throw this.#store.explained(thrown);
    }
  }

  /** Whether searches are faster with a graph, and there can be one: without, the scan of signs answers. */
  get #isLarge(): boolean {
    return this.#vectors.count > this.#sizes.scan && hasHnsw();
  }

  /** Loads the graph if searches use it and it is on disk. */
  async openGraph(): Promise<void> {
    if (!this.#isLarge) return this.#graph.drop();
    const reason = await this.#graph.load(this.#store.derived, (change) => this.#changedSince(change));
    if (reason !== null) this.#notice = damage(reason);
  }

  /** Starts a new graph from the stored vectors, which `advance` fills. */
  rebuildGraph(): void {
    this.#graph.start(this.#vectors.labels());
  }

  /**
   * Called after another engine has written the files.
   *
   * @param again Whether the graph was built again: then it replaces a loaded one.
   */
  async written(change: number, again: boolean): Promise<void> {
    this.#savedTables = change;
    this.#notice = null;
    if (!this.#isLarge || again || !this.#graph.written(change)) await this.openGraph();
  }

  /** Whether the files on disk are missing, damaged or stale, as far as this engine knows. */
  get unsaved(): boolean {
    return this.#notice !== null || this.#saved !== this.#store.changes.latest();
  }

  /** The change up to which all files are valid that this library needs. */
  get #saved(): number {
    return this.#isLarge ? Math.min(this.#savedTables, this.#graph.saved) : this.#savedTables;
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
    // Sentences that arrive later change the paper too, but not its vector.
    if (!this.#vectors.holds(label, vector)) {
      this.#graph.note(label);
      if (vector === null) {
        this.#vectors.delete(label);
        this.#scan.delete(label);
      } else {
        this.#vectors.set(label, vector);
        this.#scan.set(label, this.#vectors.signs(label));
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
    if (!this.current || this.#inverted.sweep(end)) return true;
    if (this.#store.facets.catchUp(end) || this.#store.orders.catchUp(end)) return true;
    return this.#graph.advance(this.#vectors, end);
  }

  /**
   * Brings the files up to date, unless `signal` aborts first: the tables, and the graph if the library is large. The caller
   * must hold the directory's lock, and not use this engine meanwhile.
   *
   * @param again Whether to build the graph again from the stored vectors.
   * @returns The change up to which the files are valid; null if it was aborted.
   */
  async save(signal: AbortSignal, again = false): Promise<number | null> {
    if (!again) await this.openGraph();
    if (!(await this.#advanced(signal))) return null;
    if (this.#isLarge && this.#graph.restart(() => this.#vectors.labels()) && !(await this.#advanced(signal)))
      return null;
    const change = this.#change;
    // Otherwise the files could be registered in a database from which they were not derived.
    this.#store.refuseReplaced();
    const store = Store.open(this.#directory, this.#model);
    try {
      if (this.#savedTables !== change) await this.#writeTables(store, change);
      if (this.#isLarge && this.#graph.saved !== change) await this.#graph.save(store, change);
      if (!this.#isLarge) await removeDerived(store, this.#directory, GRAPH_FILE);
      // Written by earlier versions.
      rmSync(join(this.#directory, "vectors.json"), { force: true });
    } finally {
      store.close();
    }
    this.#notice = null;
    return change;
  }

  /** Waits until memory has caught up with the store. @returns False if the signal was aborted first. */
  async #advanced(signal: AbortSignal): Promise<boolean> {
    while (this.advance(5)) {
      if (signal.aborted) return false;
      await setImmediate();
    }
    return true;
  }

  async #writeTables(store: Store, change: number): Promise<void> {
    const labels = 1 + this.#state.findLastIndex((flags) => flags !== 0);
    await writeDerived(store, this.#directory, TABLES_FILE, { change, details: "" }, (path) =>
      writeTables(path, this.#model.identity, {
        state: this.#state.subarray(0, labels),
        titles: new Uint8Array(this.#titles.buffer, 0, labels * this.#titles.BYTES_PER_ELEMENT),
        ...this.#vectors.parts(),
        ...this.#sketches.parts(),
        ...this.#inverted.parts(),
      }),
    );
    this.#savedTables = change;
  }

  index(): IndexState {
    return {
      state: this.#isLarge && !this.#graph.ready ? "building" : "ready",
      count: this.#vectors.count,
      change: this.#change,
      saved: this.#saved,
      storeChange: this.#store.changes.latest(),
      notice: this.#notice,
    };
  }

  /** @throws KindredError `damaged` when papers.db was removed or replaced: a server then is not ready. */
  async status(): Promise<EngineStatus> {
    this.#store.refuseReplaced();
    return {
      newest: this.#store.papers.newest(),
      // A point can outlive its vector for a while.
      pendingPoints: Math.max(0, this.#counts.vectors - this.#pointCount()),
      jobs: this.#store.jobs.all(Date.now()),
      index: this.index(),
    };
  }

  /** A failed read as a KindredError, if the disk or the file is the cause; any other error unchanged. */
  explained(thrown: unknown): unknown {
    return this.#store.explained(thrown);
  }

  async lists(): Promise<ListsAnswer> {
    return this.#store.lists.all();
  }

  async owned(rows: { owner: string; prefix: string; after: string; limit: number }): Promise<OwnedRow[]> {
    return this.#store.owned.rows(rows);
  }

  async countOwned(rows: { owner: string; prefix: string }): Promise<number> {
    return this.#store.owned.count(rows);
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

  /** SQLite counts points one by one, so this counts them only after a change. */
  #pointCount(): number {
    if (this.#points.version !== this.#version)
      this.#points = { version: this.#version, count: this.#store.map.count() };
    return this.#points.count;
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

  async wordWeights(words: readonly string[], labels: readonly number[]): Promise<number[][]> {
    return words.map((word) => (this.#late ? this.#store.words : this.#inverted).weights(word, labels));
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

  async alike(
    profiles: readonly Profile[],
    filters: Selection,
    k: number,
    postings: number,
    pause: Pause,
  ): Promise<{ found: Alike[]; likeness: Likeness }> {
    const allowed = this.#passes(filters)?.allowed ?? null;
    const found: Alike[] = [];
    const products: ((labels: Uint32Array) => Float32Array)[] = [];
    for (const { words, share, vector } of profiles) {
      const { likeness, nearest } = await this.#cosines.products(words, share, k, allowed, postings, pause);
      products.push(likeness);
      const near = vector === null ? null : this.#nearest(vector, filters, k);
      const byVector = near?.neighbours.map(({ label }) => label) ?? [];
      found.push({ byWords: nearest, byVector, way: near?.way ?? null });
      await pause();
    }
    return { found, likeness: async (labels) => products.map((productsWith, i) => productsWith(labels[i]!)) };
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
      (passing === null && this.#isLarge ? this.#fromGraph(query, k) : null) ?? {
        neighbours: this.#vectors.nearest(
          query,
          k,
          this.#scan.likeliest(query, Math.max(AFTER_SCAN.times * k, AFTER_SCAN.atLeast), passing?.allowed ?? null),
        ),
        way: "scan",
      }
    );
  }

  /** Compares in slices, between which other work runs. */
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

  #fromGraph(query: Float32Array, k: number): { neighbours: Neighbour[]; way: Way } | null {
    const neighbours = this.#graph.nearest(query, k, this.#vectors, this.#sizes.exact);
    return neighbours && { neighbours, way: "hnsw" };
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
      similarities: (query, labels) => vectors.similarities(query, labels),
      cosines: (queries, labels) => vectors.cosines(queries, labels),
      allCosines: (labels) => vectors.allCosines(labels),
      vector: (label) => {
        const vector = vectors.get(label);
        return vector && dequantize(vector);
      },
      bestSentences: (query, labels) => sketches.best(query, labels),
      sentences: (query, label) => {
        const similarities = sketches.similarities(query, label);
        const spans = similarities === null ? undefined : stored.spans(label);
        if (similarities === null || spans === undefined) return null;
        return Array.from({ length: spans.length / 2 }, (_, i) => ({
          start: spans[2 * i] as number,
          end: spans[2 * i + 1] as number,
          similarity: similarities[i + 1] ?? 0,
        }));
      },
      sketches: (label) => stored.sentences(label) ?? null,
      title: (label) => sketches.get(label),
      likelyNearest: (labels, among, k) => vectors.likeliest(labels, among, k),
      maybeCopies: (labels, among) => {
        const near = vectors.within(SAME_ABSTRACT, labels, among);
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

  async papersAfter(after: number, limit: number): Promise<{ label: number; paper: Paper }[]> {
    return this.#store.papers.export(after, limit);
  }

  async wordCosines(text: string, labels: readonly number[]): Promise<(number | null)[]> {
    const { papers } = this.#counts;
    if (!this.#late) return this.#passages.cosines(papers, text, labels);
    return wordCosines(
      this,
      papers,
      text,
      labels.map((label) => this.#passageOf(label)),
    );
  }

  #passageOf(label: number): string | null {
    const texts = this.#store.papers.texts(label);
    return texts === undefined ? null : passageOf(texts);
  }

  async papers(labels: readonly number[]): Promise<(Paper | undefined)[]> {
    return labels.map((label) => this.#store.papers.get(label));
  }

  async list(names: readonly string[]): Promise<Entry[][]> {
    return names.map((name) => this.#store.lists.entries(name));
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
    const { papers, orders } = this.#store;
    const labels = orders.page(sort, () => this.#passes(filters)?.allowed ?? null, limit, after);
    if (labels === null) return papers.browse(filters, sort, limit, after);
    return labels.flatMap((label) => {
      const paper = papers.get(label);
      return paper === undefined ? [] : { label, key: orders.keyOf(paper, label, sort), paper };
    });
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

  /** The labels that changed after a change number, read in batches. */
  *#changedSince(change: number): Generator<number> {
    for (let from = change; ;) {
      const changes = this.#store.vectors.changesSince(from, CHANGES);
      for (const { label } of changes) yield label;
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

  /** The cache key of a filter; null without filters. Of a long one a hash, because a filter may name very many papers. */
  #keyOf(filters: Selection): string | null {
    const known = this.#keys.get(filters);
    if (known !== undefined) return known;
    const text = JSON.stringify(filters);
    if (text === "{}") return null;
    const key = text.length <= LONGEST_KEY ? text : createHash("sha256").update(text).digest("base64");
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

/** The tables on disk, and the change up to which they are valid; null if there are none that belong to this store. */
function tablesIn(directory: string, { identity, dimensions }: ModelDescription, store: Store) {
  const path = join(directory, TABLES_FILE);
  if (!existsSync(path)) return null;
  const read = readTables(path, identity, (reader) => {
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
  });
  const known = read && store.derived.find(TABLES_FILE, read.sha256);
  return read && known ? { built: read.built, change: known.change } : null;
}

const damage = (reason: string): string => `${reason}: it is made again from papers.db`;

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
