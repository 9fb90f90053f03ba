/** Finds the papers that answer a query: plain words, an identifier or a title. */
import type { Embed } from "../embedding/embed.js";
import type { Answer, Filters, SearchRequest, Selection } from "../api.js";
import { identifiersIn } from "../core/identifiers.js";
import { answerOf, emptyAnswer, type Ranking } from "./answer.js";
import {
  DEPTH,
  EVERYTHING,
  gather,
  HYBRID,
  scoreSignals,
  unscored,
  weighing,
  type Candidates,
  type Question,
} from "../ranking/candidates.js";
import { isClose } from "../ranking/closeness.js";
import { decodeCursor } from "../ranking/cursor.js";
import type { Counts, Engine, WordHit } from "../engine/engine.js";
import { neighboursOf } from "../ranking/neighbours.js";
import { isOfWords, parseQuery, spelled, type Query } from "../ranking/query.js";
import { correctionsOf, suggestionOf } from "../ranking/spelling.js";
import { frequenciesOf, strongestTerms, type Frequencies } from "../ranking/terms.js";
import { contentTerms, termsOf, type Term } from "../words/terms.js";

/** Only the strongest words of a long text are searched: more take time and change little. */
export const MOST_TERMS = 32;

/** The weights of each mode. */
const WEIGHTS = { hybrid: HYBRID, semantic: { meaning: 1, words: 0 }, lexical: { meaning: 0, words: 1 } };

