/** The paper that is pointed at: fetched by its label when one stays for a moment, together with those around it. */
import { useEffect, useState } from "preact/hooks";
import type { Paper } from "../../paper.js";
import { fetchPapers } from "./client.js";

/** Milliseconds that one has to stay. */
const DEBOUNCE = 80;
/** Milliseconds that the server may take for one paper. */
const PATIENCE = 10_000;

/** Papers fetched so far, of all maps: a label is never used again. Oldest first; those least wanted are dropped. */
const known = new Map<number, Paper>();
const KNOWN = 2_000;

function remember(papers: ReadonlyMap<number, Paper>): void {
  for (const [label, paper] of papers) known.set(label, paper);
  for (const label of known.keys()) {
    if (known.size <= KNOWN) return;
    known.delete(label);
  }
}

/** The paper with a label; null when the server does not have it, or does not answer. */
export async function paperOf(label: number): Promise<Paper | null> {
  const papers = known.has(label) ? known : await fetchPapers([label], AbortSignal.timeout(PATIENCE)).catch(() => null);
  if (papers !== null) remember(papers);
  return papers?.get(label) ?? null;
}

/** @param around Labels that are likely to be pointed at next, nearest first, the first the one that is. */
export function useCard(around: readonly number[]): { label: number; paper: Paper } | null {
  const [, setFetched] = useState(0);
  const label = around[0];
  useEffect(() => {
    if (label === undefined || known.has(label)) return undefined;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      const wanted = around.filter((one) => !known.has(one));
      fetchPapers(wanted, controller.signal).then(
        (papers) => {
          remember(papers);
          if (!controller.signal.aborted) setFetched((before) => before + 1);
        },
        () => {
          // No card, then. Whoever goes on to the paper is told what is wrong.
        },
      );
    }, DEBOUNCE);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [label]);
  const paper = label === undefined ? undefined : known.get(label);
  return label === undefined || paper === undefined ? null : { label, paper };
}
