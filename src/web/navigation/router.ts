/**
 * Going from view to view: the address holds the view, links are followed without loading the page anew, and going back
 * finds each view as it was left.
 */
import { useCallback, useEffect, useLayoutEffect, useState } from "preact/hooks";
import { addressOf, type View, viewOf } from "./address.js";
import { trailOf, type Trail } from "./list-context.js";

/**
 * `visit` is a new entry in the history. `typing` is one as well the first time, and from then on changes that entry, so
 * that "back" leads to what was there before the first letter, not to each letter. `along` changes the entry: whoever
 * goes from one paper of a list to the next finds the list behind "back", however far. `stay` changes it too, and leaves
 * everything else in its place: looking around, on the map or among related papers, is no step that "back" would take.
 */
export type Way = "visit" | "typing" | "along" | "stay";
export type Go = (view: View, way?: Way) => void;

interface Entry {
  key: string;
  typing: boolean;
  /** Whether the entry before this one is the page's own, so that "back" stays in it. */
  inside: boolean;
  /** The list that the paper of this entry was opened from. Kept by the browser, so that it is there after a reload. */
  trail?: Trail | null;
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
/** The list that the paper was opened from; null when it was not opened from one. */
export const trailBehind = (): Trail | null => entry.trail ?? null;

function leave(): void {
  const focused = document.activeElement?.closest<HTMLElement>("[data-paper]");
  places.set(entry.key, { scroll: window.scrollY, paper: focused?.dataset["paper"] ?? null });
  moved = true;
}

/** Has "back" find that paper of the list, rather than the one that was opened first. */
function comeBackTo(paper: string): void {
  const list = entry.trail?.list;
  const place = list === undefined ? undefined : places.get(list);
  if (list !== undefined && place !== undefined) places.set(list, { ...place, paper });
}

export function useJourney(): { view: View; go: Go } {
  const [view, setView] = useState<View>(() => viewOf(location.search));

  const go = useCallback((to: View, way: Way = "visit", trail: Trail | null = null): void => {
    const address = addressOf(to);
    if (new URL(address, location.href).search !== location.search) {
      const typing = way === "typing";
      if (way === "stay" || (typing && entry.typing)) {
        history.replaceState(entry, "", address);
      } else if (way === "along" && to.view === "paper") {
        leave();
        comeBackTo(to.id);
        entry = { ...entry, key: newKey(), typing: false };
        history.replaceState(entry, "", address);
        returning = { scroll: 0, paper: null };
      } else {
        leave();
        entry = { key: newKey(), typing, inside: true, trail };
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
      const link = event.target instanceof Element ? event.target.closest<HTMLElement | SVGElement>("a[href]") : null;
      // Read as it is written: a link in a drawing has no parts of its own.
      const to = link === null ? null : new URL(link.getAttribute("href") ?? "", document.baseURI);
      if (link === null || to === null || !staysHere(event, link, to)) return;
      event.preventDefault();
      const view = viewOf(to.search);
      if ("along" in link.dataset) go(view, "along");
      else go(view, "visit", view.view === "paper" ? trailOf(link, view.id, entry.key) : null);
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
    const title = paper === null ? null : document.querySelector<HTMLElement>(`[data-paper="${CSS.escape(paper)}"] a`);
    title?.focus({ preventScroll: true });
    // Out of sight is one that was gone to from another.
    const { bottom = 0, top = 0 } = title?.getBoundingClientRect() ?? {};
    if (title !== null && (bottom < 0 || top > innerHeight)) title.scrollIntoView({ block: "center" });
  }, [view]);

  return { view, go };
}

/** Whether a click follows a link to another view here, rather than elsewhere, to a place in this one, or in a new tab. */
function staysHere(event: MouseEvent, link: Element, to: URL): boolean {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  return (
    plain &&
    !event.defaultPrevented &&
    !link.hasAttribute("target") &&
    to.hash === "" &&
    to.origin === location.origin &&
    to.pathname === new URL("./", location.href).pathname
  );
}
