/** A person's own words on a paper. */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { noteOn } from "../lists/lists.js";
import { keepNote, useLists } from "../lists/use-lists.js";

/** What is written and not kept yet, by paper: it is there until the server has taken it. */
const drafts = new Map<string, string>();
/** Papers whose note the server has not answered yet: it is shown as kept, and may not be. */
const onTheWay = new Set<string>();

export function NoteField({ id }: { id: string }) {
  const kept = noteOn(useLists(), id);
  const [draft, setDraft] = useState(drafts.get(id) ?? null);
  const [open, setOpen] = useState(false);
  const field = useId();
  const text = draft ?? kept;
  const write = (typed: string): void => {
    drafts.set(id, typed);
    setDraft(typed);
  };
  const keep = (): void => {
    if (draft === null) return;
    const done = (): void => {
      // Unless more has been written meanwhile.
      if (drafts.get(id) !== draft) return;
      drafts.delete(id);
      setDraft(null);
    };
    if (draft.trim() === kept.trim()) {
      if (!onTheWay.has(id)) done();
      return;
    }
    onTheWay.add(id);
    void keepNote(id, draft.trim()).then((taken) => {
      onTheWay.delete(id);
      if (taken) done();
    });
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
  if (!open && kept === "" && text === "")
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
        onInput={(event) => write(event.currentTarget.value)}
        onBlur={onBlur}
      />
      <small>Kept when you leave the field.</small>
    </div>
  );
}
