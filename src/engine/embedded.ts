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
 * Up to how many papers that match all vectors are compared, and up to how many their signs are looked at, before the
 * graph is asked: from where each is faster (docs/performance.md).
 */
const SIZES = { exact: 8_000, scan: 400_000 };
export type Sizes = typeof SIZES;
/** Of a scan so many times k are compared, and at least so many. */
const LIKELY = { times: 2, atLeast: 1_000 };
/** The least width of a search in the graph. */
const EF = 200;
/** Changes read from the store at a time. */
const CHANGES = 100;
/** How long words are indexed before an answer, in milliseconds; the rest waits for `advance`. */
const BEFORE_ANSWER = 5;
/** Papers whose words are indexed before the clock is looked at: on a busy machine a few milliseconds are no work at all. */
const WORDS = 16;
/** The share of papers whose words may be those of a moment ago; when they are more, FTS5 answers, which takes far longer. */
const LATE = 0.05;
/** Neighbours that a spot check looks for, and vectors compared before others get their turn. */
const CHECKED = 10;
const COMPARED = 4_096;
/** Bytes of the filters whose papers are remembered, and of each beside a byte a label. */
const REMEMBERED = 64 * 2 ** 20;
const FILTER = 1_000;
/** Changed papers that remembered filters look at again one by one; a filter that has missed more is read anew. */
const MISSED = 10_000;
/** The share of the graph's nodes that are of removed papers before it is made again without them. */
const DELETED = 0.25;

const PAPER = 1;
const VECTOR = 2;
const SENTENCES = 4;
/** Its text could not be embedded; it may have a vector, but no sentences. */
const FAILED = 8;

/** The papers that pass a filter, one byte a label, and the number of changed papers this is good for. */
type Passing = { allowed: Uint8Array<ArrayBuffer>; count: number; seen: number };

