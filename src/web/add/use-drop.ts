/** Files dropped anywhere on the page. */
import { useEffect, useState } from "preact/hooks";

/** Whether files are being dragged over the page. */
export function useDrop(add: (files: Iterable<File>) => void): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    // Each element sends an enter and a leave; the drag is over the page while there have been more enters.
    let depth = 0;
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
    const settle = (change: number): void => {
      depth = Math.max(0, depth + change);
      setOver(depth > 0);
    };
    const onEnter = (event: DragEvent): void => {
      if (hasFiles(event)) settle(1);
    };
    const onLeave = (event: DragEvent): void => {
      if (hasFiles(event)) settle(-1);
    };
    const onOver = (event: DragEvent): void => {
      if (hasFiles(event)) event.preventDefault();
    };
    const onDrop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      settle(-depth);
      add(event.dataTransfer?.files ?? []);
    };
    const listening = new AbortController();
    const { signal } = listening;
    addEventListener("dragenter", onEnter, { signal });
    addEventListener("dragleave", onLeave, { signal });
    addEventListener("dragover", onOver, { signal });
    addEventListener("drop", onDrop, { signal });
    return () => listening.abort();
  }, [add]);
  return over;
}
