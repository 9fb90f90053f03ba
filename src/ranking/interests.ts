/** Splits likes that are about different subjects into interests. */
import { allProducts } from "../vectors/products.js";

/** Groups with a larger mean cosine than this are merged into one interest. */
const ONE_INTEREST = 0.25;
/** Maximum number of interests, as each is ranked separately; the nearest groups are merged until then. */
const MOST_INTERESTS = 8;
/** Number of examples that are clustered, spread over all; each of the others joins the nearest group. */
const GROUPED = 100;

/**
 * Groups examples by average linkage: merges the two groups with the largest mean cosine while it is large enough.
 *
 * @param vectors Unit vectors, in an order that does not depend on that of the request.
 * @returns For each group, the positions of its examples, ascending.
 */
export function interestsOf(vectors: readonly Float32Array[]): number[][] {
  const step = Math.max(1, vectors.length / GROUPED);
  const first = Array.from({ length: Math.min(vectors.length, GROUPED) }, (_, i) => Math.floor(i * step));
  const groups = linked(first.map((i) => vectors[i]!)).map((members) => members.map((member) => first[member]!));
  const directions = groups.map((members) => unit(meanOf(members.map((member) => vectors[member]!))));
  const taken = new Set(first);
  const others = vectors.map((_, i) => i).filter((i) => !taken.has(i));
  const cosines = allProducts(
    others.map((i) => vectors[i]!),
    directions,
  );
  for (const [j, i] of others.entries()) {
    const own = cosines.subarray(j * directions.length, (j + 1) * directions.length);
    groups[own.indexOf(Math.max(...own))]!.push(i);
  }
  return groups.map((members) => members.toSorted((a, b) => a - b));
}

function linked(vectors: readonly Float32Array[]): number[][] {
  const count = vectors.length;
  // Average linkage only needs the sum of cosines between the members of two groups. A group's sums are in the row and
  // column of its first member.
  const sums = Float64Array.from(allProducts(vectors, vectors));
  let groups = vectors.map((_, i) => [i]);
  while (groups.length > 1) {
    const [a, b, mean] = nearestTwo(groups, sums, count);
    if (mean < ONE_INTEREST && groups.length <= MOST_INTERESTS) break;
    const [kept, gone] = [groups[a]!, groups[b]!];
    const [into, from] = [kept[0]!, gone[0]!];
    for (const [other] of groups) {
      sums[into * count + other!]! += sums[from * count + other!]!;
      sums[other! * count + into] = sums[into * count + other!]!;
    }
    kept.push(...gone);
    groups = groups.filter((group) => group !== gone);
  }
  return groups;
}

/** The two groups with the largest mean cosine, the first on ties, and that cosine. */
function nearestTwo(groups: readonly number[][], sums: Float64Array, count: number): [number, number, number] {
  const [firsts, sizes] = [groups.map((group) => group[0]!), groups.map((group) => group.length)];
  let [best, second, largest] = [0, 1, -Infinity];
  for (let b = 1; b < firsts.length; b++) {
    const [row, size] = [firsts[b]! * count, sizes[b]!];
    for (let a = 0; a < b; a++) {
      const mean = sums[row + firsts[a]!]! / (sizes[a]! * size);
      if (mean > largest) [best, second, largest] = [a, b, mean];
    }
  }
  return [best, second, largest];
}

export function dot(a: Float32Array, b: Float32Array): number {
  // Four independent sums, because a single one would wait for each addition.
  let one = 0;
  let two = 0;
  let three = 0;
  let four = 0;
  let i = 0;
  for (; i + 3 < a.length; i += 4) {
    one += a[i]! * b[i]!;
    two += a[i + 1]! * b[i + 1]!;
    three += a[i + 2]! * b[i + 2]!;
    four += a[i + 3]! * b[i + 3]!;
  }
  for (; i < a.length; i++) one += a[i]! * b[i]!;
  return one + two + (three + four);
}

/** Scales a vector to norm 1; a zero vector is returned unchanged. */
export function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  return length < 1e-6 ? vector : vector.map((value) => value / length);
}

/** The mean of one or more vectors, weighted if there are weights. */
export function meanOf(vectors: readonly Float32Array[], weights?: readonly number[]): Float32Array {
  const mean = new Float32Array(vectors[0]!.length);
  const sum = weights?.reduce((total, weight) => total + weight, 0) ?? vectors.length;
  for (const [v, vector] of vectors.entries()) {
    const share = (weights?.[v] ?? 1) / sum;
    for (let i = 0; i < mean.length; i++) mean[i]! += share * vector[i]!;
  }
  return mean;
}
