/** Turns scored candidates into an answer: sorts them, merges copies, cuts a page, and adds metadata and matches. */
import type { Answer, Because, Explain, Hit, Method, Pair, Sort, Version, Selection } from "../api.js";
import type { Paper } from "../core/paper.js";
import { TopK } from "../core/top-k.js";
import { weighing, type Candidates, type WeightOf } from "../ranking/candidates.js";
import { byPlace, decodeCursor, encodeCursor } from "../ranking/cursor.js";
import { diversify } from "../ranking/diversify.js";
import type { Block, Counts, Engine } from "../engine/engine.js";
import { folded, type Entry, type Group } from "../ranking/folding.js";
import { orNull, ranks, scoresOf, type ScoredSignal } from "../ranking/fusion.js";
import { matchedIn, soughtBy } from "../ranking/matched.js";
import type { Term } from "../words/terms.js";

/** Sorting by date or votes, and diversity, reorder this many of the most relevant papers. */
const REORDERED = 200;
/**
 * Sort keys above any score: of papers that come first whatever their score, and of those in an order for diversity, each in its
 * own order. Those without follow in the order of their scores.
 */
const PINNED = 1e9;
const DIVERSIFIED = 2e9;
const isScore = (key: number): boolean => key < PINNED / 10;

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
  /** BM25 of the terms in candidates, if it can be shared. */
  weights?: () => Promise<WeightOf>;
  /** If they are known. */
  counts?: Counts;
  vector: Float32Array | null;
  because?: (hits: readonly Found[]) => Promise<Because[]>;
  /** Whether each candidate must not be a hit. Called only for candidates that would be hits, because it is slow. */
  omitted?: (labels: readonly number[]) => Promise<boolean[]>;
  /** The words to explain, with the weight of each in each paper. Default: BM25 of the terms. */
  wordsIn?: (labels: readonly number[]) => Promise<{ word: string; weight: number }[][]>;
  /** The two sentences that match best, of the paper asked about and of the hit. */
  pair?: (label: number, paper: Paper) => Pair | null;
  notice?: string | null;
  /** Whether any candidate is close to the question; null if not yet known. Absent if it is not judged. */
  isClose?: (candidates: Candidates, counts: Counts) => Promise<boolean | null>;
  filters: Selection;
  /** The query as understood, if it was more than words. */
  understood?: string | null;
  suggestion?: string | null;
};

/** A paper that is a hit. */
export type Found = { label: number; candidate: number; paper: Paper };
/** Everything in a hit except the paper and its versions. */
export type Shown = Omit<Hit, "paper" | "versions">;

/** The requested page of the ranking. */
export async function answerOf(engine: Engine, request: Paging, ranking: Ranking): Promise<Answer> {
  const place = decodeCursor(request);
  const page: Group[] = [];
  let more = false;
  const { block, labels } = ranking.candidates;
  const groups = kept(folded(engine, block, orderOf(ranking)), ranking.omitted);
  // A query of filters only is in the requested order already.
  const pages = ranking.method === "filters" ? groups : reordered(engine, block, request, groups);
  for await (const some of pages) {
    const next = some.filter((group) => place === undefined || byPlace(group, place) > 0);
    more = page.length + next.length > request.limit;
    page.push(...next.slice(0, request.limit - page.length));
    if (more) break;
  }
  const hits = await hitsIn(engine, ranking, page, request.explain);
  const last = page.at(-1);
  const counts = ranking.counts ?? (await engine.counts());
  const close = (await ranking.isClose?.(ranking.candidates, counts)) ?? null;
  return {
    hits,
    pending: counts.pending,
    method: { ranking: ranking.method, nearest: ranking.candidates.way },
    next: last !== undefined && more ? encodeCursor(request, last) : null,
    ...(request.facets ? { facets: await engine.facets(labels) } : {}),
    understood: ranking.understood ?? null,
    suggestion: ranking.suggestion ?? null,
    close,
    notice: hits.length > 0 || place !== undefined ? noticeOf(ranking, close) : whyNone(counts, ranking),
  };
}

function noticeOf({ notice = null, filters }: Ranking, close: boolean | null): string | null {
  if (close !== false) return notice;
  const what = Object.keys(filters).length > 0 ? "Nothing that passes the filters" : "Nothing here";
  const far = `${what} is close to this question: these are only the nearest papers.`;
  return notice === null ? far : `${notice} ${far}`;
}

/** The hits of a page, with their metadata. */
async function hitsIn(engine: Engine, ranking: Ranking, page: readonly Group[], explain: boolean): Promise<Hit[]> {
  const labels = [...new Set(page.flatMap(({ label, versions }) => [label, ...versions]))];
  const fetched = await engine.papers(labels);
  const papers = new Map(labels.map((label, i) => [label, fetched[i]]));
  const found = page.flatMap(({ label, candidate, versions }) => {
    const paper = papers.get(label);
    // Another process has just deleted it.
    if (paper === undefined) return [];
    const others = versions.map((version) => papers.get(version)).filter((version) => version !== undefined);
    return [{ label, candidate, paper, versions: others.map(versionOf) }];
  });
  const shown = await hitsOf(engine, ranking, found, explain);
  return found.map(({ paper, versions }, i) => ({ paper, versions, ...shown[i]! }));
}

