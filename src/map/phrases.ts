/** Titles -> the words, and words side by side, that something may be named by. */
import { fold } from "../text.js";
import { stemOf } from "../words/stem.js";
import { STOP_WORDS } from "../words/stop-words.js";

/** A word, or two or three that stand side by side. */
export type Phrase = {
  /** The stems, with a space between them: the same phrase in another form has the same key. */
  key: string;
  text: string;
  /** Where it begins in the title. */
  start: number;
};

/** Words with what joins them: `text-to-image`, `Bell's`. */
const WORDS = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:[-'’][\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*/gu;
/** Words of the longest phrase. */
const LONGEST = 3;
/** Words that titles are put together with: they say no more of what a paper is about than stop words do. */
const JOINING = new Set("based beyond toward towards use used using versus via vs".split(" "));
export const wordsIn = (key: string): string[] => key.split(" ");

/** In the order of the title; stop words and the like, numbers and single letters are in none. */
export function phrasesOf(title: string): Phrase[] {
  const phrases: Phrase[] = [];
  /** Those that end with the word before. */
  let before: Phrase[] = [];
  let end = 0;
  for (const { 0: text, index } of title.matchAll(WORDS)) {
    const folded = fold(text);
    if (STOP_WORDS.has(folded) || JOINING.has(folded) || folded.length < 2 || !/\p{L}/u.test(folded)) {
      before = [];
      continue;
    }
    const word = { key: folded.split("-").map(stemOf).join("-"), text, start: index };
    // Side by side with nothing but a space between them.
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

/** Of something that was read: how often it was written in each way. */
type Tally = Map<string, number>;
/** A form of a phrase, case aside: how often it was read, and its capitals where they say something, and where not. */
type Form = { count: number; telling: Tally; others: Tally };

/**
 * How people write each phrase: the most frequent of its forms, with the capitals that it has amid a title. Where nearly all
 * words of a title have one they say little: then only those within a word are kept.
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
      // The first word of a title, or behind a colon, has one whatever it is.
      const telling = 2 * capitals <= words.length && /[^\s.:!?–—-] $/.test(title.slice(0, start));
      if (telling) count(form.telling, text);
      else count(form.others, text.split(" ").map(withoutCapital).join(" "));
    }
  }
  return new Map(
    [...written].map(([key, forms]) => {
      const texts = new Map([...forms].map(([text, form]) => [text, form.count]));
      const { telling, others } = forms.get(mostFrequent(texts))!;
      return [key, mostFrequent(telling.size > 0 ? telling : others)];
    }),
  );
}

function formOf(written: Map<string, Map<string, Form>>, key: string, text: string): Form {
  const forms = written.get(key) ?? new Map<string, Form>();
  written.set(key, forms);
  const form = forms.get(text) ?? { count: 0, telling: new Map(), others: new Map() };
  forms.set(text, form);
  return form;
}

const count = (tally: Tally, text: string): Tally => tally.set(text, (tally.get(text) ?? 0) + 1);

/** Ties by the alphabet. */
function mostFrequent(tally: Tally): string {
  const [[first] = [""]] = [...tally].toSorted(([one, a], [other, b]) => b - a || (one < other ? -1 : 1));
  return first;
}

/** `Low-Rank` -> `low-rank`; `LLM`, `WordNet` and `3D` as they are. */
const withoutCapital = (word: string): string =>
  word
    .split("-")
    .map((part) => (/^\p{Lu}[^\p{Lu}\p{N}]+$/u.test(part) ? part.toLowerCase() : part))
    .join("-");
