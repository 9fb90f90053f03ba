/**
 * The letter keys. The paper they are about is the one that has the focus: what is seen, what a screen reader says and
 * what a key does can never differ.
 */
import { useEffect } from "preact/hooks";

const KEY = "kindred.shortcuts";

/** Whether letter keys do anything: those who dictate, or whose screen reader uses them, turn them off. */
export function shortcutsAreOn(): boolean {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

export function turnShortcuts(on: boolean): void {
  try {
    localStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    // A browser that keeps nothing.
  }
}

const results = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("[data-result]")];
const current = (): HTMLElement | null => document.activeElement?.closest<HTMLElement>("[data-result]") ?? null;

/** Focuses the title of the result so many places on; from no result, of the first that is in sight. */
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

/** Presses a button of the current result; on a paper's own page, without one, of that paper. */
function press(action: "like" | "dislike" | "expand" | "why"): void {
  const paper = current() ?? document.querySelector<HTMLElement>("[data-whole]");
  paper?.querySelector<HTMLElement>(`[data-action="${action}"]`)?.click();
}

/** Follows a link, or presses a button, of the paper whose own page this is. */
function click(what: string): void {
  document.querySelector<HTMLElement>(what)?.click();
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
