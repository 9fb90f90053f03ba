/** What is liked and what is not -> papers that are like the one and not like the other. */
import type { Answer, Example, RecommendRequest } from "../api.js";
import { passageOf } from "../embedding/embed.js";
import { unknownPaper } from "../errors.js";
import { answerOf } from "./answer.js";
import { gather, without } from "./candidates.js";
import { areCopies, SAME_ABSTRACT } from "./copies.js";
import { decodeCursor } from "./cursor.js";
import type { Engine } from "./engine.js";
import { contributionsOf, type Testimony } from "./fusion.js";
import { filtersOf, type Embed } from "./search.js";
import { contentTerms, strongestTerms } from "./terms.js";

/** Shares of nearness and of words in the score. */
const WEIGHTS = { meaning: 0.67, words: 0.33 };
/** Beside the likes' centre, half of the nearest like: papers near one interest among several are not lost. */
const NEAREST_LIKE = 0.5;
/** What is near the centre of the dislikes loses a quarter of that nearness. */
const DISLIKE = 0.25;
/** Words of all likes together that are looked up. */
const MOST_TERMS = 48;
/** Likes whose own neighbours are candidates beside those of the centre: the first of them. */
const OWN_NEIGHBOURS = 50;
const NEIGHBOURS = 100;

type Known = {
  example: Example;
  label: number | undefined;
  title: string;
  abstract: string | null;
  vector: Float32Array;
};

/**
 * Score: cosine to the centre of the likes, half of that to the nearest like, less a quarter of that to the centre of
 * the dislikes; fused with the words that say most about the likes. Never one of the examples, nor a copy of one.
 *
 * @throws KindredError `not-found` when there is no paper with one of the ids.
 */
export async function recommend(engine: Engine, embed: Embed, request: RecommendRequest): Promise<Answer> {
  decodeCursor(request);
  const filters = filtersOf(request);
  const likes = await resolve(engine, embed, request.positive);
  const dislikes = await resolve(engine, embed, request.negative);
  const centre = centreOf(likes);
  const away = centreOf(dislikes);
  const texts = likes.map(passageOf).join("\n");
  const terms = strongestTerms(engine, contentTerms(texts), MOST_TERMS);
  const near = likes
    .slice(0, OWN_NEIGHBOURS)
    .flatMap(({ vector }) => engine.nearest(vector, filters, NEIGHBOURS).neighbours.map(({ label }) => label));
  const question = { words: terms.map(({ word }) => word), vector: centre, sentences: false };
  const found = gather(engine, question, filters, near);
  const examples = examplesAmong(engine, found.labels, [...likes, ...dislikes]);
  const candidates = without(found, (label) => examples.has(label));
  const nearest = nearestLike(engine, candidates.labels, likes);
  const toDislikes = away === null ? null : engine.similarities(away, candidates.labels);
  const meaning = candidates.abstract.map((cosine, i) =>
    cosine === null ? null : cosine + NEAREST_LIKE * (nearest[i]?.similarity ?? 0) - DISLIKE * (toDislikes?.[i] ?? 0),
  );
  const witness = (name: Testimony["name"], weight: number, values: (number | null)[]): Testimony => ({
    name,
    weight,
    values,
    contributions: contributionsOf({ weight, values }),
  });
  const position = new Map(candidates.labels.map((label, i) => [label, i]));
  return answerOf(engine, request, {
    candidates,
    testimonies: [witness("abstract", WEIGHTS.meaning, meaning), witness("words", WEIGHTS.words, candidates.bm25)],
    method: "hybrid",
    terms,
    vector: centre,
    filters,
    closest: (label) => {
      const like = nearest[position.get(label) as number];
      return like === undefined ? undefined : { positive: like.example, similarity: like.similarity };
    },
  });
}

async function resolve(engine: Engine, embed: Embed, examples: readonly Example[]): Promise<Known[]> {
  const known: Known[] = [];
  for (const example of examples) {
    if ("text" in example) {
      const text = example.text.replaceAll("\0", " ");
      known.push({ example, label: undefined, title: text, abstract: null, vector: await embed(text) });
      continue;
    }
    const label = engine.find({ kind: "id", value: example.id });
    const paper = label === undefined ? undefined : engine.fetch(label);
    if (label === undefined || paper === undefined) throw unknownPaper(example.id);
    const vector = engine.vector(label) ?? (await embed(passageOf(paper)));
    known.push({ example, label, title: paper.title, abstract: paper.abstract, vector });
  }
  return known;
}

/** The unit vector in the middle; null of none. */
function centreOf(examples: readonly Known[]): Float32Array | null {
  const [first] = examples;
  if (first === undefined) return null;
  const sum = new Float32Array(first.vector.length);
  for (const { vector } of examples) vector.forEach((component, i) => (sum[i]! += component));
  const length = Math.hypot(...sum);
  // Likes that cancel each other out have no middle: then the first stands for them.
  return length < 1e-6 ? first.vector : sum.map((component) => component / length);
}

function nearestLike(
  engine: Engine,
  labels: readonly number[],
  likes: readonly Known[],
): ({ example: Example; similarity: number } | undefined)[] {
  const nearest: ({ example: Example; similarity: number } | undefined)[] = labels.map(() => undefined);
  for (const { example, vector } of likes)
    engine.similarities(vector, labels).forEach((similarity, i) => {
      if (similarity !== null && similarity > (nearest[i]?.similarity ?? -Infinity))
        nearest[i] = { example, similarity };
    });
  return nearest;
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
