/**
 * Embeds papers without vectors, in the threads of a pool, and stores the results: all abstracts before any sentence.
 */
import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { KindredError, messageOf } from "../core/errors.js";
import type { Embedded, PendingText, Phase, Writer } from "../engine/writer.js";
import { TRIES } from "../core/thread.js";
import type { EmbedderPool } from "./pool.js";

export type { Phase };

/**
 * Progress within a phase. `done` never decreases, even if the phases alternate. Both count texts: the same abstract
 * from two sources is one.
 */
export type EmbeddingProgress = { phase: Phase; done: number; total: number };

/** Most texts per call to an embedder. If the process is killed, two calls per worker are lost. */
const BATCH = 8;
/**
 * How long nobody else embeds a text that was taken, in milliseconds: longer than a slow machine takes for all that are taken
 * at a time. After that, its process has probably ended.
 */
const LEASE = 600_000;
/** A text that any model can embed: if it fails too, the text before it is not the cause. */
const PLAIN = { title: "A plain text.", abstract: null };

/**
 * Embeds everything pending, including what this or another process imports meanwhile. Results are stored as soon as
 * they are ready, so that an interrupted run continues where it stopped. A text that cannot be embedded is recorded
 * with the reason, and the run continues.
 *
 * @returns Whether something was left to another process, which is embedding it.
 */
export async function embedPending(
  writer: Writer,
  pool: EmbedderPool,
  options: { progress: (progress: EmbeddingProgress) => void; signal: AbortSignal },
): Promise<boolean> {
  const counts = { vectors: 0, sentences: 0 };
  const held = { vectors: false, sentences: false };
  let version = await writer.importVersion();
  const changed = async () => {
    const before = version;
    version = await writer.importVersion();
    return version !== before;
  };
  const run = async (phase: Phase, interrupted: () => Promise<boolean>): Promise<number> => {
    const start = counts[phase];
    let total = start + (await writer.countPending(phase));
    held[phase] = false;
    if (total === start) return 0;
    held[phase] = await embedPhase(writer, pool, phase, {
      stop: async () => options.signal.aborted || (await interrupted()),
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
      await run("vectors", async () => false);
    }
    const embedded = await run("sentences", async () => (news ||= await changed()));
    news ||= await changed();
    if (!news && embedded === 0) break;
  }
  return held.vectors || held.sentences;
}

/** @returns Whether some texts are left to another process. */
async function embedPhase(
  writer: Writer,
  pool: EmbedderPool,
  phase: Phase,
  { stop, stored, failed }: { stop: () => Promise<boolean>; stored: (count: number) => void; failed: () => void },
): Promise<boolean> {
  const commit = groupCommits(writer);
  const waiting: PendingText[] = [];
  /** Texts of failed calls: each is tried alone, when no other call is running. */
  const suspects: PendingText[] = [];
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const ahead = pool.capacity * BATCH;
  const holder = randomUUID();
  const trySuspects = async () => {
    // Only a text that is embedded alone can be identified as the cause.
    await Promise.all(running);
    for (const text of suspects.splice(0)) {
      if (failures.length > 0 || (await stop())) return;
      try {
        await embedCall(pool, phase, [text], commit);
        stored(1);
      } catch (thrown) {
        if (!mayBeTheText(thrown)) throw thrown;
        await recordFailure(writer, pool, phase, text, thrown);
        failed();
      }
    }
  };
  let after = 0;
  let reachedEnd = false;
  let held = false;
  try {
    while (failures.length === 0 && !(await stop())) {
      // Searching past the last pending text may read very many papers, so it is not repeated.
      if (waiting.length === 0 || (waiting.length < ahead && !reachedEnd)) {
        const now = Date.now();
        const taken = await writer.takePending({ phase, after, limit: ahead, holder, now, until: now + LEASE });
        held ||= taken.held;
        after = taken.texts.at(-1)?.label ?? after;
        reachedEnd = taken.texts.length < ahead;
        waiting.push(...taken.texts);
      }
      if (waiting.length === 0) break;
      // The last texts go out in smaller calls, so that all workers finish at about the same time.
      const texts = waiting.splice(0, Math.min(BATCH, Math.ceil(waiting.length / pool.capacity)));
      const call = embedCall(pool, phase, texts, commit)
        .then(
          () => stored(texts.length),
          (thrown: unknown) => void (mayBeTheText(thrown) ? suspects.push(...texts) : failures.push(thrown)),
        )
        .finally(() => running.delete(call));
      running.add(call);
      if (running.size >= pool.capacity) await Promise.race(running);
      if (suspects.length > 0) await trySuspects();
    }
    await trySuspects();
  } finally {
    await Promise.all(running);
    await writer.releasePending(holder);
  }
  if (failures.length > 0) throw failures[0];
  return held;
}

/** Whether the text may be the cause of an error: not if Kindred reports another cause. */
const mayBeTheText = (thrown: unknown): boolean => !(thrown instanceof KindredError) || thrown.code === "interrupted";

/**
 * Records that a text cannot be embedded.
 *
 * @throws The given error, if a plain text cannot be embedded either.
 */
async function recordFailure(
  writer: Writer,
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
  await writer.putEmbedded([{ hash, failed: { reason: messageOf(thrown), tries } }]);
}

async function embedCall(
  pool: EmbedderPool,
  phase: Phase,
  texts: PendingText[],
  commit: (results: Embedded[]) => Promise<void>,
): Promise<void> {
  const bare = texts.map(({ title, abstract }) => ({ title, abstract }));
  if (phase === "vectors") {
    const vectors = await pool.call("vectors", bare);
    await commit(vectors.map((vector, i) => ({ hash: texts[i]!.hash, vector })));
  } else {
    const sentences = await pool.call("sentences", bare);
    await commit(sentences.map((one, i) => ({ hash: texts[i]!.hash, sentences: one })));
  }
}

/**
 * Stores in one transaction what became ready while the last one waited for the disk, so that many workers do not wait
 * for many syncs.
 */
function groupCommits(writer: Writer): (results: Embedded[]) => Promise<void> {
  let ready: Embedded[] = [];
  let next: Promise<void> | undefined;
  return (results) => {
    ready.push(...results);
    // After all answers that have arrived.
    next ??= setImmediate().then(() => {
      const all = ready;
      ready = [];
      next = undefined;
      return writer.putEmbedded(all);
    });
    return next;
  };
}
