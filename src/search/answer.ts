/** From scored candidates to an answer: ordered, cut into pages, joined with metadata, with what matched. */
import type { Answer, Example, Filters, Hit, Method, Sort } from "../api.js";
import { byPlace, decodeCursor, encodeCursor, type Place } from "./cursor.js";
import { meaning, type Candidates } from "./candidates.js";
import type { Engine } from "./engine.js";
import { ranks } from "./fusion.js";
import { matchedIn } from "./matched.js";
import type { Term } from "./terms.js";

/** How many of the most relevant papers an order by date or votes is made of. */
const SORTED_BY_OTHER = 200;

/** What every ranked request may ask for. */
export type Paging = { limit: number; cursor?: string | undefined; sort: Sort; explain: boolean };

export type Ranking = {
  candidates: Candidates;
  /** One a candidate. */
  scores: readonly number[];
  method: Method["ranking"];
  weights: { words: number; meaning: number };
  /** Labels that stand first, in this order, whatever their score: an exact title. */
  first?: readonly number[];
  /** For showing what matched. */
  terms: readonly Term[];
  vector: Float32Array | null;
  closest?: (label: number) => { positive: Example; similarity: number } | undefined;
  notice?: string | null;
  filters: Filters;
};

/** The page of the ranking that is asked for. */
export function answerOf(engine: Engine, request: Paging, ranking: Ranking): Answer {
  const { candidates } = ranking;
  const first = new Map((ranking.first ?? []).map((label, i) => [label, i]));
  const scored = candidates.labels
    .map((label, candidate) => {
      const place = first.get(label);
      // No score comes near this, so these stand before all others, and among themselves in their order.
      const key = place === undefined ? (ranking.scores[candidate] as number) : 1e9 - place;
      return { label, candidate, key };
    })
    .toSorted(byPlace);
  const ordered = request.sort === "relevance" ? scored : orderedBy(engine, request.sort, scored);
  const place = decodeCursor(request);
  const behind = place === undefined ? ordered : ordered.filter((entry) => byPlace(entry, place) > 0);
  const page = behind.slice(0, request.limit);
  const explain = request.explain ? explanation(ranking) : undefined;
  const hits = page.flatMap(({ label, candidate }): Hit[] => {
    const paper = engine.fetch(label);
    // Deleted by another process a moment ago.
    if (paper === undefined) return [];
    const closest = ranking.closest?.(label);
    return [
      {
        paper,
        score: ranking.scores[candidate] as number,
        similarity: candidates.abstract[candidate] ?? null,
        matched: matchedIn(engine, paper, label, ranking.terms, ranking.vector),
        ...(closest === undefined ? {} : { closest }),
        ...(explain === undefined ? {} : { explain: explain(candidate) }),
      },
    ];
  });
  const last = page.at(-1);
  return {
    hits,
    pending: engine.counts().pending,
    method: { ranking: ranking.method, nearest: candidates.way },
    next: last !== undefined && behind.length > page.length ? encodeCursor(request, last) : null,
    notice: hits.length > 0 || place !== undefined ? (ranking.notice ?? null) : whyNone(engine, ranking),
  };
}

/** An answer without hits, and why. */
export const emptyAnswer = (engine: Engine, notice: string): Answer => ({
  hits: [],
  pending: engine.counts().pending,
  method: { ranking: "none", nearest: null },
  next: null,
  notice,
});

function orderedBy(engine: Engine, sort: "date" | "upvotes", scored: (Place & { candidate: number })[]) {
  return scored
    .slice(0, SORTED_BY_OTHER)
    .map(({ label, candidate }) => {
      const paper = engine.fetch(label);
      return { label, candidate, key: sort === "date" ? (paper?.published ?? "") : (paper?.upvotes ?? -1) };
    })
    .toSorted(byPlace);
}

function explanation({ candidates, weights }: Ranking): (candidate: number) => NonNullable<Hit["explain"]> {
  const combined = meaning(candidates);
  const witness = (values: readonly (number | null)[], weight: (candidate: number) => number) => {
    const order = ranks(values);
    return (candidate: number) => ({
      rank: order[candidate] ?? null,
      value: values[candidate] ?? null,
      weight: weight(candidate),
    });
  };
  // Where both speak, each has half of the share of meaning; while sentences are pending the abstract has all of it.
  const both = (candidate: number) => (candidates.sentence[candidate] ?? null) !== null && combined[candidate] !== null;
  const words = witness(candidates.bm25, () => weights.words);
  const abstract = witness(candidates.abstract, (candidate) => weights.meaning * (both(candidate) ? 0.5 : 1));
  const sentence = witness(candidates.sentence, (candidate) => weights.meaning * (both(candidate) ? 0.5 : 0));
  return (candidate) => ({ words: words(candidate), abstract: abstract(candidate), sentence: sentence(candidate) });
}

function whyNone(engine: Engine, { notice, terms, vector, filters }: Ranking): string {
  const { papers, pending } = engine.counts();
  if (notice !== undefined && notice !== null) return notice;
  if (papers === 0) return "There are no papers yet: import some.";
  if (vector !== null && pending === papers)
    return "No paper holds these words, and none is embedded yet: ask again in a moment.";
  if (vector === null && terms.length > 0)
    return `No paper that passes the filters holds any of these words: ${terms
      .slice(0, 10)
      .map(({ word }) => word)
      .join(", ")}.`;
  if (Object.keys(filters).length > 0) return "No paper passes the filters: widen or remove one.";
  return vector === null ? "No paper holds any of these words." : "There is no other paper here that is like it.";
}
