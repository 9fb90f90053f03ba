/** Extracts from titles the words and phrases that can serve as names. */
import { fold } from "../core/text.js";
import { stemOf } from "../words/stem.js";
import { STOP_WORDS } from "../words/stop-words.js";

/** One to three adjacent words. */
export type Phrase = {
  /** The stems, separated by spaces: equal for other forms of the same phrase. */
  key: string;
  text: string;
  /** Its offset in the title. */
  start: number;
};

/** Words with hyphens and apostrophes: `text-to-image`, `Bell's`. */
const WORDS = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:[-'’][\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*/gu;
/** Most words of a phrase. */
const LONGEST = 3;
/** Words that connect others in titles, and say as little as stop words. */
const CONNECTING = new Set("based beyond toward towards use used using versus via vs".split(" "));
export const wordsIn = (key: string): string[] => key.split(" ");

/** The phrases of a title in order. Stop words, connecting words, numbers and single letters are in none. */
export function phrasesOf(title: string): Phrase[] {
  const phrases: Phrase[] = [];
  /** The phrases that end with the previous word. */
  let before: Phrase[] = [];
  let end = 0;
  for (const { 0: text, index } of title.matchAll(WORDS)) {
    const folded = fold(text);
    if (STOP_WORDS.has(folded) || CONNECTING.has(folded) || folded.length < 2 || !/\p{L}/u.test(folded)) {
      before = [];
      continue;
    }
    const word = { key: folded.split("-").map(stemOf).join("-"), text, start: index };
    // Only words separated by a single space form a phrase.
    const longer = index === end + 1 && title[end] === " " ? before : [];
    const ending = [
      word,
      ...longer.map((one) => ({ ...one, key: `${one.key} ${word.key}`, text: `${one.text} ${text}` })),
    ];
    phrases.push(...ending);
    before = ending.slice(0, LONGEST - 1);
    end = index + text.length;
  }
  return phrases;
}

/** How often each spelling occurs. */
type Tally = Map<string, number>;
/**
 * A form of a phrase, ignoring case: its frequency, and its spellings where capitals are informative, and where not.
 */
type Form = { count: number; informative: Tally; others: Tally };

/**
 * The usual spelling of each phrase: its most frequent form, with the capitals it has within titles. Where nearly all
 * words of a title are capitalised, only capitals within a word are kept.
 */
export function writtenForms(titles: readonly string[], keys: ReadonlySet<string>): Map<string, string> {
  const written = new Map<string, Map<string, Form>>();
  for (const title of titles) {
    const phrases = phrasesOf(title);
    const words = phrases.filter(({ key }) => wordsIn(key).length === 1);
    const capitals = words.filter(({ text }) => /^\p{Lu}/u.test(text)).length;
    for (const { key, text, start } of phrases) {
      if (!keys.has(key)) continue;
      const form = formOf(written, key, text.toLowerCase());
      form.count++;
      // The first word of a title, or after a colon, is always capitalised.
      const informative = 2 * capitals <= words.length && /[^\s.:!?–—-] $/.test(title.slice(0, start));
      if (informative) count(form.informative, text);
      else count(form.others, text.split(" ").map(withoutCapital).join(" "));
    }
  }
  return new Map(
    [...written].map(([key, forms]) => {
      const texts = new Map([...forms].map(([text, form]) => [text, form.count]));
      const { informative, others } = forms.get(mostFrequent(texts))!;
      return [key, mostFrequent(informative.size > 0 ? informative : others)];
    }),
  );
}

function formOf(written: Map<string, Map<string, Form>>, key: string, text: string): Form {
  const forms = written.get(key) ?? new Map<string, Form>();
  written.set(key, forms);
  const form = forms.get(text) ?? { count: 0, informative: new Map(), others: new Map() };
  forms.set(text, form);
  return form;
}

const count = (tally: Tally, text: string): Tally => tally.set(text, (tally.get(text) ?? 0) + 1);

/** Ties in alphabetical order. */
function mostFrequent(tally: Tally): string {
  const [[first] = [""]] = [...tally].toSorted(([one, a], [other, b]) => b - a || (one < other ? -1 : 1));
  return first;
}

/** `Low-Rank` -> `low-rank`; `LLM`, `WordNet` and `3D` are unchanged. */
const withoutCapital = (word: string): string =>
  word
    .split("-")
    .map((part) => (/^\p{Lu}[^\p{Lu}\p{N}]+$/u.test(part) ? part.toLowerCase() : part))
    .join("-");