/** The filters of a request, in a fixed order, without absent ones. */
export function filtersOf(request: Filters): Filters {
  const { from, to, year, category, venue, author, source, listed, list, addedAfter, within, area } = request;
  const given = { from, to, year, category, venue, author, source, listed, list, addedAfter, within, area };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** The filters of a ranked request. @throws KindredError `not-found` when it names an unknown list. */
export async function filtersIn(engine: Engine, request: Filters): Promise<Filters> {
  if (request.list !== undefined) await engine.list(request.list);
  return filtersOf(request);
}

/** A search without paging. */
export type Asked = Omit<SearchRequest, "limit" | "cursor" | "sort" | "diversity" | "explain" | "facets">;

export async function search(engine: Engine, embed: Embed, request: SearchRequest): Promise<Answer> {
  decodeCursor(request);
  const { sort, diversity, explain, facets } = request;
  // Everything else depends on all papers that signals retrieve.
  const most = sort === "relevance" && diversity === 0 && !explain && !facets ? engine.compared : Infinity;
  const ranking = await rank(engine, embed, request, [], most);
  if ("reason" in ranking) return emptyAnswer(engine, ranking.reason);
  const answer = await answerOf(engine, request, ranking);
  if (answer.next !== null || ranking.candidates.cut !== true) return answer;
  // A late page needs more papers, and so does one on which many copies became one hit.
  const all = await rank(engine, embed, request);
  return "reason" in all ? answer : answerOf(engine, request, all);
}

/**
 * Ranks the papers that answer a search. @returns The ranking, or the reason why there is none.
 *
 * @param also Labels that are candidates even if no signal retrieves them, provided they pass the filters.
 * @param most At most this many others are candidates.
 */
export async function rank(
  engine: Engine,
  embed: Embed,
  request: Asked & Partial<Pick<SearchRequest, "sort">>,
  also: readonly number[] = [],
  most = Infinity,
): Promise<Ranking | { reason: string }> {
  const filters = await filtersIn(engine, request);
  // oxlint-disable-next-line no-control-regex -- these are the characters to replace
  const query = request.q.replaceAll(/[\u0000\u0001]/g, " ").trim();
  if (query === "") return { reason: "The query is empty: say in a few words what you are looking for." };

  const identifiers = identifiersIn(query);
  const named = identifiers.length === 0 ? [] : await engine.resolve(identifiers);
  const label = named.find((one) => one !== undefined);
  if (label !== undefined) return identified(engine, filters, label);
  const unknown =
    identifiers.length > 0 ? [`There is no paper with the ${names(identifiers)} here: searched for its words.`] : [];

  const [exact = []] = await engine.titled([query]);
  // Quotes, colons and dashes of a title are not operators.
  const { text, words, restrictions, beginnings, operators, notes } =
    exact.length > 0 ? asTitle(query) : parseQuery(query);
  const understood = restrictions.length === 0 && !operators ? null : [words, spelled(restrictions)].join(" ").trim();
  const selection: Selection = restrictions.length === 0 ? filters : { ...filters, restrictions };
  if (text === "" && restrictions.length > 0)
    return listed(engine, selection, request.sort === "upvotes" ? "upvotes" : "date", understood, notes);

  const content = contentTerms(text).map((term) => (beginnings.includes(term.word) ? beginning(term) : term));
  if (content.length === 0)
    return {
      reason: `There is no letter or digit in "${query.slice(0, 60)}": say in words what you are looking for.`,
    };
  // Another thread embeds the query, while this one does the work that needs no vector.
  const embedding = request.mode === "lexical" ? null : embed(text);
  // A failure is reported where this is awaited.
  embedding?.catch(() => {});
  const counts = await engine.counts();
  const known = { papers: counts.papers, frequencies: await frequenciesOf(engine, content) };
  const isShort = content.length <= MOST_TERMS;
  const corrections = isShort ? await correctionsOf(engine, content, known) : new Map<string, string>();
  // All of a short text, the strongest of a long one; none if all of many words are unknown: then only meaning counts.
  const strongest = isShort ? content : strongestTerms(content, MOST_TERMS, known);
  const terms = [...strongest, ...unknownAs(content, corrections, known.frequencies)];
  const spelt = asSpelt(content, corrections, known.frequencies);
  const wanted = request.mode === "semantic" ? [] : terms.map(({ word }) => word);
  // Not awaited: the nearest abstracts are found meanwhile.
  const wordHits = engine.words(wanted, selection, DEPTH);
  wordHits.catch(() => {});
  const question: Question = { words: wanted, vector: await embedding, sentences: true };
  const among = async (asked: Selection, hits: Promise<WordHit[]>) => {
    const given = [...new Set([...exact, ...also])];
    const passes = given.length === 0 ? [] : await engine.matches(given, asked);
    const passing = given.filter((_, i) => passes[i]);
    const titled = exact.filter((one) => passing.includes(one));
    return { titled, candidates: await gather(engine, question, asked, hits, passing, most), filters: asked };
  };
  let found = await among(selection, wordHits);
  const phrases = restrictions.filter(isOfWords);
  let withoutPhrases: string | null = null;
  if (found.candidates.labels.length === 0 && phrases.length > 0) {
    const others = restrictions.filter((restriction) => !phrases.includes(restriction));
    const wider: Selection = others.length === 0 ? filters : { ...filters, restrictions: others };
    found = await among(wider, engine.words(wanted, wider, DEPTH));
    const exactly = phrases.every(({ is }) => is === "word") ? "" : " word for word";
    withoutPhrases = `No paper that was asked for holds ${spelled(phrases)}${exactly}: searched for its words.`;
  }
  const signals = scoreSignals(found.candidates, WEIGHTS[request.mode]);
  const weighed = [...new Set([...terms.map(({ word }) => word), ...spelt])];
  const weights = weighing(engine, weighed, found.candidates.labels);
  return {
    candidates: found.candidates,
    signals:
      request.mode === "hybrid"
        ? [...signals, neighboursOf(found.candidates.block, found.candidates.labels, signals)]
        : signals,
    method: request.mode,
    first: found.titled,
    terms,
    weights,
    counts,
    vector: question.vector,
    notice: noticeOf([...(withoutPhrases === null ? unknown : [withoutPhrases]), ...notes]),
    ...(question.vector === null || identifiers.length > 0
      ? {}
      : {
          isClose: async (candidates: Candidates, now: Counts) =>
            found.titled.length > 0 || isClose(now, candidates, spelt, weights),
        }),
    understood,
    suggestion: suggestionOf(request.q, corrections),
    filters: found.filters,
  };
}

/** A query that is the title of a paper has no operators. */
const asTitle = (q: string): Query => ({
  text: q,
  words: q,
  restrictions: [],
  beginnings: [],
  operators: false,
  notes: [],
});

const beginning = (term: Term): Term => ({ ...term, word: `${term.word}*`, stem: `${term.word}*` });

const noticeOf = (sentences: readonly string[]): string | null => (sentences.length === 0 ? null : sentences.join(" "));

/** The corrections of words that are in no paper. */
function unknownAs(terms: readonly Term[], corrections: ReadonlyMap<string, string>, frequencies: Frequencies): Term[] {
  return terms
    .filter(({ word, stem }) => corrections.has(word) && frequencies.get(stem) === 0)
    .flatMap(({ word }) => termsOf(corrections.get(word) as string));
}

/** All words, with corrections of those that are in no paper. */
const asSpelt = (
  terms: readonly Term[],
  corrections: ReadonlyMap<string, string>,
  frequencies: Frequencies,
): string[] => terms.map(({ word, stem }) => (frequencies.get(stem) === 0 ? corrections.get(word) : undefined) ?? word);

/** Lists the papers that pass, for a query of filters only. */
async function listed(
  engine: Engine,
  filters: Selection,
  sort: "date" | "upvotes",
  understood: string | null,
  notes: readonly string[],
): Promise<Ranking> {
  const labels = (await engine.browse(filters, sort, DEPTH)).map(({ label }) => label);
  return {
    candidates: unscored(labels, await engine.inspect(labels, EVERYTHING)),
    signals: [],
    method: "filters",
    first: labels,
    terms: [],
    vector: null,
    notice: noticeOf(notes),
    understood,
    filters,
  };
}

/** Answers with the paper that an identifier names. */
async function identified(engine: Engine, filters: Filters, label: number): Promise<Ranking | { reason: string }> {
  const [passes] = await engine.matches([label], filters);
  if (passes !== true)
    return { reason: "The paper with this identifier is here, but does not pass the filters: remove them to see it." };
  const candidates = unscored([label], await engine.inspect([label], EVERYTHING));
  return { candidates, signals: [], method: "identifier", terms: [], vector: null, filters };
}

function names(identifiers: ReturnType<typeof identifiersIn>): string {
  const kinds = { doi: "DOI", arxiv: "arXiv id", pmid: "PMID", url: "address" };
  const [first] = identifiers;
  return first === undefined ? "" : `${kinds[first.kind]} ${first.value}`;
}
