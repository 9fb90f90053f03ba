/** What the server is doing, and what it refused; nothing when there is nothing to say. */
import type { Status } from "../../api.js";
import { focusHeading } from "../ui/heading.js";
import { type Progress, speedOf } from "./progress.js";
import { useListStore, useRefused } from "../lists/use-lists.js";
import { count, number, speedInWords, timeInWords } from "../ui/wording.js";

export function StatusLine({ status, progress }: { status: Status | null; progress: Progress | null }) {
  const lists = useListStore();
  const refused = useRefused();
  const notice = status?.index.notice ?? null;
  const words = status === null || progress === null ? null : wordsOf(status, progress);
  const failed = status?.failed ?? 0;
  if (words === null && notice === null && refused === null && failed === 0) return null;
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
      {failed > 0 && <p>{count(failed, "paper")} could not be embedded: run “kindred verify” for the reasons</p>}
      {refused !== null && (
        <p class="refused">
          {refused}
          <button
            type="button"
            class="link"
            onClick={() => {
              lists.forgetRefused();
              // The button disappears with its message.
              focusHeading();
            }}
          >
            Close
          </button>
        </p>
      )}
    </div>
  );
}

function wordsOf({ indexing, pending }: Status, progress: Progress): string | null {
  const { of, done, total } = progress;
  if (!indexing) return pending > 0 ? `${count(pending, "paper")} not embedded yet: can only be found by words` : null;
  const left = total - done;
  const speed = speedOf(progress);
  const time = speed === null ? [] : [`${timeInWords(left / speed)} left`];
  return of === "abstracts"
    ? [
        `${number(done)} of ${count(total, "paper")} embedded`,
        ...(speed === null ? [] : [speedInWords(speed)]),
        ...time,
      ].join(", ")
    : [`Embedding the sentences of ${count(left, "paper")}`, ...time].join(", ");
}
