/** A paper and its cosine to what was asked, -1 to 1. Lists of neighbours are sorted nearest first, ties by label. */
export type Neighbour = { label: number; similarity: number };

/** Nearest first; equal ones by label, so that the same question has the same answer. */
export const byNearness = (a: Neighbour, b: Neighbour): number => b.similarity - a.similarity || a.label - b.label;

/** The k nearest of what it is shown, in one pass: a binary heap with the worst on top. */
export class NearestHeap {
  readonly #heap: Neighbour[] = [];
  readonly #k: number;

  constructor(k: number) {
    this.#k = k;
  }

  offer(label: number, similarity: number): void {
    const heap = this.#heap;
    if (heap.length < this.#k) {
      heap.push({ label, similarity });
      let child = heap.length - 1;
      while (child > 0) {
        const parent = (child - 1) >> 1;
        if (byNearness(heap[child]!, heap[parent]!) <= 0) break;
        [heap[child], heap[parent]] = [heap[parent]!, heap[child]!];
        child = parent;
      }
      return;
    }
    const worst = heap[0];
    if (worst === undefined) return;
    if (similarity < worst.similarity || (similarity === worst.similarity && label > worst.label)) return;
    heap[0] = { label, similarity };
    let parent = 0;
    for (;;) {
      let largest = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2])
        if (child < heap.length && byNearness(heap[child]!, heap[largest]!) > 0) largest = child;
      if (largest === parent) return;
      [heap[parent], heap[largest]] = [heap[largest]!, heap[parent]!];
      parent = largest;
    }
  }

  sorted(): Neighbour[] {
    return this.#heap.toSorted(byNearness);
  }
}
