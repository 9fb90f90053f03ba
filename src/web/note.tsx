/** A person's own words on a paper. */
import { useId, useLayoutEffect, useState } from "preact/hooks";
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
        onBlur={keep}
      />
      <small>Kept when you leave the field.</small>
    </div>
  );
}
