/**
 * Ranks papers by similarity to likes. Each interest is a vector of words and a vector of meaning: the mean of its likes,
 * minus a share of the mean of all papers (Rocchio, "Relevance Feedback in Information Retrieval", 1971, with the whole
 * collection as the non-relevant set). Measurements are in docs/ranking.md.
 */
import { TopK } from "../core/top-k.js";
import type { Selection } from "../api.js";
import { sumOf, type Row } from "../words/cosines.js";
import { EVERYTHING, unscored, type Candidates } from "./candidates.js";
import type { Block, Engine, Likeness, Way } from "../engine/engine.js";
import type { Known } from "./examples.js";
import type { ScoredSignal } from "./fusion.js";
import { interestsOf, meanOf, unit } from "./interests.js";
import type { Pause } from "../core/pauses.js";
import { termsOf, type Term } from "../words/terms.js";

/** Papers retrieved per interest by words, and as many by vectors; fewer if there are several interests. */
const depthFor = (interests: number): number => Math.round(4_000 / (1 + interests));
/** Postings read per interest, for the strongest words first; fewer if there are several interests. */
const postingsFor = (interests: number): number => Math.round(3_000_000 / (1 + interests));
/** Number of words kept per interest. */
const WORDS = 1_000;
/** Number of distinct words at which words count half as much as in long texts, because few shared words may be chance. */
const FEW_WORDS = 2;
/** Number of likes at which half of the mean of all papers is subtracted. */
const HALFWAY = 12;
/** Pseudo-relevance feedback: with fewer likes than `below`, the first `papers` of each interest count as `likes` more likes. */
const FEEDBACK = { below: 10, papers: 10, likes: 2 };
/**
 * All likes together count as up to this many likes in every interest; more if there are few interests for the number of
 * likes, because a single like among many is usually not a separate interest.
 */
const SHARED = 2;
/** The penalty for a small interest relative to the largest, in standard deviations. */
const MINOR = 1;
/** Number of likes whose words are read, spread over all; more would hardly change the mean. */
const READ = 200;
/** Number of candidates that are compared with all interests between two pauses. */
const AT_ONCE = 2_048;
/** Number of words shown, and of likes that provide the spelling of words. */
const SHOWN = { words: 64, likes: 10 };

/** A like, and how much it counts relative to others of its interest. */
export type Like = Known & { weight: number };

/** Candidates and the signals that add up to their scores; the fields are those of `Ranking`. */
export type Ranked = {
  candidates: Candidates;
  signals: readonly ScoredSignal[];
  terms: readonly Term[];
  vector: Float32Array | null;
  wordsIn?: (labels: readonly number[]) => Promise<{ word: string; weight: number }[][]>;
};

/** An interest: its vectors of words and meaning, and its number of likes. */
type Interest = {
  words: Row;
  meaning: Float32Array | null;
  likes: number;
  /** Weight of words relative to meaning, at most 1. */
  trust: number;
};
/** An interest and the papers it retrieved. */
type Retrieved = { interest: Interest; named: number[]; way: Way | null };
/** Values of all candidates, NaN if unknown, and their z-scores. */
type Scores = { words: Signal; meaning: Signal };
type Signal = { values: Float32Array; zScores: Float64Array };

/**
 * Ranks the papers that pass the filters, except the likes.
 *
 * @param known Vectors of the likes that are papers.
 * @param mean The mean of all vectors.
 * @param also Papers that the block of candidates must hold too.
 */
