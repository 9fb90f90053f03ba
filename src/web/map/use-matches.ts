/** Which papers light up: those that a search finds, or that lie in an area. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { addressOf, type MapView } from "../navigation/address.js";
import { announce } from "../ui/announce.js";
import type { Problem } from "../api/client.js";
import { count, number } from "../ui/wording.js";
import { fetchLit, mostLit } from "./client.js";
import type { Near } from "./near.js";
import { indexesOf, type Points } from "./points.js";

export interface Lit {
  /** Which points, best first; null when nothing is asked for. */
  indexes: readonly number[] | null;
  busy: boolean;
  problem: Problem | null;
  again: () => void;
}

/** What is asked for, without how it is looked at. */
const questionOf = (view: MapView): string => addressOf({ ...view, at: null, colour: "category" });

const isAsking = ({ q, filters }: MapView): boolean => q !== "" || Object.keys(filters).length > 0;
/** Where points lie is known here; what they say is not. */
const isAreaOnly = ({ q, filters }: MapView): boolean =>
  q === "" && filters.area !== undefined && Object.keys(filters).length === 1;

/** `37 of 4,000 papers light up`. */
export function litInWords(view: MapView, lit: number, papers: number): string {
  const among = `${lit === 0 ? "None" : number(lit)} of ${count(papers, "paper")}`;
  if (isAreaOnly(view)) return `${among} in the area`;
  const verb = lit === 1 ? "lights" : "light";
  return view.q !== "" && lit >= mostLit(papers) ? `The best ${among} ${verb} up` : `${among} ${verb} up`;
}

export function useLit(view: MapView, points: Points, near: Near): Lit {
  const key = questionOf(view);
  const [state, setState] = useState<Omit<Lit, "again">>({ indexes: null, busy: false, problem: null });
  const running = useRef<AbortController | null>(null);
  const latest = useRef(view);
  latest.current = view;

  const run = useCallback((): void => {
    running.current?.abort();
    const { current: asked } = latest;
    const { area } = asked.filters;
    const show = (indexes: readonly number[]): void => {
      announce(litInWords(asked, indexes.length, points.count));
      setState({ indexes, busy: false, problem: null });
    };
    if (!isAsking(asked)) return setState({ indexes: null, busy: false, problem: null });
    if (area !== undefined && isAreaOnly(asked)) return show(near.inside(area));
    const controller = new AbortController();
    running.current = controller;
    setState((before) => ({ ...before, busy: true, problem: null }));
    fetchLit(asked, mostLit(points.count), controller.signal).then(
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
