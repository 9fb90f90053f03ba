/** Likes and named lists, and what can be done with each. */
import { useId, useState } from "preact/hooks";
import type { ExportFormat } from "../../api.js";
import { FeedButton } from "../alerts/feed.js";
import { Follow } from "../alerts/follow.js";
import { DISLIKES, LIKES } from "../../core/list.js";
import { addressOf, addressOfList, browse, type LibraryView } from "../navigation/address.js";
import { list } from "../api/client.js";
import { focusHeading, Heading } from "../ui/heading.js";
import type { Go } from "../navigation/router.js";
import { useListing } from "../results/listing.js";
import { idsIn, nameIn, ownLists, titleOfList } from "../lists/lists.js";
import { NotKnown } from "./not-known.js";
import { Results } from "../results/results.js";
import { NameInput } from "../lists/name-input.js";
import { useKnown, useLists, useListStore, useRevision } from "../lists/use-lists.js";
import { useTitle } from "../ui/use-title.js";
import { count, number } from "../ui/wording.js";

/** The formats in which a list can be exported. */
const FORMATS: [ExportFormat, string][] = [
  ["bibtex", "BibTeX"],
  ["biblatex", "BibLaTeX"],
  ["ris", "RIS"],
  ["csl-json", "CSL-JSON"],
  ["csv", "CSV"],
  ["jsonl", "JSON Lines"],
  ["markdown", "Markdown"],
  ["text", "Plain text"],
];

interface LibraryProps {
  view: LibraryView;
  go: Go;
  edition: number;
  allEmbedded: boolean;
}

export function Library({ view, go, edition, allEmbedded }: LibraryProps) {
  const store = useListStore();
  const kept = useLists();
  const known = useKnown();
  const name = nameIn(kept, view.list);
  useTitle(titleOfList(name));
  const ids = idsIn(kept, name);
  const exists = kept.lists.some((one) => one.name === name);
  const revision = useRevision([name], view);
  const listing = useListing(`${edition} library ${revision} ${view.list}`, async (cursor, signal) => {
    await store.settled();
    return list({ list: [view.list] }, "added", cursor, signal);
  });
  return (
    <div class="columns">
      <aside class="lists" aria-label="Lists">
        <ul>
          {[LIKES, DISLIKES, ...ownLists(kept)].map((one) => (
            <li key={one}>
              <a href={addressOfList(one)} aria-current={one === name ? "page" : undefined}>
                <bdi>{titleOfList(one)}</bdi> <span class="quiet">{number(idsIn(kept, one).length)}</span>
              </a>
            </li>
          ))}
        </ul>
        <NewList go={go} />
      </aside>
      <main id="content" tabIndex={-1}>
        <Heading class="for-you">{titleOfList(name)}</Heading>
        {ids.length > 0 && <Actions name={name} papers={ids.length} />}
        {name !== LIKES && name !== DISLIKES && exists && <Edit key={name} name={name} go={go} />}
        <Results
          listing={listing}
          filters={{ list: [name] }}
          narrow={(filters) => addressOf(browse(filters))}
          allEmbedded={allEmbedded}
          none={<Nothing name={name} exists={exists} known={known} gone={ids.length} />}
        />
      </main>
    </div>
  );
}

function NewList({ go }: { go: Go }) {
  const [name, setName] = useState("");
  const store = useListStore();
  const kept = useLists();
  const field = useId();
  const onSubmit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const wanted = name.trim();
    if (wanted === "" || !(await store.make(wanted))) return;
    setName("");
    go({ view: "library", list: nameIn(kept, wanted) });
  };
  return (
    <form class="field" onSubmit={(event) => void onSubmit(event)}>
      <label for={field}>New list</label>
      <div class="beside">
        <NameInput id={field} name={name} onName={setName} />
        <button type="submit">Create</button>
      </div>
    </form>
  );
}

/** What can be done with a list that is not empty. */
function Actions({ name, papers }: { name: string; papers: number }) {
  return (
    <ul class="doings">
      {name !== DISLIKES && (
        <li>
          <a href={addressOf({ view: "for-you", list: name, filters: {} })}>Recommend more like these</a>
        </li>
      )}
      {name !== DISLIKES && (
        <li>
          <Follow
            view={{ view: "library", list: name }}
            words="Follow: more like these"
            now={`${count(papers, "paper")} in it now.`}
          />
        </li>
      )}
      <li>
        <a href={addressOf(browse({ list: [name] }))}>Search among these</a>
      </li>
      <li>
        <FeedButton view={{ view: "library", list: name }} />
      </li>
      <li>
        Export:{" "}
        {FORMATS.map(([format, words], index) => (
          <span key={format}>
            {index > 0 && ", "}
            <a href={`api/export?${new URLSearchParams({ format, list: name }).toString()}`} download>
              {words}
            </a>
          </span>
        ))}
      </li>
    </ul>
  );
}

function Edit({ name, go }: { name: string; go: Go }) {
  const [to, setTo] = useState(name);
  const [sure, setSure] = useState(false);
  const store = useListStore();
  const papers = idsIn(useLists(), name).length;
  const field = useId();
  const leave = (list: string): void => {
    go({ view: "library", list });
    // The button that was pressed is gone.
    focusHeading();
  };
  const rename = async (event: Event): Promise<void> => {
    event.preventDefault();
    const wanted = to.trim();
    if (wanted !== "" && wanted !== name && (await store.rename(name, wanted))) leave(wanted);
  };
  const remove = async (): Promise<void> => {
    if (papers > 0 && !sure) return setSure(true);
    if (await store.delete(name)) leave(LIKES);
  };
  return (
    <details class="edit">
      <summary>Rename or delete</summary>
      <form class="beside" onSubmit={(event) => void rename(event)}>
        <label for={field} class="unseen">
          Name
        </label>
        <NameInput id={field} name={to} onName={setTo} />
        <button type="submit">Rename</button>
        <button type="button" onClick={() => void remove()}>
          {sure ? `Delete it with ${count(papers, "paper")}` : "Delete"}
        </button>
      </form>
    </details>
  );
}

interface NothingProps {
  name: string;
  exists: boolean;
  /** Whether the server has said what lists there are. */
  known: boolean;
  gone: number;
}

function Nothing({ name, exists, known, gone }: NothingProps) {
  if (!exists && name !== LIKES && name !== DISLIKES)
    return !known ? <NotKnown /> : <p>There is no list with this name. It may have been renamed or deleted.</p>;
  if (gone > 0) return <p>{count(gone, "paper")} in this list cannot be found: removed, or never imported here.</p>;
  return (
    <p>
      {name === LIKES
        ? "Mark papers with Like while you read"
        : name === DISLIKES
          ? "Mark papers with Not for me"
          : "Add papers with Save"}
      , and they are kept here, on this machine.
    </p>
  );
}
