/** How the server is doing. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Status } from "../../api.js";
import { announce } from "../ui/announce.js";
import { News } from "./status-stream.js";
import { advance, type Progress } from "./progress.js";
import { count } from "../ui/wording.js";

export interface Watch {
  /** null until the server has answered once. */
  status: Status | null;
  /** How far embedding has come; null when nothing waits for it. */
  progress: Progress | null;
}

/**
 * @param waiting Whether this page has sent, or is about to send, something that changes papers.
 * @param edition Counts what has changed them.
 */
export function useStatus(waiting: boolean, edition: number): Watch {
  const [watch, setWatch] = useState<Watch>({ status: null, progress: null });
  const news = useRef<News | null>(null);

  useEffect(() => {
    let progress: Progress | null = null;
    const heard = new News((status) => {
      const before = progress;
      progress = advance(before, status, performance.now());
      const embedding = progress?.of === "abstracts";
      if (embedding && before?.of !== "abstracts") announce(`Embedding ${count(progress?.total ?? 0, "paper")}`);
      if (!embedding && before?.of === "abstracts") announce("All papers are embedded");
      setWatch({ status, progress });
    });
    news.current = heard;
    return () => heard.end();
  }, []);
  useEffect(() => news.current?.wait(waiting), [waiting]);
  useEffect(() => {
    if (edition > 0) news.current?.look();
  }, [edition]);

  return watch;
}
