import type { Order } from "../api.js";
import { resizeColumn } from "../core/column.js";
import type { Paper } from "../core/paper.js";
import { ChangedRows } from "./changed-rows.js";
import type { Database } from "./database.js";
import { TRENDING } from "./papers.js";

/** A label's place in an order: its sort key, and the label for ties. */
type Place = { key: number | string; label: number };

/** With more unread changes than this, a page is not worth the wait. */
const MOST_UNREAD = 2_000;

/** Sort keys of papers as numbers. A missing month or day counts as 0, so dates sort as their texts do. */
const KEYS = {
  date: "ifnull(CAST(replace(substr(p.published || '-00-00', 1, 10), '-', '') AS INTEGER), 0)",
  upvotes: "ifnull(p.upvotes, -1)",
  trending: TRENDING,
};
type Sorted = keyof typeof KEYS;
const ORDERS = Object.keys(KEYS) as Sorted[];

const numberOf = (key: number | string): number =>
  typeof key === "number" ? key : Number(`${key}-00-00`.slice(0, 10).replaceAll("-", ""));

/**
 * All papers in the orders of a list, in memory: sorting them in SQL takes a tenth of a second or more. Read in slices
 * after the first use; later, only changed papers are.
 */
export class Orders {
  readonly #changed;
  readonly #columns = { date: new SortedColumn(), upvotes: new SortedColumn(), trending: new SortedColumn() };

  /** Whether a page was asked for: nothing is read before. */
  #used = false;

  constructor(database: Database) {
    const keys = ORDERS.map((order) => `${KEYS[order]} AS ${order}`).join(", ");
    this.#changed = new ChangedRows<Record<Sorted, number>>(database, keys, true);
  }

  /**
   * Reads changed papers until a time on the clock of `performance.now()`.
   *
   * @returns Whether there is more to do.
   */
  catchUp(end: number): boolean {
    if (!this.#used) return false;
    const more = this.#changed.read(end, (row) => {
      for (const order of ORDERS) this.#columns[order].set(row.label, row.id === null ? NaN : row[order]);
    });
    if (more) return true;
    for (const order of ORDERS) if (this.#columns[order].sort() && performance.now() > end) return true;
    return false;
  }

  /**
   * Labels in an order, the largest key first, ties by label.
   *
   * @param allowedOf One byte per label, 1 if it may be among them; labels beyond the end may not. Null allows all.
   * @param after The last place of the page before.
   * @returns Null if the order is not in memory, or much of it is stale: then SQL answers.
   */
  page(sort: Order, allowedOf: () => Uint8Array | null, limit: number, after?: Place): number[] | null {
    if (sort === "added") return null;
    this.#used = true;
    if (this.#changed.unread > MOST_UNREAD) return null;
    this.catchUp(Infinity);
    return this.#columns[sort].page(allowedOf(), limit, after && { key: numberOf(after.key), label: after.label });
  }

  /** The key of a paper of a page, as in SQL. */
  keyOf({ published, upvotes }: Pick<Paper, "published" | "upvotes">, label: number, sort: Order): number | string {
    return sort === "date"
      ? (published ?? "")
      : sort === "upvotes"
        ? (upvotes ?? -1)
        : this.#columns.trending.key(label);
  }
}

/** A number for each label, and the labels sorted by it. */
class SortedColumn {
  /** By label; NaN where there is no paper. */
  #keys = new Float64Array(0);
  #sorted = new Uint32Array(0);
  /** Labels whose key is another since they were sorted. */
  #changed = new Set<number>();

  key(label: number): number {
    return this.#keys[label] ?? NaN;
  }

  set(label: number, key: number): void {
    const known = this.#keys.length;
    if (label >= known) this.#keys = resizeColumn(this.#keys, label + 1).fill(NaN, known);
    if (Object.is(this.#keys[label], key)) return;
    this.#keys[label] = key;
    this.#changed.add(label);
  }

  /** Sorts what has changed. @returns Whether there was anything to do. */
  sort(): boolean {
    if (this.#changed.size === 0) return false;
    this.#sorted = this.#changed.size > this.#sorted.length / 16 ? this.#sortAll() : this.#merged();
    this.#changed = new Set();
    return true;
  }

  page(allowed: Uint8Array | null, limit: number, after?: { key: number; label: number }): number[] {
    const labels: number[] = [];
    for (let i = after === undefined ? 0 : this.#placeAfter(after); i < this.#sorted.length; i++) {
      if (labels.length === limit) break;
      const label = this.#sorted[i]!;
      if (allowed === null || allowed[label] === 1) labels.push(label);
    }
    return labels;
  }

  /** The position of the first label that comes after a place. */
  #placeAfter({ key, label }: { key: number; label: number }): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#sorted[middle]!;
      if (this.#keys[other]! > key || (this.#keys[other] === key && other <= label)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** By counting, because a sort that compares labels by a function takes five times as long. */
  #sortAll(): Uint32Array<ArrayBuffer> {
    const keys = this.#keys.filter((key) => !Number.isNaN(key)).sort();
    // How many labels have a larger key; those with the same key follow each other.
    const next = new Map<number, number>();
    for (let i = 0; i < keys.length; i++) next.set(keys[i]!, keys.length - 1 - i);
    const sorted = new Uint32Array(keys.length);
    for (let label = 0; label < this.#keys.length; label++) {
      const key = this.#keys[label]!;
      if (Number.isNaN(key)) continue;
      const place = next.get(key)!;
      sorted[place] = label;
      next.set(key, place + 1);
    }
    return sorted;
  }

  #merged(): Uint32Array<ArrayBuffer> {
    const keys = this.#keys;
    const inOrder = (a: number, b: number): number => keys[b]! - keys[a]! || a - b;
    const before = this.#sorted.filter((label) => !this.#changed.has(label));
    const added = [...this.#changed].filter((label) => !Number.isNaN(keys[label])).toSorted(inOrder);
    const merged = new Uint32Array(before.length + added.length);
    for (let i = 0, b = 0, a = 0; i < merged.length; i++)
      merged[i] =
        a === added.length || (b < before.length && inOrder(before[b]!, added[a]!) < 0) ? before[b++]! : added[a++]!;
    return merged;
  }
}
