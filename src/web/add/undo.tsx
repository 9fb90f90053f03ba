/** Undoes an import: at once when it has few papers, after a question when it has many. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { undoneInWords, type Undos } from "./use-undos.js";
import { count } from "../ui/wording.js";

/** The most papers that are undone without a question. */
const FEW = 20;

interface UndoProps {
  number: number;
  name: string;
  /** How many papers the import added or changed. */
  papers: number;
  undos: Undos;
}

export function Undo({ number, name, papers, undos }: UndoProps) {
  const [asking, setAsking] = useState(false);
  const said = useRef<HTMLSpanElement>(null);
  const first = useRef<HTMLButtonElement>(null);
  const undoing = undos.of(number);
  const at = asking ? "asking" : (undoing?.at ?? "ready");
  const undone = undoing?.at === "undone" ? undoing.undone : null;
  const left = undone?.kept ?? papers;
  // The button that was pressed is replaced by another, or by the outcome: the focus goes there.
  const before = useRef(at);
  useLayoutEffect(() => {
    if (before.current !== at && document.activeElement === document.body) (first.current ?? said.current)?.focus();
    before.current = at;
  }, [at]);

  const undo = (): void => {
    setAsking(false);
    said.current?.focus();
    undos.undo(number);
  };
  return (
    <span class="undo">
      <span ref={said} role="status" tabIndex={-1}>
        {undoing?.at === "undoing" && "Undoing…"}
        {at === "undone" && undone !== null && (undoneInWords(undone) || "Undone; nothing was left to remove")}
        {at === "failed" && undoing?.at === "failed" && `Could not be undone. ${undoing.reason}`}
        {at === "asking" && `Undo the import of ${count(left, "paper")}?`}
      </span>
      {at === "asking" && (
        <>
          <button ref={first} type="button" class="link" aria-label={`Yes, undo the import of ${name}`} onClick={undo}>
            Yes, undo
          </button>
          <button type="button" class="link" aria-label={`No, keep ${name}`} onClick={() => setAsking(false)}>
            No, keep
          </button>
        </>
      )}
      {(at === "ready" || at === "failed" || (at === "undone" && left > 0)) && (
        <button
          ref={first}
          type="button"
          class="link"
          aria-label={`Undo ${undone === null ? "" : "what is left of "}the import of ${name}`}
          onClick={() => (left > FEW ? setAsking(true) : undo())}
        >
          {undone === null ? "Undo" : "Undo the rest"}
        </button>
      )}
    </span>
  );
}
