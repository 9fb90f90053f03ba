/**
 * How texts are compared. `fold` decides which titles, and which names of lists, are the same: stored keys and ids
 * depend on it, so it must not change. `tokensOf` decides by which terms a text is found: it is the more lenient, and
 * everything that searches or highlights words uses it.
 */

/** Lower case, compatibility forms unified, without accents: `Poincaré` -> `poincare`; Greek has one sigma. */
export const fold = (text: string): string =>
  ASCII.test(text)
    ? text.toLowerCase()
    : text
        .normalize("NFKD")
        .replace(/\p{M}+/gu, "")
        .toLowerCase()
        .replaceAll("ς", "σ");

/** Texts that need no unification: most, in a tenth of the time. */
// oxlint-disable-next-line no-control-regex -- all of ASCII is meant
const ASCII = /^[\u0000-\u007f]*$/;

/** Runs of letters and digits of any script, unchanged. */
export const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? [];

/** The folded words of a text, separated by one space. */
export const foldedWords = (text: string): string => wordsOf(fold(text)).join(" ");

/** Two titles with the same key are the same title. */
export const titleKey = foldedWords;

/** A term of a text, made from `text.slice(start, end)`. */
export type Token = {
  term: string;
  start: number;
  end: number;
  /**
   * For Chinese, Japanese and Korean: two adjacent characters, the last character of several, or a single one. Every
   * character starts exactly one token, so any part of such a text is a phrase of its tokens.
   */
  unspaced?: "pair" | "last" | "alone";
};

/** Letters that Unicode does not decompose, as they are written without a key for them. */
const LETTERS = new Map(
  pairs("ø o ł l đ d ð d þ th ß ss æ ae œ oe ı i ȷ j ħ h ŧ t ŋ n ɨ i ʉ u ƶ z ǥ g ɓ b ɗ d ƙ k ƴ y"),
);

const GREEK = new Map(
  pairs(
    "α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ theta ι iota κ kappa λ lambda μ mu ν nu ξ xi ο omicron " +
      "π pi ρ rho σ sigma τ tau υ upsilon φ phi χ chi ψ psi ω omega",
  ),
);

function pairs(text: string): [string, string][] {
  return text.match(/\S+ \S+/g)!.map((pair) => pair.split(" ") as [string, string]);
}

/** Names of Greek letters, which are never corrected as misspellings. */
export const GREEK_NAMES: ReadonlySet<string> = new Set(GREEK.values());

/**
 * Names next to a digit are separate words, like the letters themselves: `IL-1beta`. Shorter names occur in other
 * words: `PI3K`.
 */
const NAME_AND_DIGIT = new RegExp(
  `(?<![a-z])(${[...GREEK_NAMES].filter((name) => name.length > 3).join("|")})(?![a-z])`,
  "u",
);

const WORD = /[\p{L}\p{N}]+/gu;
/** The words of a folded text that is all ASCII, in a fraction of the time. */
const ASCII_WORD = /[a-z0-9]+/g;
const LATIN = /^[a-z0-9]+$/;
const DIGIT = /\d/;
const UNSPACED = String.raw`\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Bopo}`;
const ANY_UNSPACED = new RegExp(`[${UNSPACED}]`, "u");
/** The parts of a word by script: unspaced, Greek, other. */
const PARTS = new RegExp(String.raw`([${UNSPACED}]+)|(\p{Script=Greek}+)|[^${UNSPACED}\p{Script=Greek}]+`, "gu");
/** A Korean syllable, which folding decomposes, or any other character. */
const CHARACTER = /[\u1100-\u115f][\u1160-\u11ff]*|./gsu;

/** Whether a text has Chinese, Japanese or Korean characters. */
export const hasUnspaced = (text: string): boolean => !ASCII.test(text) && ANY_UNSPACED.test(text);

/** Called with a term and its place. */
type Found = (term: string, start: number, end: number, unspaced?: Token["unspaced"]) => void;

/** Calls `found` for the terms of a folded text, in order. */
function scan(folded: string, found: Found): void {
  let end = 0;
  const ascii = ASCII.test(folded);
  for (const word of folded.match(ascii ? ASCII_WORD : WORD) ?? []) {
    // No letters are between two words, so this finds the word itself.
    const start = folded.indexOf(word, end);
    end = start + word.length;
    if (ascii || LATIN.test(word)) scanLatin(word, start, found);
    else
      for (const { 0: part, 1: unspaced, 2: greek, index } of word.matchAll(PARTS)) {
        const at = start + index;
        if (unspaced !== undefined) scanUnspaced(part, at, found);
        // Several Greek letters are a Greek word.
        else if (greek !== undefined) found(GREEK.get(part) ?? part, at, at + part.length);
        else scanLatin(part, at, found);
      }
  }
}

function scanLatin(word: string, start: number, found: Found): void {
  if (!DIGIT.test(word) || !NAME_AND_DIGIT.test(word)) {
    found(word, start, start + word.length);
    return;
  }
  let at = start;
  for (const part of word.split(NAME_AND_DIGIT)) {
    if (part !== "") found(part, at, at + part.length);
    at += part.length;
  }
}

function scanUnspaced(part: string, start: number, found: Found): void {
  const characters = part.match(CHARACTER) ?? [];
  let at = start;
  for (const [i, character] of characters.entries()) {
    const next = characters[i + 1];
    const end = at + character.length;
    if (next !== undefined) found(character + next, at, end + next.length, "pair");
    else found(character, at, end, i === 0 ? "alone" : "last");
    at = end;
  }
}

