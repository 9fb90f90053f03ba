/** Words as search compares them: folded and stemmed. */
import { fold, wordsOf } from "../text.js";
import { stemOf } from "../words/stem.js";
import { STOP_WORDS } from "../words/stop-words.js";
import type { Engine } from "./engine.js";

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
