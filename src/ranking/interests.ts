/** Where likes are about different things. */

/** Groups whose examples have a larger mean cosine than this are one interest. */
const ONE_INTEREST = 0.25;
/** Each is ranked by itself; the two nearest become one until no more are left. */
const MOST_INTERESTS = 8;
/** Examples that groups are made of, spread over all; each of the others joins the nearest group. */
const GROUPED = 100;

/**
 * Groups examples by average linkage: the two groups with the largest mean cosine become one, as long as that is large.
 *
 * @param vectors Of length 1, in an order that does not depend on how they were named.
 * @returns Positions of the examples of each group, ascending.
 */
export function interestsOf(vectors: readonly Float32Array[]): number[][] {
  const step = Math.max(1, vectors.length / GROUPED);
  const first = Array.from({ length: Math.min(vectors.length, GROUPED) }, (_, i) => Math.floor(i * step));
  const groups = linked(first.map((i) => vectors[i]!)).map((members) => members.map((member) => first[member]!));
  const directions = groups.map((members) => unit(meanOf(members.map((member) => vectors[member]!))));
  const taken = new Set(first);
  for (const [i, vector] of vectors.entries()) {
    if (taken.has(i)) continue;
    const cosines = directions.map((direction) => dot(direction, vector));
    groups[cosines.indexOf(Math.max(...cosines))]!.push(i);
  }
  return groups.map((members) => members.toSorted((a, b) => a - b));
}

function linked(vectors: readonly Float32Array[]): number[][] {
  const count = vectors.length;
  // Sums of the cosines between the members of two groups; a sum over pairs is all that average linkage needs. A group's
  // sums are in the row and column of its first member.
  const sums = new Float64Array(count * count);
  for (let b = 1; b < count; b++)
    for (let a = 0; a < b; a++) sums[a * count + b] = sums[b * count + a] = dot(vectors[a]!, vectors[b]!);
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

/** The two groups with the largest mean cosine, the first of equal ones, and that cosine. */
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
  // Four sums at a time: one alone would wait for each addition.
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

/** Of length 1; a vector without length stays as it is. */
export function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  return length < 1e-6 ? vector : vector.map((value) => value / length);
}

/** The mean of vectors; there is at least one. */
export function meanOf(vectors: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(vectors[0]!.length);
  const share = 1 / vectors.length;
  for (const vector of vectors) for (let i = 0; i < mean.length; i++) mean[i]! += share * vector[i]!;
  return mean;
}
