/** The map and its points: kept while one looks at other views, and fetched anew when there is another map. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { MapAnswer } from "../../api.js";
import type { Problem } from "../api/client.js";
import { fetchMap, fetchPoints } from "./client.js";
import type { Box } from "./camera.js";
import { Near } from "./near.js";
import { bulkOf, type Points, readPoints } from "./points.js";

export interface Drawn {
  info: MapAnswer;
  points: Points;
  near: Near;
  /** What is to be seen where all of the map is. */
  bulk: Box;
}
export interface MapState {
  /** null until it has come; without points where there is no map yet. */
  drawn: Drawn | null;
  /** Why it has not. */
  problem: Problem | null;
  again: () => void;
}

/** Milliseconds until the next look while papers have no place on the map yet. */
const PAUSE = 5_000;
/** The last map seen, so that coming back to it takes no time. */
let last: Drawn | null = null;

async function fetchAll(before: Drawn | null, signal: AbortSignal): Promise<Drawn> {
  const info = await fetchMap(signal);
  if (before?.info.version === info.version) return { ...before, info };
  const points = info.points === 0 ? readPoints(new ArrayBuffer()) : await fetchPoints(signal);
  return { info, points, near: new Near(points), bulk: bulkOf(points) };
}

/** @param edition Changes when the papers have. */
export function useMap(edition: number): MapState {
  const [state, setState] = useState<Omit<MapState, "again">>({ drawn: last, problem: null });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const running = useRef<AbortController | null>(null);

  const look = useCallback((): void => {
    clearTimeout(timer.current);
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    fetchAll(last, controller.signal).then(
      (drawn) => {
        if (controller.signal.aborted) return;
        last = drawn;
        setState({ drawn, problem: null });
        if (drawn.info.pending > 0 || drawn.info.points === 0) timer.current = setTimeout(look, PAUSE);
      },
      (problem: Problem) => {
        if (controller.signal.aborted) return;
        setState({ drawn: last, problem });
        // The map that is there can be looked at meanwhile.
        if (last !== null) timer.current = setTimeout(look, PAUSE);
      },
    );
  }, []);

  useEffect(() => {
    look();
    return () => {
      clearTimeout(timer.current);
      running.current?.abort();
    };
  }, [look, edition]);

  return { ...state, again: look };
}
