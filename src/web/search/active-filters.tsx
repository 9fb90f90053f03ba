/** The active filters, each a button that removes it. */
import { LISTS, type PageFilters, withoutValue } from "../navigation/address.js";
import { focusHeading } from "../ui/heading.js";
import { titleOfList } from "../lists/lists.js";
import { dateInWords, periodInWords } from "../ui/wording.js";

interface ActiveFiltersProps {
  filters: PageFilters;
  onChange: (filters: PageFilters) => void;
}

interface Chip {
  name: string;
  value: string;
  /** The filters without this one. */
  without: PageFilters;
}

/** The active filters, one by one. */
export function chipsOf(filters: PageFilters): Chip[] {
  const { from, to, year, listed, addedAfter, area } = filters;
  const chips: Chip[] = [];
  if (from !== undefined) {
    const { from: _from, ...without } = filters;
    chips.push({ name: "from", value: dateInWords(from), without });
  }
  if (to !== undefined) {
    const { to: _to, ...without } = filters;
    chips.push({ name: "to", value: dateInWords(to), without });
  }
  if (year !== undefined) {
    const { year: _year, ...without } = filters;
    chips.push({ name: "in", value: year.join(" or "), without });
  }
  if (listed !== undefined) {
    const { listed: _listed, ...without } = filters;
    chips.push({ name: "listed", value: periodInWords(listed), without });
  }
  if (addedAfter !== undefined) {
    const { addedAfter: _after, ...without } = filters;
    chips.push({ name: "imported", value: "since your last visit", without });
  }
  for (const list of LISTS)
    for (const value of filters[list] ?? [])
      chips.push({
        name: list,
        value: list === "list" ? titleOfList(value) : value,
        without: withoutValue(filters, list, value),
      });
  if (area !== undefined) {
    const { area: _area, ...without } = filters;
    chips.push({ name: "in", value: "an area of the map", without });
  }
  return chips;
}

export function ActiveFilters({ filters, onChange }: ActiveFiltersProps) {
  const change = (without: PageFilters): void => {
    onChange(without);
    // The button disappears with its filter.
    focusHeading();
  };
  const chips = chipsOf(filters);
  if (chips.length === 0) return null;
  return (
    <ul class="chips" aria-label="Filters in force">
      {chips.map(({ name, value, without }) => (
        <li key={`${name} ${value}`}>
          <button type="button" onClick={() => change(without)} aria-label={`Remove filter: ${name} ${value}`}>
            <span>{name}</span> <bdi>{value}</bdi> <span aria-hidden="true">×</span>
          </button>
        </li>
      ))}
      {chips.length > 1 && (
        <li>
          <button type="button" class="link" onClick={() => change({})}>
            Remove all
          </button>
        </li>
      )}
    </ul>
  );
}
