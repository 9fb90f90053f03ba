/** What several likes have in common, and where they are about different things. */

/** A group of examples that are about one thing. */
export type Interest = {
  /** Positions of the examples. */
  members: number[];
  /** Unit vector in their middle, relative to the middle of the collection. */
  direction: Float32Array;
};

/**
 * Centres nearer than this are one interest. Relative to the middle of a collection, what has nothing to do with one
 * another has a cosine about 0; in the likes of one systematic review groups are split by 0.1 already.
 */
const ONE_INTEREST = 0.05;
/** Each is a search of its own; the two nearest become one until no more are left. */
const MOST_INTERESTS = 8;

/**
 * Groups examples: each joins the nearest group, or begins one, and groups whose centres are near become one.
 *
 * @param vectors Relative to the middle of the collection, of length 1, in an order that does not depend on how they
 *   were named.
 */
export function interestsOf(vectors: readonly Float32Array[]): Interest[] {
  let groups: { members: number[]; sum: Float32Array }[] = [];
  for (const [i, vector] of vectors.entries()) {
    const cosines = groups.map(({ sum }) => cosine(sum, vector));
    const nearest = cosines.indexOf(Math.max(...cosines));
    if (nearest >= 0 && (cosines[nearest] as number) >= ONE_INTEREST) {
      const group = groups[nearest]!;
      group.members.push(i);
      add(group.sum, vector);
    } else groups.push({ members: [i], sum: Float32Array.from(vector) });
  }
  for (;;) {
    let best = { a: 0, b: 0, cosine: -Infinity };
    for (let b = 1; b < groups.length; b++)
      for (let a = 0; a < b; a++) {
        const near = cosine(groups[a]!.sum, groups[b]!.sum);
        if (near > best.cosine) best = { a, b, cosine: near };
      }
    if (groups.length <= 1 || (best.cosine < ONE_INTEREST && groups.length <= MOST_INTERESTS)) break;
    const [kept, gone] = [groups[best.a]!, groups[best.b]!];
    kept.members.push(...gone.members);
    add(kept.sum, gone.sum);
    groups = groups.filter((group) => group !== gone);
  }
  return groups.map(({ members, sum }) => ({ members: members.toSorted((a, b) => a - b), direction: unit(sum) }));
}

export const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Of length 1; a vector without length stays as it is. */
export function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  return length < 1e-6 ? vector : vector.map((value) => value / length);
}

function cosine(a: Float32Array, b: Float32Array): number {
  const lengths = Math.sqrt(dot(a, a) * dot(b, b));
  return lengths < 1e-9 ? 0 : dot(a, b) / lengths;
}

function add(sum: Float32Array, vector: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += vector[i]!;
}
