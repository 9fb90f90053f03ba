/** The HNSW graph of a library: `vectors.hnsw`, and its copy in memory. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { messageOf } from "../core/errors.js";
import { hashOf } from "../core/files.js";
import { writeDerived, type DerivedFiles, type Registry } from "../store/derived.js";
import type { ExactIndex } from "../vectors/exact.js";
import { EF_CONSTRUCTION, HnswGraph, M, METRIC } from "../vectors/hnsw.js";
import type { Neighbour } from "../vectors/nearest.js";
import { dequantize } from "../vectors/quantize.js";

export const GRAPH_FILE = "vectors.hnsw";
/** Smallest ef of a search. */
const EF = 200;
/** Share of removed papers among the nodes above which a graph is rebuilt without them. */
const REBUILD_SHARE = 0.25;

type Model = { identity: string; dimensions: number };

/** What a file is made with, and the labels that are deleted in it: hnswlib stores their marks but cannot list them. */
const detailsSchema = z.strictObject({ made: z.string(), deleted: z.array(z.int().nonnegative()) });
const madeWith = ({ identity, dimensions }: Model): string =>
  JSON.stringify([identity, dimensions, METRIC, M, EF_CONSTRUCTION]);

/** A graph, and the change up to which it is valid; or why the file cannot be used, null if there is none. */
type Loaded = { graph: HnswGraph; change: number } | { graph: null; reason: string | null };

/** Reads the file in `directory`, if the store knows it and it was made with this model and these settings. */
export async function loadGraph(directory: string, model: Model, derived: DerivedFiles): Promise<Loaded> {
  const path = join(directory, GRAPH_FILE);
  try {
    for (;;) {
      const before = await stampOf(path);
      const known = derived.find(GRAPH_FILE, (await hashOf(path)).digest("hex"));
      const details = known && detailsSchema.parse(JSON.parse(known.details));
      const usable = details?.made === madeWith(model);
      const graph = usable ? await HnswGraph.load(path, model.dimensions, details.deleted) : null;
      // Another process may have replaced the file meanwhile.
      if ((await stampOf(path)) !== before) graph?.free();
      else if (graph !== null) return { graph, change: known!.change };
      else if (details !== undefined) return { graph, reason: `${GRAPH_FILE} was made with another model` };
      else return { graph, reason: `${GRAPH_FILE} is damaged, of another version, or of another papers.db` };
    }
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return { graph: null, reason: null };
    return { graph: null, reason: `${GRAPH_FILE} could not be read (${messageOf(thrown)})` };
  }
}

async function stampOf(path: string): Promise<string> {
  const { ino, size, mtimeMs } = await stat(path);
  return `${ino} ${size} ${mtimeMs}`;
}

/**
 * The graph in memory. It is loaded or started empty, notes which vectors change, is advanced until it has them, and is
 * written. Between changing and advancing, changed vectors are compared one by one.
 */
export class GraphIndex {
  readonly #directory;
  readonly #model;
  #graph: HnswGraph | null = null;
  /** Labels whose node does not match their vector. */
  readonly #stale = new Set<number>();
  #saved = 0;

  constructor(directory: string, model: Model) {
    this.#directory = directory;
    this.#model = model;
  }

  /** Whether it is in memory and has all vectors. */
  get ready(): boolean {
    return this.#graph !== null && this.#stale.size === 0;
  }

  /** The change up to which the file is valid; 0 if there is none, or it was not loaded. */
  get saved(): number {
    return this.#saved;
  }

  /**
   * Loads the file, in place of what is in memory.
   *
   * @param changedSince The labels that changed after a change number.
   * @returns Why the file cannot be used; null if it is loaded, or there is none.
   */
  async load(derived: DerivedFiles, changedSince: (change: number) => Iterable<number>): Promise<string | null> {
    const loaded = await loadGraph(this.#directory, this.#model, derived);
    if (loaded.graph === null) return loaded.reason;
    this.drop();
    this.#graph = loaded.graph;
    this.#saved = loaded.change;
    for (const label of changedSince(loaded.change)) this.#stale.add(label);
    return null;
  }

  /** Starts an empty graph, in place of what is in memory, that `advance` fills. */
  start(labels: Iterable<number>): void {
    this.drop();
    this.#graph = HnswGraph.empty(this.#model.dimensions);
    for (const label of labels) this.#stale.add(label);
  }

  /** Starts an empty graph if there is none in memory, or too many nodes are of removed papers. @returns Whether it did. */
  restart(labels: () => Iterable<number>): boolean {
    const { count, deleted } = this.#graph ?? { count: 0, deleted: new Set() };
    if (this.#graph !== null && deleted.size <= REBUILD_SHARE * (count + deleted.size)) return false;
    this.start(labels());
    return true;
  }

  /** Called after the file was written elsewhere. @returns False if there is no graph in memory. */
  written(change: number): boolean {
    if (this.#graph !== null) this.#saved = change;
    return this.#graph !== null;
  }

  /** Releases the memory. */
  drop(): void {
    this.#graph?.free();
    this.#graph = null;
    this.#stale.clear();
    this.#saved = 0;
  }

  /** Notes that the vector of a label has changed. */
  note(label: number): void {
    if (this.#graph !== null) this.#stale.add(label);
  }

  /** Adds changed vectors until `end`. @returns Whether there are more. */
  advance(vectors: ExactIndex, end: number): boolean {
    if (this.#graph === null) return false;
    for (const label of this.#stale) {
      const vector = vectors.get(label);
      if (vector !== undefined) this.#graph.add(label, dequantize(vector));
      else this.#graph.delete(label);
      this.#stale.delete(label);
      if (performance.now() > end) break;
    }
    return this.#stale.size > 0;
  }

  /**
   * Approximately the k nearest; null if it is not in memory, or more than `mostStale` vectors have changed, which would be
   * compared one by one.
   */
  nearest(query: Float32Array, k: number, vectors: ExactIndex, mostStale: number): Neighbour[] | null {
    if (this.#graph === null || this.#stale.size > mostStale) return null;
    const wide = k + this.#stale.size;
    const found = this.#graph.nearest(query, wide, Math.max(EF, wide)).map(({ label }) => label);
    const known = found.filter((label) => !this.#stale.has(label));
    return vectors.nearest(query, k, [...this.#stale, ...known]);
  }

  /** Writes what is in memory, which must be `ready` and stay unchanged meanwhile. */
  async save(store: Registry, change: number): Promise<void> {
    const graph = this.#graph!;
    const deleted = [...graph.deleted].toSorted((a, b) => a - b);
    const details = JSON.stringify({ made: madeWith(this.#model), deleted } satisfies z.infer<typeof detailsSchema>);
    await writeDerived(store, this.#directory, GRAPH_FILE, { change, details }, (path) => graph.save(path));
    this.#saved = change;
  }
}
