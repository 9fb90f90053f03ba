import type { Selection } from "../store/filters.js";
import type { ModelDescription } from "../embedding/model.js";
import type { Identifier } from "../identifiers.js";
import type { Paper } from "../paper.js";
import { Store } from "../store/store.js";
import type { Change } from "../store/vectors.js";
import type { StoredSentences } from "../vector.js";
import { ExactIndex } from "../vectors/exact.js";
import { HnswGraph } from "../vectors/hnsw.js";
import type { Neighbour } from "../vectors/nearest.js";
import { dequantize } from "../vectors/quantize.js";
import { SketchScorer } from "../vectors/sketch.js";
import { SketchTable } from "../vectors/sketches.js";
import { loadSnapshot, saveSnapshot } from "../vectors/snapshot.js";
import { SAME_ABSTRACT } from "./copies.js";
import type { Counts, Engine, IndexState, WordHit } from "./engine.js";

/** Up to as many, looking at all takes no longer than the rest of a query. */
const EXACT_UP_TO = 5_000;
/** With a filter the graph may have to be searched far beyond k, so exact search pays for longer. */
const EXACT_FILTERED_UP_TO = 20_000;
/** The least width of a search in the graph. */
const EF = 200;
/** Changes read from the store at a time. */
const CHANGES = 5_000;
/** Filters whose labels are remembered until the store changes. */
const REMEMBERED = 100;
const REMEMBERED_STEMS = 10_000;
/** Papers that make a stem frequent, and the share by which their number may have changed before it is counted again. */
const FREQUENT = 1_000;
const LITTLE = 0.01;

const PAPER = 1;
const VECTOR = 2;
const SENTENCES = 4;

/**
 * The engine inside this process: SQLite for papers and words, every vector in memory for exact search, and the HNSW
 * graph, which may lag behind: labels it has not caught up with are looked at exactly, so no answer is stale.
 */
export class EmbeddedEngine implements Engine {
  readonly #directory;
  readonly #model;
  readonly #exact;
  readonly #store;
  readonly #vectors;
  readonly #sketches;
  #graph: HnswGraph | null = null;
  /** The change the vectors in memory are good for. */
  #change = 0;
  /** Labels whose place in the graph is not that of their vector. */
  readonly #behind = new Set<number>();
  #version = -1;
  #state = new Uint8Array(1024);
  /** Of each label's title; 0 where there is none. */
  #titles = new Int32Array(1024);
  readonly #counts = { papers: 0, vectors: 0, sentences: 0 };
  readonly #filtered = new Map<string, Int32Array>();
  /** In how many papers stems occur: of a frequent one FTS5 reads the whole list. */
  readonly #documents = new Map<string, number>();
  /** How many papers there were when those of frequent stems were counted. */
  #countedAmong = 0;
  #mean: { change: number; vector: Float32Array } | undefined;
  #scorer: { query: Float32Array; scorer: SketchScorer } | undefined;
  /** The snapshot that is being written: the graph must not change meanwhile. */
  #saving: Promise<void> | undefined;
  /** The change the snapshot on disk is good for; 0 for none. */
  #saved = 0;
  #notice: string | null = null;

  /**
   * Opens an existing store and reads its vectors; the graph follows with `loadGraph`.
   *
   * @param exact Up to how many vectors, without and with a filter, all are looked at.
   */
  constructor(
    directory: string,
    model: ModelDescription,
    exact = { upTo: EXACT_UP_TO, filtered: EXACT_FILTERED_UP_TO },
  ) {
    this.#directory = directory;
    this.#model = model;
    this.#exact = exact;
    this.#store = Store.openForReading(directory, model);
    this.#vectors = new ExactIndex(model.dimensions);
    this.#sketches = new SketchTable(model.dimensions / 8);
    this.catchUp();
  }

