/** The only importer of hnswlib-node, and the guard before it: what it accepts silently and should not is refused here. */
import { createRequire } from "node:module";
import type { HierarchicalNSW as Hierarchical } from "hnswlib-node";
import { byNearness, type Neighbour } from "./nearest.js";

// CommonJS: its named exports cannot be seen by an import statement.
const { HierarchicalNSW } = createRequire(import.meta.url)("hnswlib-node") as typeof import("hnswlib-node");

/** Inner product of unit vectors: distance = 1 - cosine. */
export const METRIC = "ip";
export const M = 16;
export const EF_CONSTRUCTION = 200;
/** The seed of the levels: the same vectors in the same order give the same graph. */
const SEED = 100;
/** hnswlib keeps labels in 32 bits in JavaScript, and wraps around silently. */
const MAX_LABEL = 2 ** 32 - 1;

/** A graph of unit vectors for approximate search (Malkov and Yashunin, arXiv:1603.09320). */
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

  /** @param settings Others than the default are for measuring: a snapshot is refused that has others. */
  static empty(dimensions: number, settings = { m: M, efConstruction: EF_CONSTRUCTION }): HnswGraph {
    const index = new HierarchicalNSW(METRIC, dimensions);
    index.initIndex(1024, settings.m, settings.efConstruction, SEED);
    return new HnswGraph(dimensions, index);
  }

  /**
   * Loads what `save` wrote. The file must have been checked by its checksum: hnswlib trusts it.
   *
   * @param deleted The labels that were deleted when it was saved; hnswlib keeps the marks but cannot list them.
   */
  static async load(path: string, dimensions: number, deleted: Iterable<number>): Promise<HnswGraph> {
    const index = new HierarchicalNSW(METRIC, dimensions);
    await index.readIndex(path);
    // One that nothing was ever added to is loaded without room for anything, and to resize it destroys memory.
    if (index.getCurrentCount() === 0) return HnswGraph.empty(dimensions);
    const graph = new HnswGraph(dimensions, index);
    for (const label of deleted) graph.#deleted.add(label);
    return graph;
  }

  /** Vectors that can be found. */
  get count(): number {
    return this.#index.getCurrentCount() - this.#deleted.size;
  }

  /** Labels whose vectors are still nodes of the graph but cannot be found any more. */
  get deleted(): ReadonlySet<number> {
    return this.#deleted;
  }

  /** Adds or replaces the vector of a label. Takes about a millisecond: it runs on the calling thread. */
  add(label: number, vector: Float32Array): void {
    if (!Number.isInteger(label) || label < 0 || label > MAX_LABEL)
      throw new RangeError(`label: got ${label}, expected an integer from 0 to ${MAX_LABEL}`);
    this.#check(vector);
    // Moving a node costs more than adding one, and a node that is in its place need not be moved.
    if (this.has(label) && sameVector(this.#index.getPoint(label), vector)) return;
    if (this.#index.getCurrentCount() >= this.#index.getMaxElements())
      this.#index.resizeIndex(this.#index.getMaxElements() * 2);
    this.#index.addPoint(Array.from(vector), label);
    this.#nodes.add(label);
    this.#deleted.delete(label);
  }

  /** Whether the label can be found. */
  has(label: number): boolean {
    return this.#nodes.has(label) && !this.#deleted.has(label);
  }

  /** Labels that can be found. */
  labels(): number[] {
    return [...this.#nodes].filter((label) => !this.#deleted.has(label));
  }

  /** The vector of a label; undefined when it cannot be found. */
  vector(label: number): number[] | undefined {
    return this.has(label) ? this.#index.getPoint(label) : undefined;
  }

  /** Hides the label from every search. */
  delete(label: number): void {
    if (!this.has(label)) return;
    this.#index.markDelete(label);
    this.#deleted.add(label);
  }

  /**
   * About the k nearest labels; fewer only when the graph holds fewer.
   *
   * @param ef How many candidates the search keeps: more find more of the true neighbours and take longer.
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

  /** Gives its memory back, which the garbage collector knows nothing of. Not to be used after. */
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
    // hnswlib takes NaN and answers with it for ever after.
    for (const component of vector)
      if (!Number.isFinite(component))
        throw new RangeError(`vector: got a component ${component}, expected finite ones`);
  }
}

const sameVector = (a: readonly number[], b: Float32Array): boolean => b.every((component, i) => component === a[i]);
