/** A list of papers with all its states: on its way, there, none, failed, more to come. */
import type { ComponentChildren } from "preact";
import type { PageFilters } from "./address.js";
import type { Listing } from "./listing.js";
import { Failure } from "./failure.js";
import { Result } from "./result.js";
import { count } from "./wording.js";

export interface ResultsProps {
  listing: Listing;
  /** The filters in force, and the address of the same list under others: what a category or a name links to. */
  filters: PageFilters;
  narrow: (filters: PageFilters) => string;
  /** What to say, below the notice, when there are no papers. */
  none?: ComponentChildren;
  /** Level of the results' headings. */
  level?: 2 | 3;
}

export function Results({ listing, filters, narrow, none, level = 2 }: ResultsProps) {
  const { page, busy, problem, stale } = listing;
  if (page === null) return problem === null ? <Waiting /> : <Failure problem={problem} again={listing.again} />;
  return (
    <div class={stale ? "listing stale" : "listing"} aria-busy={busy !== null}>
      {problem !== null && busy === null && page.hits.length === 0 && (
        <Failure problem={problem} again={listing.again} />
      )}
      {page.notice !== null && <p class="notice">{page.notice}</p>}
      {page.pending > 0 && page.hits.length > 0 && (
        <p class="quiet">{count(page.pending, "paper")} can be found by words only, until embedded.</p>
      )}
      {page.hits.length === 0 && problem === null && (
        <div class="none">
          {page.notice === null && <p>No papers found.</p>}
          {none}
        </div>
      )}
      <ol class="results">
        {page.hits.map((hit) => (
          <li key={hit.paper.id}>
            <Result hit={hit} filters={filters} narrow={narrow} level={level} />
          </li>
        ))}
      </ol>
      {problem !== null && page.hits.length > 0 && <Failure problem={problem} again={listing.again} />}
      {page.next !== null && problem === null && (
        <button type="button" class="more" onClick={listing.more} disabled={busy !== null}>
          {busy === "more" ? "Fetching more…" : "More papers"}
        </button>
      )}
    </div>
  );
}

const Waiting = () => (
  <div class="waiting" aria-busy="true">
    <p class="unseen">Searching…</p>
    {[0, 1, 2].map((one) => (
      <div key={one} class="ghost" aria-hidden="true">
        <span />
        <span />
        <span />
        <span />
      </div>
    ))}
  </div>
);
