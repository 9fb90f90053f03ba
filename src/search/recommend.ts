/** What is liked and what is not -> papers that are like the one and not like the other. */
import { MAX_EXAMPLES, type Answer, type Because, type Example, type RecommendRequest } from "../api.js";
import { passageOf } from "../embedding/embed.js";
import { KindredError, unknownPaper } from "../errors.js";
import { DISLIKES } from "../list.js";
import type { Selection } from "../store/filters.js";
import { answerOf } from "./answer.js";
import { without, type Candidates } from "./candidates.js";
import { areCopies, SAME_ABSTRACT } from "./copies.js";
import { decodeCursor } from "./cursor.js";
import type { Engine } from "./engine.js";
import { contributionsOf, scoresOf, type Testimony } from "./fusion.js";
import { dot, interestsOf, unit, type Interest } from "./interests.js";
import { newAndNoted, whyNoted } from "./noted.js";
import { filtersIn, type Embed } from "./search.js";
import { contentTerms, strongestTerms, type Term } from "./terms.js";

/** Papers that each interest's words, and its nearest vectors, name. */
const DEPTH = 2_000;
/** Shares of nearness and of words. */
const MEANING = 0.5;
const WORDS = 0.5;
/** Words of an interest's likes that are looked up. */
const MOST_TERMS = 64;
/** The first papers of an interest, whose middle says once more what it is about. */
const FEEDBACK = 20;
/** What an interest with the fewest likes loses against the one with most. */
const MINOR = 0.3;
/** A dislike pushes away what is nearer to it than this, and than any like is. */
const NEAR_DISLIKE = 0.4;
const DISLIKE = 0.4;
/** Against new and noted papers, whose score counts powers of ten of their votes. */
const DISLIKE_NOTED = 4;
/** Likes and dislikes told of one hit: the strongest. */
const TOLD = 3;

type Known = {
  example: Example;
  label: number | undefined;
  title: string;
  abstract: string | null;
  vector: Float32Array;
  /** The same from the middle of the collection. */
  direction: Float32Array;
};

