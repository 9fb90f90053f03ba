/** The papers of the list that is coloured. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { MapColour } from "../navigation/address.js";
import type { Problem } from "../api/http.js";
import { idsIn } from "../lists/lists.js";
import { useLists } from "../lists/use-lists.js";
import { fetchListed } from "../api/client.js";
import { indexesOf, type Points } from "./points.js";

export interface Listed {
  /** Indexes of points; none when no list is coloured. */
  indexes: readonly number[];
  problem: Problem | null;
  again: () => void;
}
const NONE: readonly number[] = [];

/** The list in a choice of colours; null for another choice. */
export const listIn = (colour: MapColour): string | null =>
  colour.startsWith("list:") ? colour.slice("list:".length) : null;

export function useListed(colour: MapColour, points: Points): Listed {
  const [state, setState] = useState<Omit<Listed, "again">>({ indexes: NONE, problem: null });
  const running = useRef<AbortController | null>(null);
  const list = listIn(colour);
  const lists = useLists();
  /** Changes with the papers of the list. */
  const ids = list === null ? "" : idsIn(lists, list).join("\n");
  const run = useCallback((): void => {
    running.current?.abort();
    if (list === null) return setState({ indexes: NONE, problem: null });
    const controller = new AbortController();
    running.current = controller;
    fetchListed(list, controller.signal).then(
      (labels) => {
        if (!controller.signal.aborted) setState({ indexes: indexesOf(points, labels), problem: null });
      },
      (problem: Problem) => {
        if (!controller.signal.aborted) setState({ indexes: NONE, problem });
      },
    );
  }, [list, points]);
  useEffect(() => {
    run();
    return () => running.current?.abort();
  }, [run, ids]);
  return { ...state, again: run };
}
