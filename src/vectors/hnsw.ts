/** The only importer of hnswlib-node. Refuses what hnswlib accepts silently and should not. */
import { createRequire } from "node:module";
import type { HierarchicalNSW as Hierarchical } from "hnswlib-node";
import { byNearness, type Neighbour } from "./nearest.js";

const load = createRequire(import.meta.url);
/**
 * Loads it when a graph is first needed: it is an optional package, because it must be compiled. It is a CommonJS module, of
 * which an import statement does not see the named exports.
 */
function newIndex(dimensions: number): Hierarchical {
  const { HierarchicalNSW } = load("hnswlib-node") as typeof import("hnswlib-node");
  return new HierarchicalNSW(METRIC, dimensions);
}

let installed: boolean | undefined;

/** Whether graphs can be made here. */
export function hasHnsw(): boolean {
  if (installed !== undefined) return installed;
  try {
    load("hnswlib-node");
    return (installed = true);
  } catch {
    return (installed = false);
  }
}

/** Inner product of unit vectors: distance = 1 - cosine. */
export const METRIC = "ip";
export const M = 16;
export const EF_CONSTRUCTION = 200;
/** The seed of the levels: the same vectors in the same order give the same graph. */
const SEED = 100;
/** hnswlib keeps labels in 32 bits in JavaScript, and wraps around silently. */
const MAX_LABEL = 2 ** 32 - 1;

/** A graph of unit vectors for approximate search (HNSW; Malkov and Yashunin, arXiv:1603.09320). */
export class HnswGraph {
  readonly dimensions: number;
  readonly #index: Hierarchical;
  readonly #deleted = new Set<number>();
  readonly #nodes: Set<number>;

  private constructor(dimensions: number, index: Hierarchical) {
    this.dimensions = dimensions;
    this.#index = index;
    this.#nodes = new Set(index.getCurrentCount() === 0 ? [] : index.getIdsList());
  }

  /** @param settings Other values are for benchmarks: a snapshot with them is refused. */
  static empty(dimensions: number, settings = { m: M, efConstruction: EF_CONSTRUCTION }): HnswGraph {
    const index = newIndex(dimensions);
    index.initIndex(1024, settings.m, settings.efConstruction, SEED);
    return new HnswGraph(dimensions, index);
  }

  /**
   * Loads what `save` wrote. Verify the checksum first: hnswlib trusts the file.
   *
   * @param deleted The labels that were deleted when it was saved. hnswlib stores their marks but cannot list them.
   */
  static async load(path: string, dimensions: number, deleted: Iterable<number>): Promise<HnswGraph> {
    const index = newIndex(dimensions);
    await index.readIndex(path);
    // An empty graph is loaded with no capacity, and resizing that corrupts memory.
    if (index.getCurrentCount() === 0) return HnswGraph.empty(dimensions);
    const graph = new HnswGraph(dimensions, index);
    for (const label of deleted) graph.#deleted.add(label);
    return graph;
  }

  /** How many vectors can be found. */
  get count(): number {
    return this.#index.getCurrentCount() - this.#deleted.size;
  }

  /** Deleted labels, whose vectors remain as nodes of the graph. */
  get deleted(): ReadonlySet<number> {
    return this.#deleted;
  }

  /** Adds or replaces the vector of a label. Takes about a millisecond, on the calling thread. */
  add(label: number, vector: Float32Array): void {
    if (!Number.isInteger(label) || label < 0 || label > MAX_LABEL)
      throw new RangeError(`label: got ${label}, expected an integer from 0 to ${MAX_LABEL}`);
    this.#check(vector);
    // Moving a node costs more than adding one, so an unchanged vector is skipped.
    if (this.has(label) && sameVector(this.#index.getPoint(label), vector)) return;
    if (this.#index.getCurrentCount() >= this.#index.getMaxElements())
      this.#index.resizeIndex(this.#index.getMaxElements() * 2);
    this.#index.addPoint(Array.from(vector), label);
    this.#nodes.add(label);
    this.#deleted.delete(label);
  }

  has(label: number): boolean {
    return this.#nodes.has(label) && !this.#deleted.has(label);
  }

  /** Labels that can be found. */
  labels(): number[] {
    return [...this.#nodes].filter((label) => !this.#deleted.has(label));
  }

  /** The vector of a label; undefined if it cannot be found. */
  vector(label: number): number[] | undefined {
    return this.has(label) ? this.#index.getPoint(label) : undefined;
  }

  delete(label: number): void {
    if (!this.has(label)) return;
    this.#index.markDelete(label);
    this.#deleted.add(label);
  }

  /**
   * Approximately the k nearest labels, nearest first, ties by label; fewer only if the graph has fewer.
   *
   * @param ef Candidates kept during the search: more of them find more of the true neighbours and take longer.
   */
  nearest(query: Float32Array, k: number, ef: number): Neighbour[] {
    this.#check(query);
    const most = Math.min(k, this.count);
    if (most === 0) return [];
    this.#index.setEf(Math.max(ef, most));
    const { neighbors, distances } = this.#index.searchKnn(Array.from(query), most);
    return neighbors
      .map((label, i) => ({ label, similarity: Math.max(-1, Math.min(1, 1 - (distances[i] as number))) }))
      .toSorted(byNearness);
  }

  /** Releases its memory, which the garbage collector does not know of. The graph cannot be used afterwards. */
  free(): void {
    this.#index.initIndex(1);
  }

  /** Writes the graph to a file. It may be searched meanwhile, but not changed. */
  async save(path: string): Promise<void> {
    await this.#index.writeIndex(path);
  }

  #check(vector: Float32Array): void {
    if (vector.length !== this.dimensions)
      throw new RangeError(`vector: got ${vector.length} dimensions, expected ${this.dimensions}`);
    // hnswlib accepts NaN, and returns NaN from then on.
    for (const component of vector)
      if (!Number.isFinite(component))
        throw new RangeError(`vector: got a component ${component}, expected finite numbers`);
  }
}

const sameVector = (a: readonly number[], b: Float32Array): boolean => b.every((component, i) => component === a[i]);
