/**
 * Ways to store unit vectors in fewer bytes, for the comparison in vectors.ts. In all of them the query stays in floating
 * point, and the estimated inner product is linear in it.
 */
import { mulberry32 } from "../../src/map/random.js";

export type Encoder = {
  name: string;
  /** Bytes per vector: a multiple of 4, because codes begin with their floats. */
  bytes: number;
  /** Writes the code of a vector. */
  encode(vector: Float32Array, code: Uint8Array): void;
  /** The estimated inner product of a query with the vector of each code in a block. */
  scores(query: Float32Array, codes: Uint8Array): Float32Array;
};

/** Axes onto which a vector is projected after `mean` is subtracted, one per row; orthonormal. */
export type Axes = { mean: Float32Array; rows: Float32Array[] };

/** Consecutive components that are stored in this many bits each. */
export type Segment = { from: number; to: number; bits: number };

export function dot(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += one[i]! * other[i]!;
  return sum;
}

export const float32 = (dimensions: number): Encoder => ({
  name: "float32",
  bytes: 4 * dimensions,
  encode: (vector, code) => floatsOf(code).set(vector),
  scores(query, codes) {
    const floats = floatsOf(codes);
    const scores = new Float32Array(floats.length / dimensions);
    for (let row = 0, at = 0; row < scores.length; row++) {
      let sum = 0;
      for (let i = 0; i < dimensions; i++) sum += query[i]! * floats[at++]!;
      scores[row] = sum;
    }
    return scores;
  },
});

/** Integers of 8 or 4 bits with one scale per vector, which gives the code length 1; the largest component is the largest integer. */
export function integers(dimensions: number, bits: 4 | 8): Encoder {
  const most = 2 ** (bits - 1) - 1;
  const bytes = 4 + (dimensions * bits) / 8;
  return {
    name: `int${bits}, a scale per vector`,
    bytes,
    encode(vector, code) {
      const step = vector.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) / most || 1;
      const whole = Int32Array.from(vector, (value) => Math.round(value / step));
      floatsOf(code)[0] = 1 / (Math.sqrt(dot(whole, whole)) || 1);
      for (const [i, value] of whole.entries())
        if (bits === 8) code[4 + i] = value;
        else code[4 + (i >> 1)]! |= (value & 15) << (4 * (i & 1));
    },
    scores(query, codes) {
      const floats = floatsOf(codes);
      const scores = new Float32Array(codes.length / bytes);
      for (let row = 0; row < scores.length; row++) {
        let sum = 0;
        let at = row * bytes + 4;
        if (bits === 8) for (let i = 0; i < dimensions; i++) sum += query[i]! * ((codes[at++]! << 24) >> 24);
        else
          for (let i = 0; i < dimensions; i += 2) {
            const pair = codes[at++]!;
            sum += query[i]! * ((pair << 28) >> 28) + query[i + 1]! * ((pair << 24) >> 28);
          }
        scores[row] = sum * floats[(row * bytes) / 4]!;
      }
      return scores;
    },
  };
}

/**
 * Floating-point numbers of 8 bits, after `axes` if given: e4m3 has 4 bits for the exponent and 3 for the fraction, e5m2 has 5
 * and 2 (Micikevicius et al., arXiv:2209.05433). Components are multiplied by 256 first, so that few are subnormal.
 */
export function float8(dimensions: number, fraction: 2 | 3, axes?: Axes): Encoder {
  const times = 256;
  const values = float8Values(fraction);
  const table = Float32Array.from({ length: 256 }, (_, byte) => {
    const value = values[Math.min(byte & 127, values.length - 1)]! / times;
    return byte < 128 ? value : -value;
  });
  const stored = axes?.rows.length ?? dimensions;
  return {
    name: `${axes === undefined ? "" : `PCA to ${stored}, `}float8 ${fraction === 3 ? "e4m3" : "e5m2"}`,
    bytes: stored,
    encode(vector, code) {
      for (const [i, value] of (axes === undefined ? vector : project(vector, axes)).entries())
        code[i] = nearest(values, Math.abs(value) * times) | (value < 0 ? 128 : 0);
    },
    scores(query, codes) {
      const { components, offset } = projectQuery(query, axes);
      const scores = new Float32Array(codes.length / stored);
      for (let row = 0, at = 0; row < scores.length; row++) {
        let sum = offset;
        for (let i = 0; i < stored; i++) sum += components[i]! * table[codes[at++]!]!;
        scores[row] = sum;
      }
      return scores;
    },
  };
}

