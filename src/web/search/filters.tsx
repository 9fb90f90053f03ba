/** The panel that filters and sorts a list. */
import { useEffect, useLayoutEffect, useId, useState } from "preact/hooks";
import type { Mode } from "../../api.js";
import {
  type ForYouView,
  isDate,
  type ListFilter,
  type PageFilters,
  type SearchView,
  sortOf,
  withValue,
} from "../navigation/address.js";
import { chipsOf } from "../results/chips.js";
import { binsOf, spanOf, withSpan } from "./bins.js";
import type { PageHit } from "../api/client.js";
import { FacetList } from "./facet-list.js";
import { Histogram } from "./histogram.js";
import type { Go } from "../navigation/router.js";
import { type FacetsOnShow, NONE } from "./use-facets.js";

const MODES: [Mode, string][] = [
  ["hybrid", "Words and meaning"],
  ["semantic", "Meaning only"],
  ["lexical", "Words only"],
];

const SORTS: [SearchView["sort"], string][] = [
  ["relevance", "Relevance"],
  ["date", "Newest"],
  ["upvotes", "Most upvotes"],
];
/** Without a query. */
const ORDERS: [SearchView["sort"], string][] = [
  ["date", "Newest"],
  ["upvotes", "Most upvotes"],
  ["trending", "Trending"],
  ["added", "Last added"],
];

interface FilterPanelProps {
  view: SearchView | ForYouView;
  go: Go;
  /** The papers shown; their authors are suggested. */
  hits: readonly PageHit[];
  /** Counts of the papers; without them, values can only be typed. */
  facets?: FacetsOnShow;
  /** Called with whether the panel is visible. */
  onShow?: (shown: boolean) => void;
}

const WIDE = "(min-width: 60rem)";

/** Whether the panel is next to the papers, rather than folded above them. */
export const isBeside = (): boolean => matchMedia(WIDE).matches;

export function FilterPanel({ view, go, hits, facets, onShow }: FilterPanelProps) {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const wide = matchMedia(WIDE);
    const tell = (): void => onShow?.(open || wide.matches);
    tell();
    wide.addEventListener("change", tell);
    return () => wide.removeEventListener("change", tell);
  }, [open, onShow]);
  const panel = useId();
  const set = (filters: PageFilters): void => go({ ...view, filters });
  const inForce = chipsOf(view.filters).length;
  const counts = facets?.counts ?? NONE;
  // Hidden until the counts arrive, which would move everything.
  const waiting = facets !== undefined && facets.counts === null;
  const bins = binsOf(counts.years);
  const given = { filters: view.filters, onChange: set };
  return (
    <aside class="filters" aria-label="Filters and order">
      <button type="button" class="opener" aria-expanded={open} aria-controls={panel} onClick={() => setOpen(!open)}>
        Filters and order{inForce > 0 && ` (${inForce})`}
      </button>
      <form id={panel} class={open ? "open" : ""} onSubmit={(event) => event.preventDefault()}>
        {view.view === "search" && <Order view={view} go={go} />}
        <div
          class={`counted${waiting ? " waiting" : ""}${facets?.stale === true ? " stale" : ""}`}
          aria-busy={facets?.stale === true}
        >
          <fieldset>
            <legend>Published</legend>
            {bins.length > 1 && (
              <Histogram
                bins={bins}
                chosen={spanOf(bins, view.filters)}
                onChoose={(span) => set(withSpan(view.filters, bins, span))}
              />
            )}
            <div class="span">
              <DateField name="from" label="From" {...given} />
              <DateField name="to" label="To" {...given} />
            </div>
          </fieldset>
          <FacetList name="category" label="Category" counted={counts.categories} {...given} open />
          <FacetList name="venue" label="Venue" counted={counts.venues} {...given} open />
          {(counts.sources.length > 1 || view.filters.source !== undefined) && (
            <FacetList name="source" label="Source" counted={counts.sources} {...given} open={false} />
          )}
          <ValueField
            name="author"
            label="Author"
            {...given}
            known={hits.flatMap(({ paper }) => paper.authors.slice(0, 10))}
          />
          {(view.view === "for-you" || view.q !== "") && counts.years.length > 0 && (
            <p class="quiet">Counts cover the nearest papers, about a thousand at most.</p>
          )}
        </div>
      </form>
    </aside>
  );
}

