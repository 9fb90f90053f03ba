/** Merges copies of a paper, such as a preprint and its proceedings version, into one hit. */
import { areCopies } from "./copies.js";
import type { Paper } from "../core/paper.js";
import type { Place } from "./cursor.js";
import type { Block, Engine } from "../engine/engine.js";

/** A candidate with its position in the order. */
export type Entry = Place & { candidate: number };

/** The first of several copies, with the labels of the others in order. */
export type Group = Entry & { versions: number[] };

/** Number of entries checked for copies together: a page of 20, and a few copies. */
const AT_ONCE = 24;

/**
 * The entries, except copies of an earlier entry, which lists them. Lazy, in groups of up to `AT_ONCE`, because a page needs
 * only the first few.
 */
export async function* folded(engine: Engine, block: Block, entries: readonly Entry[]): AsyncGenerator<Group[]> {
  const claimed = new Set<number>();
  let left = entries;
  while (left.length > 0) {
    const next = left.slice(0, AT_ONCE);
    const labels = left.map(({ label }) => label);
    const maybe = block.maybeCopies(labels.slice(0, AT_ONCE), labels);
    const papers = await papersOf(engine, maybe);
    const groups: Group[] = [];
    for (const [i, entry] of next.entries()) {
      if (claimed.has(entry.label)) continue;
      claimed.add(entry.label);
      const others = maybe[i]!.filter((label) => !claimed.has(label));
      const versions = copiesOf(block, papers, entry.label, others);
      for (const label of versions) claimed.add(label);
      groups.push({ ...entry, versions });
    }
    yield groups;
    left = left.slice(AT_ONCE).filter(({ label }) => !claimed.has(label));
  }
}

/** All papers that may be a copy of another one. */
async function papersOf(engine: Engine, maybe: readonly number[][]): Promise<Map<number, Paper | undefined>> {
  const labels = [...new Set(maybe.flatMap((group) => (group.length > 1 ? group : [])))];
  if (labels.length === 0) return new Map();
  const papers = await engine.papers(labels);
  return new Map(labels.map((label, i) => [label, papers[i]]));
}

/** The copies of a paper among candidates. */
function copiesOf(
  block: Block,
  papers: ReadonlyMap<number, Paper | undefined>,
  label: number,
  maybe: readonly number[],
): number[] {
  const paper = maybe.length === 0 ? undefined : papers.get(label);
  if (paper === undefined) return [];
  const vector = block.vector(label);
  const similarities = vector === undefined ? maybe.map(() => null) : block.similarities(vector, maybe);
  return maybe.filter((other, i) => {
    const copy = papers.get(other);
    return copy !== undefined && areCopies(paper, copy, similarities[i] ?? null);
  });
}
