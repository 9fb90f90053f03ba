/** A paper with related papers, and which of them are near each other: data for a small map of its subject. */
import type { NeighbourhoodAnswer, NeighbourhoodRequest } from "../api.js";
import { unknownPaper } from "../core/errors.js";
import type { Paper } from "../core/paper.js";
import type { Block, Engine } from "../engine/engine.js";
import { related } from "./related.js";
import type { Embed } from "../embedding/embed.js";

/** Number of others with which each paper is joined; with more, nearly all would be joined. */
const NEAREST = 3;

/**
 * The papers are the hits of `related`, in order; those not yet embedded are left out.
 *
 * @throws KindredError `not-found` when the id is unknown.
 */
export async function neighbourhood(
  engine: Engine,
  embed: Embed,
  { id, limit }: NeighbourhoodRequest,
): Promise<NeighbourhoodAnswer> {
  const [own] = await engine.resolve([{ kind: "id", value: id }]);
  const [paper] = own === undefined ? [] : await engine.papers([own]);
  if (own === undefined || paper === undefined) throw unknownPaper(id);
  const vector = (await engine.inspect([own], { vectors: true })).vector(own);
  if (vector === undefined) {
    return without(engine, "This paper is not embedded yet: ask again in a moment.");
  }
  const { hits } = await related(engine, embed, {
    id,
    limit,
    sort: "relevance",
    diversity: 0,
    explain: false,
    facets: false,
  });
  const found = await engine.resolve(hits.map(({ paper }) => ({ kind: "id", value: paper.id })));
  const block = await engine.inspect([own, ...found.filter((label) => label !== undefined)], { vectors: true });
  const around = hits.flatMap((hit, i) => embedded(block, hit.paper, found[i]) ?? []);
  if (around.length === 0) return without(engine, "There is no other paper here that is like it.");
  const shown = [{ paper, label: own, vector }, ...around];
  const labels = shown.map(({ label }) => label);
  // One cosine per pair, so that it is the same in both directions.
  const rows = shown.map(({ vector }) => block.similarities(vector, labels));
  const cosine = (a: number, b: number): number => (a === b ? 1 : (rows[Math.min(a, b)]![Math.max(a, b)] ?? 0));
  return {
    papers: shown.map(({ paper }, place) => node(paper, cosine(0, place))),
    edges: edgesAmong(labels, cosine, NEAREST),
    pending: (await engine.counts()).pending,
    notice: null,
  };
}

/**
 * Joins each paper with its `nearest` nearest others, ties by label; an edge counts once, whichever end it comes from.
 *
 * @returns Edges between positions in `labels`, `from` less than `to`, in ascending order.
 */
export function edgesAmong(
  labels: readonly number[],
  cosine: (a: number, b: number) => number,
  nearest: number,
): NeighbourhoodAnswer["edges"] {
  const places = labels.map((_, place) => place);
  const joined = new Set<number>();
  for (const place of places)
    places
      .filter((other) => other !== place)
      .toSorted((a, b) => cosine(place, b) - cosine(place, a) || labels[a]! - labels[b]!)
      .slice(0, nearest)
      .forEach((other) => joined.add(Math.min(place, other) * labels.length + Math.max(place, other)));
  return [...joined]
    .toSorted((a, b) => a - b)
    .map((pair) => {
      const [from, to] = [Math.floor(pair / labels.length), pair % labels.length];
      return { from, to, similarity: cosine(from, to) };
    });
}

type Embedded = { paper: Paper; label: number; vector: Float32Array };

function embedded(block: Block, paper: Paper, label: number | undefined): Embedded | undefined {
  const vector = label === undefined ? undefined : block.vector(label);
  return label === undefined || vector === undefined ? undefined : { paper, label, vector };
}

const node = ({ id, title, published, venue, authors }: Paper, similarity: number) => ({
  id,
  title,
  published,
  venue,
  author: authors[0] ?? null,
  similarity,
});

const without = async (engine: Engine, notice: string): Promise<NeighbourhoodAnswer> => ({
  papers: [],
  edges: [],
  pending: (await engine.counts()).pending,
  notice,
});