/** The folded form of each non-ASCII character: folding works character by character. */
const characters = new Map<string, string>();
const MOST_CHARACTERS = 20_000;
// oxlint-disable-next-line no-control-regex -- all but ASCII is meant
const NOT_ASCII = /[^\u0000-\u007f]/gu;

function foldedCharacter(character: string): string {
  let folded = characters.get(character);
  if (folded === undefined) {
    folded = Array.from(fold(character), (one) => LETTERS.get(one) ?? one).join("");
    if (characters.size >= MOST_CHARACTERS) characters.clear();
    characters.set(character, folded);
  }
  return folded;
}

/** `fold`, and undecomposable letters as others write them: `Sørensen` -> `sorensen`. */
export const foldLetters = (text: string): string =>
  ASCII.test(text) ? text.toLowerCase() : text.replace(NOT_ASCII, foldedCharacter).toLowerCase();

/** The terms by which a text is found. */
export function termsIn(text: string): string[] {
  const terms: string[] = [];
  scan(foldLetters(text), (term) => terms.push(term));
  return terms;
}

/** For each ASCII character: the code of its lower-case letter, `OTHER` for a digit, 0 if it separates words. */
const OTHER = 1;
const LETTER = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[a-z]/i.test(character)) return character.toLowerCase().charCodeAt(0);
  return DIGIT.test(character) ? OTHER : 0;
});

/** A 64-bit hash in two halves: FNV-1a (Fowler, Noll, Vo) and a second one with other constants. */
const SEEDS = { low: 0x811c9dc5 | 0, high: 0x2545f491 };
const lowWith = (low: number, code: number): number => Math.imul(low ^ code, 0x01000193);
const highWith = (high: number, code: number): number => Math.imul(high ^ code, 0x85ebca6b) ^ (high >>> 15);

/**
 * Calls `found` with the terms of a text, the same and in the same order as in `termsIn`, but makes no string of a term that
 * consists of ASCII letters: it is `source.slice(start, end)` in lower case.
 *
 * @param found The last two arguments are a 64-bit hash of the term.
 */
export function eachTerm(
  text: string,
  found: (source: string, start: number, end: number, low: number, high: number) => void,
): void {
  const { length } = text;
  for (let at = 0; at < length; at++) {
    const start = at;
    let { low, high } = SEEDS;
    let isPlain = true;
    for (; at < length; at++) {
      const code = text.charCodeAt(at);
      const letter = code < LETTER.length ? LETTER[code]! : OTHER;
      if (letter === 0) break;
      if (letter === OTHER) isPlain = false;
      low = lowWith(low, letter);
      high = highWith(high, letter);
    }
    if (at === start) continue;
    if (isPlain) found(text, start, at, low, high);
    else for (const term of termsIn(text.slice(start, at))) foundIn(term, found);
  }
}

function foundIn(term: string, found: Parameters<typeof eachTerm>[1]): void {
  let { low, high } = SEEDS;
  for (let at = 0; at < term.length; at++) {
    low = lowWith(low, term.charCodeAt(at));
    high = highWith(high, term.charCodeAt(at));
  }
  found(term, 0, term.length, low, high);
}

/**
 * The terms with their places in the text.
 *
 * @param mayStart Called with the codes of the first two letters of each word of ASCII letters, in lower case; the second is 0
 *   if there is none. A word for which it returns false is left out, at a fraction of the cost.
 */
export function tokensOf(text: string, mayStart?: (first: number, second: number) => boolean): Token[] {
  const tokens: Token[] = [];
  const letterAt = (at: number): number => LETTER[text.charCodeAt(at)]!;
  for (let at = 0; at < text.length; at++) {
    const start = at;
    let isPlain = true;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      const letter = code < LETTER.length ? LETTER[code]! : OTHER;
      if (letter === 0) break;
      if (letter === OTHER) isPlain = false;
    }
    if (at === start) continue;
    if (!isPlain) addTokens(text.slice(start, at), start, tokens);
    else if (mayStart === undefined || mayStart(letterAt(start), at > start + 1 ? letterAt(start + 1) : 0))
      tokens.push({ term: text.slice(start, at).toLowerCase(), start, end: at });
  }
  return tokens;
}

/** Adds the tokens of a part of a text that begins at `offset`. */
function addTokens(part: string, offset: number, tokens: Token[]): void {
  const { starts, ends } = placesIn(part);
  scan(foldLetters(part), (term, from, to, unspaced) => {
    const token = { term, start: offset + (starts?.[from] ?? from), end: offset + (ends?.[to - 1] ?? to) };
    tokens.push(unspaced === undefined ? token : { ...token, unspaced });
  });
}

/** For each code unit of a folded text, start and end of its original character; nothing if the text is unchanged. */
function placesIn(text: string): { starts?: number[]; ends?: number[] } {
  if (ASCII.test(text)) return {};
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  let first = 0;
  for (const character of text) {
    const { length } = character < "\u0080" ? character : foldedCharacter(character);
    const end = at + character.length;
    // A combining accent belongs to the letter before it.
    if (length === 0) ends.fill(end, first);
    else first = ends.length;
    for (let i = 0; i < length; i++) {
      starts.push(at);
      ends.push(end);
    }
    at = end;
  }
  return { starts, ends };
}

/**
 * The terms of a phrase, as they occur in any text that contains it.
 *
 * @returns `open`: whether the last term is only the start of one.
 */
export function phraseOf(text: string): { terms: string[]; open: boolean } {
  const tokens = tokensOf(text);
  // In a text that contains the phrase, more characters may follow.
  if (tokens.at(-1)?.unspaced === "last") tokens.pop();
  return { terms: tokens.map(({ term }) => term), open: tokens.at(-1)?.unspaced === "alone" };
}
