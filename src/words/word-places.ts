const FIRST_SLOTS = 1_024;
/** The number of words in texts is unbounded, and frequent ones soon return, so all are dropped when more are needed. */
const MOST_SLOTS = 2 ** 18;
/** Numbers per slot: both halves of the hash of its word, and the position plus `USED`, so that 0 marks a free slot. */
const WIDTH = 4;
const USED = 2;

/**
 * A cache of the positions of words, by the hash of a word (`eachTerm`), so that no string is needed to look it up. Open
 * addressing with linear probing; at most half of the slots are used.
 */
export class WordPlaces {
  #slots = new Int32Array(WIDTH * FIRST_SLOTS);
  #used = 0;

  /** The position of a word; undefined if it was not set. */
  get(low: number, high: number): number | undefined {
    const place = this.#slots[this.#slotOf(low, high) + 2]!;
    return place === 0 ? undefined : place - USED;
  }

  /** Adds a word that was not set. @param place At least -1. */
  set(low: number, high: number, place: number): void {
    if (2 * WIDTH * this.#used >= this.#slots.length) this.#grow();
    const slot = this.#slotOf(low, high);
    this.#slots[slot] = low;
    this.#slots[slot + 1] = high;
    this.#slots[slot + 2] = place + USED;
    this.#used++;
  }

  /** Where the slot of a word begins, or the free one where it belongs. */
  #slotOf(low: number, high: number): number {
    const slots = this.#slots;
    const last = slots.length - 1;
    let slot = (WIDTH * low) & last;
    while (slots[slot + 2] !== 0 && (slots[slot] !== low || slots[slot + 1] !== high)) slot = (slot + WIDTH) & last;
    return slot;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Int32Array(Math.min(WIDTH * MOST_SLOTS, 2 * before.length));
    this.#used = 0;
    if (this.#slots.length > before.length)
      for (let slot = 0; slot < before.length; slot += WIDTH)
        if (before[slot + 2] !== 0) this.set(before[slot]!, before[slot + 1]!, before[slot + 2]! - USED);
  }
}
