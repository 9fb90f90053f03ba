/** Random vectors that are the same in every run. */

/** Numbers from 0 to below 1, by xorshift32 (Marsaglia, "Xorshift RNGs", 2003). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export function normalized(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector);
  return Float32Array.from(vector, (component) => component / length);
}

/** A uniformly distributed direction: normal components, by Box and Muller. */
export function unitVector(random: () => number, dimensions: number): Float32Array {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return normalized(Array.from({ length: dimensions }, normal));
}

/** A unit vector near a centre; the cosine to it is about 1 / sqrt(1 + spread ** 2). */
export function near(random: () => number, centre: Float32Array, spread: number): Float32Array {
  const noise = unitVector(random, centre.length);
  return normalized(Array.from(centre, (component, i) => component + spread * (noise[i] as number)));
}

/** Unit vectors around a number of centres, as abstracts cluster by subject. */
export function clusteredVectors(random: () => number, count: number, dimensions: number): Float32Array[] {
  const centres = Array.from({ length: Math.ceil(count / 40) }, () => unitVector(random, dimensions));
  return Array.from({ length: count }, () =>
    near(random, centres[Math.floor(random() * centres.length)] as Float32Array, 0.3 + random()),
  );
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
