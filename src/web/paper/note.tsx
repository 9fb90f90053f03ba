/** A person's own note on a paper. */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { noteOn } from "../lists/lists.js";
import { useListStore, useLists } from "../lists/use-lists.js";
import { useStore } from "../session/stores.js";

/** Notes that are not saved yet, by paper. */
class Drafts {
  readonly texts = new Map<string, string>();
  /** Papers whose note is being saved: it shows as saved already, and may yet fail. */
  readonly saving = new Set<string>();
}

export function NoteField({ id }: { id: string }) {
  const lists = useListStore();
  const drafts = useStore(Drafts);
  const kept = noteOn(useLists(), id);
  const [draft, setDraft] = useState(drafts.texts.get(id) ?? null);
  const [open, setOpen] = useState(false);
  const field = useId();
  const text = draft ?? kept;
  const write = (typed: string): void => {
    drafts.texts.set(id, typed);
    setDraft(typed);
  };
  const save = (): void => {
    if (draft === null) return;
    const done = (): void => {
      // Unless more has been written since.
      if (drafts.texts.get(id) !== draft) return;
      drafts.texts.delete(id);
      setDraft(null);
    };
    if (draft.trim() === kept.trim()) {
      if (!drafts.saving.has(id)) done();
      return;
    }
    drafts.saving.add(id);
    void lists.saveNote(id, draft.trim()).then((saved) => {
      drafts.saving.delete(id);
      if (saved) done();
    });
  };
  const latest = useRef(save);
  latest.current = save;
  useEffect(() => {
    // The last event of a page that is being left: the field still has the focus.
    const onHidden = (): void => {
      if (document.hidden) latest.current();
    };
    document.addEventListener("visibilitychange", onHidden);
    return () => document.removeEventListener("visibilitychange", onHidden);
  }, []);
  const onBlur = (): void => {
    save();
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
        // The field was just opened.
        ref={(element) => void (open && kept === "" && text === "" && element?.focus())}
        onInput={(event) => write(event.currentTarget.value)}
        onBlur={onBlur}
      />
      <small>Saved when you leave the field.</small>
    </div>
  );
}