export async function byLikes(
  engine: Engine,
  filters: Selection,
  likes: readonly Like[],
  known: Block,
  mean: Float32Array,
  also: readonly number[],
  pause: Pause,
): Promise<Ranked> {
  const liked = new Set(likes.flatMap(({ label }) => label ?? []));
  const { interest: interests, middle } = await interestsIn(engine, likes, vectorsOf(known, likes), pause);
  const first = await retrieve(engine, filters, interests, mean, pause);
  const { found, likeness } =
    likes.length < FEEDBACK.below ? await withFeedback(engine, filters, first, liked, mean, pause) : first;
  const candidates = candidatesOf(found, liked);
  const labels = Array.from(candidates);
  const block = await engine.inspect([...labels, ...also], EVERYTHING);
  const products = await likeness(found.map(() => candidates));
  const scored = await scoreCandidates(block, candidates, found, products, mean, pause);
  const most = Math.max(...found.map(({ interest }) => interest.likes));
  const { best, signals } = combine(
    scored,
    found.map(({ interest }) => MINOR * (1 - interest.likes / most)),
    candidates.length,
  );
  const terms = await termsOfAll(
    engine,
    likes,
    found.map(({ interest }) => interest.words),
  );
  return {
    candidates: {
      ...unscored(labels, block),
      ...(middle === null ? {} : { abstract: Float64Array.from(block.cosines([unit(middle)], labels)[0]!) }),
      way: found[0]!.way,
    },
    signals,
    terms: terms.flatMap((each) => each.map(({ term }) => term)),
    vector: middle && unit(middle),
    wordsIn: async (explained) => {
      const rows = await engine.wordVectors(explained, [], pause);
      return rows.map((row, i) => wordsIn(row, terms[best[candidates.indexOf(explained[i]!)] ?? 0]!));
    },
  };
}

/** The unit vector of each like; null if it has none. */
const vectorsOf = (known: Block, likes: readonly Known[]): (Float32Array | null)[] =>
  likes.map(({ label, vector }) => vector ?? (label === undefined ? null : (known.vector(label) ?? null)));

/**
 * The interests of likes, and the mean of all vectors. Likes without a vector belong to the largest interest.
 *
 * @param vectors Those of the likes, as from `vectorsOf`.
 */
async function interestsIn(
  engine: Engine,
  likes: readonly Like[],
  vectors: readonly (Float32Array | null)[],
  pause: Pause,
): Promise<{ interest: Interest[]; middle: Float32Array | null }> {
  const embedded = likes.map((_, i) => i).filter((i) => vectors[i] !== null);
  const groups = interestsOf(embedded.map((i) => vectors[i]!)).map((members) =>
    members.map((member) => embedded[member]!),
  );
  const others = likes.map((_, i) => i).filter((i) => vectors[i] === null);
  const largest = groups.reduce<number[]>((top, group) => (group.length > top.length ? group : top), groups[0] ?? []);
  if (groups.length === 0) groups.push(largest);
  largest.push(...others);
  await pause();
  // Weights are relative to the mean of the interest: old interests are not smaller than new ones.
  const weighted = groups.map((members) => {
    const sum = members.reduce((total, member) => total + likes[member]!.weight, 0);
    return members.map((member) => ({ ...likes[member]!, weight: (likes[member]!.weight * members.length) / sum }));
  });
  const sums = await wordsOf(engine, weighted, pause);
  const shared = groups.length === 1 ? 0 : SHARED * (1 - groups.length / likes.length);
  const all = sumOf(
    sums.map((row) => ({ row, weight: shared / likes.length })),
    WORDS,
  );
  const means = groups.map((members, i) => {
    const own = members.flatMap((member, m) => {
      const vector = vectors[member];
      return vector == null ? [] : [{ vector, weight: weighted[i]![m]!.weight }];
    });
    if (own.length === 0) return null;
    const [all, weights] = [own.map(({ vector }) => vector), own.map(({ weight }) => weight)];
    return { mean: meanOf(all, weights), of: own.length };
  });
  const middle = means.reduce<{ mean: Float32Array; of: number } | null>(
    (all, own) =>
      all === null || own === null
        ? (all ?? own)
        : { mean: between(all.mean, all.of, own.mean, own.of), of: all.of + own.of },
    null,
  );
  const interest = groups.map((members, i): Interest => {
    const own = means[i] ?? null;
    const meaning = own && between(own.mean, own.of, middle!.mean, shared);
    const weight = 1 / (members.length + shared);
    const parts = [
      { row: sums[i]!, weight },
      { row: all, weight },
    ];
    const words = sumOf(parts, WORDS);
    const trust = words.places.length / (words.places.length + FEW_WORDS);
    return { words, meaning, likes: members.length, trust };
  });
  return { interest, middle: middle && middle.mean };
}