  /** Loads the snapshot, or begins an empty graph; `fold` brings either up to date. */
  async loadGraph(): Promise<void> {
    const loaded = await loadSnapshot(this.#directory, this.#model.identity, this.#model.dimensions, () =>
      this.#store.changes.latest(),
    );
    this.catchUp();
    if (loaded.graph === null) {
      this.rebuild();
      if (loaded.reason !== null)
        this.#notice = `${loaded.reason}: it is made again from the vectors in papers.db; until then all are looked at`;
      return;
    }
    this.#graph = loaded.graph;
    this.#saved = loaded.change;
    for (const { label } of this.#changesSince(loaded.change)) this.#behind.add(label);
    // A label that was changed before the snapshot was taken but never had a vector is in neither: nothing to do.
  }

  /** Applies what any process has committed since the last look. Cheap when nothing has. */
  catchUp(): void {
    const version = this.#store.dataVersion();
    if (version === this.#version) return;
    this.#filtered.clear();
    for (const { label, change, gone, title, vector, sketches } of this.#changesSince(this.#change)) {
      // Sentences that arrive later change the paper too, but not its place in the graph.
      if (this.#graph !== null && !this.#vectors.holds(label, vector)) this.#behind.add(label);
      if (vector === null) this.#vectors.delete(label);
      else this.#vectors.set(label, vector);
      if (sketches === null) this.#sketches.delete(label);
      else this.#sketches.set(label, sketches);
      this.#mark(label, gone ? 0 : PAPER | (vector === null ? 0 : VECTOR) | (sketches === null ? 0 : SENTENCES));
      this.#titles[label] = hashOf(title);
      this.#change = change;
    }
    this.#forgetDocuments();
    // Last, so that what could not be read is read again by the next question.
    this.#version = version;
  }

  /**
   * Brings the graph nearer to the vectors, for about `milliseconds`.
   *
   * @returns Whether there is more to do.
   */
  fold(milliseconds: number): boolean {
    if (this.#graph === null || this.#saving !== undefined) return false;
    const end = performance.now() + milliseconds;
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
  async save(signal: AbortSignal): Promise<void> {
    await this.#saving;
    if (this.#graph === null) await this.loadGraph();
    this.catchUp();
    while (this.fold(5)) {
      if (signal.aborted) return;
      await new Promise(setImmediate);
    }
    await this.#saving;
    if (this.#graph === null || (this.#saved === this.#change && this.#notice === null)) return;
    this.#saving = this.#write(this.#graph, this.#change).finally(() => (this.#saving = undefined));
    await this.#saving;
  }

  async #write(graph: HnswGraph, change: number): Promise<void> {
    await saveSnapshot(this.#directory, this.#model.identity, graph, change);
    this.#saved = change;
    this.#notice = null;
  }

  /** Forgets the graph and makes it again from the stored vectors, with `fold`. */
  rebuild(): void {
    this.#graph = HnswGraph.empty(this.#model.dimensions);
    this.#saved = 0;
    for (const label of this.#vectors.labels()) this.#behind.add(label);
  }

  index(): IndexState {
    const ready = this.#graph !== null && this.#behind.size === 0;
    return {
      state: ready ? "ready" : "building",
      count: this.#graph?.count ?? 0,
      change: this.#change,
      saved: this.#saved,
      storeChange: this.#store.changes.latest(),
      notice: this.#notice,
    };
  }

  get papers() {
    return this.#store.papers;
  }

  close(): void {
    this.#store.close();
  }

  counts(): Counts {
    const { papers, vectors, sentences } = this.#counts;
    return { papers, embedded: vectors, pending: papers - vectors, pendingSentences: papers - sentences };
  }

  words(words: readonly string[], filters: Selection, k: number): WordHit[] {
    return this.#store.words.search(words, filters, k);
  }

  wordWeights(word: string, labels: readonly number[]): number[] {
    return this.#store.words.weights(word, labels);
  }

  documentsWith(stem: string): number {
    let documents = this.#documents.get(stem);
    if (documents === undefined) {
      if (this.#documents.size >= REMEMBERED_STEMS) this.#documents.clear();
      this.#documents.set(stem, (documents = this.#store.words.documentsWith(stem)));
    }
    return documents;
  }

  documentsUpTo(word: string, most: number): number {
    return this.#store.words.documentsUpTo(word, most);
  }

  nearest(query: Float32Array, filters: Selection, k: number): { neighbours: Neighbour[]; way: "exact" | "hnsw" } {
    const among = this.#labels(filters);
    const exactly = () => ({
      neighbours: this.#vectors.nearest(query, k, among ?? undefined),
      way: "exact" as const,
    });
    const all = this.#vectors.count;
    if ((among?.length ?? all) <= (among === null ? this.#exact.upTo : this.#exact.filtered)) return exactly();
    if (this.#graph === null || this.#behind.size > this.#exact.upTo) return exactly();
    // As many as must be seen for k of them to match, if the filter knows nothing of the query; and half as many more.
    const wide = among === null ? k + this.#behind.size : Math.ceil((1.5 * k * all) / among.length);
    const found = this.#graph.nearest(query, wide, Math.max(EF, wide));
    const survivors = found.filter(
      ({ label }) => !this.#behind.has(label) && (among === null || contains(among, label)),
    );
    // The nearest of all, less those that do not match, are the nearest that match: if there are enough of them.
    if (survivors.length < k) return exactly();
    const behind = [...this.#behind].filter((label) => among === null || contains(among, label));
    const exact = this.#vectors.nearest(query, k, [...behind, ...survivors.slice(0, k).map(({ label }) => label)]);
    return { neighbours: exact, way: "hnsw" };
  }

  similarities(query: Float32Array, labels: readonly number[]): (number | null)[] {
    return labels.map((label) => this.#vectors.similarity(query, label));
  }

  bestSentences(query: Float32Array, labels: readonly number[]): (number | null)[] {
    const scorer = this.#scorerOf(query);
    return labels.map((label) => this.#sketches.best(scorer, label));
  }

  sentences(query: Float32Array, label: number): { start: number; end: number; similarity: number }[] | null {
    const similarities = this.#sketches.similarities(this.#scorerOf(query), label);
    const stored = this.#store.vectors.sentences(label);
    if (similarities === null || stored === undefined) return null;
    const { spans } = stored;
    return Array.from({ length: spans.length / 2 }, (_, i) => ({
      start: spans[2 * i] as number,
      end: spans[2 * i + 1] as number,
      similarity: similarities[i + 1] ?? 0,
    }));
  }

  sketches(label: number): StoredSentences | null {
    return this.#store.vectors.sentences(label) ?? null;
  }

  maybeCopies(label: number, among: readonly number[]): number[] {
    const title = this.#titles[label];
    return among.filter(
      (other) => (title !== 0 && this.#titles[other] === title) || this.#vectors.areWithin(SAME_ABSTRACT, label, other),
    );
  }

  mean(): Float32Array {
    if (this.#mean?.change !== this.#change) this.#mean = { change: this.#change, vector: this.#vectors.mean() };
    return this.#mean.vector;
  }

  vector(label: number): Float32Array | undefined {
    const vector = this.#vectors.get(label);
    return vector && dequantize(vector);
  }

  fetch(label: number): Paper | undefined {
    return this.#store.papers.get(label);
  }

  find(identifier: Identifier | { kind: "id"; value: string }): number | undefined {
    return this.#store.papers.find(identifier);
  }

  titled(title: string): number[] {
    return this.#store.papers.titled(title);
  }

  listed(filters: Selection, sort: "date" | "upvotes", k: number): number[] {
    return this.#store.papers.browse(filters, sort, k).map(({ label }) => label);
  }

  matches(label: number, filters: Selection): boolean {
    const among = this.#labels(filters);
    return among === null || contains(among, label);
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

  /** Ascending labels of the papers that match; null for all. */
  #labels(filters: Selection): Int32Array | null {
    const key = JSON.stringify(filters);
    if (key === "{}") return null;
    let labels = this.#filtered.get(key);
    if (labels === undefined) {
      const found = this.#store.papers.labels(filters);
      if (found === null) return null;
      if (this.#filtered.size >= REMEMBERED) this.#filtered.clear();
      this.#filtered.set(key, (labels = found));
    }
    return labels;
  }

  /** When papers came or went: of frequent stems the counts stay, until they may be wrong by more than a little. */
  #forgetDocuments(): void {
    if (Math.abs(this.#counts.papers - this.#countedAmong) > LITTLE * this.#countedAmong) {
      this.#documents.clear();
      this.#countedAmong = this.#counts.papers;
    } else for (const [stem, documents] of this.#documents) if (documents < FREQUENT) this.#documents.delete(stem);
  }

  #scorerOf(query: Float32Array): SketchScorer {
    // Built once a query; a query's vector is one array for as long as the query lasts.
    if (this.#scorer?.query !== query) this.#scorer = { query, scorer: new SketchScorer(query) };
    return this.#scorer.scorer;
  }

  #mark(label: number, state: number): void {
    if (label >= this.#state.length) {
      const length = Math.max(label + 1, this.#state.length * 2);
      const [state, titles] = [new Uint8Array(length), new Int32Array(length)];
      state.set(this.#state);
      titles.set(this.#titles);
      [this.#state, this.#titles] = [state, titles];
    }
    const was = this.#state[label] as number;
    const bit = (flag: number) => (state & flag ? 1 : 0) - (was & flag ? 1 : 0);
    this.#counts.papers += bit(PAPER);
    this.#counts.vectors += bit(VECTOR);
    this.#counts.sentences += bit(SENTENCES);
    this.#state[label] = state;
  }
}

/** FNV-1a (Fowler, Noll, Vo), over UTF-16 code units: equal titles have equal hashes, and few others have. */
function hashOf(title: string): number {
  if (title === "") return 0;
  let hash = 0x811c9dc5;
  for (let i = 0; i < title.length; i++) hash = Math.imul(hash ^ title.charCodeAt(i), 0x01000193);
  return hash | 0;
}

/** Binary search in ascending labels. */
function contains(labels: Int32Array, label: number): boolean {
  let low = 0;
  let high = labels.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = labels[middle] as number;
    if (found === label) return true;
    if (found < label) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}
