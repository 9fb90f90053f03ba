/** One line on what the server is busy with; nothing when it is not. */
import type { Status } from "../api.js";
import { type Progress, speedOf } from "./progress.js";
import { count, number, speedInWords, timeInWords } from "./wording.js";

export function StatusLine({ status, progress }: { status: Status | null; progress: Progress | null }) {
  if (status === null) return null;
  const { notice } = status.index;
  const words = progress === null ? null : wordsOf(status, progress);
  if (words === null && notice === null) return null;
  return (
    <div class="status">
      {words !== null && (
        <p>
          <span>{words}</span>
          {progress?.of === "abstracts" && (
            <progress value={progress.done} max={progress.total} aria-label="Papers embedded" />
          )}
        </p>
      )}
      {notice !== null && <p>{notice}</p>}
    </div>
  );
}

function wordsOf({ indexing, pending }: Status, progress: Progress): string | null {
  const { of, done, total } = progress;
  if (!indexing) return pending > 0 ? `${count(pending, "paper")} not embedded yet: found by words only` : null;
  const left = total - done;
  const speed = speedOf(progress);
  const time = speed === null ? [] : [`${timeInWords(left / speed)} left`];
  return of === "abstracts"
    ? [
        `${number(done)} of ${count(total, "paper")} embedded`,
        ...(speed === null ? [] : [speedInWords(speed)]),
        ...time,
      ].join(", ")
    : [`Reading the sentences of ${count(left, "paper")}`, ...time].join(", ");
}
