/** Finds papers like one in the index or like a text, each with the two sentences that match best. */
import type { Answer, RelatedRequest } from "../api.js";
import { passageOf, type Embed } from "../embedding/embed.js";
import { sentencesOf } from "../embedding/sentences.js";
import { unknownPaper } from "../core/errors.js";
import type { StoredSentences } from "../core/vector.js";
import { sketchOf } from "../vectors/sketch.js";
import { answerOf, emptyAnswer } from "./answer.js";
import { gather, scoreSignals, without, type Candidates } from "../ranking/candidates.js";
import { areCopies, namesPart } from "../ranking/copies.js";
import { decodeCursor } from "../ranking/cursor.js";
import { SAME_ABSTRACT, type Engine } from "../engine/engine.js";
import { bestPair, sentencesIn, titleCosine } from "../ranking/aspect.js";
import { scoresOf, standardized, type ScoredSignal } from "../ranking/fusion.js";
import { filtersIn, MOST_TERMS } from "./search.js";
import { contentTerms, strongestTerms } from "../ranking/terms.js";
import { wordCosine, wordVector } from "../ranking/tfidf.js";

/** Weights of the signals; that of the abstract is 1. Tuned on CSFCube, where half or twice as much changes little (docs/ranking.md). */
const WEIGHTS = { words: 0.5, title: 0.5 };
/** The best papers by abstract and strongest words: only their words and titles are compared. */
const LOOKED_AT = 200;
/** Sentences of a text that are embedded: a longer text is not an abstract. */
const MOST_SENTENCES = 32;

/** The paper or text to compare with. */
type About = { title: string; abstract: string | null };

/**
 * Ranks by meaning, words and title. An aspect chooses the sentences that are shown but does not change the order: ranking
 * by aspect did not help (docs/ranking.md). Never answers with the paper itself or a copy of it.
 *
 * @throws KindredError `not-found` when the id is unknown.
 */
export async function related(engine: Engine, embed: Embed, request: RelatedRequest): Promise<Answer> {
  decodeCursor(request);
  const label = request.id === undefined ? undefined : engine.find({ kind: "id", value: request.id });
  const paper = label === undefined ? undefined : engine.fetch(label);
  if (request.id !== undefined && paper === undefined) throw unknownPaper(request.id);
  const about = paper ?? given(request);
  const passage = passageOf(about).replaceAll("\0", " ").trim();
  const content = contentTerms(passage);
  const terms = strongestTerms(engine, content, MOST_TERMS);
  const own = label === undefined ? undefined : engine.vector(label);
  if (own === undefined && content.length === 0)
    return emptyAnswer(
      engine,
      "The text contains no letter or digit: describe in words what the papers should be about.",
    );
  const vector = own ?? (await embed(passage));
  const aspect = request.aspect ?? null;
  const split = paper ?? sentencesGiven(request);
  const stored = (label === undefined ? null : engine.sketches(label)) ?? (await sketchesOf(embed, split));
  const here = sentencesIn(split.abstract, stored, aspect);
  const question = { words: terms.map(({ word }) => word), vector, sentences: false };
  const titled = new Set(about.title === "" ? [] : engine.titled(about.title));
  const titleNamesPart = namesPart(about.title);
  const filters = filtersIn(engine, request);
  const found = gather(engine, question, filters);
  const candidates = without(found, (other, candidate) => {
    if (other === label || (titled.has(other) && !titleNamesPart)) return true;
    const similarity = found.abstract[candidate] ?? null;
    if (!titled.has(other) && (similarity === null || similarity < SAME_ABSTRACT)) return false;
    const paper = engine.fetch(other);
    return paper !== undefined && areCopies(about, paper, similarity);
  });
  return answerOf(engine, request, {
    candidates,
    signals: likeness(engine, candidates, { passage, title: split.title === "" ? null : stored }),
    method: "hybrid",
    terms,
    vector,
    filters,
    pair: (other, { abstract }) => {
      const there = engine.sketches(other);
      return there === null ? null : bestPair(here, sentencesIn(abstract, there, aspect));
    },
    notice:
      aspect !== null && here.shares.length === 0
        ? `There is no abstract to find a ${aspect} in, so no sentences are shown.`
        : null,
  });
}

/**
 * The signals of words, abstract and title. Only the best candidates by abstract and strongest words are compared by all of
 * them; the others come after those, by their abstracts.
 *
 * @param title Its sketches; null if there is no title to compare.
 */
function likeness(
  engine: Engine,
  candidates: Candidates,
  { passage, title }: { passage: string; title: StoredSentences | null },
): ScoredSignal[] {
  const { labels, abstract } = candidates;
  const scores = scoresOf(scoreSignals(candidates), labels.length);
  const order = labels.map((_, i) => i).toSorted((a, b) => scores[b]! - scores[a]! || labels[a]! - labels[b]!);
  const apart = new Set(order.slice(LOOKED_AT));
  const words = wordVector(engine, passage);
  const values = { words: empty(labels), title: empty(labels) };
  for (const i of order.slice(0, LOOKED_AT)) {
    const paper = engine.fetch(labels[i]!);
    if (paper === undefined) continue;
    values.words[i] = wordCosine(words, wordVector(engine, passageOf(paper)));
    const stored = title === null ? null : engine.sketches(labels[i]!);
    if (title !== null && stored !== null) values.title[i] = titleCosine(title, stored);
  }
  return standardized(
    [
      { name: "words", weight: WEIGHTS.words, values: values.words },
      { name: "abstract", weight: 1, values: abstract },
      ...(title === null ? [] : [{ name: "title", weight: WEIGHTS.title, values: values.title } as const]),
    ],
    apart,
  );
}

const empty = (labels: readonly number[]): (number | null)[] => labels.map(() => null);

/** A text is compared with titles as well as abstracts, to find its copies in the index. */
function given({ text, title, abstract }: RelatedRequest): About {
  if (text !== undefined) return { title: text, abstract: null };
  return title === undefined ? { title: abstract ?? "", abstract: null } : { title, abstract: abstract ?? null };
}

/** For comparing sentences, a text is an abstract without a title. */
const sentencesGiven = ({ text, title, abstract }: RelatedRequest): About => ({
  title: title ?? "",
  abstract: text ?? abstract ?? null,
});

/** The sketches of a text, or of a paper whose sentences are pending. */
async function sketchesOf(embed: Embed, { title, abstract }: About): Promise<StoredSentences> {
  const spans = abstract === null ? [] : sentencesOf(abstract).slice(0, MOST_SENTENCES);
  const sketches: Uint8Array[] = [];
  for (const text of [title, ...spans.map(({ start, end }) => abstract!.slice(start, end))])
    sketches.push(sketchOf(await embed(text.replaceAll("\0", " "))));
  return {
    spans: Uint32Array.from(spans.flatMap(({ start, end }) => [start, end])),
    sketches: Buffer.concat(sketches),
  };
}