async function* kept(groups: AsyncIterable<Group[]>, omitted: Ranking["omitted"]): AsyncGenerator<Group[]> {
  for await (const some of groups) {
    const leftOut = await omitted?.(some.map(({ label }) => label));
    yield leftOut === undefined ? some : some.filter((_, i) => !leftOut[i]);
  }
}

/** An answer without hits, with the reason. */
export const emptyAnswer = async (engine: Engine, notice: string): Promise<Answer> => ({
  hits: [],
  pending: (await engine.counts()).pending,
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
  const keys = scoresOf(signals, candidates.labels.length);
  // Larger than any score, so these come before all others, in their own order.
  if (place.size > 0)
    for (const [candidate, label] of candidates.labels.entries()) {
      const pinned = place.get(label);
      if (pinned !== undefined) keys[candidate] = PINNED - pinned;
    }
  // Sorted by single precision first: that is far faster, and little remains to sort.
  const nearly = new TopK(keys.length);
  for (let candidate = 0; candidate < keys.length; candidate++) nearly.add(candidate, keys[candidate]!);
  return Array.from(nearly.sorted().labels)
    .map((candidate) => ({ label: candidates.labels[candidate]!, candidate, key: keys[candidate]! }))
    .sort(byPlace);
}

/** The most relevant papers in the requested order. */
async function* reordered(
  engine: Engine,
  block: Block,
  { sort, diversity }: Paging,
  groups: AsyncGenerator<Group[]>,
): AsyncGenerator<Group[]> {
  if (sort === "relevance" && diversity === 0) {
    yield* groups;
    return;
  }
  const all: Group[] = [];
  while (all.length < REORDERED) {
    const { value, done } = await groups.next();
    if (done === true) break;
    all.push(...value);
  }
  const [head, rest] = [all.slice(0, REORDERED), all.slice(REORDERED)];
  const labels = head.map(({ label }) => label);
  if (sort !== "relevance") {
    const papers = await engine.papers(labels);
    yield head
      .map((group, i): Group => {
        const paper = papers[i];
        return { ...group, key: sort === "date" ? (paper?.published ?? "") : (paper?.upvotes ?? -1) };
      })
      .toSorted(byPlace);
    return;
  }
  const largest = Math.max(...head.map(({ key }) => (isScore(key as number) ? (key as number) : 0)), 1e-9);
  const order = diversify(
    head.map(({ key }) => Math.min(1, (key as number) / largest)),
    (candidate) => {
      const vector = block.vector(labels[candidate] as number);
      return vector === undefined ? labels.map(() => null) : block.similarities(vector, labels);
    },
    diversity,
  );
  yield order.map((i, place) => ({ ...(head[i] as Group), key: DIVERSIFIED - place }));
  yield rest;
  yield* groups;
}

/** What is shown of some papers that are hits. @param explain Whether to explain their scores. */
export async function hitsOf(
  engine: Engine,
  ranking: Ranking,
  hits: readonly Found[],
  explain: boolean,
): Promise<Shown[]> {
  const { candidates, signals, terms, vector, because, pair } = ranking;
  const scores = scoresOf(signals, candidates.labels.length);
  const sought = soughtBy(terms);
  const reasons = await because?.(hits);
  const explanations = explain ? await explanationsOf(engine, ranking, hits) : undefined;
  return hits.map(({ paper, label, candidate }, i) => ({
    score: scores[candidate]!,
    similarity: orNull(candidates.abstract[candidate]),
    matched: {
      ...matchedIn(candidates.block, paper, label, sought, vector),
      ...(pair === undefined ? {} : { pair: pair(label, paper) }),
    },
    ...(reasons === undefined ? {} : { because: reasons[i]! }),
    ...(explanations === undefined ? {} : { explain: explanations[i]! }),
  }));
}

async function explanationsOf(
  engine: Engine,
  { signals, terms, weights, wordsIn }: Ranking,
  hits: readonly Found[],
): Promise<Explain[]> {
  const ranked = signals.map((signal) => ({ ...signal, ranks: ranks(signal.values) }));
  const labels = hits.map(({ label }) => label);
  const words = (await wordsIn?.(labels)) ?? (await bm25Of(engine, terms, labels, weights));
  return hits.map(({ candidate }, i) => ({
    signals: ranked.map(({ name, weight, values, contributions, ranks: order }) => ({
      name,
      rank: order[candidate] ?? null,
      value: orNull(values[candidate]),
      weight,
      contribution: contributions[candidate]!,
    })),
    words: words[i]!.toSorted((a, b) => b.weight - a.weight),
  }));
}

async function bm25Of(
  engine: Engine,
  terms: readonly Term[],
  labels: readonly number[],
  weights: Ranking["weights"],
): Promise<{ word: string; weight: number }[][]> {
  const words = terms.map(({ word }) => word);
  const weightOf = await (weights ?? weighing(engine, words, labels))();
  return labels.map((label) => words.map((word) => ({ word, weight: weightOf(word, label) })));
}

const versionOf = ({ id, title, venue, published, doi, arxiv, url, source, notice }: Paper): Version => ({
  id,
  title,
  venue,
  published,
  doi,
  arxiv,
  url,
  source,
  notice,
});

function whyNone({ papers, pending }: Counts, { notice, terms, vector, filters }: Ranking): string {
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
