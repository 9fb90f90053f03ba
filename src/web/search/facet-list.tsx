/** The values of one filter with their numbers of papers, as check boxes; and a field for any other value. */
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { Facets } from "../../api.js";
import { type ListFilter, type PageFilters, withoutValue, withValue } from "../navigation/address.js";
import { count, number } from "../ui/wording.js";

/** Values shown at first. */
const FEW = 8;

interface FacetListProps {
  name: ListFilter;
  label: string;
  /** Most frequent first. */
  counted: Facets["sources"];
  filters: PageFilters;
  onChange: (filters: PageFilters) => void;
  /** Whether other values can be typed. */
  open: boolean;
}

const fold = (text: string): string => text.toLowerCase();

export function FacetList({ name, label, counted, filters, onChange, open }: FacetListProps) {
  const [all, setAll] = useState(false);
  const [text, setText] = useState("");
  const list = useId();
  const chosen = filters[name] ?? [];
  const isChosen = (value: string): boolean => chosen.some((one) => fold(one) === fold(value));
  const sought = fold(text.trim());
  const fits = counted.filter(({ value }) => fold(value).includes(sought));
  const first = all || sought !== "" ? fits : fits.slice(0, FEW);
  // Chosen values are always shown, in their place or after the others.
  const after = [
    ...counted.filter(({ value }) => isChosen(value) && !first.some((one) => one.value === value)),
    ...chosen
      .filter((value) => !counted.some((one) => fold(one.value) === fold(value)))
      .map((value) => ({ value, papers: null })),
  ];
  const more = counted.length - FEW;
  const toggle = (value: string): void => {
    const before = chosen.find((one) => fold(one) === fold(value));
    onChange(before === undefined ? withValue(filters, name, value) : withoutValue(filters, name, before));
  };
  const take = (): void => {
    // Without free text, the one value that fits.
    const value = open ? text.trim() : fits.length === 1 ? fits[0]!.value : "";
    setText("");
    if (value !== "") onChange(withValue(filters, name, value));
  };
  return (
    <fieldset class="facet">
      <legend>{label}</legend>
      {(open || more > 0) && (
        <input
          name={name}
          aria-label={label}
          placeholder={open ? "Find or add" : "Find"}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.isComposing) take();
            if (event.key === "Escape") setText("");
          }}
          enterkeyhint="done"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
        />
      )}
      <ul id={list} class={all ? "all" : ""}>
        {[...first, ...after].map(({ value, papers }) => (
          <li key={value}>
            <label title={value}>
              <input type="checkbox" checked={isChosen(value)} onChange={() => toggle(value)} />
              <bdi>{value}</bdi>
              {papers !== null && <Papers papers={papers} />}
            </label>
          </li>
        ))}
      </ul>
      {more > 0 && sought === "" && (
        <button type="button" class="link" aria-expanded={all} aria-controls={list} onClick={() => setAll(!all)}>
          {all ? "fewer" : `${more} more`}
        </button>
      )}
    </fieldset>
  );
}

const Papers = ({ papers }: { papers: number }): ComponentChildren => (
  <>
    <span class="papers" aria-hidden="true">
      {number(papers)}
    </span>
    <span class="unseen">{count(papers, "paper")}</span>
  </>
);
