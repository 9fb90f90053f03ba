/** Entries gathered, in times k, before those that cannot be among the best are thrown away. */
const ROOM = 8;
const LEAST_ROOM = 1_024;
/** Of a key's order, a whole number, so many upper bits are counted by: its sign, its exponent, four bits behind it. */
const BITS = 13;
const BUCKETS = 2 ** BITS;

/** The k entries with the largest keys of all that are added, each a label and a key: largest first, ties by label. */
export class Best {
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

  /** Keys below this are not among the best: they need not be added. */
  get least(): number {
    return this.#least;
  }

  add(label: number, key: number): void {
    if (this.#count === this.#labels.length) this.#shrink();
    this.#labels[this.#count] = label;
    // A zero without a sign for one with it: they are equal, and so must their bits be.
    this.#keys[this.#count++] = key + 0;
  }

  sorted(): { labels: Uint32Array; keys: Float32Array } {
    if (this.#count > 2 * this.#k) this.#shrink();
    // One integer an entry, so that they are sorted without a call for each comparison: above the key, below the label.
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

  /** A whole number, 0 to 2^32 - 1 when taken without a sign, that is larger for a larger key. */
  #order(i: number): number {
    const bits = this.#orders[i]!;
    return bits < 0 ? ~bits : bits ^ -0x80000000;
  }

  /** Keeps the k largest, and what shares the upper bits of the least of them. */
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

  /** So many share their upper bits that little was thrown away: only the k best stay. */
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
