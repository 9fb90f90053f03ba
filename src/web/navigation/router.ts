/**
 * Moves between views. The address holds the view, links are followed without reloading the page, and going back restores
 * a view's scroll position and focus.
 */
import { useCallback, useEffect, useLayoutEffect, useState } from "preact/hooks";
import { useStore } from "../session/stores.js";
import { addressOf, type View, viewOf } from "./address.js";
import { listContextOf, type ListContext } from "./list-context.js";

/**
 * How a step changes the history.
 *
 * - `visit` adds an entry.
 * - `typing` adds an entry for the first letter and then changes it, so that "back" does not go letter by letter.
 * - `along` changes the entry: "back" from any paper of a list leads to the list.
 * - `stay` changes the entry and leaves scroll position and focus alone, for moving on the map or among related papers.
 */
export type Way = "visit" | "typing" | "along" | "stay";
export type Go = (view: View, way?: Way) => void;

/** The state of a history entry. The browser keeps it across reloads. */
interface Entry {
  key: string;
  typing: boolean;
  /** Whether the entry before this one is also a view of this page. */
  inside: boolean;
  /** The list that this entry's paper was opened from. */
  list?: ListContext | null;
}
/** What is restored when one comes back to a view. */
interface Place {
  scroll: number;
  paper: string | null;
}

const TOP: Place = { scroll: 0, paper: null };

const newKey = (): string => Math.random().toString(36).slice(2);

const isEntry = (state: unknown): state is Entry =>
  typeof state === "object" && state !== null && "key" in state && "typing" in state && "inside" in state;

function entryOf(state: unknown): Entry {
  if (isEntry(state)) return state;
  const entry: Entry = { key: newKey(), typing: false, inside: false };
  history.replaceState(entry, "");
  return entry;
}

export class Router {
  /** Whether the view has changed since the document was loaded. The browser itself handles focus in the first view. */
  hasMoved = false;
  readonly #places = new Map<string, Place>();
  #entry: Entry;
  /** The place to restore once the new view is drawn; null to leave everything as it is. */
  #returning: Place | null = null;

  constructor() {
    history.scrollRestoration = "manual";
    this.#entry = entryOf(history.state);
  }

  /** Whether "back" leads to a view of this page. */
  get cameFromInside(): boolean {
    return this.#entry.inside;
  }

  /** The list that the paper was opened from; null when it was not opened from one. */
  get listContext(): ListContext | null {
    return this.#entry.list ?? null;
  }

  /** Changes address and history for a view that is about to be shown. */
  go(to: View, way: Way, list: ListContext | null): void {
    const address = addressOf(to);
    if (new URL(address, location.href).search === location.search) {
      if (way === "visit" && this.#entry.typing) {
        // The query was submitted: typing on adds a new entry.
        this.#entry = { ...this.#entry, typing: false };
        history.replaceState(this.#entry, "");
      }
      return;
    }
    const typing = way === "typing";
    if (way === "stay" || (typing && this.#entry.typing)) {
      history.replaceState(this.#entry, "", address);
    } else if (way === "along" && to.view === "paper") {
      this.#leave();
      this.#comeBackTo(to.id);
      this.#entry = { ...this.#entry, key: newKey(), typing: false };
      history.replaceState(this.#entry, "", address);
      this.#returning = TOP;
    } else {
      this.#leave();
      this.#entry = { key: newKey(), typing, inside: true, list };
      history.pushState(this.#entry, "", address);
      if (!typing) this.#returning = TOP;
    }
  }

  /** The browser went back or forward to an entry. */
  arrive(state: unknown): void {
    this.#leave();
    this.#entry = entryOf(state);
    this.#returning = this.#places.get(this.#entry.key) ?? TOP;
  }

  /** The list in which a link leads to a paper; null for other links. */
  listContextOf(link: Element, paper: string): ListContext | null {
    return listContextOf(link, paper, this.#entry.key);
  }

  /** Restores scroll position and focus, once the view is drawn. */
  restore(): void {
    if (this.#returning === null) return;
    const { scroll, paper } = this.#returning;
    this.#returning = null;
    window.scrollTo(0, scroll);
    const title = paper === null ? null : document.querySelector<HTMLElement>(`[data-paper="${CSS.escape(paper)}"] a`);
    title?.focus({ preventScroll: true });
    // A paper that was reached with "next" may be out of sight in its list.
    const { bottom = 0, top = 0 } = title?.getBoundingClientRect() ?? {};
    if (title !== null && (bottom < 0 || top > innerHeight)) title.scrollIntoView({ block: "center" });
  }

  #leave(): void {
    const focused = document.activeElement?.closest<HTMLElement>("[data-paper]");
    this.#places.set(this.#entry.key, { scroll: window.scrollY, paper: focused?.dataset["paper"] ?? null });
    this.hasMoved = true;
  }

  /** Makes "back" focus this paper in the list, rather than the one that was opened first. */
  #comeBackTo(paper: string): void {
    const list = this.#entry.list?.entry;
    const place = list === undefined ? undefined : this.#places.get(list);
    if (list !== undefined && place !== undefined) this.#places.set(list, { ...place, paper });
  }
}

export function useRouter(): { view: View; go: Go } {
  const router = useStore(Router);
  const [view, setView] = useState<View>(() => viewOf(location.search));

  const go = useCallback((to: View, way: Way = "visit", list: ListContext | null = null): void => {
    router.go(to, way, list);
    setView(to);
  }, []);

  useEffect(() => {
    const onPop = (event: PopStateEvent): void => {
      router.arrive(event.state);
      setView(viewOf(location.search));
    };
    const onClick = (event: MouseEvent): void => {
      const link = event.target instanceof Element ? event.target.closest<HTMLElement | SVGElement>("a[href]") : null;
      // The attribute, because a link in an SVG has no `search`, `origin` and so on.
      const to = link === null ? null : new URL(link.getAttribute("href") ?? "", document.baseURI);
      if (link === null || to === null || !staysHere(event, link, to)) return;
      event.preventDefault();
      const next = viewOf(to.search);
      if ("along" in link.dataset) go(next, "along");
      else go(next, "visit", next.view === "paper" ? router.listContextOf(link, next.id) : null);
    };
    const listening = new AbortController();
    addEventListener("popstate", onPop, { signal: listening.signal });
    document.addEventListener("click", onClick, { signal: listening.signal });
    return () => listening.abort();
  }, [go]);

  useLayoutEffect(() => router.restore(), [view]);

  return { view, go };
}

/** Goes to an address of the page, from where there is no link to click. */
export function visit(address: string): void {
  const link = document.createElement("a");
  link.href = address;
  // The router follows links.
  document.body.append(link);
  link.click();
  link.remove();
}

/** Whether a click follows a link to another view of this page: not elsewhere, to an anchor, or into a new tab. */
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
