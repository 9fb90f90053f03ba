/** The search field, and the view of its results; without a query, all papers, newest first. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Mode, Status } from "../../api.js";
import { ActiveFilters } from "./active-filters.js";
import { AddForm, NO_DRAFT } from "../add/add.js";
import { FeedButton } from "../alerts/feed.js";
import { Follow } from "../alerts/follow.js";
import { askOf, followInWords } from "../alerts/question.js";
import { addressOf, browse, type SearchView, sortOf, type View } from "../navigation/address.js";
import { countFacets, explain, search } from "../api/client.js";
import { FilterPanel, isBeside } from "./filters.js";
import { focusHeading, Heading } from "../ui/heading.js";
import { Lens } from "../ui/icons.js";
import type { Go, Way } from "../navigation/router.js";
import { type Listing, useListing } from "../results/listing.js";
import { NewSince } from "./new-since.js";
import { Results } from "../results/results.js";
import { useStore } from "../session/stores.js";
import { type CountedList, Counts, useFacets } from "./use-facets.js";
import { useListStore, useRevision } from "../lists/use-lists.js";
import { useTitle } from "../ui/use-title.js";
import { count } from "../ui/wording.js";

/** Milliseconds after the last letter until the query is searched for. */
const DEBOUNCE = 100;

export function SearchBox({ view, go }: { view: View; go: Go }) {
  const q = view.view === "search" || view.view === "map" ? view.q : "";
  const [text, setText] = useState(q);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(view);
  latest.current = view;
  /** The query that this field asked for, or was last set to. */
  const asked = useRef(q);
  useLayoutEffect(() => {
    // Something other than this field changed the address.
    if (q !== asked.current) {
      clearTimeout(timer.current);
      setText(q);
    }
    asked.current = q;
  }, [view, q]);

  const ask = (typed: string, way: Way): void => {
    asked.current = typed.trim();
    const { current: now } = latest;
    go({ ...(now.view === "search" || now.view === "map" ? now : browse()), q: asked.current }, way);
  };
  const onInput = (typed: string): void => {
    setText(typed);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      if (typed.trim() !== q) ask(typed, "typing");
    }, DEBOUNCE);
  };
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    clearTimeout(timer.current);
    ask(text, "visit");
    // The focus goes to the results: there the letter keys work, and a phone hides its keyboard.
    requestAnimationFrame(focusHeading);
  };
  return (
    <search class="box">
      <form role="search" action="./" onSubmit={onSubmit}>
        <Lens />
        <input
          id="q"
          name="q"
          type="search"
          value={text}
          onInput={(event) => onInput(event.currentTarget.value)}
          placeholder="Words, a question, a title, a DOI"
          aria-label="Search papers"
          aria-keyshortcuts="/"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="search"
        />
        <kbd aria-hidden="true">/</kbd>
      </form>
    </search>
  );
}

interface SearchPageProps {
  view: SearchView;
  go: Go;
  edition: number;
  status: Status | null;
  add: (files: Iterable<File>) => void;
  /** Whether files are being dragged over the page. */
  over: boolean;
}

export function SearchPage({ view, go, edition, status, add, over }: SearchPageProps) {
  /** Whether the filters are visible, and need counts. */
  const [counting, setCounting] = useState(isBeside);
  const lists = useListStore();
  const counts = useStore(Counts);
  const revision = useRevision(view.filters.list ?? [], view);
  const counted: CountedList = {
    keyOf: (filters) => `${edition} ${revision} ${addressOf({ ...view, sort: "relevance", filters })}`,
    count: (filters, signal) => countFacets({ ...view, filters }, signal),
  };
  const listing = useListing(`${edition} ${revision} ${addressOf(view)}`, async (cursor, signal) => {
    if (view.filters.list !== undefined) await lists.settled();
    const key = counted.keyOf(view.filters);
    const page = await search(view, signal, { cursor, facets: counting && cursor === undefined && !counts.has(key) });
    if (page.facets !== null) counts.set(key, page.facets);
    return page;
  });
  const facets = useFacets(counted, view.filters, counting && listing.busy !== "first");
  useTitle(view.q);
  const filtered = Object.keys(view.filters).length > 0;
  const browsed = view.q === "" && !filtered && listing.page?.total === 0;
  if ((status?.papers === 0 || browsed) && listing.problem === null) return <Empty add={add} over={over} />;
  return (
    <div class="columns">
      <FilterPanel view={view} go={go} hits={listing.page?.hits ?? []} facets={facets} onShow={setCounting} />
      <main id="content" tabIndex={-1}>
        <Heading class="question">{headingOf(view, listing, filtered)}</Heading>
        {view.q === "" && !filtered && status !== null && <NewSince status={status} />}
        <ActiveFilters filters={view.filters} onChange={(filters) => go({ ...view, filters })} />
        <div class="doings">
          <Follow view={view} words={followInWords(askOf(view))} now={nowInWords(listing)} />
          <FeedButton view={view} />
        </div>
        <Results
          listing={listing}
          narrow={(filters) => addressOf({ ...view, filters })}
          suggest={(q) => addressOf({ ...view, q })}
          {...(view.q === "" ? {} : { explain: (id, signal) => explain(view, id, signal) })}
          filters={view.filters}
          allEmbedded={status?.pending === 0}
          none={<NoHits view={view} go={go} filtered={filtered} />}
        />
      </main>
    </div>
  );
}

