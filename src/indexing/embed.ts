/** Papers without vectors -> embedder threads -> the store: all abstracts before any sentence. */
import type { Store } from "../store/store.js";
import type { PendingText } from "../store/vectors.js";
import type { EmbedderPool } from "./pool.js";

export type Phase = "vectors" | "sentences";

/** How far embedding has come. Both counts are of texts: the same abstract from two sources is one. */
export type EmbeddingProgress = { phase: Phase; done: number; total: number };

/** Texts in one call to an embedder, and in one transaction: what a kill can undo is a few of these. */
const BATCH = 8;

/**
 * Embeds whatever is pending until nothing is, also what is imported meanwhile, by this process or another. Each batch
 * is stored as soon as it is ready, so a killed run goes on where it stood.
 *
 * @param imported Says whether this process has imported anything since it was last asked.
 * @returns How many texts were embedded in each phase.
 */
export async function embedPending(
  store: Store,
  pool: EmbedderPool,
  options: { imported: () => boolean; progress: (progress: EmbeddingProgress) => void; signal: AbortSignal },
): Promise<Record<Phase, number>> {
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
    const total = start + store.vectors.countPending(phase);
    if (total === start) return 0;
    await embedPhase(store, pool, phase, {
      stop: () => options.signal.aborted || interrupted(),
      stored: (count) => {
        counts[phase] += count;
        options.progress({ phase, done: counts[phase], total: Math.max(total, counts[phase]) });
      },
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
  return counts;
}

async function embedPhase(
  store: Store,
  pool: EmbedderPool,
  phase: Phase,
  { stop, stored }: { stop: () => boolean; stored: (count: number) => void },
): Promise<void> {
  const inHand = new Set<Promise<void>>();
  const hashes = new Set<string>();
  const failures: unknown[] = [];
  let after = 0;
  const embed = async (texts: PendingText[]) => {
    try {
      await embedBatch(store, pool, phase, texts, stored);
    } catch (thrown) {
      failures.push(thrown);
    }
  };
  while (failures.length === 0 && !stop()) {
    const pending = store.vectors.pending(phase, after, BATCH);
    if (pending.length === 0) break;
    after = pending.at(-1)!.label;
    const texts: PendingText[] = [];
    for (const text of pending) {
      const key = text.hash.toString("hex");
      // The same text again, while its first is on its way.
      if (hashes.has(key)) continue;
      hashes.add(key);
      texts.push(text);
    }
    if (texts.length === 0) continue;
    const call = embed(texts).finally(() => {
      inHand.delete(call);
      for (const { hash } of texts) hashes.delete(hash.toString("hex"));
    });
    inHand.add(call);
    if (inHand.size >= pool.capacity) await Promise.race(inHand);
  }
  await Promise.all(inHand);
  if (failures.length > 0) throw failures[0];
}

async function embedBatch(
  store: Store,
  pool: EmbedderPool,
  phase: Phase,
  texts: PendingText[],
  stored: (count: number) => void,
): Promise<void> {
  const bare = texts.map(({ title, abstract }) => ({ title, abstract }));
  const record = (label: number) => store.changes.recordVectors(label);
  if (phase === "vectors") {
    const vectors = await pool.call("vectors", bare);
    store.write(() => vectors.forEach((vector, i) => store.vectors.putVector(texts[i]!.hash, vector, record)));
  } else {
    const sentences = await pool.call("sentences", bare);
    store.write(() => sentences.forEach((one, i) => store.vectors.putSentences(texts[i]!.hash, one, record)));
  }
  stored(texts.length);
}
