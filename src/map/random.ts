/** A seeded generator of random numbers in [0, 1) (Tommy Ettinger's Mulberry32, public domain). */
export function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A random sample of the numbers below `count`, without replacement. */
export function drawn(count: number, many: number, random: () => number): number[] {
  const numbers = Array.from({ length: count }, (_, i) => i);
  const most = Math.min(many, count);
  for (let i = 0; i < most; i++) {
    const other = i + Math.floor(random() * (count - i));
    [numbers[i], numbers[other]] = [numbers[other]!, numbers[i]!];
  }
  return numbers.slice(0, most);
}
