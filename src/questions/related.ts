/** Finds papers like one in the index or like a text, each with the two sentences that match best. */
import type { Answer, RelatedRequest } from "../api.js";
import { passageOf, type Embed } from "../embedding/embed.js";
import { sentencesOf } from "../embedding/sentences.js";
import { unknownPaper } from "../core/errors.js";
import type { StoredSentences } from "../core/vector.js";
import { sketchOf } from "../vectors/sketch.js";
import { answerOf, emptyAnswer } from "./answer.js";
import { DEPTH, gather, scoreSignals, without, type Candidates } from "../ranking/candidates.js";
import { areCopies, namesPart } from "../ranking/copies.js";
import { decodeCursor } from "../ranking/cursor.js";
import { SAME_ABSTRACT, type Engine } from "../engine/engine.js";
import { bestPair, sentencesIn, titleCosine } from "../ranking/aspect.js";
import { orNull, scoresOf, standardized, unknownValues, type ScoredSignal } from "../ranking/fusion.js";
import { filtersIn, MOST_TERMS } from "./search.js";
import { frequenciesOf, strongestTerms } from "../ranking/terms.js";
import { contentTerms } from "../words/terms.js";

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
  const [label] = request.id === undefined ? [] : await engine.resolve([{ kind: "id", value: request.id }]);
  const [paper] = label === undefined ? [] : await engine.papers([label]);
  if (request.id !== undefined && paper === undefined) throw unknownPaper(request.id);
  const about = paper ?? given(request);
  const passage = passageOf(about).replaceAll("\0", " ").trim();
  const content = contentTerms(passage);
  const { papers } = await engine.counts();
  const frequencies = await frequenciesOf(engine, content);
  const terms = strongestTerms(content, MOST_TERMS, { papers, frequencies });
  const itself = label === undefined ? null : await itselfOf(engine, label);
  const own = itself?.vector;
  if (own === undefined && content.length === 0)
    return emptyAnswer(
      engine,
      "The text contains no letter or digit: describe in words what the papers should be about.",
    );
  const vector = own ?? (await embed(passage));
  const aspect = request.aspect ?? null;
  const split = paper ?? sentencesGiven(request);
  const stored = itself?.sketches ?? (await sketchesOf(embed, split));
  const here = sentencesIn(split.abstract, stored, aspect);
  const question = { words: terms.map(({ word }) => word), vector, sentences: false };
  const titled = new Set(about.title === "" ? [] : (await engine.titled([about.title]))[0]);
  const titleNamesPart = namesPart(about.title);
  const filters = await filtersIn(engine, request);
  const found = await gather(engine, question, filters, await engine.words(question.words, filters, DEPTH));
  const excluded = (other: number) => other === label || (titled.has(other) && !titleNamesPart);
  const maybeCopies = found.labels.filter(
    (other, i) => !excluded(other) && (titled.has(other) || found.abstract[i]! >= SAME_ABSTRACT),
  );
  const maybe = await engine.papers(maybeCopies);
  const copies = new Set(
    maybeCopies.filter((other, i) => {
      const similarity = orNull(found.abstract[found.labels.indexOf(other)]);
      return maybe[i] !== undefined && areCopies(about, maybe[i], similarity);
    }),
  );
  const candidates = without(found, (other) => excluded(other) || copies.has(other));
  const { block } = candidates;
  return answerOf(engine, request, {
    candidates,
    signals: await likeness(engine, candidates, { passage, title: split.title === "" ? null : stored }),
    method: "hybrid",
    terms,
    vector,
    filters,
    pair: (other, { abstract }) => {
      const there = block.sketches(other);
      return there === null ? null : bestPair(here, sentencesIn(abstract, there, aspect));
    },
    notice:
      aspect !== null && here.shares.length === 0
        ? `There is no abstract to find a ${aspect} in, so no sentences are shown.`
        : null,
  });
}

/** Data about the paper in the request. */
async function itselfOf(
  engine: Engine,
  label: number,
): Promise<{ vector: Float32Array | undefined; sketches: StoredSentences | null }> {
  const block = await engine.inspect([label], { vectors: true, sketches: true });
  return { vector: block.vector(label), sketches: block.sketches(label) };
}

/**
 * The signals of words, abstract and title. Only the best candidates by abstract and strongest words are compared by all of
 * them; the others come after those, by their abstracts.
 *
 * @param passage The text of the paper, or the text.
 * @param title Its sketches; null if there is no title to compare.
 */
async function likeness(
  engine: Engine,
  candidates: Candidates,
  { passage, title }: { passage: string; title: StoredSentences | null },
): Promise<ScoredSignal[]> {
  const { labels, abstract, block } = candidates;
  const scores = scoresOf(scoreSignals(candidates), labels.length);
  const order = labels.map((_, i) => i).toSorted((a, b) => scores[b]! - scores[a]! || labels[a]! - labels[b]!);
  const apart = new Set(order.slice(LOOKED_AT));
  const compared = order.slice(0, LOOKED_AT);
  const cosines = await engine.wordCosines(
    passage,
    compared.map((i) => labels[i]!),
  );
  const values = { words: unknownValues(labels.length), title: unknownValues(labels.length) };
  for (const [place, i] of compared.entries()) {
    const cosine = cosines[place]!;
    if (cosine === null) continue;
    values.words[i] = cosine;
    const other = title === null ? null : block.title(labels[i]!);
    if (title !== null && other !== null) values.title[i] = titleCosine(title, other);
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
