/** Keyboard shortcuts. They act on the paper with the focus: the one that is visibly current, and that screen readers read. */
import { useEffect } from "preact/hooks";
import { readStored, store } from "../session/browser-storage.js";

const KEY = "kindred.shortcuts";

/** Whether single keys do anything. They get in the way of dictation and of some screen readers. */
export const shortcutsAreOn = (): boolean => readStored(KEY) !== "off";

export const turnShortcuts = (on: boolean): void => store(KEY, on ? "on" : "off");

const results = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("[data-result]")];
const current = (): HTMLElement | null => document.activeElement?.closest<HTMLElement>("[data-result]") ?? null;

/** Focuses the title of the next or previous result; without a current one, that of the first in sight. */
function move(step: 1 | -1): void {
  const all = results();
  const at = current();
  const from = at === null ? -1 : all.indexOf(at);
  const inSight = all.findIndex((result) => result.getBoundingClientRect().bottom > 120);
  const to = at === null ? inSight : from + step;
  const next = all[to];
  if (next === undefined) {
    if (step === 1 && at !== null) document.querySelector<HTMLElement>("button.more")?.focus();
    return;
  }
  next.querySelector<HTMLElement>("a")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

/** Presses a button of the current result, or else of the paper whose page this is. */
function press(action: "like" | "dislike" | "expand" | "why"): void {
  const paper = current() ?? document.querySelector<HTMLElement>("[data-whole]");
  paper?.querySelector<HTMLElement>(`[data-action="${action}"]`)?.click();
}

/** Follows a link, or presses a button. */
function click(what: string): void {
  document.querySelector<HTMLElement>(what)?.click();
}

/** Shows the feed of the alert with the focus, or else of the view. */
function showFeed(): void {
  const button = '[data-action="feed"]';
  const own = document.activeElement?.closest("article")?.querySelector<HTMLElement>(button);
  const shown = own ?? document.querySelector<HTMLElement>(button);
  // The focus returns here when the dialog is closed.
  shown?.focus();
  shown?.click();
}

function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>("#q");
  field?.focus();
  field?.select();
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;

export function useKeyboard(showHelp: () => void): void {
  useEffect(() => {
    const actions: Record<string, () => void> = {
      "/": focusSearch,
      j: () => move(1),
      k: () => move(-1),
      o: () => current()?.querySelector<HTMLElement>("a")?.click(),
      e: () => press("expand"),
      w: () => press("why"),
      l: () => press("like"),
      x: () => press("dislike"),
      n: () => click('[data-along="next"]'),
      p: () => click('[data-along="previous"]'),
      c: () => click('[data-action="cite"]'),
      f: showFeed,
      y: () => click('[data-action="key"]'),
      "?": showHelp,
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (document.querySelector("dialog[open]") !== null) return;
      if (event.target instanceof HTMLElement && event.target.id === "q" && event.key === "ArrowDown") {
        event.preventDefault();
        return move(1);
      }
      if (isTyping(event.target) || !shortcutsAreOn()) return;
      const action = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [showHelp]);
}
