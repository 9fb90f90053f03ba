import { useEffect } from "preact/hooks";

/** Names the window after what it shows. */
export function useTitle(words: string): void {
  useEffect(() => {
    document.title = words === "" ? "Kindred" : `${words} · Kindred`;
  }, [words]);
}
