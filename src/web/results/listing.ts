/** Papers that arrive page by page. */
import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";
import { announce } from "../ui/announce.js";
import type { Paper } from "../../paper.js";
import type { Page, Problem } from "../api/client.js";
import { count, number } from "../ui/wording.js";

export interface Listing {
  /** All pages fetched so far, as one; null until the first has come. May be of the question before, see `stale`. */
  page: Page | null;
  /** Whether the page answers an earlier question while this one is being asked. */
  stale: boolean;
  busy: "first" | "more" | null;
  /** Why the last page did not come. */
  problem: Problem | null;
  more: () => void;
  /** Asks again for the page that did not come. */
  again: () => void;
  /** Asks for everything anew, from the first page. */
  anew: () => void;
}

/** Answers seen, newest last, so that going back shows them at once. */
const seen = new Map<string, Page>();
const SEEN = 40;

function remember(key: string, page: Page): void {
  seen.delete(key);
  seen.set(key, page);
  const oldest = seen.keys().next().value;
  if (seen.size > SEEN && oldest !== undefined) seen.delete(oldest);
}

/** A paper as one of the answers seen had it, newest first; null when none did. */
export function knownPaper(id: string): Paper | null {
  for (const page of [...seen.values()].toReversed()) {
    const hit = page.hits.find(({ paper }) => paper.id === id);
    if (hit !== undefined) return hit.paper;
  }
  return null;
}

interface State {
  key: string;
  page: Page | null;
  busy: "first" | "more" | null;
  problem: Problem | null;
}

/**
 * Fetches the pages of one question. `key` stands for the question: when it changes, what was being fetched is dropped,
 * and the papers of the question before stay until the new ones are there. A quiet list is not what one came for: its
 * first page is not announced.
 */
export function useListing(
  key: string,
  fetchPage: (cursor: string | undefined, signal: AbortSignal) => Promise<Page>,
  { quiet = false }: { quiet?: boolean } = {},
): Listing {
  const [state, setState] = useState<State>(() => stateOf(key, null));
  const shown = state.key === key ? state : stateOf(key, state.page);
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
          remember(key, all);
          if (!quiet || before !== null) announce(inWords(all, before !== null));
          setState({ key, page: all, busy: null, problem: null });
        },
        (problem: Problem) => {
          if (controller.signal.aborted) return;
          announce(problem.message);
          // Papers that answer another question are not left standing as if they answered this one.
          setState({ key, page: before, busy: null, problem });
        },
      );
    },
    [key, quiet],
  );

  // Before the browser paints: a question waits for no frame.
  useLayoutEffect(() => {
    const known = seen.get(key);
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

function stateOf(key: string, before: Page | null): State {
  const known = seen.get(key);
  return { key, page: known ?? before, busy: known === undefined ? "first" : null, problem: null };
}

function inWords(page: Page, more: boolean): string {
  const shown = page.hits.length;
  if (shown === 0) return page.notice ?? "No papers";
  if (page.total !== null && page.total > shown) return `${number(shown)} of ${count(page.total, "paper")}`;
  const papers = `${count(shown, "paper")}${more ? " so far" : ""}${page.next === null ? "" : ", and more"}`;
  return page.notice === null || more ? papers : `${papers}. ${page.notice}`;
}
