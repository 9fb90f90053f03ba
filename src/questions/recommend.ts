/** Recommends papers that are like the liked ones and unlike the disliked ones. */
import type { Embed } from "../embedding/embed.js";
import { MAX_EXAMPLES, type Answer, type Example, type RecommendRequest, type Selection } from "../api.js";
import { KindredError, unknownPaper } from "../core/errors.js";
import { TopK } from "../core/top-k.js";
import { DISLIKES } from "../core/list.js";
import { answerOf } from "./answer.js";
import { EVERYTHING, unscored, without } from "../ranking/candidates.js";
import { decodeCursor } from "../ranking/cursor.js";
import type { Engine } from "../engine/engine.js";
import { copied, examplesOf, reasons, resolve, type Examples, type Known } from "../ranking/examples.js";
import { scoresOf, unknownValues, type ScoredSignal, type Values } from "../ranking/fusion.js";
import { byLikes, type Like, type Ranked } from "../ranking/likeness.js";
import { weightsByAge } from "../ranking/recency.js";
import { newAndNoted, whyNoted } from "./noted.js";
import type { Pause } from "../core/pauses.js";
import { filtersIn } from "./search.js";

/** A dislike lowers papers whose cosine to it is above this, and above that to any like; below, its weight. */
const NEAR_DISLIKE = 0.4;
const DISLIKE = 0.25;
/** The weight for trending papers, whose scores are on another scale. */
const DISLIKE_NOTED = 4;
/** Number of best papers that dislikes can lower: as many as one page can have. */
const PUSHED = 500;

/**
 * Ranks for each interest (group of similar likes) separately; a paper gets the score of its best interest. Without likes,
 * recommends trending papers. Never recommends an example or a copy of one.
 *
 * @throws KindredError `not-found` when likes are given and all are unknown, or a list is.
 */
export async function recommend(
  engine: Engine,
  embed: Embed,
  request: RecommendRequest,
  pause: Pause,
): Promise<Answer> {
  decodeCursor(request);
  const filters = await filtersIn(engine, request);
  const missing: string[] = [];
  const { positive, negative, added } = await withLists(engine, request);
  const mean = await engine.mean();
  const resolved = await resolve(engine, embed, { positive, negative }, mean, missing, pause);
  const { liked, disliked } = resolved;
  if (liked.length === 0 && positive.length > 0) {
    if (positive.length === 1 && missing[0] !== undefined) throw unknownPaper(missing[0]);
    throw new KindredError("not-found", `none of the ${positive.length} papers that are liked is here`);
  }
  const examples = [...liked, ...disliked].flatMap(({ label }) => label ?? []);
  const ranked =
    liked.length === 0
      ? await noted(engine, filters, examples)
      : await byLikes(engine, filters, weighted(liked, added), resolved.block, mean, examples, pause);
  const { likes, dislikes } = await examplesOf(engine, ranked.candidates.block, mean, resolved);
  // Only after ranking, so that a dislike does not affect papers that are not near it.
  const { candidates, signals } = leftOut(ranked, new Set(dislikes.labels));
  await pause();
  const most = liked.length === 0 ? DISLIKE_NOTED : DISLIKE;
  const pushed =
    disliked.length === 0 ? [] : [dislikesOf(most, await pushes(candidates.labels, signals, likes, dislikes, pause))];
  return answerOf(engine, request, {
    ...ranked,
    candidates,
    signals: [...signals, ...pushed],
    method: "hybrid",
    filters,
    notice: await noticeOf(engine, request, positive, missing),
    omitted: (labels) => copied(engine, [likes, dislikes], labels),
    because: async (hits) => {
      const labels = hits.map(({ label }) => label);
      const nearest = [...likes.nearestTo(labels, 0), ...dislikes.nearestTo(labels, NEAR_DISLIKE)];
      const because = await reasons(engine, nearest);
      return hits.map(({ paper }, i) => ({
        for: because[i]!,
        against: because[hits.length + i]!,
        reason: liked.length === 0 ? whyNoted(paper) : null,
      }));
    },
  });
}

async function noticeOf(
  engine: Engine,
  { basedOn }: RecommendRequest,
  positive: readonly Example[],
  missing: readonly string[],
): Promise<string | null> {
  const notices: string[] = [];
  if (missing.length > 0) {
    const more = missing.length > 10 ? ` and ${missing.length - 10} more` : "";
    notices.push(`Not here, and left out: ${missing.slice(0, 10).join(", ")}${more}.`);
  } else if (basedOn !== undefined && positive.length === 0)
    notices.push(`There is nothing in ${basedOn.join(", ")} yet: this is what is new and noted.`);
  const unread = positive.length === 0 ? 0 : await engine.unread();
  if (unread > 0) notices.push(`The words of ${unread} new papers are still being read: ask again in a moment.`);
  return notices.length === 0 ? null : notices.join(" ");
}

