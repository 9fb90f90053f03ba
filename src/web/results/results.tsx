/** A list of papers in all its states: loading, loaded, empty, failed, more to come. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { PageFilters } from "../navigation/address.js";
import type { Pair } from "../../api.js";
import type { Listing } from "./listing.js";
import { Failure } from "../ui/failure.js";
import { tellReferenceManager } from "../ui/reference-manager.js";
import { Slow } from "../ui/slow.js";
import { focusHeading } from "../ui/heading.js";
import { Result } from "./result.js";
import type { AskWhy } from "./why.js";
import { count } from "../ui/wording.js";

export interface ResultsProps {
  listing: Listing;
  /** The active filters, and the address of the same list with others: categories and names link to it. */
  filters: PageFilters;
  narrow: (filters: PageFilters) => string;
  /** The address of the same search for another query. */
  suggest?: (query: string) => string;
  /** Asks why a paper is in the list, when the answer did not say. */
  explain?: AskWhy;
  /** Whether every paper is embedded by now: then an earlier answer may be incomplete. */
  allEmbedded: boolean;
  /** Shown below the notice when there are no papers. */
  none?: ComponentChildren;
  /** The level of the results' headings. */
  level?: 2 | 3;
  /** Shows the sentences by which a paper is related. */
  pairing?: (pair: Pair) => ComponentChildren;
  /** The list that the papers are recommended from. */
  basedOn?: string;
}

export function Results(props: ResultsProps) {
  const { listing, filters, narrow, suggest, explain, allEmbedded, none, level = 2, pairing, basedOn } = props;
  const { page, busy, problem, stale } = listing;
  const list = useRef<HTMLOListElement>(null);
  const more = useRef<HTMLButtonElement>(null);
  /** How many papers there were when more were asked for; the first one after them gets the focus. */
  const before = useRef<number | null>(null);
  const shown = page?.hits.length ?? 0;
  useLayoutEffect(() => {
    if (before.current === null || shown <= before.current) return;
    const first = list.current?.children[before.current]?.querySelector<HTMLElement>("a");
    const focused = document.activeElement;
    if (focused === more.current || focused === document.body) first?.focus({ preventScroll: true });
    before.current = null;
  }, [shown]);

  useEffect(tellReferenceManager, [page]);

  if (page === null)
    return problem === null ? <Waiting again={listing.anew} /> : <Failure problem={problem} again={listing.again} />;
  return (
    <div class={stale ? "listing stale" : "listing"} aria-busy={busy !== null}>
      {stale && <Slow again={listing.anew} />}
      {page.suggestion !== null && suggest !== undefined && (
        <p class="suggestion">
          Did you mean {/* The link disappears with the query that it corrects. */}
          <a href={suggest(page.suggestion)} data-suggestion onClick={focusHeading}>
            <bdi>{page.suggestion}</bdi>
          </a>
          ?
        </p>
      )}
      {page.understood !== null && (
        <p class="quiet">
          Understood as <bdi>{page.understood}</bdi>
        </p>
      )}
      {page.notice !== null && <p class="notice">{page.notice}</p>}
      {page.pending > 0 && !allEmbedded && page.hits.length > 0 && (
        <p class="quiet">{count(page.pending, "paper")} can only be found by words until embedded.</p>
      )}
      {page.pending > 0 && allEmbedded && busy === null && (
        <p class="changed">
          All papers are embedded now.{" "}
          <button
            type="button"
            onClick={() => {
              listing.anew();
              focusHeading();
            }}
          >
            Ask again
          </button>
        </p>
      )}
      {page.hits.length === 0 && (
        <div class="none">
          {page.notice === null && <p>No papers found.</p>}
          {none}
        </div>
      )}
      <ol class="results" role="list" ref={list}>
        {page.hits.map((hit) => (
          <li key={hit.paper.id}>
            <Result
              hit={hit}
              filters={filters}
              narrow={narrow}
              level={level}
              pairing={pairing}
              explain={explain}
              basedOn={basedOn}
            />
          </li>
        ))}
      </ol>
      {problem !== null && <Failure problem={problem} again={listing.again} />}
      {page.next !== null && problem === null && (
        <button
          ref={more}
          type="button"
          class="more"
          // Not `disabled`, which would lose the focus.
          aria-disabled={busy !== null}
          onClick={() => {
            before.current = shown;
            listing.more();
          }}
        >
          {busy === "more" ? "Fetching more…" : "More papers"}
        </button>
      )}
    </div>
  );
}

export const Waiting = ({ again }: { again: () => void }) => (
  <div class="waiting" aria-busy="true">
    <p class="unseen">Searching…</p>
    <Slow again={again} />
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
