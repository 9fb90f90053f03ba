import { useEffect } from "preact/hooks";

/** Sets the title of the window. */
export function useTitle(words: string): void {
  useEffect(() => {
    document.title = words === "" ? "Kindred" : `${words} · Kindred`;
  }, [words]);
}
