/** The paper one points at: fetched by its label after a moment, together with those around it. */
import { useEffect, useState } from "preact/hooks";
import type { Paper } from "../../core/paper.js";
import { fetchPapers } from "../api/client.js";
import { Recent } from "../session/recent.js";
import { useStore } from "../session/stores.js";

/** Milliseconds until the paper is fetched. */
const DEBOUNCE = 80;
/** Milliseconds that the server may take for one paper. */
const PATIENCE = 10_000;

/** Recent papers by label. They are valid for any map: a label is never reused. */
export class Cards extends Recent<number, Paper> {
  constructor() {
    super(2_000);
  }

  async fetch(labels: readonly number[], signal: AbortSignal): Promise<void> {
    for (const [label, paper] of await fetchPapers(labels, signal)) this.set(label, paper);
  }

  /** The paper with a label; null when the server does not have it, or does not answer. */
  async paperOf(label: number): Promise<Paper | null> {
    if (!this.has(label)) await this.fetch([label], AbortSignal.timeout(PATIENCE)).catch(() => {});
    return this.get(label) ?? null;
  }
}

/** @param around The label of the paper one points at, then those that may be next, nearest first. */
export function useCard(around: readonly number[]): { label: number; paper: Paper } | null {
  const cards = useStore(Cards);
  const [, setFetched] = useState(0);
  const label = around[0];
  useEffect(() => {
    if (label === undefined || cards.has(label)) return undefined;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      const wanted = around.filter((one) => !cards.has(one));
      cards.fetch(wanted, controller.signal).then(
        () => {
          if (!controller.signal.aborted) setFetched((before) => before + 1);
        },
        () => {
          // Then there is no card. Opening the paper shows the problem.
        },
      );
    }, DEBOUNCE);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [label]);
  const paper = label === undefined ? undefined : cards.get(label);
  return label === undefined || paper === undefined ? null : { label, paper };
}
