/** A button that removes something, after a question. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/http.js";

interface RemoveProps {
  name: string;
  question: string;
  /** What can be answered besides "No"; each removes in its own way, and rejects with a Problem. */
  answers: readonly { label: string; remove: () => Promise<void> }[];
  /** Called with the words of a problem, or with none when it tries again. */
  onProblem: (words: string) => void;
}

export function Remove({ name, question, answers, onProblem }: RemoveProps) {
  const [at, setAt] = useState<"ready" | "asking" | "removing">("ready");
  const first = useRef<HTMLButtonElement>(null);
  const before = useRef(at);
  // The button that was pressed is replaced by others: the focus goes there.
  useLayoutEffect(() => {
    if (before.current !== at) first.current?.focus();
    before.current = at;
  }, [at]);
  const answered = (remove: () => Promise<void>): void => {
    setAt("removing");
    onProblem("");
    remove().catch(({ message }: Problem) => {
      onProblem(message);
      setAt("ready");
    });
  };
  if (at === "ready")
    return (
      <button ref={first} type="button" class="link" aria-label={`Remove: ${name}`} onClick={() => setAt("asking")}>
        Remove
      </button>
    );
  if (at === "removing") return <span role="status">Removing…</span>;
  return (
    <span class="undo">
      <span role="status">{question}</span>
      {answers.map(({ label, remove }, i) => (
        <button key={label} ref={i === 0 ? first : null} type="button" class="link" onClick={() => answered(remove)}>
          {label}
        </button>
      ))}
      <button type="button" class="link" onClick={() => setAt("ready")}>
        No
      </button>
    </span>
  );
}
