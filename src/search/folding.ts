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
  const versionOf = new Map<number, number>();
  const labels = entries.map(({ label }) => label);
  for (const [i, entry] of entries.entries()) {
    if (versionOf.has(entry.label)) continue;
    const behind = labels.slice(i + 1).filter((label) => !versionOf.has(label));
    const versions = copiesOf(engine, entry.label, behind);
    for (const label of versions) versionOf.set(label, entry.label);
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
