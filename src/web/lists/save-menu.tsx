/** Adds a paper to lists, and creates a list for it. */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Paper } from "../../core/paper.js";
import { Bookmark } from "../ui/icons.js";
import { holds, ownLists } from "./lists.js";
import { NameInput } from "./name-input.js";
import { useListStore, useLists } from "./use-lists.js";

export function SaveMenu({ paper }: { paper: Pick<Paper, "id" | "title"> }) {
  const [open, setOpen] = useState(false);
  const menu = useRef<HTMLDetailsElement>(null);
  const kept = useLists();
  const saved = ownLists(kept).filter((name) => holds(kept, name, paper.id)).length;
  useEffect(() => {
    if (!open) return undefined;
    const close = (): void => void (menu.current !== null && (menu.current.open = false));
    const onPointer = (event: Event): void => {
      if (event.target instanceof Node && menu.current?.contains(event.target) !== true) close();
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      close();
      menu.current?.querySelector("summary")?.focus();
    };
    const listening = new AbortController();
    document.addEventListener("pointerdown", onPointer, { signal: listening.signal });
    document.addEventListener("keydown", onKey, { signal: listening.signal });
    return () => listening.abort();
  }, [open]);
  return (
    <details class="save" ref={menu} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class={saved > 0 ? "saved" : ""} aria-label={`Save: ${paper.title}`} data-action="save">
        <Bookmark />
        {saved > 0 ? "Saved" : "Save"}
      </summary>
      {open && <Menu paper={paper} />}
    </details>
  );
}

function Menu({ paper }: { paper: Pick<Paper, "id" | "title"> }) {
  const kept = useLists();
  const store = useListStore();
  const [name, setName] = useState("");
  const field = useId();
  const own = ownLists(kept);
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    const wanted = name.trim();
    if (wanted === "") return;
    setName("");
    void store.make(wanted, paper.id);
  };
  return (
    <div class="menu">
      {own.length > 0 && (
        <ul>
          {own.map((list) => (
            <li key={list}>
              <label>
                <input
                  type="checkbox"
                  checked={holds(kept, list, paper.id)}
                  onChange={() => store.toggle(list, paper.id)}
                />
                <bdi>{list}</bdi>
              </label>
            </li>
          ))}
        </ul>
      )}
      <form onSubmit={onSubmit}>
        <label for={field}>New list</label>
        <NameInput id={field} name={name} onName={setName} />
        <button type="submit">Save</button>
      </form>
    </div>
  );
}