/** For each group, the weighted sum of the word vectors of its papers and texts. */
async function wordsOf(engine: Engine, groups: readonly (readonly Like[])[], pause: Pause): Promise<Row[]> {
  const step = Math.max(1, groups.reduce((sum, likes) => sum + likes.length, 0) / READ);
  // Papers before texts, as their vectors are.
  const read = groups.map((likes) =>
    Array.from({ length: Math.ceil(likes.length / step) }, (_, i) => likes[Math.floor(i * step)]!).toSorted(
      (a, b) => Number(a.label === undefined) - Number(b.label === undefined),
    ),
  );
  const labels = read.map((likes) => likes.flatMap(({ label }) => label ?? []));
  const texts = read.map((likes) => likes.flatMap(({ example }) => ("text" in example ? [example.text] : [])));
  const rows = await engine.wordVectors(labels.flat(), texts.flat(), pause);
  let [papers, others] = [0, labels.flat().length];
  return groups.map((likes, i) => {
    const own = [
      ...rows.slice(papers, (papers += labels[i]!.length)),
      ...rows.slice(others, (others += texts[i]!.length)),
    ];
    const scale = likes.length / Math.max(1, read[i]!.length);
    return sumOf(
      own.map((row, j) => ({ row, weight: scale * read[i]![j]!.weight })),
      Infinity,
    );
  });
}

type Retrieval = { found: Retrieved[]; likeness: Likeness };

/**
 * Retrieves the papers nearest to each interest by words and by vectors.
 *
 * @param mean The mean of all vectors; null to retrieve by words only.
 */
async function retrieve(
  engine: Engine,
  filters: Selection,
  interests: readonly Interest[],
  mean: Float32Array | null,
  pause: Pause,
): Promise<Retrieval> {
  const { found, likeness } = await engine.alike(
    interests.map((interest) => ({
      words: interest.words,
      share: shareOf(interest.likes),
      vector: mean && directionOf(interest, mean),
    })),
    filters,
    depthFor(interests.length),
    postingsFor(interests.length),
    pause,
  );
  const retrieved = found.map(({ byWords, byVector, way }, i) => ({
    interest: interests[i]!,
    named: [...byWords, ...byVector],
    way,
  }));
  return { found: retrieved, likeness };
}

/** Retrieves again, with the first papers of each interest as additional likes. */
async function withFeedback(
  engine: Engine,
  filters: Selection,
  { found, likeness }: Retrieval,
  liked: ReadonlySet<number>,
  mean: Float32Array,
  pause: Pause,
): Promise<Retrieval> {
  const candidates = found.map((one) => candidatesOf([one], liked));
  const block = await engine.inspect(candidatesOf(found, liked), { vectors: true });
  const products = await likeness(candidates);
  const first: number[][] = [];
  for (const [i, one] of found.entries())
    first.push(await firstOf(block, candidates[i]!, one, products[i]!, mean, pause));
  const rows = (await engine.wordVectors(first.flat(), [], pause)).values();
  const wider = found.map(({ interest }, i): Interest => {
    const labels = first[i]!;
    if (labels.length === 0) return interest;
    const vectors = labels.flatMap((label) => block.vector(label) ?? []);
    const [own, all] = [interest.likes, interest.likes + FEEDBACK.likes];
    const weight = FEEDBACK.likes / all / labels.length;
    const more = labels.map(() => ({ row: rows.next().value!, weight }));
    const words = sumOf([{ row: interest.words, weight: own / all }, ...more], WORDS);
    const meaning =
      vectors.length === 0 || interest.meaning === null
        ? interest.meaning
        : between(interest.meaning, own, meanOf(vectors), FEEDBACK.likes);
    return { ...interest, words, meaning };
  });
  // The nearest vectors of the first retrieval are sufficient.
  const again = await retrieve(engine, filters, wider, null, pause);
  return {
    likeness: again.likeness,
    found: again.found.map(({ interest, named }, i) => ({
      interest,
      named: [...found[i]!.named, ...named],
      way: found[i]!.way,
    })),
  };
}

