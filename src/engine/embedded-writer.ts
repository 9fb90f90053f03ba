import { setImmediate } from "node:timers/promises";
import { KindredError } from "../core/errors.js";
import type { Outcome } from "../store/papers.js";
import type { Store } from "../store/store.js";
import { place, release } from "./placing.js";
import type {
  Embedded,
  ImportBatch,
  ImportedBatch,
  Lease,
  Own,
  PendingText,
  Phase,
  Replacement,
  Writer,
} from "./writer.js";

/** Changes the database of the embedded engine: one transaction per call. */
export function embeddedWriter(store: Store): Writer {
  const record = (label: number) => store.changes.recordVectors(label);
  let imports = 0;
  let forgetting: Generator<void> | undefined;
  let unlock: (() => void) | null = null;
  const leases = new Leases();
  return {
    importBatch: async (batch) => {
      imports++;
      return store.write(() => importBatch(store, batch));
    },
    undo: async (number) => {
      const steps = store.imports.undo(number, (work) => store.write(work));
      for (;;) {
        const { value, done } = steps.next();
        if (done === true) return value;
        // Other calls run in between.
        await setImmediate();
      }
    },
    remove: async (id) => store.write(() => store.papers.remove(id)),

    createList: async (name) => store.write(() => void store.lists.create(name)),
    renameList: async ({ name, to, own }) =>
      store.write(() => {
        if (own !== undefined && !replace(store, own)) return false;
        store.lists.rename(name, to);
        return true;
      }),
    deleteList: async (name) => store.write(() => store.lists.delete(name)),
    addToList: async ({ name, id }) => store.write(() => void store.lists.add(name, id)),
    removeFromList: async ({ name, id }) =>
      store.write(() => store.papers.idsOf(id).forEach((one) => store.lists.remove(name, one))),
    place: async (change) => store.write(() => place(store, change)),
    release: async (change) => store.write(() => release(store, change)),
    note: async ({ id, note }) =>
      store.write(() => store.papers.idsOf(id).forEach((one) => store.lists.note(one, note))),

    // SQLite only tells of changes by other connections.
    importVersion: async () => `${store.dataVersion()} ${imports}`,
    countPapers: async () => store.papers.count(),
    startIndexing: async () => {
      if (unlock !== null) return false;
      unlock = store.lock();
      return unlock !== null;
    },
    stopIndexing: async () => {
      unlock?.();
      unlock = null;
    },
    countPending: async (phase) => store.vectors.countPending(phase),
    firstPending: async ({ phase, after }) => store.vectors.pending(phase, after, 1)[0]?.label ?? null,
    takePending: async ({ phase, after, limit, ...lease }) => {
      // The process with the lock embeds all texts, so leases need not be known to others.
      if (unlock === null) return { texts: [], held: true };
      const texts: PendingText[] = [];
      let held = false;
      for (let from = after; ;) {
        const wanted = limit - texts.length;
        const pending = store.vectors.pending(phase, from, wanted);
        for (const text of pending) {
          const holder = leases.take(phase, text.hash, lease);
          if (holder === null) texts.push(text);
          else held ||= holder !== lease.holder;
        }
        if (pending.length < wanted || texts.length === limit) return { texts, held };
        from = pending.at(-1)!.label;
      }
    },
    releasePending: async (holder) => leases.release(holder),
    putEmbedded: async (results) => {
      store.write(() => {
        for (const result of results) {
          const { hash } = result;
          if ("vector" in result) store.vectors.putVector(hash, result.vector, record);
          else if ("sentences" in result) store.vectors.putSentences(hash, result.sentences, record);
          else store.vectors.putFailed(hash, result.failed.reason, result.failed.tries, record);
        }
      });
      leases.end(results);
    },
    retryFailed: async () => store.write(() => store.vectors.retryFailed(record)),
    forgetUnused: async () => {
      forgetting ??= store.vectors.forgetUnused((work) => store.write(work));
      if (forgetting.next().done !== true) return true;
      forgetting = undefined;
      return false;
    },

    // The process with the lock makes it.
    leaseMap: async () => unlock !== null,
    releaseMap: async () => {},
    mapState: async () => ({
      change: store.changes.latest(),
      map: store.map.get(),
      pending: store.map.countPending(),
    }),
    mappable: async ({ after, limit }) => store.map.mappable(after, limit),
    putMap: async (mapped) => store.write(() => store.map.put(mapped)),

    putOwned: async (rows) => store.write(() => rows.forEach((row) => store.owned.put(row))),
    replaceOwned: async (replacement) => store.write(() => replace(store, replacement)),
    removeOwned: async ({ owner, prefix }) => store.write(() => store.owned.removeAll(owner, prefix)),

    addJob: async (job) => store.write(() => store.jobs.add(job)),
    removeJob: async (name) => store.write(() => store.jobs.remove(name)),
    takeJob: async (wanted) => store.jobs.take(wanted, (work) => store.write(work)),
    renewJob: async (lease) => store.write(() => store.jobs.renew(lease)),
    finishJob: async (ended) => store.write(() => store.jobs.finish(ended)),
  };
}

