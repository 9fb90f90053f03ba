/** How many papers of a list are of each year, category, venue and source, for the filters. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Facets } from "../../api.js";
import type { PageFilters } from "../navigation/address.js";
import { Recent } from "../session/recent.js";
import { useStore } from "../session/stores.js";

/** A list of papers under any filters. */
export interface CountedList {
  /** Identifies the list with these filters. */
  keyOf: (filters: PageFilters) => string;
  count: (filters: PageFilters, signal: AbortSignal) => Promise<Facets>;
}

export interface FacetsOnShow {
  /** null until the first counts arrive; empty when they could not be fetched. */
  counts: Facets | null;
  /** Whether they are of the previous list, while this one's are on their way. */
  stale: boolean;
}

/** Nothing is counted. */
export const NONE: Facets = { years: [], categories: [], venues: [], sources: [], days: [] };

/**
 * The values of a filter are counted as if that filter were not set: so a year can be exchanged for another, and a second
 * category added to the first.
 */
const OWN: Partial<Record<keyof Facets, readonly (keyof PageFilters)[]>> = {
  years: ["from", "to", "year"],
  categories: ["category"],
  venues: ["venue"],
  sources: ["source"],
};

function without(filters: PageFilters, own: readonly (keyof PageFilters)[]): PageFilters {
  const others = { ...filters };
  for (const name of own) delete others[name];
  return others;
}

/** Recent counts by the keys of their lists. */
export class Counts extends Recent<string, Facets> {
  constructor() {
    super(60);
  }
}

/**
 * @param wanted Whether the filters are visible and the papers have arrived: they come first, and usually bring counts with
 *   them.
 */
export function useFacets({ keyOf, count }: CountedList, filters: PageFilters, wanted: boolean): FacetsOnShow {
  const known = useStore(Counts);
  const [, draw] = useState({});
  const shown = useRef<Facets | null>(null);
  const asked = Object.entries(OWN).map(([facet, own]) => ({
    facet: facet as keyof Facets,
    filters: without(filters, own),
  }));
  const missing = new Map(
    asked.filter((one) => !known.has(keyOf(one.filters))).map((one) => [keyOf(one.filters), one.filters]),
  );
  if (shown.current !== null || missing.size === 0)
    for (const one of asked) {
      const facets = known.get(keyOf(one.filters));
      if (facets !== undefined) shown.current = { ...(shown.current ?? NONE), [one.facet]: facets[one.facet] };
    }
  const keys = [...missing.keys()].join("\n");
  useEffect(() => {
    if (!wanted || keys === "") return undefined;
    const controller = new AbortController();
    for (const [key, others] of missing)
      count(others, controller.signal).then(
        (facets) => {
          known.set(key, facets);
          draw({});
        },
        () => {
          if (controller.signal.aborted) return;
          // Earlier counts stay, dimmed; without any, values can be typed. The list itself shows the problem.
          shown.current ??= NONE;
          draw({});
        },
      );
    return () => controller.abort();
  }, [wanted, keys]);
  return { counts: shown.current, stale: missing.size > 0 };
}