/** What the search finds now, for the person who is about to follow it. */
function nowInWords({ page, stale }: Listing): string {
  if (page === null || stale) return "";
  if (page.total !== null) return `${count(page.total, "paper")} ${page.total === 1 ? "matches" : "match"} now.`;
  const [first] = page.hits;
  return first === undefined ? "Nothing matches now." : `The first now is “${first.paper.title}”.`;
}

const FIRST: Record<SearchView["sort"], string> = {
  relevance: "nearest first",
  date: "newest first",
  upvotes: "most upvotes first",
  trending: "trending first",
  added: "last added first",
};

function headingOf(view: SearchView, { page, stale }: Listing, filtered: boolean): string {
  if (view.q !== "") return `Papers on “${view.q.length > 120 ? `${view.q.slice(0, 120)}…` : view.q}”`;
  const order = FIRST[sortOf(view)];
  const total = stale ? null : (page?.total ?? null);
  if (total === null) return filtered ? `Papers that match, ${order}` : `All papers, ${order}`;
  return filtered
    ? `${count(total, "paper")} ${total === 1 ? "matches" : "match"}, ${order}`
    : `${count(total, "paper")}, ${order}`;
}

const NAMES: Record<Mode, string> = {
  hybrid: "words and meaning",
  semantic: "meaning only",
  lexical: "words only",
};

function NoHits({ view, go, filtered }: { view: SearchView; go: Go; filtered: boolean }) {
  const ask = (other: SearchView): void => {
    go(other);
    // The button disappears as soon as there are papers.
    focusHeading();
  };
  return (
    <ul class="advice">
      {filtered && (
        <li>
          <button type="button" class="link" onClick={() => ask({ ...view, filters: {} })}>
            Remove all filters
          </button>
        </li>
      )}
      {view.q !== "" && view.mode !== "hybrid" && (
        <li>
          <button type="button" class="link" onClick={() => ask({ ...view, mode: "hybrid" })}>
            Search by {NAMES.hybrid}
          </button>{" "}
          instead of {NAMES[view.mode]}
        </li>
      )}
      {view.q !== "" && <li>Try other words, or a whole sentence: papers are found by meaning as well as by words</li>}
      {view.q !== "" && (
        <li>
          <a href={addressOf(browse(view.filters))}>Browse the newest papers</a>
        </li>
      )}
    </ul>
  );
}

function Empty({ add, over }: Pick<SearchPageProps, "add" | "over">) {
  const main = useRef<HTMLElement>(null);
  const [draft, setDraft] = useState(NO_DRAFT);
  useLayoutEffect(
    () => () => {
      // Papers have arrived, and replace the element that had the focus.
      if (main.current?.contains(document.activeElement) === true) requestAnimationFrame(focusHeading);
    },
    [],
  );
  return (
    <main ref={main} id="content" class="empty" tabIndex={-1}>
      <Heading>No papers yet</Heading>
      <p>Add some: Kindred reports every record that it cannot read. Nothing leaves this machine.</p>
      <p>
        Or <a href={addressOf({ view: "sources" })}>add a source</a>: a service, a feed or a folder whose papers arrive
        by themselves. Only the service is asked.
      </p>
      <AddForm draft={draft} onDraft={setDraft} add={add} over={over} onLeave={() => {}} />
      <p class="quiet">Papers can be found by their words at once, and by their meaning once they are embedded.</p>
    </main>
  );
}