/** The numbers that are not negative, ascending: number i has the bits of i. Without infinities. */
export function float8Values(fraction: 2 | 3): number[] {
  const bias = fraction === 3 ? 7 : 15;
  const steps = 2 ** fraction;
  // e4m3 has no infinity, and one NaN; e5m2 has an infinity and three NaN.
  return Array.from({ length: fraction === 3 ? 127 : 124 }, (_, code) => {
    const exponent = Math.floor(code / steps);
    const part = (code % steps) / steps;
    return exponent === 0 ? part * 2 ** (1 - bias) : (1 + part) * 2 ** (exponent - bias);
  });
}

/** The position of the value nearest to `wanted` among ascending values. */
function nearest(values: readonly number[], wanted: number): number {
  let [low, high] = [0, values.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (values[middle]! <= wanted) low = middle;
    else high = middle;
  }
  return wanted - values[low]! <= values[high]! - wanted ? low : high;
}

/**
 * Signs only: `sketches` with one factor for all vectors, as `src/vectors/sketch.ts` stores sentences; otherwise of the vector
 * on `axes`, with one factor per vector, see `segmented`.
 */
export function sketches(dimensions: number): Encoder {
  const bytes = dimensions / 8;
  return {
    name: "signs, as sentences now",
    bytes,
    encode: (vector, code) =>
      pack(
        Int32Array.from(vector, (value) => (value > 0 ? 1 : 0)),
        1,
        code,
      ),
    scores(query, codes) {
      const table = lookupTable(query, 1);
      const scores = new Float32Array(codes.length / bytes);
      const factor = 1 / (Math.sqrt(dimensions) * Math.sqrt(2 / Math.PI));
      for (let row = 0, at = 0; row < scores.length; row++) {
        let sum = 0;
        for (let i = 0; i < bytes; i++) sum += table[256 * i + codes[at++]!]!;
        scores[row] = sum * factor;
      }
      return scores;
    },
  };
}

/** Largest number of rounds in which codes are adjusted; the paper uses 4 to 8. */
const ROUNDS = 6;

/**
 * Vectors on `axes`, in segments with different numbers of bits. Codes are odd integers; one factor per segment and vector makes
 * the estimate of the inner product unbiased, as in RaBitQ (Gao and Long, arXiv:2405.12497), which is one segment of one bit.
 * Codes of more bits start at the nearest ones and are then adjusted one by one, as long as that increases the cosine to the
 * vector (SAQ, arXiv:2509.12086).
 */
export function segmented(name: string, axes: Axes, segments: readonly Segment[]): Encoder {
  const kept = segments.filter(({ bits }) => bits > 0);
  const starts: number[] = [];
  let bytes = 4 * kept.length;
  for (const { from, to, bits } of kept) {
    starts.push(bytes);
    bytes += ((to - from) * bits) / 8;
  }
  return {
    name,
    bytes,
    encode(vector, code) {
      const components = project(vector, axes);
      for (const [s, { from, to, bits }] of kept.entries()) {
        const part = components.subarray(from, to);
        const codes = adjusted(part, bits);
        const product = dot(codes, part);
        floatsOf(code)[s] = product === 0 ? 0 : dot(part, part) / product;
        const most = 2 ** bits - 1;
        pack(
          codes.map((value) => (value + most) / 2),
          bits,
          code.subarray(starts[s]),
        );
      }
    },
    scores(query, codes) {
      const { components, offset } = projectQuery(query, axes);
      const floats = floatsOf(codes);
      const scores = new Float32Array(codes.length / bytes).fill(offset);
      for (const [s, { from, to, bits }] of kept.entries()) {
        const table = lookupTable(components.subarray(from, to), bits);
        const length = ((to - from) * bits) / 8;
        for (let row = 0; row < scores.length; row++) {
          let sum = 0;
          const at = row * bytes + starts[s]!;
          for (let i = 0; i < length; i++) sum += table[256 * i + codes[at + i]!]!;
          scores[row]! += sum * floats[(row * bytes) / 4 + s]!;
        }
      }
      return scores;
    },
  };
}

