/** The status of the server, kept up to date. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Status } from "../../api.js";
import { announce } from "../ui/announce.js";
import { StatusStream } from "./status-stream.js";
import { advance, type Progress } from "./progress.js";
import { count } from "../ui/wording.js";

export interface Watch {
  /** null until the server has answered once. */
  status: Status | null;
  /** The progress of embedding; null when nothing is pending. */
  progress: Progress | null;
}

/**
 * @param waiting Whether this page has sent, or is about to send, something that changes the library.
 * @param edition Counts the changes of the library.
 */
export function useStatus(waiting: boolean, edition: number): Watch {
  const [watch, setWatch] = useState<Watch>({ status: null, progress: null });
  const current = useRef<StatusStream | null>(null);

  useEffect(() => {
    let progress: Progress | null = null;
    const stream = new StatusStream((status) => {
      const before = progress;
      progress = advance(before, status, performance.now());
      const embedding = progress?.of === "abstracts";
      if (embedding && before?.of !== "abstracts") announce(`Embedding ${count(progress?.total ?? 0, "paper")}`);
      if (!embedding && before?.of === "abstracts") announce("All papers are embedded");
      setWatch({ status, progress });
    });
    current.current = stream;
    return () => stream.end();
  }, []);
  useEffect(() => current.current?.wait(waiting), [waiting]);
  useEffect(() => {
    if (edition > 0) current.current?.look();
  }, [edition]);

  return watch;
}
