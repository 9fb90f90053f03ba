/** Papers without vectors -> embedder threads -> the store: all abstracts before any sentence. */
import { setImmediate } from "node:timers/promises";
import { KindredError, messageOf } from "../errors.js";
import type { Store } from "../store/store.js";
import type { PendingText } from "../store/vectors.js";
import { TRIES } from "../thread.js";
import type { EmbedderPool } from "./pool.js";

export type Phase = "vectors" | "sentences";

/**
 * How far a run of embedding has come in a phase; `done` only ever grows, also where the phases take turns. Both counts are
 * of texts: the same abstract from two sources is one.
 */
export type EmbeddingProgress = { phase: Phase; done: number; total: number };

/** Texts in one call to an embedder, at most: what a kill can undo is two calls a worker. */
const BATCH = 8;
/** A text that every model embeds: when it fails too, the text before it is not to blame. */
const PLAIN = { title: "A plain text.", abstract: null };

/**
 * Embeds whatever is pending until nothing is, also what is imported meanwhile, by this process or another. All of it
 * is stored as soon as it is ready, so a killed run goes on where it stood. A text that cannot be embedded is set aside
 * with the reason, and the rest goes on.
 *
 * @param imported Says whether this process has imported anything since it was last asked.
 */
export async function embedPending(
  store: Store,
  pool: EmbedderPool,
  options: { imported: () => boolean; progress: (progress: EmbeddingProgress) => void; signal: AbortSignal },
): Promise<void> {
  const counts = { vectors: 0, sentences: 0 };
  let version = store.dataVersion();
  // Only this process writes vectors, so another version is another process's import.
  const changed = () => {
    const now = store.dataVersion();
    const other = now !== version;
    version = now;
    return options.imported() || other;
  };
  const run = async (phase: Phase, interrupted: () => boolean): Promise<number> => {
    const start = counts[phase];
    let total = start + store.vectors.countPending(phase);
    if (total === start) return 0;
    await embedPhase(store, pool, phase, {
      stop: () => options.signal.aborted || interrupted(),
      stored: (count) => {
        counts[phase] += count;
        options.progress({ phase, done: counts[phase], total: Math.max(total, counts[phase]) });
      },
      failed: () => void total--,
    });
    return counts[phase] - start;
  };
  let news = true;
  while (!options.signal.aborted) {
    if (news) {
      news = false;
      await run("vectors", () => false);
    }
    const embedded = await run("sentences", () => (news ||= changed()));
    news ||= changed();
    if (!news && embedded === 0) break;
  }
}

async function embedPhase(
  store: Store,
  pool: EmbedderPool,
  phase: Phase,
  { stop, stored, failed }: { stop: () => boolean; stored: (count: number) => void; failed: () => void },
): Promise<void> {
  const commit = groupCommits(store);
  const waiting: PendingText[] = [];
  /** Texts of calls that failed: each is tried alone when no other call is under way. */
  const suspects: PendingText[] = [];
  const inHand = new Set<Promise<void>>();
  /** Of the texts that wait or are in hand: the same text may come again before it is stored. */
  const hashes = new Set<string>();
  const failures: unknown[] = [];
  const ahead = pool.capacity * BATCH;
  const forget = (texts: readonly PendingText[]) => texts.forEach(({ hash }) => hashes.delete(hash.toString("hex")));
  const trySuspects = async () => {
    // Which text ends a thread can be told only when it alone is embedded.
    await Promise.all(inHand);
    for (const text of suspects.splice(0)) {
      if (failures.length > 0 || stop()) return;
      try {
        await embedCall(store, pool, phase, [text], commit);
        stored(1);
      } catch (thrown) {
        if (!mayBeTheText(thrown)) throw thrown;
        await setAside(store, pool, phase, text, thrown);
        failed();
      }
      forget([text]);
    }
  };
  let after = 0;
  let reachedEnd = false;
  while (failures.length === 0 && !stop()) {
    // Behind the last pending one there may be very many papers to look through: not again and again.
    if (waiting.length === 0 || (waiting.length < ahead && !reachedEnd)) {
      const pending = store.vectors.pending(phase, after, ahead);
      after = pending.at(-1)?.label ?? after;
      reachedEnd = pending.length < ahead;
      for (const text of pending) {
        const key = text.hash.toString("hex");
        if (hashes.has(key)) continue;
        hashes.add(key);
        waiting.push(text);
      }
    }
    if (waiting.length === 0) {
      if (reachedEnd) break;
      continue;
    }
    // The last texts are dealt out in smaller calls, so that all workers end at about the same time.
    const texts = waiting.splice(0, Math.min(BATCH, Math.ceil(waiting.length / pool.capacity)));
    const call = embedCall(store, pool, phase, texts, commit)
      .then(
        () => {
          stored(texts.length);
          forget(texts);
        },
        (thrown: unknown) => void (mayBeTheText(thrown) ? suspects.push(...texts) : failures.push(thrown)),
      )
      .finally(() => inHand.delete(call));
    inHand.add(call);
    if (inHand.size >= pool.capacity) await Promise.race(inHand);
    if (suspects.length > 0) await trySuspects();
  }
  await trySuspects();
  if (failures.length > 0) throw failures[0];
}

/** Whether the text that was being embedded may be the cause; not when Kindred says that something else is. */
const mayBeTheText = (thrown: unknown): boolean => !(thrown instanceof KindredError) || thrown.code === "interrupted";

/** @throws What was thrown, when a plain text cannot be embedded either. */
async function setAside(
  store: Store,
  pool: EmbedderPool,
  phase: Phase,
  { hash }: PendingText,
  thrown: unknown,
): Promise<void> {
  try {
    await pool.call(phase, [PLAIN]);
  } catch {
    throw thrown;
  }
  const tries = thrown instanceof KindredError ? TRIES : 1;
  store.write(() =>
    store.vectors.putFailed(hash, messageOf(thrown), tries, (label) => store.changes.recordVectors(label)),
  );
}

async function embedCall(
  store: Store,
  pool: EmbedderPool,
  phase: Phase,
  texts: PendingText[],
  commit: (put: () => void) => Promise<void>,
): Promise<void> {
  const bare = texts.map(({ title, abstract }) => ({ title, abstract }));
  const record = (label: number) => store.changes.recordVectors(label);
  if (phase === "vectors") {
    const vectors = await pool.call("vectors", bare);
    await commit(() => vectors.forEach((vector, i) => store.vectors.putVector(texts[i]!.hash, vector, record)));
  } else {
    const sentences = await pool.call("sentences", bare);
    await commit(() => sentences.forEach((one, i) => store.vectors.putSentences(texts[i]!.hash, one, record)));
  }
}

/**
 * What became ready while the last transaction waited for the disk goes into the next one together: so many workers do
 * not wait for so many syncs.
 */
function groupCommits(store: Store): (put: () => void) => Promise<void> {
  let ready: (() => void)[] = [];
  let next: Promise<void> | undefined;
  return (put) => {
    ready.push(put);
    // Behind all answers that have arrived.
    next ??= setImmediate().then(() => {
      const puts = ready;
      ready = [];
      next = undefined;
      store.write(() => puts.forEach((one) => one()));
    });
    return next;
  };
}
