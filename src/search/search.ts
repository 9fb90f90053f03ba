/** A question in plain words, an identifier or a title -> the papers that answer it. */
import type { Answer, Filters, SearchRequest } from "../api.js";
import { identifiersIn } from "../identifiers.js";
import { answerOf, emptyAnswer, type Ranking } from "./answer.js";
import { gather, HYBRID, testify, type Question } from "./candidates.js";
import { decodeCursor } from "./cursor.js";
import type { Engine } from "./engine.js";
import { neighboursOf } from "./neighbours.js";
import { contentTerms, strongestTerms, type Term } from "./terms.js";

/** Turns a text into the unit vector of the model the papers were embedded with. */
export type Embed = (text: string) => Promise<Float32Array>;

/** Words of a long text that are looked up: the strongest. More cost time and change little. */
export const MOST_TERMS = 32;

/** The filters of any request, without what is not a filter; in a fixed order, absent ones left out. */
export function filtersOf(request: Filters): Filters {
  const { from, to, year, category, venue, author, source, within } = request;
  const given = { from, to, year, category, venue, author, source, within };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** The terms that are looked up: all of a short text, the strongest of a long one. */
function searchTerms(engine: Engine, terms: Term[]): Term[] {
  return terms.length <= MOST_TERMS ? terms : strongestTerms(engine, terms, MOST_TERMS);
}

/** What is asked for when nothing is said of pages. */
export type Asked = Omit<SearchRequest, "limit" | "cursor" | "sort" | "diversity" | "explain">;

export async function search(engine: Engine, embed: Embed, request: SearchRequest): Promise<Answer> {
  decodeCursor(request);
  const ranking = await rank(engine, embed, request);
  return "reason" in ranking ? emptyAnswer(engine, ranking.reason) : answerOf(engine, request, ranking);
}

/**
 * The papers that answer, and what speaks for each; or the reason why there are none.
 *
 * @param also Labels that are candidates though no witness may name them, if they pass the filters.
 */
export async function rank(
  engine: Engine,
  embed: Embed,
  request: Asked,
  also: readonly number[] = [],
): Promise<Ranking | { reason: string }> {
  const filters = filtersOf(request);
  const query = request.q.replaceAll("\0", " ").trim();
  if (query === "") return { reason: "The query is empty: say in a few words what you are looking for." };

  const identifiers = identifiersIn(query);
  for (const identifier of identifiers) {
    const label = engine.find(identifier);
    if (label !== undefined) return identified(engine, filters, label);
  }
  const notice =
    identifiers.length > 0 ? `There is no paper with the ${names(identifiers)} here: searched for its words.` : null;

  const content = contentTerms(query);
  if (content.length === 0)
    return {
      reason: `There is no letter or digit in "${query.slice(0, 60)}": say in words what you are looking for.`,
    };
  // None is left of many words that are all unknown: then meaning alone is asked.
  const terms = searchTerms(engine, content);
  const question: Question = {
    words: request.mode === "semantic" ? [] : terms.map(({ word }) => word),
    vector: request.mode === "lexical" ? null : await embed(query),
    sentences: true,
  };
  const titled = engine.titled(query).filter((label) => engine.matches(label, filters));
  const named = also.filter((label) => engine.matches(label, filters));
  const candidates = gather(engine, question, filters, [...new Set([...titled, ...named])]);
  const weights =
    request.mode === "hybrid"
      ? HYBRID
      : request.mode === "semantic"
        ? { meaning: 1, words: 0 }
        : { meaning: 0, words: 1 };
  const testimonies = testify(candidates, weights);
  return {
    candidates,
    testimonies:
      request.mode === "hybrid" ? [...testimonies, neighboursOf(engine, candidates.labels, testimonies)] : testimonies,
    method: request.mode,
    first: titled,
    terms,
    vector: question.vector,
    notice,
    filters,
  };
}

/** The one paper that an identifier names. */
function identified(engine: Engine, filters: Filters, label: number): Ranking | { reason: string } {
  if (!engine.matches(label, filters))
    return { reason: "The paper with this identifier is here, but does not pass the filters: remove them to see it." };
  const candidates = { labels: [label], bm25: [null], abstract: [null], sentence: [null], way: null };
  return { candidates, testimonies: [], method: "identifier", terms: [], vector: null, filters };
}

function names(identifiers: ReturnType<typeof identifiersIn>): string {
  const kinds = { doi: "DOI", arxiv: "arXiv id", url: "address" };
  const [first] = identifiers;
  return first === undefined ? "" : `${kinds[first.kind]} ${first.value}`;
}