/**
 * The engine inside this process: SQLite for papers, the inverted index of their words and every vector in memory, and
 * the HNSW graph. While many papers come, up to 5% of all may be found by their words a moment later; when more are
 * waiting, FTS5 answers. Labels the graph has not caught up with are looked at exactly.
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
  /** Labels whose words are not indexed as they are now. */
  readonly #unread = new Set<number>();
  #graph: HnswGraph | null = null;
  readonly #block: Block;
  /** The change the vectors in memory are good for. */
  #change = 0;
  /** All changes to papers themselves up to this one have been seen here. */
  #rowsRead = 0;
  /** The last change to a paper itself that was seen here; 0 for none since the start. */
  #row = 0;
  /** Labels whose place in the graph is not that of their vector. */
  readonly #behind = new Set<number>();
  /** The store's `data_version` that was looked at last, and whether all changes up to it are in memory. */
  #seen = -1;
  #whole = false;
  #version = 0;
  /** Whether more words are waiting than may be late. */
  #late = true;
  #state = new Uint8Array(1024);
  /** Of each label's title; 0 where there is none. */
  #titles = new Int32Array(1024);
  readonly #counts = { papers: 0, vectors: 0, sentences: 0, failed: 0, failedVectors: 0, failedSentences: 0 };
  readonly #passing = new LRUCache<string, Passing>({
    maxSize: REMEMBERED,
    sizeCalculation: ({ allowed }) => allowed.length + FILTER,
  });
  readonly #keys = new WeakMap<Selection, string>();
  /** Labels of papers that have changed, oldest first, and how many were before them. */
  #changed: number[] = [];
  #changedBefore = 0;
  #loading: Promise<void> | undefined;
  /** The snapshot that is being written: the graph must not change meanwhile. */
  #saving: Promise<void> | undefined;
  /** Ends when no save is under way. */
  #saved: Promise<void> = Promise.resolve();
  /** The graph on disk; null for none that can be used. */
  #snapshot: { change: number; count: number } | null = null;
  /** The change that the tables on disk are good for; 0 for none. */
  #savedTables = 0;
  #notice: string | null = null;

  /**
   * Opens an existing store and reads its vectors; the graph follows with `openGraph`.
   *
   * @param sizes From which sizes on other ways are gone; for tests and measurements.
   * @param fresh Reads the store row by row, whatever lies beside it.
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

  /** Checks the snapshot, and loads it only where it is asked. */
  async openGraph(): Promise<void> {
    const loaded = await this.#loadSnapshot(this.#vectors.count > this.#sizes.scan);
    if (loaded.graph === null) this.#notice = loaded.reason === null ? null : damage(loaded.reason);
    else this.#take(loaded);
  }

  /** Loads the snapshot, or starts an empty graph; `advance` brings either up to date. */
  loadGraph(): Promise<void> {
    // One load for all who ask: a second graph would never be freed.
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
    this.#behind.clear();
    for (const { label } of this.#changesSince(loaded.change)) this.#behind.add(label);
    // A label that was changed before the snapshot was taken but never had a vector is in neither: nothing to do.
  }

  /**
   * Takes over what another engine has written, and the graph in it where that is asked.
   *
   * @param again Whether it was made again: then a graph that is held already is replaced.
   */
  async written(saved: { change: number; count: number }, again: boolean): Promise<void> {
    this.#snapshot = saved;
    this.#savedTables = saved.change;
    this.#notice = null;
    if (this.#vectors.count <= this.#sizes.scan || (this.#graph !== null && !again)) return;
    const loaded = await this.#loadSnapshot(true);
    if (loaded.graph !== null) this.#take(loaded);
  }

  /** Whether the files on disk lack anything, as far as this engine knows. */
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

  /** Another one whenever answers may be others. */
  get version(): number {
    return this.#version;
  }

  /**
   * Applies what any process has committed since the last look. Cheap when nothing has.
   *
   * @param milliseconds About how long it may take; then what is left waits for the next call, or for `advance`.
   */
  catchUp(milliseconds = Infinity): void {
    const end = performance.now() + milliseconds;
    const seen = this.#store.dataVersion();
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#whole = false;
      // A list, or where papers lie, changes without any paper.
      this.#version++;
    }
    this.#readChanges(end);
    this.#readWords(performance.now() + Math.min(BEFORE_ANSWER, milliseconds));
    const waiting = this.#unread.size + (this.#whole ? 0 : this.#store.changes.latest() - this.#change);
    this.#late = waiting > LATE * this.#counts.papers;
  }

  /** Whether nothing is left that `catchUp` or `advance` would read from the store. */
  get current(): boolean {
    return this.#whole && this.#unread.size === 0;
  }

  /** Whether there is something that `catchUp` would read. */
  get stale(): boolean {
    return !this.current || this.#store.dataVersion() !== this.#seen;
  }

  #readChanges(end: number): void {
    while (!this.#whole) {
      const changes = this.#store.vectors.changesSince(this.#change, CHANGES);
      for (const change of changes) this.#apply(change);
      // Where reading fails, the next call reads again.
      this.#whole = changes.length < CHANGES;
      if (this.#whole) this.#rowsRead = this.#change;
      if (performance.now() > end) return;
    }
  }

  #apply({ label, change, row, gone, title, vector, sketches, failed }: Change): void {
    // Sentences that arrive later change the paper too, but not its place in the graph.
    if (!this.#vectors.holds(label, vector)) {
      if (this.#graph !== null) this.#behind.add(label);
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
    // While changes are read in slices, a row may be seen twice: vectors that come give its change another number.
    if (row > this.#rowsRead) {
      this.#titles[label] = hashOf(title);
      if (gone) {
        this.#inverted.delete(label);
        this.#unread.delete(label);
      } else this.#unread.add(label);
      this.#row = Math.max(this.#row, row);
      if (this.#changed.length === MISSED) {
        this.#changedBefore += MISSED;
        this.#changed = [];
      }
      this.#changed.push(label);
    }
    this.#change = change;
    this.#version++;
  }

  /** Indexes the words of papers that have changed, until a time. */
  #readWords(end: number): void {
    let read = 0;
    for (const label of this.#unread) {
      const fields = this.#store.papers.fields(label);
      if (fields === undefined) this.#inverted.delete(label);
      else this.#inverted.set(label, fields);
      this.#unread.delete(label);
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
    for (const label of this.#behind) {
      const vector = this.#vectors.get(label);
      if (vector !== undefined) this.#graph.add(label, dequantize(vector));
      else if (this.#graph.has(label)) this.#graph.delete(label);
      this.#behind.delete(label);
      if (performance.now() > end) break;
    }
    return this.#behind.size > 0;
  }

  /**
   * Brings the graph up to date and writes it as a snapshot, unless `signal` stops it before it is up to date. The caller
   * holds the directory's lock.
   */
  save(signal: AbortSignal): Promise<void> {
    // One after the other: two would write the same files.
    const saved = this.#saved.then(() => this.#save(signal));
    this.#saved = saved.catch(() => {});
    return saved;
  }

  async #save(signal: AbortSignal): Promise<void> {
    await this.loadGraph();
    if (!(await this.#advanced(signal))) return;
    const { count, deleted } = this.#graph!;
    if (deleted.size > DELETED * (count + deleted.size)) {
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
    // One that was forgotten meanwhile is not the graph that is to be saved.
    if (this.#graph !== graph) return;
    this.#snapshot = { change, count: graph.count };
    this.#notice = null;
  }

  /** Registers the written file in the store, and forgets files that are gone. */
  async #registered(change: number, save: (register: (token: string) => void) => Promise<void>): Promise<void> {
    // The file would be registered in a database that it was not made of.
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

  /** Forgets the graph and makes it again from the stored vectors, with `advance`. */
  rebuild(): void {
    // A graph that is being written is left to the garbage collector.
    if (this.#saving === undefined) this.#graph?.free();
    this.#behind.clear();
    this.#graph = HnswGraph.empty(this.#model.dimensions);
    this.#snapshot = null;
    for (const label of this.#vectors.labels()) this.#behind.add(label);
  }

  index(): IndexState {
    const ready = this.#graph === null ? this.#snapshot !== null || this.#vectors.count === 0 : this.#behind.size === 0;
    return {
      state: ready ? "ready" : "building",
      count: this.#graph?.count ?? this.#snapshot?.count ?? 0,
      change: this.#change,
      saved: this.#snapshot?.change ?? 0,
      storeChange: this.#store.changes.latest(),
      notice: this.#notice,
    };
  }

  /** What is asked of the store alone. */
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

  /** How many papers are on the map: they are counted one by one. */
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

  /** Whether it was begun with what lay beside the store. */
  get fromTables(): boolean {
    return this.#savedTables > 0;
  }

  /** Whether another engine holds a paper otherwise: its vector, its sentences. */
  holdsUnlike(other: EmbeddedEngine, label: number): boolean {
    const [mine, others] = [this.#sketches.get(label), other.#sketches.get(label)];
    return (
      !this.#vectors.holds(label, other.#vectors.get(label) ?? null) ||
      (mine === null || others === null ? mine !== others : Buffer.compare(mine, others) !== 0)
    );
  }

  /** Stems that another engine finds other papers by. */
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
    // Of all papers, so that what other interests name can be looked up.
    return { nearest, likeness: async (labels) => Float32Array.from(labels, (label) => likeness[label] ?? NaN) };
  }

  async unread(): Promise<number> {
    return this.#unread.size;
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
          this.#scan.likeliest(query, Math.max(LIKELY.times * k, LIKELY.atLeast), passing?.allowed ?? null),
        ),
        way: "scan",
      }
    );
  }

  /**
   * Of one paper at random: how many nearest there are by comparing all, ten at most, and how many `nearest` finds. All
   * are compared in slices; when papers change meanwhile nothing can be said, and both numbers are 0.
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
    // Not which they are: of papers that are equally near any will do.
    return { nearest: nearest.length, found: neighbours.filter(({ similarity }) => similarity >= farthest).length };
  }

  /** Null while the graph is not there, or lags far behind. */
  #fromGraph(query: Float32Array, k: number): { neighbours: Neighbour[]; way: Way } | null {
    if (this.#graph === null || this.#behind.size > this.#sizes.exact) return null;
    const wide = k + this.#behind.size;
    const found = this.#graph.nearest(query, wide, Math.max(EF, wide)).map(({ label }) => label);
    const known = found.filter((label) => !this.#behind.has(label));
    return { neighbours: this.#vectors.nearest(query, k, [...this.#behind, ...known]), way: "hnsw" };
  }

  /** At no cost: all of it is in memory, or read when it is asked for. */
  async inspect(): Promise<Block> {
    return this.#block;
  }

  /** The values of all papers, read where they are. */
  #inMemory(): Block {
    const vectors = this.#vectors;
    const sketches = this.#sketches;
    const stored = this.#store.vectors;
    return {
      wordWeights: (word, labels) => (this.#late ? this.#store.words : this.#inverted).weights(word, labels),
      similarities: (query, labels) => vectors.similarities(query, labels),
      cosines: (query, labels) => vectors.cosines(query, labels),
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
      likelyNearest: (labels, among, k) => {
        if (among.length > k) return vectors.likeliest(labels, among, k);
        const all = among.map((_, i) => i);
        return labels.map(() => all);
      },
      maybeCopies: (labels, among) => {
        const near = vectors.maybeWithin(SAME_ABSTRACT, labels, among);
        return labels.map((label, i) => {
          const title = this.#titles[label];
          const positions = near[i]!;
          const maybe: number[] = [];
          for (let position = 0, next = 0; position < among.length; position++) {
            const isNear = positions[next] === position;
            if (isNear) next++;
            if (isNear || (title !== 0 && this.#titles[among[position]!] === title)) maybe.push(among[position]!);
          }
          return maybe;
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
    // In one statement where there may be many.
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

  /** Every change behind a number, oldest first, read a few thousand at a time. */
  *#changesSince(change: number): Generator<Change> {
    for (let from = change; ;) {
      const changes = this.#store.vectors.changesSince(from, CHANGES);
      yield* changes;
      if (changes.length < CHANGES) return;
      from = changes.at(-1)!.change;
    }
  }

  /** The papers that match; null for all. */
  #passes(filters: Selection): Passing | null {
    const key = this.#keyOf(filters);
    if (key === null) return null;
    // A list, where papers lie, and which venues there are may change without the paper in question.
    const { list, area, venue } = filters;
    const lasting = list === undefined && area === undefined && venue === undefined;
    const seen = lasting ? this.#changedBefore + this.#changed.length : this.#seen;
    const known = this.#passing.get(key);
    if (known?.seen === seen) return known;
    const passing =
      known !== undefined && lasting && known.seen >= this.#changedBefore
        ? this.#lookedAtAgain(filters, known)
        : this.#read(filters);
    if (passing !== null) this.#passing.set(key, { ...passing, seen });
    return passing;
  }

  #read(filters: Selection): Passing | null {
    const labels = this.#store.papers.labels(filters);
    if (labels === null) return null;
    const allowed = new Uint8Array((labels.at(-1) ?? 0) + 1);
    for (const label of labels) allowed[label] = 1;
    return { allowed, count: labels.length, seen: 0 };
  }

  /** What a filter is by the papers that have changed since. */
  #lookedAtAgain(filters: Selection, { allowed, count, seen }: Passing): Passing {
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

  /** What a filter is remembered by: of fixed length, as a filter may name very many papers; null for none at all. */
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

/** What another engine has written, where the store says that it holds all of that. */
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

/** FNV-1a (Fowler, Noll, Vo), over UTF-16 code units: equal titles have equal hashes, and few others have. */
function hashOf(title: string): number {
  if (title === "") return 0;
  let hash = 0x811c9dc5;
  for (let i = 0; i < title.length; i++) hash = Math.imul(hash ^ title.charCodeAt(i), 0x01000193);
  return hash | 0;
}

/** Ascending. */
function labelsOf({ allowed }: Passing): number[] {
  const labels: number[] = [];
  for (let label = 0; label < allowed.length; label++) if (allowed[label] === 1) labels.push(label);
  return labels;
}

const isLabels = (of: readonly number[] | Selection): of is readonly number[] => Array.isArray(of);
