/** Words as search compares them: folded and stemmed as FTS5's `porter unicode61` does. */
import { stemmer } from "stemmer";
import { fold, wordsOf } from "../text.js";
import type { Engine } from "./engine.js";

/** Words that say nothing of what a text is about. */
const STOP_WORDS = new Set(
  `a about above after again against all also am an and any are as at be because been before being below between both
  but by can could did do does doing down during each few for from further had has have having he her here hers him his
  how i if in into is it its itself just may me might more most must my no nor not now of off on once only or other our
  out over own same shall she should so some such than that the their them then there these they this those through to
  too under until up upon us very was we were what when where which while who whom why will with within without would
  you your`.split(/\s+/),
);

const stems = new Map<string, string>();

/** The stem of a word, folded or as it stands. */
export function stemOf(word: string): string {
  let stem = stems.get(word);
  if (stem === undefined) {
    // Words are without end; the frequent ones come back soon.
    if (stems.size >= 100_000) stems.clear();
    stem = stemOfBytes(fold(word));
    stems.set(word, stem);
  }
  return stem;
}

/** Bytes that are not ASCII stand in Unicode's private use area: as characters without case. */
const PRIVATE = 0xe000;

/** SQLite's porter works on bytes of UTF-8, to which all but ASCII vowels are consonants, and leaves more than 64 alone. */
function stemOfBytes(word: string): string {
  const bytes = Buffer.from(word);
  if (bytes.length < 3 || bytes.length > 64) return word;
  if (bytes.length === word.length) return stemmer(word);
  const characters = Array.from(bytes, (byte) => String.fromCharCode(byte < 0x80 ? byte : PRIVATE + byte));
  const stemmed = Array.from(stemmer(characters.join("")), (character) => character.charCodeAt(0) & 0xff);
  return Buffer.from(stemmed).toString();
}

export type Term = { word: string; stem: string; count: number };

/** Each stem of a text once, with the first word that has it and how often it occurs, in the order of the text. */
export function termsOf(text: string): Term[] {
  const terms = new Map<string, Term>();
  for (const word of wordsOf(fold(text))) {
    const stem = stemOf(word);
    const term = terms.get(stem);
    if (term === undefined) terms.set(stem, { word, stem, count: 1 });
    else term.count++;
  }
  return [...terms.values()];
}

/** Stop words say nothing, unless nothing else is said ("to be or not to be"). */
export function contentTerms(text: string): Term[] {
  const terms = termsOf(text);
  const content = terms.filter(({ word }) => !STOP_WORDS.has(word));
  return content.length > 0 ? content : terms;
}

/**
 * The terms that tell most about a text, by tf-idf, strongest first, ties in the order of the text. Terms that occur in
 * no paper find nothing and are left out.
 */
export function strongestTerms(engine: Engine, terms: readonly Term[], most: number): Term[] {
  const { papers } = engine.counts();
  return terms
    .map((term) => {
      const documents = engine.documentsWith(term.stem);
      // Robertson and Spärck Jones' weight, kept above 0 as Lucene does.
      const idf = Math.log(1 + (papers - documents + 0.5) / (documents + 0.5));
      return { term, weight: documents === 0 ? 0 : term.count * idf };
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, most)
    .map(({ term }) => term);
}