/** All vectors are looked at from the middle of the collection: what all papers share says nothing of a like. */
class Centred {
  readonly #engine;
  readonly #mean;
  readonly #square;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#mean = engine.mean();
    this.#square = dot(this.#mean, this.#mean);
  }

  of(vector: Float32Array): Float32Array {
    return unit(vector.map((value, i) => value - this.#mean[i]!));
  }

  /** Cosines of a direction to papers; null where there is no vector yet. */
  cosines(direction: Float32Array, labels: readonly number[]): (number | null)[] {
    const toMean = dot(direction, this.#mean);
    const along = this.#engine.similarities(direction, labels);
    return this.#lengths(labels).map((length, i) =>
      length === null ? null : Math.max(-1, Math.min(1, ((along[i] ?? 0) - toMean) / length)),
    );
  }

  /** Distances of papers from the middle. */
  #lengths(labels: readonly number[]): (number | null)[] {
    return this.#engine
      .similarities(this.#mean, labels)
      .map((toMean) => (toMean === null ? null : Math.sqrt(Math.max(1e-6, 1 - 2 * toMean + this.#square))));
  }
}

/**
 * Each group of likes that are about one thing is ranked for itself; a paper is judged by the interest it serves best.
 * Without likes, what is new and noted. Never one of the examples, nor a copy of one.
 *
 * @throws KindredError `not-found` when examples are named and none of those that are liked is here.
 */
export async function recommend(engine: Engine, embed: Embed, request: RecommendRequest): Promise<Answer> {
  decodeCursor(request);
  const filters = filtersIn(engine, request);
  const missing: string[] = [];
  const { positive, negative } = withLists(engine, request);
  const centred = new Centred(engine);
  const likes = await resolve(engine, embed, centred, positive, missing);
  const dislikes = await resolve(engine, embed, centred, negative, missing);
  if (likes.length === 0 && positive.length > 0) {
    if (positive.length === 1 && missing[0] !== undefined) throw unknownPaper(missing[0]);
    throw new KindredError("not-found", `none of the ${positive.length} papers that are liked is here`);
  }
  const notice =
    missing.length > 0
      ? `Not here, and left out: ${missing.slice(0, 10).join(", ")}${missing.length > 10 ? ` and ${missing.length - 10} more` : ""}.`
      : request.basedOn !== undefined && positive.length === 0
        ? `There is nothing in ${request.basedOn.join(", ")} yet: this is what is new and noted.`
        : null;
  const all = likes.length === 0 ? noted(engine, filters) : liked(engine, centred, filters, likes);
  // Only now, so that a dislike changes nothing for papers that are not near to it.
  const ranked = withoutCopies(engine, all, dislikes);
  const { candidates, terms } = ranked;
  const pushed = pushes(centred, candidates.labels, likes, dislikes);
  const testimonies =
    dislikes.length === 0
      ? ranked.testimonies
      : [
          ...ranked.testimonies,
          {
            name: "dislikes" as const,
            weight: ranked.dislike,
            values: pushed,
            contributions: pushed.map((push) => -ranked.dislike * (push ?? 0)),
          },
        ];
  return answerOf(engine, request, {
    candidates,
    testimonies,
    method: "hybrid",
    terms,
    vector: ranked.vector,
    filters,
    notice,
    because: (label, paper) => ({
      for: told(engine, centred, label, likes, 0),
      against: told(engine, centred, label, dislikes, NEAR_DISLIKE),
      reason: likes.length === 0 ? whyNoted(paper) : null,
    }),
  });
}

/** The examples of the request, and those of the lists it is based on: the newest of them, where there are very many. */
function withLists(
  engine: Engine,
  { positive, negative, basedOn }: RecommendRequest,
): Pick<RecommendRequest, "positive" | "negative"> {
  if (basedOn === undefined) return { positive, negative };
  const examples = (names: readonly string[]) => [...new Set(names.flatMap((name) => engine.list(name)))];
  const newest = (given: Example[], ids: string[]) => [
    ...given,
    ...ids.slice(-Math.max(1, MAX_EXAMPLES - given.length)).map((id) => ({ id })),
  ];
  const liked = examples(basedOn);
  return {
    positive: newest(positive, liked),
    negative: newest(
      negative,
      examples([DISLIKES]).filter((id) => !liked.includes(id)),
    ),
  };
}

type Ranked = {
  candidates: Candidates;
  testimonies: Testimony[];
  terms: Term[];
  vector: Float32Array | null;
  /** The most a dislike takes away. */
  dislike: number;
};

function noted(engine: Engine, filters: Selection): Ranked {
  const { labels, testimonies } = newAndNoted(engine, filters);
  const none = labels.map(() => null);
  return {
    candidates: { labels, bm25: none, abstract: none, sentence: none, way: null },
    testimonies,
    terms: [],
    vector: null,
    dislike: DISLIKE_NOTED,
  };
}

/** What was ranked, without the examples and their copies. */
function withoutCopies(engine: Engine, ranked: Ranked, examples: readonly Known[]): Ranked {
  const { labels } = ranked.candidates;
  const excluded = examplesAmong(engine, labels, examples);
  if (excluded.size === 0) return ranked;
  const keep = <T>(values: readonly T[]) => values.filter((_, i) => !excluded.has(labels[i] as number));
  return {
    ...ranked,
    candidates: without(ranked.candidates, (label) => excluded.has(label)),
    testimonies: ranked.testimonies.map((testimony) => ({
      ...testimony,
      values: keep(testimony.values),
      contributions: keep(testimony.contributions),
    })),
  };
}

function liked(engine: Engine, centred: Centred, filters: Selection, likes: readonly Known[]): Ranked {
  const interests = interestsOf(likes.map(({ direction }) => direction));
  const most = Math.max(...interests.map(({ members }) => members.length));
  const asked = interests.map((interest) => {
    const texts = interest.members.map((member) => passageOf(likes[member] as Known)).join("\n");
    const terms = strongestTerms(engine, contentTerms(texts), MOST_TERMS);
    const words = engine.words(
      terms.map(({ word }) => word),
      filters,
      DEPTH,
    );
    return { interest, terms, words, nearest: engine.nearest(interest.direction, filters, DEPTH) };
  });
  const found = [
    ...new Set(asked.flatMap(({ words, nearest }) => [...words, ...nearest.neighbours].map(({ label }) => label))),
  ].toSorted((a, b) => a - b);
  const excluded = examplesAmong(engine, found, likes);
  const labels = found.filter((label) => !excluded.has(label));
  const each = asked.map(({ interest, words }) => {
    const bm25 = new Map(words.map((hit) => [hit.label, hit.bm25]));
    const share = 1 - MINOR * (1 - interest.members.length / most);
    return testifyFor(
      engine,
      centred,
      labels,
      interest,
      labels.map((label) => bm25.get(label) ?? null),
      share,
    );
  });
  const scores = each.map((testimonies) => scoresOf(testimonies, labels.length));
  // A paper is judged by the interest it serves best; the first of two equal ones.
  const best = labels.map((_, i) => scores.reduce((top, score, g) => (score[i]! > scores[top]![i]! ? g : top), 0));
  const [first] = each;
  const testimonies = first!.map((testimony, t) => ({
    ...testimony,
    values: best.map((g, i) => each[g]![t]!.values[i] ?? null),
    contributions: best.map((g, i) => each[g]![t]!.contributions[i] as number),
  }));
  const middle = unit(likes.map(({ vector }) => vector).reduce((sum, vector) => sum.map((v, i) => v + vector[i]!)));
  return {
    candidates: {
      labels,
      bm25: testimonies.find(({ name }) => name === "words")!.values.slice(),
      abstract: engine.similarities(middle, labels),
      sentence: labels.map(() => null),
      way: asked[0]!.nearest.way,
    },
    testimonies,
    terms: asked.flatMap(({ terms }) => terms),
    vector: middle,
    dislike: DISLIKE,
  };
}

/** What the likes of one interest, the papers that come first by them, and their words say of each paper. */
function testifyFor(
  engine: Engine,
  centred: Centred,
  labels: readonly number[],
  { direction }: Interest,
  bm25: readonly (number | null)[],
  share: number,
): Testimony[] {
  const said = contributionsOf({ weight: WORDS, values: bm25 });
  const toLikes = centred.cosines(direction, labels);
  const meant = contributionsOf({ weight: MEANING, values: toLikes });
  const first = labels
    .map((_, i) => i)
    .filter((i) => toLikes[i] !== null)
    .toSorted((a, b) => meant[b]! + said[b]! - (meant[a]! + said[a]!) || labels[a]! - labels[b]!)
    .slice(0, FEEDBACK)
    .map((i) => centred.of(engine.vector(labels[i] as number) as Float32Array));
  const middle = first.length === 0 ? direction : unit(first.reduce((sum, one) => sum.map((v, i) => v + one[i]!)));
  const toFirst = centred.cosines(middle, labels);
  const together = toLikes.map((cosine, i) => (cosine === null ? null : cosine + (toFirst[i] ?? 0)));
  const largest = Math.max(1e-9, ...together.map((value) => value ?? 0));
  const part = (values: readonly (number | null)[]) =>
    values.map((value) => (share * MEANING * (value ?? 0)) / largest);
  return [
    { name: "likes", weight: MEANING / 2, values: toLikes, contributions: part(toLikes) },
    { name: "neighbours", weight: MEANING / 2, values: toFirst, contributions: part(toFirst) },
    {
      name: "words",
      weight: WORDS,
      values: bm25,
      // Of a paper that is not embedded yet only its words are known: they stand for its meaning too.
      contributions: said.map((value, i) => share * value * (toLikes[i] === null ? (MEANING + WORDS) / WORDS : 1)),
    },
  ];
}

/** How much nearer each paper is to a dislike than it may be; 0 where it is not. */
function pushes(
  centred: Centred,
  labels: readonly number[],
  likes: readonly Known[],
  dislikes: readonly Known[],
): (number | null)[] {
  const allowed = labels.map(() => NEAR_DISLIKE);
  for (const { direction } of dislikes.length === 0 ? [] : likes)
    centred.cosines(direction, labels).forEach((cosine, i) => (allowed[i] = Math.max(allowed[i]!, cosine ?? -1)));
  const pushed: (number | null)[] = labels.map(() => null);
  for (const { direction } of dislikes)
    centred.cosines(direction, labels).forEach((cosine, i) => {
      if (cosine !== null) pushed[i] = Math.max(pushed[i] ?? 0, cosine - allowed[i]!);
    });
  return pushed;
}

/** The strongest of the examples that speak for a paper, or against it: those that are nearer to it than `least`. */
function told(
  engine: Engine,
  centred: Centred,
  label: number,
  examples: readonly Known[],
  least: number,
): Because["for"] {
  const own = engine.vector(label);
  if (own === undefined) return [];
  const there = centred.of(own);
  const near = examples
    .map((known) => ({ ...known, cosine: dot(known.direction, there) }))
    .filter(({ cosine }) => cosine > least);
  const sum = near.reduce((total, { cosine }) => total + cosine, 0);
  return near
    .toSorted((a, b) => b.cosine - a.cosine)
    .slice(0, TOLD)
    .map(({ example, title, vector, cosine }) => ({
      example,
      title: "id" in example ? title : null,
      similarity: engine.similarities(vector, [label])[0] ?? 0,
      share: cosine / sum,
    }));
}

/** The examples that are here, and texts; in an order that does not depend on theirs. The ids of the others go to `missing`. */
async function resolve(
  engine: Engine,
  embed: Embed,
  centred: Centred,
  examples: readonly Example[],
  missing: string[],
): Promise<Known[]> {
  const known: Known[] = [];
  for (const example of examples) {
    if ("text" in example) {
      const text = example.text.replaceAll("\0", " ");
      const vector = await embed(text);
      known.push({ example, label: undefined, title: text, abstract: null, vector, direction: centred.of(vector) });
      continue;
    }
    const label = engine.find({ kind: "id", value: example.id });
    const paper = label === undefined ? undefined : engine.fetch(label);
    if (label === undefined || paper === undefined) {
      missing.push(example.id);
      continue;
    }
    const vector = engine.vector(label) ?? (await embed(passageOf(paper)));
    const { title, abstract } = paper;
    known.push({ example, label, title, abstract, vector, direction: centred.of(vector) });
  }
  return known.toSorted(
    (a, b) => (a.label ?? Infinity) - (b.label ?? Infinity) || (a.title < b.title ? -1 : a.title > b.title ? 1 : 0),
  );
}

/** The labels that are an example themselves, or a copy of one. */
function examplesAmong(engine: Engine, labels: readonly number[], examples: readonly Known[]): Set<number> {
  const among = new Set(
    examples.flatMap(({ label, title }) => [...(label === undefined ? [] : [label]), ...engine.titled(title)]),
  );
  for (const example of examples)
    engine.similarities(example.vector, labels).forEach((similarity, i) => {
      if (similarity === null || similarity < SAME_ABSTRACT) return;
      const paper = engine.fetch(labels[i] as number);
      if (paper !== undefined && areCopies(example, paper, similarity)) among.add(labels[i] as number);
    });
  return among;
}