/** See `Writer.importBatch`. Call inside a transaction. */
export function importBatch(
  store: Store,
  { number, name, records, last, rows = [], each, ids }: ImportBatch,
): ImportedBatch {
  let own = number;
  if (records.length > 0) {
    own ??= store.imports.begin(name);
    store.imports.expectRunning(own);
  }
  const papers = records.map((record, i) => {
    const { label, outcome, before, remark, lost } = store.papers.put(record, {
      // Two records of one source are two papers: it would say of one what it says of the other.
      ...(each?.others !== undefined && {
        work: (id: string) => store.owned.get(each.owner, each.key + id) === undefined,
      }),
      fills: (id) => each !== undefined && fills(store, each, id),
    });
    store.imports.record(own!, label, outcome, before);
    for (const other of lost) store.imports.record(own!, other.label, "updated", other.before);
    const id = store.papers.idOf(label);
    const key = ids?.keys[i];
    if (ids !== undefined && key !== undefined) store.owned.put({ owner: ids.owner, key, value: id });
    const remarks = remark === undefined ? [] : [remark];
    if (each !== undefined) remarks.push(...mark(store, each, id, outcome));
    return { id, outcome, remarks };
  });
  if (last && own !== null) store.imports.finish(own);
  for (const row of rows) store.owned.put(row);
  return { number: own, papers };
}

/** Stores rows, unless one of those that were read has changed. Call inside a transaction. @returns Whether it did. */
export function replace(store: Store, { read, rows }: Replacement): boolean {
  if (read.some(({ owner, key, value }) => (store.owned.get(owner, key) ?? null) !== value)) return false;
  for (const row of rows) store.owned.put(row);
  return true;
}

/** The value of the row of a paper that another caller has brought first. */
const FILLED = "filled";

/**
 * Whether another caller decides about the fields of a paper. Of all that have brought it, exactly one does: the first that has
 * not only filled in, otherwise the first, by key.
 */
function fills(store: Store, { owner, key, others = [] }: NonNullable<Own["each"]>, id: string): boolean {
  if (others.length === 0) return false;
  const brought = [key, ...others]
    .map((one) => ({ key: one, value: store.owned.get(owner, one + id) }))
    .filter(({ value }) => value !== undefined)
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const first = brought.find(({ value }) => value !== FILLED) ?? brought[0];
  return first !== undefined && first.key !== key;
}

/** Stores the caller's row of a paper. @returns Why the paper could not be put in the list. */
function mark(store: Store, each: NonNullable<Own["each"]>, id: string, outcome: Outcome): string[] {
  const { owner, key, list } = each;
  const value = outcome !== "added" && fills(store, each, id) ? FILLED : outcome;
  // A paper that a person has taken out of the list stays out.
  if (!store.owned.add(owner, key + id, value) || list === undefined) return [];
  try {
    store.lists.create(list);
    store.lists.add(list, id);
    return [];
  } catch (thrown) {
    if (thrown instanceof KindredError && thrown.code === "too-large") return [thrown.message];
    throw thrown;
  }
}

/** Texts that somebody is embedding. */
class Leases {
  readonly #leases = new Map<string, Omit<Lease, "now">>();

  /** @returns Null if it was free; otherwise who has it. */
  take(phase: Phase, hash: Uint8Array, { holder, now, until }: Lease): string | null {
    const key = keyOf(phase, hash);
    const lease = this.#leases.get(key);
    if (lease !== undefined && lease.until > now) return lease.holder;
    this.#leases.set(key, { holder, until });
    return null;
  }

  release(holder: string): void {
    for (const [key, lease] of this.#leases) if (lease.holder === holder) this.#leases.delete(key);
  }

  /** Ends the leases of texts that are embedded. */
  end(results: readonly Embedded[]): void {
    for (const { hash, ...result } of results) {
      if (!("sentences" in result)) this.#leases.delete(keyOf("vectors", hash));
      if (!("vector" in result)) this.#leases.delete(keyOf("sentences", hash));
    }
  }
}

const keyOf = (phase: Phase, hash: Uint8Array): string => phase + Buffer.from(hash).toString("hex");
