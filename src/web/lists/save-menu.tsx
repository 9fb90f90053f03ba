/** Adds a paper to lists, and creates a list for it. */
import { useId, useState } from "preact/hooks";
import type { Paper } from "../../core/paper.js";
import { Bookmark } from "../ui/icons.js";
import { Menu } from "../ui/menu.js";
import { holds, ownLists } from "./lists.js";
import { NameInput } from "./name-input.js";
import { useListStore, useLists } from "./use-lists.js";

export function SaveMenu({ paper }: { paper: Pick<Paper, "id" | "title"> }) {
  const kept = useLists();
  const saved = ownLists(kept).some((name) => holds(kept, name, paper.id));
  return (
    <Menu
      button={
        <>
          <Bookmark />
          {saved ? "Saved" : "Save"}
        </>
      }
      label={`${saved ? "Saved" : "Save"}: ${paper.title}`}
      done={saved}
      action="save"
    >
      <Choices paper={paper} />
    </Menu>
  );
}

function Choices({ paper }: { paper: Pick<Paper, "id" | "title"> }) {
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
    <>
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
    </>
  );
}