/** The labels of retrieved papers except the likes, ascending. */
const candidatesOf = (found: readonly Retrieved[], liked: ReadonlySet<number>): Uint32Array =>
  Uint32Array.from(found.flatMap(({ named }) => named))
    .sort()
    .filter((label, i, all) => label !== all[i - 1] && !liked.has(label));

/** The best papers retrieved for an interest. */
async function firstOf(
  block: Block,
  labels: Uint32Array,
  found: Retrieved,
  products: Float32Array,
  mean: Float32Array,
  pause: Pause,
): Promise<number[]> {
  const [{ words, meaning }] = (await scoreCandidates(block, labels, [found], [products], mean, pause)) as [Scores];
  const best = new TopK(FEEDBACK.papers);
  for (let i = 0; i < labels.length; i++) best.add(labels[i]!, words.zScores[i]! + meaning.zScores[i]!);
  return Array.from(best.sorted().labels);
}

/** The share of the mean of all papers that is subtracted: little for a single like, which may be close to the mean. */
const shareOf = (likes: number): number => likes / (likes + HALFWAY);

/** The weighted mean of two vectors. */
const between = (one: Float32Array, times: number, other: Float32Array, otherTimes: number): Float32Array =>
  one.map((value, i) => (times * value + otherTimes * other[i]!) / (times + otherTimes));

/** The unit vector of an interest's meaning minus a share of the mean; null without a meaning. */
function directionOf({ meaning, likes }: Interest, mean: Float32Array): Float32Array | null {
  return meaning && unit(meaning.map((value, i) => value - shareOf(likes) * mean[i]!));
}

/**
 * Scores all candidates for each interest.
 *
 * @param products Of the words of each interest with those of the candidates.
 */
async function scoreCandidates(
  block: Block,
  labels: Uint32Array,
  found: readonly Retrieved[],
  products: readonly Float32Array[],
  mean: Float32Array,
  pause: Pause,
): Promise<Scores[]> {
  const meanings = found.map(() => new Float32Array(labels.length).fill(NaN));
  const directions = found.map(({ interest }) => directionOf(interest, mean));
  const meant = meanings.filter((_, i) => directions[i] !== null);
  const queries = directions.filter((direction) => direction !== null);
  for (let start = 0; start < labels.length; start += AT_ONCE) {
    const cosines = block.cosines(queries, labels.subarray(start, start + AT_ONCE));
    for (const [i, some] of cosines.entries()) meant[i]!.set(some, start);
    await pause();
  }
  return found.map(({ interest }, i) => {
    const words = products[i]!;
    const meaning = meanings[i]!;
    const [wordScores, meaningScores] = [zScoresOf(words), zScoresOf(meaning)];
    // If one is unknown, the other is used for both.
    for (let j = 0; j < labels.length; j++) {
      if (Number.isNaN(wordScores[j])) wordScores[j] = Number.isNaN(meaningScores[j]) ? 0 : meaningScores[j]!;
      if (Number.isNaN(meaningScores[j])) meaningScores[j] = wordScores[j]!;
      wordScores[j]! *= interest.trust;
    }
    return { words: { values: words, zScores: wordScores }, meaning: { values: meaning, zScores: meaningScores } };
  });
}

/** z-scores of the known values; NaN for the others. */
function zScoresOf(values: Float32Array): Float64Array {
  let [known, sum, squares] = [0, 0, 0];
  for (let i = 0; i < values.length; i++)
    if (!Number.isNaN(values[i])) {
      known++;
      sum += values[i]!;
    }
  const mean = sum / known;
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) squares += (values[i]! - mean) ** 2;
  const deviation = Math.sqrt(squares / known);
  const scale = deviation < 1e-9 ? 0 : 1 / deviation;
  const zScores = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) zScores[i] = (values[i]! - mean) * scale;
  return zScores;
}

