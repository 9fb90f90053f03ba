/** Merges copies of a paper, such as a preprint and its proceedings version, into one hit. */
import { areCopies } from "./copies.js";
import type { Place } from "./cursor.js";
import type { Engine } from "../engine/engine.js";

/** A candidate with its position in the order. */
export type Entry = Place & { candidate: number };

/** The first of several copies, with the labels of the others in order. */
export type Group = Entry & { versions: number[] };

/** Entries whose copies are looked for together: those of a page of ten. */
const AT_ONCE = 16;

/** The entries without those that are a copy of one before, which lists them. Lazy: a page needs the first few. */
export function* folded(engine: Engine, entries: readonly Entry[]): Generator<Group> {
  const claimed = new Set<number>();
  let left = entries;
  while (left.length > 0) {
    const next = left.slice(0, AT_ONCE);
    const labels = left.map(({ label }) => label);
    const maybe = engine.maybeCopies(labels.slice(0, AT_ONCE), labels);
    for (const [i, entry] of next.entries()) {
      if (claimed.has(entry.label)) continue;
      claimed.add(entry.label);
      const others = maybe[i]!.filter((label) => !claimed.has(label));
      const versions = copiesOf(engine, entry.label, others);
      for (const label of versions) claimed.add(label);
      yield { ...entry, versions };
    }
    left = left.slice(AT_ONCE).filter(({ label }) => !claimed.has(label));
  }
}

/** Those that are copies of a paper, of some that may be. */
function copiesOf(engine: Engine, label: number, maybe: readonly number[]): number[] {
  const paper = maybe.length === 0 ? undefined : engine.fetch(label);
  if (paper === undefined) return [];
  const vector = engine.vector(label);
  const similarities = vector === undefined ? maybe.map(() => null) : engine.similarities(vector, maybe);
  return maybe.filter((other, i) => {
    const copy = engine.fetch(other);
    return copy !== undefined && areCopies(paper, copy, similarities[i] ?? null);
  });
}
