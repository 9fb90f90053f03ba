/** Turns scored candidates into an answer: sorts them, merges copies, cuts a page, and adds metadata and matches. */
import type { Answer, Because, Explain, Hit, Method, Pair, Sort, Version } from "../api.js";
import type { Selection } from "../store/filters.js";
import type { Paper } from "../core/paper.js";
import type { Candidates } from "../ranking/candidates.js";
import { byPlace, decodeCursor, encodeCursor } from "../ranking/cursor.js";
import { diversify } from "../ranking/diversify.js";
import type { Engine } from "../engine/engine.js";
import { folded, type Entry, type Group } from "../ranking/folding.js";
import { ranks, scoresOf, type ScoredSignal } from "../ranking/fusion.js";
import { matchedIn } from "../ranking/matched.js";
import type { Term } from "../ranking/terms.js";

/** Sorting by date or votes, and diversity, reorder this many of the most relevant papers. */
const REORDERED = 200;

/** The options that all ranked requests share. */
export type Paging = {
  limit: number;
  cursor?: string | undefined;
  sort: Sort;
  diversity: number;
  explain: boolean;
  facets: boolean;
};

export type Ranking = {
  candidates: Candidates;
  /** Their contributions add up to the score of each candidate. */
  signals: readonly ScoredSignal[];
  method: Method["ranking"];
  /** Labels that come first, in this order, whatever their score: papers with exactly this title. */
  first?: readonly number[];
  /** Used to show what matched. */
  terms: readonly Term[];
  vector: Float32Array | null;
  because?: (label: number, paper: Paper) => Because;
  /** Whether a candidate must not be a hit. Called only for candidates that would be hits, because it is slow. */
  omitted?: (label: number) => boolean;
  /** The words to explain, with the weight of each in a paper. Default: BM25 of the terms. */
  wordsIn?: (label: number) => { word: string; weight: number }[];
  /** The two sentences that match best, of the paper asked about and of the hit. */
  pair?: (label: number, paper: Paper) => Pair | null;
  notice?: string | null;
  /** Whether any candidate is close to the question; null when that is not known yet. Absent where it is not judged. */
  isClose?: (candidates: Candidates) => boolean | null;
  filters: Selection;
  /** The query as understood, if it was more than words. */
  understood?: string | null;
  suggestion?: string | null;
};

/** The requested page of the ranking. */
export function answerOf(engine: Engine, request: Paging, ranking: Ranking): Answer {
  const place = decodeCursor(request);
  const page: Group[] = [];
  let more = false;
  const groups = kept(folded(engine, orderOf(ranking)), ranking.omitted);
  // A query of filters only is in the requested order already.
  for (const group of ranking.method === "filters" ? groups : reordered(engine, request, groups)) {
    if (place !== undefined && byPlace(group, place) <= 0) continue;
    more = page.length === request.limit;
    if (more) break;
    page.push(group);
  }
  const hitOf = hitsOf(engine, ranking, request.explain ? page.map(({ candidate }) => candidate) : null);
  const hits = page.flatMap(({ label, candidate, versions }): Hit[] => {
    const paper = engine.fetch(label);
    // Another process has just deleted it.
    if (paper === undefined) return [];
    const others = versions.map((version) => engine.fetch(version)).filter((version) => version !== undefined);
    return [{ paper, versions: others.map(versionOf), ...hitOf(paper, label, candidate) }];
  });
  const last = page.at(-1);
  const close = ranking.isClose?.(ranking.candidates) ?? null;
  return {
    hits,
    pending: engine.counts().pending,
    method: { ranking: ranking.method, nearest: ranking.candidates.way },
    next: last !== undefined && more ? encodeCursor(request, last) : null,
    ...(request.facets ? { facets: engine.facets(ranking.candidates.labels) } : {}),
    understood: ranking.understood ?? null,
    suggestion: ranking.suggestion ?? null,
    close,
    notice: hits.length > 0 || place !== undefined ? noticeOf(ranking, close) : whyNone(engine, ranking),
  };
}

function noticeOf({ notice = null, filters }: Ranking, close: boolean | null): string | null {
  if (close !== false) return notice;
  const what = Object.keys(filters).length > 0 ? "Nothing that passes the filters" : "Nothing here";
  const far = `${what} is close to this question: these are only the nearest papers.`;
  return notice === null ? far : `${notice} ${far}`;
}

function* kept(groups: Generator<Group>, omitted: Ranking["omitted"]): Generator<Group> {
  for (const group of groups) if (omitted?.(group.label) !== true) yield group;
}

