/** Room for entries before they are pruned, as a multiple of k. */
const ROOM = 8;
const LEAST_ROOM = 1_024;
/** Entries are pruned by the upper bits of their keys: the sign, the exponent, and four bits of the mantissa. */
const BITS = 13;
const BUCKETS = 2 ** BITS;

/** Collects the k entries with the largest keys, each a label and a float32 key: largest first, ties by label. */
export class TopK {
  readonly #k;
  readonly #labels;
  readonly #keys;
  readonly #orders;
  #count = 0;
  #least = -Infinity;

  constructor(k: number) {
    this.#k = k;
    const room = Math.max(LEAST_ROOM, ROOM * k);
    this.#labels = new Uint32Array(room);
    this.#keys = new Float32Array(room);
    this.#orders = new Int32Array(this.#keys.buffer);
  }

  /** Entries with a smaller key are not among the top k, and need not be added. */
  get threshold(): number {
    return this.#least;
  }

  add(label: number, key: number): void {
    if (this.#count === this.#labels.length) this.#shrink();
    this.#labels[this.#count] = label;
    // Turns -0 into 0: they are equal, and so must their bits be.
    this.#keys[this.#count++] = key + 0;
  }

  sorted(): { labels: Uint32Array; keys: Float32Array } {
    if (this.#count > 2 * this.#k) this.#shrink();
    // Each entry as one 64-bit integer, so that no comparison function is called: the key above, the label below.
    const packed = new BigUint64Array(this.#count);
    const halves = new Uint32Array(packed.buffer);
    for (let i = 0; i < this.#count; i++) {
      halves[2 * i] = this.#labels[i]!;
      halves[2 * i + 1] = ~this.#order(i);
    }
    packed.sort();
    const most = Math.min(this.#k, this.#count);
    const [labels, keys] = [new Uint32Array(most), new Float32Array(most)];
    const orders = new Int32Array(keys.buffer);
    for (let i = 0; i < most; i++) {
      labels[i] = halves[2 * i]!;
      const order = ~halves[2 * i + 1]!;
      orders[i] = order < 0 ? order ^ -0x80000000 : ~order;
    }
    return { labels, keys };
  }

  /** A key as a 32-bit integer in the same order. */
  #order(i: number): number {
    const bits = this.#orders[i]!;
    return bits < 0 ? ~bits : bits ^ -0x80000000;
  }

  /** Prunes to the k largest, and all whose upper bits equal those of the smallest of them. */
  #shrink(): void {
    const counts = new Int32Array(BUCKETS);
    for (let i = 0; i < this.#count; i++) counts[this.#order(i) >>> (32 - BITS)]!++;
    let [bucket, found] = [BUCKETS, 0];
    while (bucket > 0 && found < this.#k) found += counts[--bucket]!;
    let kept = 0;
    let least = Infinity;
    for (let i = 0; i < this.#count; i++) {
      if (this.#order(i) >>> (32 - BITS) < bucket) continue;
      const key = this.#keys[i]!;
      if (key < least) least = key;
      this.#labels[kept] = this.#labels[i]!;
      this.#keys[kept++] = key;
    }
    this.#least = least;
    this.#count = kept;
    if (kept > this.#labels.length / 2) this.#sortOut();
  }

  /** Many entries share their upper bits, so that little was pruned: sorts, and keeps exactly k. */
  #sortOut(): void {
    const count = this.#count;
    this.#count = 0;
    const order = Array.from({ length: count }, (_, i) => i)
      .sort((a, b) => this.#keys[b]! - this.#keys[a]! || this.#labels[a]! - this.#labels[b]!)
      .slice(0, this.#k);
    const [labels, keys] = [order.map((i) => this.#labels[i]!), order.map((i) => this.#keys[i]!)];
    this.#labels.set(labels);
    this.#keys.set(keys);
    this.#count = order.length;
    this.#least = keys.at(-1) ?? Infinity;
  }
}
