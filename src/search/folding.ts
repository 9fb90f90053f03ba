/** One paper once: a preprint and its proceedings version, or the same record twice, are one hit. */
import { areCopies } from "./copies.js";
import type { Place } from "./cursor.js";
import type { Engine } from "./engine.js";

/** A candidate at its place in the order. */
export type Entry = Place & { candidate: number };

/** The first of several copies, with the labels of the others in their order. */
export type Group = Entry & { versions: number[] };

/** The entries without those that are a copy of one before, which lists them. Lazy: a page needs the first few. */
export function* folded(engine: Engine, entries: readonly Entry[]): Generator<Group> {
  const claimed = new Set<number>();
  // Labels that no hit has claimed yet; the first is that of the next hit.
  let left = entries.map(({ label }) => label);
  for (const entry of entries) {
    if (claimed.has(entry.label)) continue;
    left = left.slice(1);
    const versions = copiesOf(engine, entry.label, left);
    for (const label of versions) claimed.add(label);
    if (versions.length > 0) left = left.filter((label) => !claimed.has(label));
    yield { ...entry, versions };
  }
}

function copiesOf(engine: Engine, label: number, among: readonly number[]): number[] {
  const maybe = engine.maybeCopies(label, among);
  const paper = maybe.length === 0 ? undefined : engine.fetch(label);
  if (paper === undefined) return [];
  const vector = engine.vector(label);
  const similarities = vector === undefined ? maybe.map(() => null) : engine.similarities(vector, maybe);
  return maybe.filter((other, i) => {
    const copy = engine.fetch(other);
    return copy !== undefined && areCopies(paper, copy, similarities[i] ?? null);
  });
}
