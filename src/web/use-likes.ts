/** Keeps likes in this browser, the same in all its tabs. */
import { useEffect, useState } from "preact/hooks";
import { announce } from "./announce.js";
import { type Opinion, parseOpinions, type Verdict, verdictOn, withVerdict } from "./likes.js";

const KEY = "kindred.likes";
const listeners = new Set<() => void>();
let opinions: readonly Opinion[] = read();

function read(): Opinion[] {
  try {
    return parseOpinions(localStorage.getItem(KEY));
  } catch {
    // A browser that keeps nothing: likes last as long as the page.
    return [];
  }
}

function set(next: readonly Opinion[]): void {
  opinions = next;
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // As above, or there is no room left: they hold in this tab.
  }
  for (const listener of listeners) listener();
}

addEventListener("storage", (event) => {
  if (event.key !== KEY && event.key !== null) return;
  opinions = read();
  for (const listener of listeners) listener();
});

/** What was said of papers so far, newest last. */
export function useOpinions(): readonly Opinion[] {
  const [shown, setShown] = useState(opinions);
  useEffect(() => {
    const listener = (): void => setShown(opinions);
    listeners.add(listener);
    listener();
    return () => void listeners.delete(listener);
  }, []);
  return shown;
}

/** Says what one thinks of a paper; saying the same again takes it back. */
export function toggleVerdict(paper: { id: string; title: string }, verdict: Verdict): void {
  const takenBack = verdictOn(opinions, paper.id) === verdict;
  set(withVerdict(opinions, paper, takenBack ? null : verdict));
  announce(takenBack ? "Taken back" : verdict === "like" ? "Liked" : "Marked as not for me");
}