/**
 * Scores each paper by its best interest, the first on ties. Scores are shifted so that the smallest value of each signal is
 * 0, and divided so that the best paper scores 1.
 *
 * @param losses The penalty of each interest, in standard deviations.
 */
function combine(
  scored: readonly Scores[],
  losses: readonly number[],
  candidates: number,
): { best: Uint8Array; signals: ScoredSignal[] } {
  const best = new Uint8Array(candidates);
  const highest = new Float64Array(candidates).fill(-Infinity);
  for (const [g, { words, meaning }] of scored.entries())
    for (let i = 0; i < candidates; i++) {
      const score = words.zScores[i]! + meaning.zScores[i]! - losses[g]!;
      if (score <= highest[i]!) continue;
      highest[i] = score;
      best[i] = g;
    }
  const words = ofBest(
    best,
    scored.map((each) => each.words),
    losses,
  );
  const meaning = ofBest(
    best,
    scored.map((each) => each.meaning),
    losses,
  );
  let largest = 0;
  for (let i = 0; i < candidates; i++) largest = Math.max(largest, words.zScores[i]! + meaning.zScores[i]!);
  const signal = (name: "words" | "likes", { values, zScores }: Signal): ScoredSignal => ({
    name,
    weight: 0.5,
    values: Float64Array.from(values),
    contributions: zScores.map((step) => step / (largest || 1)),
  });
  return { best, signals: [signal("likes", meaning), signal("words", words)] };
}

/** One signal of each candidate's best interest, with z-scores of 0 or more. */
function ofBest(best: Uint8Array, signals: readonly Signal[], losses: readonly number[]): Signal {
  const [values, zScores] = [new Float32Array(best.length), new Float64Array(best.length)];
  let least = Infinity;
  for (let i = 0; i < best.length; i++) {
    const signal = signals[best[i]!]!;
    values[i] = signal.values[i]!;
    zScores[i] = signal.zScores[i]! - losses[best[i]!]! / 2;
    least = Math.min(least, zScores[i]!);
  }
  for (let i = 0; i < best.length; i++) zScores[i]! -= least;
  return { values, zScores };
}

type Weighted = { place: number; weight: number; term: Term };

/** The strongest words of each interest, spelled as in some of the likes. */
async function termsOfAll(engine: Engine, likes: readonly Known[], interest: readonly Row[]): Promise<Weighted[][]> {
  const written = new Map<string, Term>();
  const shown = likes.slice(0, SHOWN.likes);
  const labels = shown.flatMap(({ label }) => label ?? []);
  const papers = new Map((await engine.papers(labels)).map((paper, i) => [labels[i]!, paper]));
  for (const { example, label } of shown) {
    const paper = label === undefined ? undefined : papers.get(label);
    const text = "text" in example ? example.text : `${paper?.title ?? ""}\n${paper?.abstract ?? ""}`;
    for (const term of termsOf(text)) if (!written.has(term.stem)) written.set(term.stem, term);
  }
  const strongest = interest.map(({ places, weights }) => {
    const best = new TopK(SHOWN.words);
    for (let i = 0; i < places.length; i++) best.add(i, weights[i]!);
    return Array.from(best.sorted().labels, (i) => ({ place: places[i]!, weight: weights[i]! }));
  });
  const places = [...new Set(strongest.flat().map(({ place }) => place))];
  const stems = new Map((await engine.stemsAt(places)).map((stem, i) => [places[i]!, stem]));
  return strongest.map((words) =>
    words.map(({ place, weight }) => {
      const stem = stems.get(place)!;
      return { place, weight, term: written.get(stem) ?? { word: stem, stem, count: 1 } };
    }),
  );
}

/** The contribution of each word to the product of an interest and a paper. */
function wordsIn({ places, weights }: Row, terms: readonly Weighted[]): { word: string; weight: number }[] {
  const own = new Map(Array.from(places, (place, i) => [place, weights[i]!]));
  return terms.map(({ place, weight, term }) => ({ word: term.word, weight: weight * (own.get(place) ?? 0) }));
}
