/** Which papers are highlighted: those that a search finds, or that are in an area. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { fetchMatches } from "../api/client.js";
import type { Problem } from "../api/http.js";
import { addressOf, type MapView } from "../navigation/address.js";
import { announce } from "../ui/announce.js";
import { count, number } from "../ui/wording.js";
import type { Near } from "./near.js";
import { indexesOf, type Points } from "./points.js";

export interface Matches {
  /** Indexes of points, best first; null when nothing is asked. */
  indexes: readonly number[] | null;
  busy: boolean;
  problem: Problem | null;
  again: () => void;
}

/**
 * The most hits that a search highlights: searched by meaning, every paper is a hit. On a small map as many as a page of
 * results has, on a large one as many as can still be distinguished.
 */
const maxMatches = (points: number): number => Math.min(Math.max(Math.round(points / 50), 20), 200);

/** The question of a view, without how it is looked at. */
const questionOf = (view: MapView): string => addressOf({ ...view, at: null, colour: "category" });

const isAsking = ({ q, filters }: MapView): boolean => q !== "" || Object.keys(filters).length > 0;
/** An area alone needs no request: the places of all points are here. */
const isAreaOnly = ({ q, filters }: MapView): boolean =>
  q === "" && filters.area !== undefined && Object.keys(filters).length === 1;

/** `37 of 4,000 papers highlighted`. */
export function matchesInWords(view: MapView, matches: number, papers: number): string {
  const among = `${matches === 0 ? "None" : number(matches)} of ${count(papers, "paper")}`;
  if (isAreaOnly(view)) return `${among} in the area`;
  return `${view.q !== "" && matches >= maxMatches(papers) ? "The best " : ""}${among} highlighted`;
}

export function useMatches(view: MapView, points: Points, near: Near): Matches {
  const key = questionOf(view);
  const [state, setState] = useState<Omit<Matches, "again">>({ indexes: null, busy: false, problem: null });
  const running = useRef<AbortController | null>(null);
  const latest = useRef(view);
  latest.current = view;

  const run = useCallback((): void => {
    running.current?.abort();
    const { current: asked } = latest;
    const { area } = asked.filters;
    const show = (indexes: readonly number[]): void => {
      announce(matchesInWords(asked, indexes.length, points.count));
      setState({ indexes, busy: false, problem: null });
    };
    if (!isAsking(asked)) return setState({ indexes: null, busy: false, problem: null });
    if (area !== undefined && isAreaOnly(asked)) return show(near.inside(area));
    const controller = new AbortController();
    running.current = controller;
    setState((before) => ({ ...before, busy: true, problem: null }));
    fetchMatches(asked, maxMatches(points.count), controller.signal).then(
      (labels) => {
        if (!controller.signal.aborted) show(indexesOf(points, labels));
      },
      (problem: Problem) => {
        if (controller.signal.aborted) return;
        announce(problem.message);
        setState({ indexes: null, busy: false, problem });
      },
    );
  }, [points, near]);

  useEffect(() => {
    run();
    return () => running.current?.abort();
  }, [key, run]);

  return { ...state, again: run };
}
