/** The panel that narrows a list, and orders it. */
import { useLayoutEffect, useId, useState } from "preact/hooks";
import type { Mode, Sort } from "../api.js";
import { type ForYouView, isDate, type ListFilter, type PageFilters, type SearchView, withValue } from "./address.js";
import type { PageHit } from "./client.js";
import type { Go } from "./journey.js";

const MODES: [Mode, string][] = [
  ["hybrid", "Words and meaning"],
  ["semantic", "Meaning only"],
  ["lexical", "Words only"],
];

interface FilterPanelProps {
  view: SearchView | ForYouView;
  go: Go;
  /** The papers on show, whose categories, venues and authors are suggested. */
  hits: readonly PageHit[];
}

export function FilterPanel({ view, go, hits }: FilterPanelProps) {
  const [open, setOpen] = useState(false);
  const panel = useId();
  const set = (filters: PageFilters): void => go({ ...view, filters });
  const inForce = Object.keys(view.filters).length;
  return (
    <aside class="filters" aria-label="Filters and order">
      <button type="button" class="opener" aria-expanded={open} aria-controls={panel} onClick={() => setOpen(!open)}>
        Filters and order{inForce > 0 && ` (${inForce})`}
      </button>
      <form id={panel} class={open ? "open" : ""} onSubmit={(event) => event.preventDefault()}>
        {view.view === "search" && <Order view={view} go={go} />}
        <fieldset>
          <legend>Published</legend>
          <div class="span">
            <DateField name="from" label="From" filters={view.filters} onChange={set} />
            <DateField name="to" label="To" filters={view.filters} onChange={set} />
          </div>
        </fieldset>
        <ValueField
          name="category"
          label="Category"
          filters={view.filters}
          onChange={set}
          known={hits.flatMap(({ paper }) => paper.categories)}
        />
        <ValueField
          name="venue"
          label="Venue"
          filters={view.filters}
          onChange={set}
          known={hits.flatMap(({ paper }) => paper.venue ?? [])}
        />
        <ValueField
          name="author"
          label="Author"
          filters={view.filters}
          onChange={set}
          known={hits.flatMap(({ paper }) => paper.authors.slice(0, 10))}
        />
      </form>
    </aside>
  );
}

function Order({ view, go }: { view: SearchView; go: Go }) {
  const field = useId();
  const sorts: [Sort, string][] =
    view.q === ""
      ? [
          ["date", "Newest"],
          ["upvotes", "Most upvotes"],
        ]
      : [
          ["relevance", "Relevance"],
          ["date", "Newest"],
          ["upvotes", "Most upvotes"],
        ];
  const sort = view.q === "" && view.sort === "relevance" ? "date" : view.sort;
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
          value={sort}
          onChange={(event) => {
            const chosen = sorts.find(([one]) => one === event.currentTarget.value)?.[0];
            if (chosen !== undefined) go({ ...view, sort: chosen });
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

/** Suggestions a field offers. */
const SUGGESTIONS = 50;

/** Adds one value to a list on Enter, when one is chosen from the suggestions, or when the field is left. */
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
