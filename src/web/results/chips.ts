/** The active filters of a view in words. */
import { LISTS, type PageFilters, withoutValue } from "../navigation/address.js";
import { titleOfList } from "../lists/lists.js";
import { dateInWords, periodInWords } from "../ui/wording.js";

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
    chips.push({ name: "imported", value: "since an earlier visit", without });
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