/** Odd integers from -(2^bits - 1) to 2^bits - 1 in about the direction of a vector. */
export function adjusted(vector: Float32Array, bits: number): Int32Array {
  const most = 2 ** bits - 1;
  const largest = vector.reduce((high, value) => Math.max(high, Math.abs(value)), 0) || 1;
  const codes = Int32Array.from(vector, (value) => {
    const step = Math.floor(((value / largest + 1) / 2) * 2 ** bits);
    return 2 * Math.min(2 ** bits - 1, Math.max(0, step)) - most;
  });
  let [product, squares] = [dot(codes, vector), dot(codes, codes)];
  for (let round = 0, changed = bits > 1; changed && round < ROUNDS; round++) {
    changed = false;
    for (let i = 0; i < codes.length; i++)
      for (const move of [-2, 2]) {
        const value = codes[i]! + move;
        if (Math.abs(value) > most) continue;
        const [p, q] = [product + move * vector[i]!, squares + move * (codes[i]! + value)];
        if (p / Math.sqrt(q) <= (product / Math.sqrt(squares)) * (1 + 1e-9)) continue;
        codes[i] = value;
        [product, squares, changed] = [p, q, true];
      }
  }
  return codes;
}

/** Mean squared error of a normal variable in this many bits, relative to its variance (Max, 1960). */
const ERROR: Record<number, number> = { 1: 0.363, 2: 0.1175, 4: 0.01154, 8: 0.0001 };
/** Components that are not divided by the choice of segments. */
const BLOCK = 32;

/**
 * Divides components into segments with bits, so that the expected squared error of an inner product is least (dynamic
 * programming over ends of segments and bits used).
 *
 * @param variances Of each component, descending.
 * @param budget Bits per vector, including 32 for the factor of each segment.
 */
export function chooseSegments(variances: Float32Array, budget: number): Segment[] {
  type Plan = { error: number; segments: Segment[] };
  const plans: Map<number, Plan>[] = [new Map([[0, { error: 0, segments: [] }]])];
  for (let to = BLOCK; to <= variances.length; to += BLOCK) {
    const here = new Map<number, Plan>();
    for (let from = 0; from < to; from += BLOCK) {
      const part = variances.subarray(from, to);
      const sum = part.reduce((total, value) => total + value, 0);
      for (const bits of [0, 1, 2, 4, 8]) {
        // A rotation spreads the error over the segment; what is left out is not rotated.
        const error = bits === 0 ? dot(part, part) : (ERROR[bits]! * sum * sum) / part.length;
        const cost = bits === 0 ? 0 : bits * part.length + 32;
        for (const [used, plan] of plans[from / BLOCK]!) {
          const all = used + cost;
          if (all > budget || (here.get(all)?.error ?? Infinity) <= plan.error + error) continue;
          here.set(all, { error: plan.error + error, segments: [...plan.segments, { from, to, bits }] });
        }
      }
    }
    plans.push(here);
  }
  return [...plans.at(-1)!.values()].reduce((best, plan) => (plan.error < best.error ? plan : best)).segments;
}

/** The axes of largest variance of some vectors, and the variances along them, both descending. */
export function principalAxes(vectors: readonly Float32Array[]): Axes & { variances: Float32Array } {
  const dimensions = vectors[0]!.length;
  const mean = new Float32Array(dimensions);
  for (const vector of vectors) for (let i = 0; i < dimensions; i++) mean[i]! += vector[i]! / vectors.length;
  const covariance = Array.from({ length: dimensions }, () => new Float64Array(dimensions));
  for (const vector of vectors) {
    const centred = vector.map((value, i) => value - mean[i]!);
    for (let i = 0; i < dimensions; i++)
      for (let j = 0; j < dimensions; j++) covariance[i]![j]! += (centred[i]! * centred[j]!) / vectors.length;
  }
  const axes = eigenvectors(covariance);
  const order = axes.map((_, i) => i).sort((a, b) => covariance[b]![b]! - covariance[a]![a]!);
  return {
    mean,
    rows: order.map((i) => Float32Array.from(axes[i]!)),
    variances: Float32Array.from(order, (i) => covariance[i]![i]!),
  };
}

