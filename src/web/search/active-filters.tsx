/** The active filters, each a button that removes it. */
import type { PageFilters } from "../navigation/address.js";
import { chipsOf } from "../results/chips.js";
import { focusHeading } from "../ui/heading.js";

interface ActiveFiltersProps {
  filters: PageFilters;
  onChange: (filters: PageFilters) => void;
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
