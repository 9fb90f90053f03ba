/** Imports that are being undone, by their numbers: the same wherever they are shown. */
import { useCallback, useRef, useState } from "preact/hooks";
import type { Undone } from "../../api.js";
import { undoImport } from "../api/client.js";
import { count, number } from "../ui/wording.js";

export type Undoing = { at: "undoing" } | { at: "undone"; undone: Undone } | { at: "failed"; reason: string };

export interface Undos {
  of: (number: number) => Undoing | undefined;
  undo: (number: number) => void;
}

export function useUndos(onUndone: () => void): Undos {
  const [undos, setUndos] = useState<ReadonlyMap<number, Undoing>>(new Map());
  const latest = useRef(onUndone);
  latest.current = onUndone;

  const undo = useCallback((number: number): void => {
    const enter = (undoing: Undoing): void => setUndos((before) => new Map([...before, [number, undoing]]));
    enter({ at: "undoing" });
    undoImport(number).then(
      (undone) => {
        enter({ at: "undone", undone });
        latest.current();
      },
      (thrown: Error) => {
        enter({ at: "failed", reason: thrown.message });
        // Part of it may have been undone before it failed.
        latest.current();
      },
    );
  }, []);

  const of = useCallback((number: number) => undos.get(number), [undos]);
  return { of, undo };
}

/** `12 papers removed, 2 restored; 1 kept, because a later import has it too`. */
export function undoneInWords({ removed, restored, kept }: Undone): string {
  const done = [
    ...(removed > 0 ? [`${count(removed, "paper")} removed`] : []),
    ...(restored > 0 ? [`${removed > 0 ? number(restored) : count(restored, "paper")} restored`] : []),
  ];
  return [
    ...(done.length > 0 ? [done.join(", ")] : []),
    ...(kept > 0 ? [`${number(kept)} kept, because a later import has ${kept === 1 ? "it" : "them"} too`] : []),
  ].join("; ");
}
