/** Stems as FTS5's `porter unicode61` makes them. */
import { stemmer } from "stemmer";
import { fold } from "../text.js";

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
