/** How the server is doing, looked at while there is something to wait for. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Status } from "../api.js";
import { announce } from "./announce.js";
import { fetchStatus } from "./client.js";
import { advance, type Progress } from "./progress.js";
import { count } from "./wording.js";

export interface Watch {
  /** null until the server has answered once. */
  status: Status | null;
  /** How far embedding has come; null when no paper waits for it. */
  progress: Progress | null;
  /** Looks now, and goes on looking while something is under way. */
  look: () => void;
}

/** Milliseconds until the next look; null when nothing is expected to change by itself. */
function pause(status: Status): number | null {
  if (status.pending > 0) return status.indexing ? 700 : 3_000;
  if (status.pendingSentences > 0 && status.indexing) return 3_000;
  if (status.papers === 0 || status.index.state === "building") return 4_000;
  return null;
}

export function useStatus(): Watch {
  const [watch, setWatch] = useState<Omit<Watch, "look">>({ status: null, progress: null });
  const progress = useRef<Progress | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const running = useRef<AbortController | null>(null);

  const look = useCallback((): void => {
    clearTimeout(timer.current);
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    fetchStatus(controller.signal).then(
      (status) => {
        if (controller.signal.aborted) return;
        const before = progress.current;
        const now = advance(before, status.pending);
        progress.current = now;
        if (before === null && now !== null) announce(`Embedding ${count(now.total, "paper")}`);
        if (before !== null && now === null) announce("All papers are embedded");
        setWatch({ status, progress: now });
        const wait = pause(status);
        if (wait !== null) timer.current = setTimeout(look, document.hidden ? 10_000 : wait);
      },
      () => {
        // Whoever asked the server for papers says that it is gone; here it is enough to try again.
        if (!controller.signal.aborted) timer.current = setTimeout(look, 5_000);
      },
    );
  }, []);

  useEffect(() => {
    const onVisible = (): void => {
      if (!document.hidden) look();
    };
    look();
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      document.removeEventListener("visibilitychange", onVisible);
      clearTimeout(timer.current);
      running.current?.abort();
    };
  }, [look]);

  return { ...watch, look };
}
