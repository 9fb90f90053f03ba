/** A list of papers that is fetched page by page. */
import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Paper } from "../../core/paper.js";
import type { Page } from "../api/client.js";
import type { Problem } from "../api/http.js";
import { Recent } from "../session/recent.js";
import { useStore } from "../session/stores.js";
import { announce } from "../ui/announce.js";
import { count, number } from "../ui/wording.js";

export interface Listing {
  /** All pages fetched so far, as one; null until the first has arrived. */
  page: Page | null;
  /** Whether `page` answers the previous question, while this one's answer is on its way. */
  stale: boolean;
  busy: "first" | "more" | null;
  /** Why the last page could not be fetched. */
  problem: Problem | null;
  /** Fetches the next page. */
  more: () => void;
  /** Fetches the page that failed again. */
  again: () => void;
  /** Fetches everything again, from the first page. */
  anew: () => void;
}

/** Recent answers by their questions, so that going back shows them at once. */
class Answers extends Recent<string, Page> {
  constructor() {
    super(40);
  }
}

/** A function that finds a paper in recent answers; null when it is in none. */
export function useKnownPaper(): (id: string) => Paper | null {
  const answers = useStore(Answers);
  return (id) => {
    for (const { hits } of answers.newestFirst()) {
      const hit = hits.find(({ paper }) => paper.id === id);
      if (hit !== undefined) return hit.paper;
    }
    return null;
  };
}

interface State {
  key: string;
  page: Page | null;
  busy: "first" | "more" | null;
  problem: Problem | null;
}

/**
 * Fetches the pages of one question.
 *
 * @param key Identifies the question. When it changes, running requests are aborted, and the previous papers stay until the
 *   new ones arrive.
 * @param options.quiet Does not announce the first page: the list is not what the view is about.
 */
export function useListing(
  key: string,
  fetchPage: (cursor: string | undefined, signal: AbortSignal) => Promise<Page>,
  { quiet = false }: { quiet?: boolean } = {},
): Listing {
  const answers = useStore(Answers);
  const stateOf = (before: Page | null): State => {
    const known = answers.get(key);
    return { key, page: known ?? before, busy: known === undefined ? "first" : null, problem: null };
  };
  const [state, setState] = useState<State>(() => stateOf(null));
  const shown = state.key === key ? state : stateOf(state.page);
  const running = useRef<AbortController | null>(null);
  const latest = useRef(fetchPage);
  latest.current = fetchPage;

  const run = useCallback(
    (before: Page | null): void => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      setState((was) => ({ key, page: before ?? was.page, busy: before === null ? "first" : "more", problem: null }));
      latest.current(before?.next ?? undefined, controller.signal).then(
        (page) => {
          if (controller.signal.aborted) return;
          const all = before === null ? page : { ...page, hits: [...before.hits, ...page.hits] };
          answers.set(key, all);
          if (!quiet || before !== null) announce(inWords(all, before !== null));
          setState({ key, page: all, busy: null, problem: null });
        },
        (problem: Problem) => {
          if (controller.signal.aborted) return;
          announce(problem.message);
          // Papers of the previous question must not look like an answer to this one.
          setState({ key, page: before, busy: null, problem });
        },
      );
    },
    [key, quiet],
  );

  // A layout effect, so that the request does not wait for a frame to be painted.
  useLayoutEffect(() => {
    const known = answers.get(key);
    if (known === undefined) run(null);
    else setState({ key, page: known, busy: null, problem: null });
    return () => running.current?.abort();
  }, [key, run]);

  const { page, busy, problem } = shown;
  const more = (): void => {
    if (page !== null && page.next !== null && busy === null) run(page);
  };
  return {
    page,
    busy,
    problem,
    stale: page !== null && busy === "first",
    more,
    again: () => run(page),
    anew: () => run(null),
  };
}

function inWords(page: Page, more: boolean): string {
  const shown = page.hits.length;
  if (shown === 0) return page.notice ?? "No papers";
  if (page.total !== null && page.total > shown) return `${number(shown)} of ${count(page.total, "paper")}`;
  const papers = `${count(shown, "paper")}${more ? " so far" : ""}${page.next === null ? "" : ", and more"}`;
  return page.notice === null || more ? papers : `${papers}. ${page.notice}`;
}
