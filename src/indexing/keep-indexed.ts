/**
 * Embeds everything that is pending while a server runs, whichever process imported it. It is not a job of `src/jobs/`,
 * because it does not wait for a time: an import starts it, it may take hours, and the lock of the directory ends with its
 * holder.
 */
import type { EmbeddingProgress } from "./embed.js";

/** What it needs of a `Kindred`. */
type Indexable = {
  readonly readOnly: string | null;
  openingNotice: () => Promise<string | null>;
  status: () => Promise<{
    pending: number;
    pendingSentences: number;
    pendingPoints: number;
    index: { notice: string | null; saved: number; storeChange: number };
  }>;
  index: (options: {
    signal: AbortSignal;
    onProgress: (progress: EmbeddingProgress) => void;
  }) => Promise<{ state: "done" | "busy" }>;
};

type Listeners = {
  /** Called when a check begins: returns the listener for its progress. */
  progress: () => (progress: EmbeddingProgress) => void;
  /** Called when everything is embedded. */
  done: () => void;
  failed: (thrown: unknown) => void;
};

/** How often to check for imports of other processes, in milliseconds. */
const LOOK_EVERY = 2_000;
/** Derived files that lack more changes than this are written again when nothing else is pending. */
const OLD = 1_000;
/** Pause after a failure, in milliseconds. */
const REST = 60_000;

/** @returns `look` checks at once, after an import; `stop` resolves when nothing runs any more. */
export function keepIndexed(kindred: Indexable, { progress, done, failed }: Listeners) {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let resting = 0;
  const run = async () => {
    const onProgress = progress();
    try {
      // Waits until it is known whether the derived files can be used.
      await kindred.openingNotice();
      const { pending, pendingSentences, pendingPoints, index } = await kindred.status();
      // Indexing also writes derived files that are missing, damaged or stale.
      const old = index.notice !== null || index.storeChange - index.saved > (index.saved === 0 ? 0 : OLD);
      if (pending + pendingSentences + pendingPoints === 0 && !old) return;
      const report = await kindred.index({ signal: stopping.signal, onProgress });
      if (report.state === "done") done();
    } catch (thrown) {
      if (!stopping.signal.aborted) failed(thrown);
      resting = performance.now() + REST;
    }
  };
  const look = () => {
    if (kindred.readOnly === null && !stopping.signal.aborted && performance.now() >= resting)
      running ??= run().finally(() => (running = undefined));
  };
  const timer = setInterval(look, LOOK_EVERY);
  return {
    look,
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await running;
    },
  };
}
