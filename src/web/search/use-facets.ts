/** How many papers there are of each year, category, venue and source, for the panel that narrows a list. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Facets } from "../../api.js";
import type { PageFilters } from "../navigation/address.js";

/** A list of papers under any filters: what tells it from others, and how its papers are counted. */
export interface CountedList {
  keyOf: (filters: PageFilters) => string;
  count: (filters: PageFilters, signal: AbortSignal) => Promise<Facets>;
}

export interface FacetsOnShow {
  /** Null until the first have come; empty where they could not be had. */
  counts: Facets | null;
  /** Whether they are of the list before, while this one's are fetched. */
  stale: boolean;
}

/** Nothing is counted. */
export const NONE: Facets = { years: [], categories: [], venues: [], sources: [], days: [] };

/**
 * What a filter is chosen from is counted as if it had not been chosen: a year can be left for another, and a second
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

/** What was counted, newest last, so that it is not asked for again. */
const known = new Map<string, Facets>();
const KNOWN = 60;

export const areKnown = (key: string): boolean => known.has(key);

/** Keeps what came with the papers of a list. */
export function keepFacets(key: string, facets: Facets): void {
  known.delete(key);
  known.set(key, facets);
  const oldest = known.keys().next().value;
  if (known.size > KNOWN && oldest !== undefined) known.delete(oldest);
}

/**
 * @param wanted Whether anyone sees them, and the papers of the list are there: they come first, and bring counts with
 *   them as a rule.
 */
export function useFacets({ keyOf, count }: CountedList, filters: PageFilters, wanted: boolean): FacetsOnShow {
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
          keepFacets(key, facets);
          draw({});
        },
        () => {
          if (controller.signal.aborted) return;
          // The counts before stay, dimmed; where there are none, one types. What is wrong is said of the papers.
          shown.current ??= NONE;
          draw({});
        },
      );
    return () => controller.abort();
  }, [wanted, keys]);
  return { counts: shown.current, stale: missing.size > 0 };
}
