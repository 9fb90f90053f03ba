/** One line on what the server is busy with; nothing when it is not. */
import type { Status } from "../api.js";
import type { Progress } from "./progress.js";
import { count, number } from "./wording.js";

export function StatusLine({ status, progress }: { status: Status | null; progress: Progress | null }) {
  if (status === null) return null;
  const { notice } = status.index;
  const words = wordsOf(status, progress);
  if (words === null && notice === null) return null;
  return (
    <div class="status">
      {words !== null && (
        <p>
          <span>{words}</span>
          {progress !== null && <progress value={progress.done} max={progress.total} aria-label="Papers embedded" />}
        </p>
      )}
      {notice !== null && <p>{notice}</p>}
    </div>
  );
}

function wordsOf(status: Status, progress: Progress | null): string | null {
  if (progress !== null)
    return status.indexing
      ? `Embedding ${number(progress.done)} of ${count(progress.total, "paper")}`
      : `${count(status.pending, "paper")} not embedded yet: found by words only`;
  if (status.pendingSentences > 0 && status.indexing)
    return `Reading the sentences of ${count(status.pendingSentences, "paper")}`;
  return null;
}