function Order({ view, go }: { view: SearchView; go: Go }) {
  const field = useId();
  const sorts = view.q === "" ? ORDERS : SORTS;
  return (
    <>
      {view.q !== "" && (
        <fieldset class="choice">
          <legend>Search by</legend>
          {MODES.map(([mode, name]) => (
            <label key={mode}>
              <input
                type="radio"
                name="mode"
                value={mode}
                checked={view.mode === mode}
                onChange={() => go({ ...view, mode })}
              />
              {name}
            </label>
          ))}
        </fieldset>
      )}
      <div class="field">
        <label for={field}>Order</label>
        <select
          id={field}
          value={sortOf(view)}
          onChange={(event) => {
            const chosen = sorts.find(([one]) => one === event.currentTarget.value)?.[0];
            // The default order is not kept, so that the next query is sorted by relevance.
            if (chosen !== undefined) go({ ...view, sort: chosen === sorts[0]?.[0] ? "relevance" : chosen });
          }}
        >
          {sorts.map(([one, name]) => (
            <option key={one} value={one}>
              {name}
            </option>
          ))}
        </select>
      </div>
    </>
  );
}

interface DateFieldProps {
  name: "from" | "to";
  label: string;
  filters: PageFilters;
  onChange: (filters: PageFilters) => void;
}

function DateField({ name, label, filters, onChange }: DateFieldProps) {
  const given = filters[name] ?? "";
  const [text, setText] = useState(given);
  const field = useId();
  const hint = useId();
  useLayoutEffect(() => setText(given), [given]);
  const wrong = text.trim() !== "" && text.trim() !== given && !isDate(text.trim());
  const apply = (typed: string): void => {
    const date = typed.trim();
    if (date === given || (date !== "" && !isDate(date))) return;
    const { [name]: _before, ...others } = filters;
    onChange(date === "" ? others : { ...others, [name]: date });
  };
  return (
    <div class="field">
      <label for={field}>{label}</label>
      <input
        id={field}
        name={name}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onChange={(event) => apply(event.currentTarget.value)}
        inputMode="numeric"
        placeholder="year"
        autocomplete="off"
        maxLength={10}
        aria-invalid={wrong}
        aria-describedby={hint}
      />
      <small id={hint} class={wrong && text.trim().length >= 4 ? "wrong" : "unseen"}>
        2017, 2017-06 or 2017-06-12
      </small>
    </div>
  );
}

interface ValueFieldProps {
  name: ListFilter;
  label: string;
  filters: PageFilters;
  onChange: (filters: PageFilters) => void;
  known: readonly string[];
}

/** The most suggestions that a field offers. */
const SUGGESTIONS = 50;

/** Adds a value to a list on Enter, when a suggestion is chosen, or when the field is left. */
function ValueField({ name, label, filters, onChange, known }: ValueFieldProps) {
  const [text, setText] = useState("");
  const field = useId();
  const list = useId();
  const suggestions = [...new Set(known)].filter((value) => !filters[name]?.includes(value)).slice(0, SUGGESTIONS);
  const apply = (typed: string): void => {
    const value = typed.trim();
    setText("");
    if (value !== "") onChange(withValue(filters, name, value));
  };
  return (
    <div class="field">
      <label for={field}>{label}</label>
      <input
        id={field}
        name={name}
        value={text}
        list={list}
        onInput={(event) => setText(event.currentTarget.value)}
        onChange={(event) => apply(event.currentTarget.value)}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
      />
      <datalist id={list}>
        {suggestions.map((value) => (
          <option key={value} value={value} />
        ))}
      </datalist>
    </div>
  );
}
