/** What the colours of the map mean. */
import type { MapColour } from "../navigation/address.js";
import { titleOfList } from "../lists/lists.js";
import { number } from "../ui/wording.js";
import { NO_CATEGORY, type Points } from "./points.js";
import { NAMED } from "./theme.js";
import { listIn } from "./use-listed.js";

interface LegendProps {
  colour: MapColour;
  categories: readonly string[];
  points: Points;
  /** Years along the scale. */
  years: readonly number[];
  /** How many papers of a list are on the map. */
  listed: number;
  /** The category that stands out; null for none. */
  spotlight: number | null;
  onSpotlight: (category: number | null) => void;
}

export function Legend(props: LegendProps) {
  const { colour, years, listed } = props;
  if (colour === "category") return <Categories {...props} />;
  if (colour === "year")
    return years.length === 0 ? (
      <p class="quiet">No paper on the map has a date.</p>
    ) : (
      <div class="map-scale">
        <div class="gradient" aria-hidden="true" />
        <ol aria-label="Years, from the first colour to the last">
          {years.map((year) => (
            <li key={year}>{year}</li>
          ))}
        </ol>
      </div>
    );
  return (
    <ul class="map-legend">
      <li>
        <span class="swatch listed" aria-hidden="true" />
        {titleOfList(listIn(colour) ?? "")}
        <span class="quiet">{number(listed)}</span>
      </li>
      <li>
        <span class="swatch" aria-hidden="true" />
        All others
      </li>
    </ul>
  );
}

function Categories({ categories, points, spotlight, onSpotlight }: LegendProps) {
  const named = categories.slice(0, NAMED);
  const many = tally(points, named.length);
  const others = points.count - many.reduce((sum, one) => sum + one, 0);
  return (
    <ul class="map-legend">
      {named.map((name, index) => (
        <li key={name}>
          <button
            type="button"
            aria-pressed={spotlight === index}
            onClick={() => onSpotlight(spotlight === index ? null : index)}
          >
            <span class={`swatch category-${index + 1}`} aria-hidden="true" />
            <bdi>{name}</bdi>
            <span class="quiet">{number(many[index] ?? 0)}</span>
          </button>
        </li>
      ))}
      {others > 0 && (
        <li>
          <span class="swatch" aria-hidden="true" />
          {named.length > 0 ? "Others" : "No categories"}
          <span class="quiet">{number(others)}</span>
        </li>
      )}
    </ul>
  );
}

/** How many papers are in each of the first `many` categories. */
function tally({ categories }: Points, many: number): number[] {
  const papers = new Uint32Array(NO_CATEGORY + 1);
  for (const category of categories) papers[category] = (papers[category] ?? 0) + 1;
  return Array.from(papers.slice(0, many));
}