/** An answer without hits, with the reason. */
export const emptyAnswer = (engine: Engine, notice: string): Answer => ({
  hits: [],
  pending: engine.counts().pending,
  method: { ranking: "none", nearest: null },
  next: null,
  understood: null,
  suggestion: null,
  close: null,
  notice,
});

/** All candidates, best first. */
export function orderOf({ candidates, signals, first = [] }: Ranking): Entry[] {
  const place = new Map(first.map((label, i) => [label, i]));
  const scores = scoresOf(signals, candidates.labels.length);
  return candidates.labels
    .map((label, candidate) => {
      const pinned = place.get(label);
      // Larger than any score, so these come before all others, in their own order.
      return { label, candidate, key: pinned === undefined ? (scores[candidate] as number) : 1e9 - pinned };
    })
    .toSorted(byPlace);
}

/** The most relevant papers in the requested order. */
function* reordered(engine: Engine, { sort, diversity }: Paging, groups: Generator<Group>): Generator<Group> {
  if (sort === "relevance" && diversity === 0) {
    yield* groups;
    return;
  }
  const head: Group[] = [];
  while (head.length < REORDERED) {
    const { value, done } = groups.next();
    if (done === true) break;
    head.push(value);
  }
  if (sort !== "relevance") {
    yield* head
      .map((group): Group => {
        const paper = engine.fetch(group.label);
        return { ...group, key: sort === "date" ? (paper?.published ?? "") : (paper?.upvotes ?? -1) };
      })
      .toSorted(byPlace);
    return;
  }
  const labels = head.map(({ label }) => label);
  const largest = Math.max(...head.map(({ key }) => ((key as number) < 1e8 ? (key as number) : 0)), 1e-9);
  const order = diversify(
    head.map(({ key }) => Math.min(1, (key as number) / largest)),
    (candidate) => {
      const vector = engine.vector(labels[candidate] as number);
      return vector === undefined ? labels.map(() => null) : engine.similarities(vector, labels);
    },
    diversity,
  );
  // Keys above those of the rest, which follows in the order of its scores.
  for (const [place, i] of order.entries()) yield { ...(head[i] as Group), key: 2e9 - place };
  yield* groups;
}

/** Everything in a hit except the paper and its versions. @param explained Candidates to explain; null for none. */
export function hitsOf(
  engine: Engine,
  { candidates, signals, terms, vector, because, pair, wordsIn }: Ranking,
  explained: readonly number[] | null,
): (paper: Paper, label: number, candidate: number) => Omit<Hit, "paper" | "versions"> {
  const explain =
    explained === null
      ? () => undefined
      : explanations(
          engine,
          signals,
          terms,
          candidates.labels.filter((_, i) => explained.includes(i)),
          wordsIn,
        );
  const scores = scoresOf(signals, candidates.labels.length);
  return (paper, label, candidate) => {
    const explanation = explain(label, candidate);
    return {
      score: scores[candidate] as number,
      similarity: candidates.abstract[candidate] ?? null,
      matched: {
        ...matchedIn(engine, paper, label, terms, vector),
        ...(pair === undefined ? {} : { pair: pair(label, paper) }),
      },
      ...(because === undefined ? {} : { because: because(label, paper) }),
      ...(explanation === undefined ? {} : { explain: explanation }),
    };
  };
}

function explanations(
  engine: Engine,
  signals: readonly ScoredSignal[],
  terms: readonly Term[],
  labels: readonly number[],
  wordsIn: Ranking["wordsIn"],
): (label: number, candidate: number) => Explain {
  const ranked = signals.map((signal) => ({ ...signal, ranks: ranks(signal.values) }));
  const weights =
    wordsIn === undefined ? terms.map(({ word }) => ({ word, each: engine.wordWeights(word, labels) })) : [];
  const bm25In = (label: number) =>
    weights.map(({ word, each }) => ({ word, weight: each[labels.indexOf(label)] ?? 0 }));
  return (label, candidate) => ({
    signals: ranked.map(({ name, weight, values, contributions, ranks: order }) => ({
      name,
      rank: order[candidate] ?? null,
      value: values[candidate] ?? null,
      weight,
      contribution: contributions[candidate] as number,
    })),
    words: (wordsIn ?? bm25In)(label).toSorted((a, b) => b.weight - a.weight),
  });
}

const versionOf = ({ id, title, venue, published, doi, arxiv, url, source }: Paper): Version => ({
  id,
  title,
  venue,
  published,
  doi,
  arxiv,
  url,
  source,
});

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
