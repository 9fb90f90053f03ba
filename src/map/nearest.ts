import type { StoredVector } from "../core/vector.js";
import { ExactIndex } from "../vectors/exact.js";
import type { Neighbour } from "../vectors/nearest.js";
import { dequantize } from "../vectors/quantize.js";
import { SignScan } from "../vectors/scan.js";

/** How many candidates of a scan are compared exactly: a multiple of k, and at least this many. */
const LIKELY = { times: 5, atLeast: 60 };

/** Approximate nearest neighbours among some vectors, which are identified by their index. */
export class Nearest {
  readonly #exact;
  readonly #scan;

  constructor(vectors: readonly StoredVector[]) {
    const dimensions = vectors[0]?.vector.length ?? 0;
    this.#exact = new ExactIndex(dimensions);
    this.#scan = new SignScan(dimensions);
    vectors.forEach((vector, i) => {
      this.#exact.set(i, vector);
      this.#scan.set(i, this.#exact.signs(i));
    });
  }

  /** The k nearest, best first, ties by index. */
  of(vector: StoredVector, k: number): Neighbour[] {
    const query = dequantize(vector);
    const likely = Math.max(LIKELY.times * k, LIKELY.atLeast);
    return this.#exact.nearest(query, k, this.#scan.likeliest(query, likely, null));
  }

  /** The k nearest among some of the vectors. */
  among(vector: StoredVector, k: number, numbers: readonly number[]): Neighbour[] {
    return this.#exact.nearest(dequantize(vector), k, numbers);
  }
}

/**
 * The k nearest neighbours of each of `count` points: those of point i start at `i * k`, best first; -1 where there are
 * fewer.
 */
export class Neighbours {
  readonly k;
  readonly numbers: Int32Array;
  readonly similarities: Float32Array;

  constructor(count: number, k: number) {
    this.k = k;
    this.numbers = new Int32Array(count * k).fill(-1);
    this.similarities = new Float32Array(count * k);
  }

  /** Sets the neighbours of a point, leaving out the point itself. */
  set(point: number, found: readonly Neighbour[]): void {
    found
      .filter(({ label }) => label !== point)
      .slice(0, this.k)
      .forEach(({ label, similarity }, i) => {
        this.numbers[point * this.k + i] = label;
        this.similarities[point * this.k + i] = similarity;
      });
  }
}