/** Jacobi's method. The eigenvalues are left in the diagonal of `matrix`. @returns One eigenvector per row. */
function eigenvectors(matrix: Float64Array[]): Float64Array[] {
  const size = matrix.length;
  const vectors = matrix.map((_, i) => Float64Array.from({ length: size }, (__, j) => (i === j ? 1 : 0)));
  const total = matrix.reduce((sum, row) => sum + dot(row, row), 0);
  for (let sweep = 0; sweep < 20; sweep++) {
    let off = 0;
    for (let p = 0; p < size; p++)
      for (let q = p + 1; q < size; q++) {
        const [row, other] = [matrix[p]!, matrix[q]!];
        const apq = row[q]!;
        off += apq * apq;
        if (apq * apq < 1e-16 * total) continue;
        const theta = (other[q]! - row[p]!) / (2 * apq);
        const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const cosine = 1 / Math.sqrt(tangent * tangent + 1);
        const sine = tangent * cosine;
        turn(row, other, cosine, sine);
        for (const line of matrix) {
          const [here, there] = [line[p]!, line[q]!];
          line[p] = cosine * here - sine * there;
          line[q] = sine * here + cosine * there;
        }
        turn(vectors[p]!, vectors[q]!, cosine, sine);
      }
    if (off < 1e-12 * total) break;
  }
  return vectors;
}

function turn(one: Float64Array, other: Float64Array, cosine: number, sine: number): void {
  for (let i = 0; i < one.length; i++) {
    const [here, there] = [one[i]!, other[i]!];
    one[i] = cosine * here - sine * there;
    other[i] = sine * here + cosine * there;
  }
}

/** Turns the axes of each segment at random, so that its components have about equal variance. */
export function turned({ mean, rows }: Axes, segments: readonly Segment[]): Axes {
  const random = mulberry32(1);
  return {
    mean,
    rows: segments.flatMap(({ from, to }) => {
      const mixed: Float32Array[] = [];
      while (mixed.length < to - from) {
        const row = new Float32Array(mean.length);
        for (let i = from; i < to; i++) {
          const weight = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
          for (let j = 0; j < row.length; j++) row[j]! += weight * rows[i]![j]!;
        }
        // Twice, because the first time leaves rounding errors.
        for (const other of [...mixed, ...mixed]) {
          const product = dot(row, other);
          for (let j = 0; j < row.length; j++) row[j]! -= product * other[j]!;
        }
        const length = Math.sqrt(dot(row, row));
        mixed.push(row.map((value) => value / length));
      }
      return mixed;
    }),
  };
}

function project(vector: Float32Array, { mean, rows }: Axes): Float32Array {
  const centred = vector.map((value, i) => value - mean[i]!);
  return Float32Array.from(rows, (row) => dot(row, centred));
}

function projectQuery(query: Float32Array, axes: Axes | undefined): { components: Float32Array; offset: number } {
  if (axes === undefined) return { components: query, offset: 0 };
  return { components: Float32Array.from(axes.rows, (row) => dot(row, query)), offset: dot(axes.mean, query) };
}

/** Codes of 1, 2, 4 or 8 bits, the first in the lowest bits. */
function pack(codes: Int32Array, bits: number, into: Uint8Array): void {
  const each = 8 / bits;
  for (const [i, code] of codes.entries()) into[Math.floor(i / each)]! |= code << (bits * (i % each));
}

/** For each byte of a code and each of its values, the sum of its odd integers times the query's components. */
function lookupTable(query: Float32Array, bits: number): Float32Array {
  const each = 8 / bits;
  const most = 2 ** bits - 1;
  const table = new Float32Array((256 * query.length) / each);
  for (let i = 0; i < query.length; i++)
    for (let byte = 0; byte < 256; byte++)
      table[256 * Math.floor(i / each) + byte]! += query[i]! * (2 * ((byte >> (bits * (i % each))) & most) - most);
  return table;
}

const floatsOf = (codes: Uint8Array): Float32Array =>
  new Float32Array(codes.buffer, codes.byteOffset, codes.byteLength >> 2);
