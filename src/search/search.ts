/** A question in plain words, an identifier or a title -> the papers that answer it. */
import type { Answer, Filters, SearchRequest } from "../api.js";
import { identifiersIn } from "../identifiers.js";
import { answerOf, emptyAnswer } from "./answer.js";
import { gather, HYBRID, meaning, score, type Question } from "./candidates.js";
import { decodeCursor } from "./cursor.js";
import type { Engine } from "./engine.js";
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

export async function search(engine: Engine, embed: Embed, request: SearchRequest): Promise<Answer> {
  const filters = filtersOf(request);
  const query = request.q.replaceAll("\0", " ").trim();
  decodeCursor(request);
  if (query === "") return emptyAnswer(engine, "The query is empty: say in a few words what you are looking for.");

  const identifiers = identifiersIn(query);
  for (const identifier of identifiers) {
    const label = engine.find(identifier);
    if (label !== undefined) return identified(engine, request, filters, label);
  }
  const notice =
    identifiers.length > 0 ? `There is no paper with the ${names(identifiers)} here: searched for its words.` : null;

  const content = contentTerms(query);
  if (content.length === 0)
    return emptyAnswer(
      engine,
      `There is no letter or digit in "${query.slice(0, 60)}": say in words what you are looking for.`,
    );
  // None is left of many words that are all unknown: then meaning alone is asked.
  const terms = searchTerms(engine, content);
  const question: Question = {
    words: request.mode === "semantic" ? [] : terms.map(({ word }) => word),
    vector: request.mode === "lexical" ? null : await embed(query),
    sentences: true,
  };
  const titled = engine.titled(query).filter((label) => engine.matches(label, filters));
  const candidates = gather(engine, question, filters, titled);
  const weights =
    request.mode === "hybrid"
      ? HYBRID
      : request.mode === "semantic"
        ? { meaning: 1, words: 0 }
        : { meaning: 0, words: 1 };
  const scores =
    request.mode === "hybrid"
      ? score(candidates)
      : (request.mode === "semantic" ? meaning(candidates) : candidates.bm25).map((value) => value ?? 0);
  return answerOf(engine, request, {
    candidates,
    scores,
    method: request.mode,
    weights,
    first: titled,
    terms,
    vector: question.vector,
    notice,
    filters,
  });
}

/** The one paper that an identifier names. */
function identified(engine: Engine, request: SearchRequest, filters: Filters, label: number): Answer {
  if (!engine.matches(label, filters))
    return emptyAnswer(
      engine,
      "The paper with this identifier is here, but does not pass the filters: remove them to see it.",
    );
  const candidates = { labels: [label], bm25: [null], abstract: [null], sentence: [null], way: null };
  return answerOf(engine, request, {
    candidates,
    scores: [1],
    method: "identifier",
    weights: { meaning: 0, words: 0 },
    terms: [],
    vector: null,
    filters,
  });
}

function names(identifiers: ReturnType<typeof identifiersIn>): string {
  const kinds = { doi: "DOI", arxiv: "arXiv id", url: "address" };
  const [first] = identifiers;
  return first === undefined ? "" : `${kinds[first.kind]} ${first.value}`;
}
