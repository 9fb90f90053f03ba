/** A list of papers in the visible part of the map, on request. */
import { useEffect, useRef, useState } from "preact/hooks";
import { addressOf, addressOfPaper, browse, type MapView, type SearchView } from "../navigation/address.js";
import { announce } from "../ui/announce.js";
import { type PageHit, search } from "../api/client.js";
import type { Problem } from "../api/http.js";
import { Failure } from "../ui/failure.js";
import { count } from "../ui/wording.js";
import type { Box } from "../navigation/place.js";

const SHOWN = 10;

/** The search for papers in a part of the map, in the default order. */
export const searchIn = ({ q, filters }: MapView, area: Box | null): SearchView => ({
  ...browse(area === null ? filters : { ...filters, area }),
  q,
});

interface State {
  asked: SearchView;
  hits: readonly PageHit[] | null;
  problem: Problem | null;
}

interface InViewProps {
  view: MapView;
  /** The visible part of the map; null until it is known. */
  seen: Box | null;
}

export function InView({ view, seen }: InViewProps) {
  const [state, setState] = useState<State | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const look = (): void => {
    if (seen === null) return;
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const asked = searchIn(view, seen);
    setState({ asked, hits: null, problem: null });
    // A few papers only: the best, or else the most upvoted.
    search({ ...asked, sort: asked.q === "" ? "upvotes" : "relevance" }, controller.signal).then(
      ({ hits }) => {
        if (controller.signal.aborted) return;
        const first = hits.slice(0, SHOWN);
        announce(`${count(first.length, "paper")} in view`);
        setState({ asked, hits: first, problem: null });
      },
      (problem: Problem) => {
        if (controller.signal.aborted) return;
        announce(problem.message);
        setState({ asked, hits: null, problem });
      },
    );
  };
  const isOld = state !== null && seen !== null && addressOf(state.asked) !== addressOf(searchIn(view, seen));
  return (
    <section class="map-in-view" aria-labelledby="map-in-view">
      <h2 id="map-in-view">Papers in view</h2>
      {(state === null || isOld) && (
        <button type="button" onClick={look}>
          {state === null ? "List them" : "Update the list"}
        </button>
      )}
      {state?.hits?.length === 0 && <p class="quiet">No papers here.</p>}
      {state !== null && state.hits !== null && state.hits.length > 0 && (
        <>
          <ol class={isOld ? "old" : ""}>
            {state.hits.map(({ paper }) => (
              <li key={paper.id}>
                <a href={addressOfPaper(paper.id)} dir="auto">
                  {paper.title}
                </a>
              </li>
            ))}
          </ol>
          <a href={addressOf(state.asked)}>All papers in this part of the map</a>
        </>
      )}
      {state?.problem != null && <Failure problem={state.problem} again={look} />}
    </section>
  );
}
