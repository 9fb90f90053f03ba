/** "Did you mean": corrects words that are in no or very few papers, and one letter away from a frequent word. */
import { GREEK_NAMES, tokensOf } from "../core/text.js";
import type { Engine } from "../engine/engine.js";
import { stemOf } from "../words/stem.js";
import type { Term } from "../words/terms.js";
import type { Frequencies } from "./terms.js";

/** Shorter words have too many neighbours by chance; longer ones are not words. */
const SHORTEST = 5;
const LONGEST = 40;
/** A correction must be in at least one paper of this many; a rarer one may be chance. */
const FREQUENT = 5_000;
/** A word in at most RARE papers is a misspelling if its correction is in at least RARER times as many. */
const RARE = 2;
const RARER = 1_000;
/** Number of stems tried, most frequent first. */
const MOST_STEMS = 5;
/** Number of papers read to see how a stem is spelled. */
const LOOKED_AT = 20;
const LETTERS = Array.from("abcdefghijklmnopqrstuvwxyz");

/** Data about the words of a library. */
type Known = { papers: number; frequencies: Frequencies };

/**
 * The words that are probably misspelled, with their corrections. @param known Frequencies of their stems.
 */
export async function correctionsOf(
  engine: Engine,
  terms: readonly Term[],
  { papers, frequencies }: Known,
): Promise<Map<string, string>> {
  const suspects = terms.flatMap(({ word, stem }) => {
    const documents = frequencies.get(stem) ?? 0;
    const isSuspect = mayBeMisspelt(word) && documents <= RARE && documents * RARER <= papers;
    return isSuspect
      ? [{ word, enough: Math.max(papers / FREQUENT, documents * RARER), near: nearStems(word, stem) }]
      : [];
  });
  if (suspects.length === 0) return new Map();
  const stems = [...new Set(suspects.flatMap(({ near }) => [...near.keys()]))];
  const counts = await engine.frequencies(stems);
  const documentsWith = new Map(stems.map((stem, i) => [stem, counts[i]!]));
  const corrections = new Map<string, string>();
  for (const { word, enough, near } of suspects) {
    const likeliest = [...near]
      .map(([stem, words]) => ({ stem, words, documents: documentsWith.get(stem)! }))
      .filter(({ documents }) => documents > 0 && documents >= enough)
      .toSorted((a, b) => b.documents - a.documents || (a.stem < b.stem ? -1 : 1));
    // A stem may occur only in words that are more than one letter away.
    for (const { words } of likeliest.slice(0, MOST_STEMS)) {
      const spelling = await spellingOf(engine, words);
      if (spelling === null) continue;
      corrections.set(word, spelling);
      break;
    }
  }
  return corrections;
}

/** Only ASCII words: neighbours of other words are not words. Papers may have a Greek letter instead of its name. */
const mayBeMisspelt = (word: string): boolean =>
  /^[a-z]+$/.test(word) && word.length >= SHORTEST && word.length <= LONGEST && !GREEK_NAMES.has(word);

/** Other stems of words one letter away, with these words. */
function nearStems(word: string, stem: string): Map<string, string[]> {
  const spellings = new Map<string, string[]>();
  for (const other of oneLetterAway(word)) {
    const itsStem = stemOf(other);
    if (itsStem === stem) continue;
    const before = spellings.get(itsStem);
    if (before === undefined) spellings.set(itsStem, [other]);
    else before.push(other);
  }
  return spellings;
}

/** The query with corrections; null if there are none. */
export function suggestionOf(query: string, corrections: ReadonlyMap<string, string>): string | null {
  if (corrections.size === 0) return null;
  let suggestion = "";
  let end = 0;
  for (const token of tokensOf(query)) {
    const correction = corrections.get(token.term);
    if (correction === undefined) continue;
    suggestion += query.slice(end, token.start) + correction;
    end = token.end;
  }
  return suggestion + query.slice(end);
}

/** Of words with the same stem, the most frequent in papers; null if none occurs. */
async function spellingOf(engine: Engine, words: readonly string[]): Promise<string | null> {
  const counts = new Map(words.map((word) => [word, 0]));
  const mayStart = (first: number, second: number) =>
    words.some((word) => word.charCodeAt(0) === first && word.charCodeAt(1) === second);
  const found = await engine.words(words.slice(0, 1), {}, LOOKED_AT);
  for (const paper of await engine.papers(found.map(({ label }) => label))) {
    if (paper === undefined) continue;
    const text = [paper.title, paper.abstract ?? "", ...paper.authors, paper.venue ?? "", ...paper.keywords].join("\n");
    for (const { term } of tokensOf(text, mayStart)) if (counts.has(term)) counts.set(term, counts.get(term)! + 1);
  }
  const [best] = [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return best === undefined || best[1] === 0 ? null : best[0];
}

/**
 * The words at a Damerau-Levenshtein distance of one: a letter deleted, inserted or replaced, or two swapped. The first
 * letter is seldom wrong, so it is kept, except that it may be swapped with the second.
 */
export function oneLetterAway(word: string): Set<string> {
  const words = new Set<string>();
  words.add(word[1]! + word[0]! + word.slice(2));
  for (let i = 1; i <= word.length; i++) {
    const [before, after] = [word.slice(0, i), word.slice(i)];
    if (after !== "") words.add(before + after.slice(1));
    if (after.length > 1) words.add(before + after[1]! + after[0]! + after.slice(2));
    for (const letter of LETTERS) {
      words.add(before + letter + after);
      if (after !== "") words.add(before + letter + after.slice(1));
    }
  }
  words.delete(word);
  return words;
}