type Listed = Pick<RecommendRequest, "positive" | "negative"> & {
  /** When papers of lists were added, by id; those that the request names itself are not among them. */
  added: ReadonlyMap<string, string>;
};

/** The examples of the request and of its lists; of very long lists, those added last. */
async function withLists(engine: Engine, { positive, negative, basedOn }: RecommendRequest): Promise<Listed> {
  if (basedOn === undefined) return { positive, negative, added: new Map() };
  const [dislikes = [], ...lists] = await engine.list([DISLIKES, ...basedOn]);
  const added = new Map<string, string>();
  for (const entry of lists.flat()) if (entry.added > (added.get(entry.id) ?? "")) added.set(entry.id, entry.added);
  for (const example of positive) if ("id" in example) added.delete(example.id);
  const newest = (given: Example[], ids: string[]) => [
    ...given,
    ...ids.slice(-Math.max(1, MAX_EXAMPLES - given.length)).map((id) => ({ id })),
  ];
  let liked = [...new Set(lists.flat().map(({ id }) => id))];
  const time = (id: string) => added.get(id) ?? "";
  // Each list is in this order, several together are not.
  if (positive.length + liked.length > MAX_EXAMPLES)
    liked = liked.toSorted((a, b) => Number(time(a) > time(b)) - Number(time(a) < time(b)));
  return {
    positive: newest(positive, liked),
    negative: newest(
      negative,
      dislikes.flatMap(({ id }) => (liked.includes(id) ? [] : id)),
    ),
    added,
  };
}

/** Likes with their weights; a damaged time counts as none. */
function weighted(liked: readonly Known[], added: ReadonlyMap<string, string>): Like[] {
  const weights = weightsByAge(
    liked.map(({ example }) => Date.parse(("id" in example ? added.get(example.id) : undefined) ?? "")),
    Date.now(),
  );
  return liked.map((like, i) => ({ ...like, weight: weights[i]! }));
}

/** @param also Papers that the block of candidates must hold too. */
async function noted(engine: Engine, filters: Selection, also: readonly number[]): Promise<Ranked> {
  const { labels, signals } = await newAndNoted(engine, filters);
  const block = await engine.inspect([...labels, ...also], EVERYTHING);
  return { candidates: unscored(labels, block), signals, terms: [], vector: null };
}

/** The ranking without some papers. */
function leftOut({ candidates, signals }: Ranked, excluded: ReadonlySet<number>): Omit<Ranked, "terms" | "vector"> {
  const kept = candidates.labels.map((_, i) => i).filter((i) => !excluded.has(candidates.labels[i]!));
  if (kept.length === candidates.labels.length) return { candidates, signals };
  const keep = (values: Values) => Float64Array.from(kept, (i) => values[i]!);
  return {
    candidates: without(candidates, (label) => excluded.has(label)),
    signals: signals.map((signal) => ({
      ...signal,
      values: keep(signal.values),
      contributions: keep(signal.contributions),
    })),
  };
}

const dislikesOf = (weight: number, values: Values): ScoredSignal => ({
  name: "dislikes",
  weight,
  values,
  contributions: values.map((push) => (Number.isNaN(push) ? 0 : -weight * push)),
});

/** By how much the cosine of a paper to a dislike exceeds the limit; 0 if it does not, NaN beyond the first papers. */
async function pushes(
  labels: readonly number[],
  signals: readonly ScoredSignal[],
  likes: Examples,
  dislikes: Examples,
  pause: Pause,
): Promise<Values> {
  const scores = scoresOf(signals, labels.length);
  const best = new TopK(PUSHED);
  for (let i = 0; i < scores.length; i++) best.add(i, scores[i]!);
  // Its keys have single precision, so these are a few more.
  const least = best.sorted().keys.at(-1) ?? 0;
  const first = labels
    .map((_, i) => i)
    .filter((i) => Math.fround(scores[i]!) >= least)
    .toSorted((a, b) => scores[b]! - scores[a]! || labels[a]! - labels[b]!)
    .slice(0, PUSHED);
  const nearest = await dislikes.nearest(
    first.map((i) => labels[i]!),
    pause,
  );
  const near = first.map((_, j) => j).filter((j) => nearest[j]! > NEAR_DISLIKE);
  const nearestLikes = await likes.nearest(
    near.map((j) => labels[first[j]!]!),
    pause,
  );
  const pushed = unknownValues(labels.length);
  for (const i of first) pushed[i] = 0;
  for (const [n, j] of near.entries())
    pushed[first[j]!] = Math.max(0, nearest[j]! - Math.max(NEAR_DISLIKE, nearestLikes[n]!));
  return pushed;
}
