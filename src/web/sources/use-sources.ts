/** The sources, kept up to date while their view is shown. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Source } from "../../api.js";
import { fetchSources } from "../api/client.js";
import type { Problem } from "../api/http.js";
import { announce } from "../ui/announce.js";
import { outcomeInWords } from "./wording.js";

/** Milliseconds between two requests, while a source runs or is due, and otherwise. */
const SOON = 1_500;
const LATER = 15_000;

export interface Sources {
  /** null until the server has answered. */
  sources: readonly Source[] | null;
  /** When the server answered, in milliseconds since 1970. */
  at: number;
  problem: Problem | null;
  /** Asks again now. */
  look: () => void;
}

/** @param onPapers Called when a run has ended. */
export function useSources(onPapers: () => void): Sources {
  const [state, setState] = useState<Omit<Sources, "look">>({ sources: null, at: 0, problem: null });
  const [attempt, setAttempt] = useState(0);
  /** When each source last ran; null until the server has answered. */
  const known = useRef<Map<string, string | undefined> | null>(null);
  useEffect(() => {
    const ended = new AbortController();
    const { signal } = ended;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = (): void => {
      clearTimeout(timer);
      fetchSources(signal).then(
        ({ sources }) => {
          const now = Date.now();
          setState({ sources, at: now, problem: null });
          const before = known.current;
          known.current = new Map(sources.map(({ name, last }) => [name, last?.started]));
          for (const { name, last } of sources)
            if (before !== null && last !== null && before.get(name) !== last.started) {
              announce(`${name}: ${outcomeInWords(last)}`);
              onPapers();
            }
          const isDue = ({ running, next }: Source): boolean => running || (next !== null && Date.parse(next) <= now);
          timer = setTimeout(ask, sources.some(isDue) ? SOON : LATER);
        },
        (problem: Problem) => {
          if (signal.aborted) return;
          setState((before) => ({ ...before, problem }));
          timer = setTimeout(ask, LATER);
        },
      );
    };
    const onVisible = (): void => (document.hidden ? clearTimeout(timer) : ask());
    document.addEventListener("visibilitychange", onVisible, { signal });
    ask();
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [attempt]);
  return { ...state, look: useCallback(() => setAttempt((before) => before + 1), []) };
}
