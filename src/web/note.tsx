/** A person's own words on a paper. */
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { noteOn } from "./lists.js";
import { keepNote, useLists } from "./use-lists.js";

export function NoteField({ id }: { id: string }) {
  const kept = noteOn(useLists(), id);
  const [text, setText] = useState(kept);
  const [open, setOpen] = useState(false);
  const field = useId();
  useLayoutEffect(() => setText(kept), [kept]);
  const keep = (): void => {
    if (text.trim() !== kept.trim()) void keepNote(id, text.trim());
  };
  const latest = useRef(keep);
  latest.current = keep;
  useEffect(() => {
    // The last that is heard of a page that is left: the field has the focus still.
    const onHidden = (): void => {
      if (document.hidden) latest.current();
    };
    document.addEventListener("visibilitychange", onHidden);
    return () => document.removeEventListener("visibilitychange", onHidden);
  }, []);
  const onBlur = (): void => {
    keep();
    if (text.trim() === "") setOpen(false);
  };
  if (!open && kept === "")
    return (
      <p class="note">
        <button type="button" class="link" onClick={() => setOpen(true)}>
          Add a note
        </button>
      </p>
    );
  return (
    <div class="note">
      <label for={field}>Your note</label>
      <textarea
        id={field}
        value={text}
        rows={Math.min(12, Math.max(2, text.split("\n").length))}
        maxLength={20_000}
        dir="auto"
        // Who has asked for the field is going to write.
        ref={(element) => void (open && kept === "" && text === "" && element?.focus())}
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={onBlur}
      />
      <small>Kept when you leave the field.</small>
    </div>
  );
}
