/** The map and its points: kept while other views are shown, and fetched again when the map has changed. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { MapAnswer } from "../../api.js";
import { fetchMap, fetchPoints } from "../api/client.js";
import type { Problem } from "../api/http.js";
import type { Box } from "../navigation/place.js";
import { useStore } from "../session/stores.js";
import { Near } from "./near.js";
import { bulkOf, type Points, readPoints } from "./points.js";

export interface Drawn {
  info: MapAnswer;
  points: Points;
  near: Near;
  /** What is visible when the whole map is. */
  bulk: Box;
}
export interface MapState {
  /** null until it has arrived; without points when there is no map yet. */
  drawn: Drawn | null;
  /** Why it could not be fetched. */
  problem: Problem | null;
  again: () => void;
}

/** Milliseconds between polls while papers are missing on the map. */
const PAUSE = 5_000;

/** The map that was fetched last, so that coming back to it takes no time. */
class LastMap {
  drawn: Drawn | null = null;
}

async function fetchAll(before: Drawn | null, signal: AbortSignal): Promise<Drawn> {
  const info = await fetchMap(signal);
  if (before?.info.version === info.version) return { ...before, info };
  const points = readPoints(info.points === 0 ? new ArrayBuffer() : await fetchPoints(signal));
  return { info, points, near: new Near(points), bulk: bulkOf(points) };
}

/** @param edition Counts the changes of the library. */
export function useMap(edition: number): MapState {
  const last = useStore(LastMap);
  const [state, setState] = useState<Omit<MapState, "again">>({ drawn: last.drawn, problem: null });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const running = useRef<AbortController | null>(null);

  const look = useCallback((): void => {
    clearTimeout(timer.current);
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    fetchAll(last.drawn, controller.signal).then(
      (drawn) => {
        if (controller.signal.aborted) return;
        last.drawn = drawn;
        setState({ drawn, problem: null });
        if (drawn.info.pending > 0 || drawn.info.points === 0) timer.current = setTimeout(look, PAUSE);
      },
      (problem: Problem) => {
        if (controller.signal.aborted) return;
        setState({ drawn: last.drawn, problem });
        // Meanwhile the previous map is shown.
        if (last.drawn !== null) timer.current = setTimeout(look, PAUSE);
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
