/**
 * Going from view to view: the address holds the view, links are followed without loading the page anew, and going back
 * finds each view as it was left.
 */
import { useCallback, useEffect, useLayoutEffect, useState } from "preact/hooks";
import { addressOf, type View, viewOf } from "./address.js";

/**
 * `visit` is a new entry in the history. `typing` is one as well the first time, and from then on changes that entry, so
 * that "back" leads to what was there before the first letter, not to each letter. `stay` changes the entry one is at:
 * looking around is no step that "back" would take.
 */
export type Way = "visit" | "typing" | "stay";
export type Go = (view: View, way?: Way) => void;

interface Entry {
  key: string;
  typing: boolean;
  /** Whether the entry before this one is the page's own, so that "back" stays in it. */
  inside: boolean;
}
/** What going back to a view finds again. */
interface Place {
  scroll: number;
  paper: string | null;
}

const places = new Map<string, Place>();
const newKey = (): string => Math.random().toString(36).slice(2);

const isEntry = (state: unknown): state is Entry =>
  typeof state === "object" && state !== null && "key" in state && "typing" in state && "inside" in state;

function entryOf(state: unknown): Entry {
  if (isEntry(state)) return state;
  const entry: Entry = { key: newKey(), typing: false, inside: false };
  history.replaceState(entry, "");
  return entry;
}

history.scrollRestoration = "manual";
let entry = entryOf(history.state);
/** Whether anyone has gone anywhere since the document was loaded. A browser takes care of the first view itself. */
let moved = false;
/** The place to find again once the view is drawn; null for a view that is new. */
let returning: Place | null = null;

export const hasMoved = (): boolean => moved;
/** Whether "back" leads to a view of this page. */
export const cameFromInside = (): boolean => entry.inside;

function leave(): void {
  const focused = document.activeElement?.closest<HTMLElement>("[data-paper]");
  places.set(entry.key, { scroll: window.scrollY, paper: focused?.dataset["paper"] ?? null });
  moved = true;
}

export function useJourney(): { view: View; go: Go } {
  const [view, setView] = useState<View>(() => viewOf(location.search));

  const go = useCallback<Go>((to, way = "visit") => {
    const address = addressOf(to);
    if (new URL(address, location.href).search !== location.search) {
      const typing = way === "typing";
      if (way === "stay" || (typing && entry.typing)) {
        history.replaceState(entry, "", address);
      } else {
        leave();
        entry = { key: newKey(), typing, inside: true };
        history.pushState(entry, "", address);
        if (!typing) returning = { scroll: 0, paper: null };
      }
    } else if (way === "visit" && entry.typing) {
      // What was typed has been settled on: typing on from here begins a new entry.
      entry = { ...entry, typing: false };
      history.replaceState(entry, "");
    }
    setView(to);
  }, []);

  useEffect(() => {
    const onPop = (event: PopStateEvent): void => {
      leave();
      entry = entryOf(event.state);
      returning = places.get(entry.key) ?? { scroll: 0, paper: null };
      setView(viewOf(location.search));
    };
    const onClick = (event: MouseEvent): void => {
      const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
      if (link === null || !staysHere(event, link)) return;
      event.preventDefault();
      go(viewOf(link.search));
    };
    const listening = new AbortController();
    addEventListener("popstate", onPop, { signal: listening.signal });
    document.addEventListener("click", onClick, { signal: listening.signal });
    return () => listening.abort();
  }, [go]);

  useLayoutEffect(() => {
    if (returning === null) return;
    const { scroll, paper } = returning;
    returning = null;
    window.scrollTo(0, scroll);
    if (paper !== null)
      document.querySelector<HTMLElement>(`[data-paper="${CSS.escape(paper)}"] a`)?.focus({ preventScroll: true });
  }, [view]);

  return { view, go };
}

/** Whether a click follows a link to another view here, rather than elsewhere, to a place in this one, or in a new tab. */
function staysHere(event: MouseEvent, link: HTMLAnchorElement): boolean {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  return (
    plain &&
    !event.defaultPrevented &&
    link.target === "" &&
    link.hash === "" &&
    link.origin === location.origin &&
    link.pathname === new URL("./", location.href).pathname
  );
}
