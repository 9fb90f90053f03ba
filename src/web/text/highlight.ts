/** Where a text is to be marked, worked out apart from how it is drawn. */
import { tokensOf } from "../../text.js";
import { type Formula, formulasIn, withWholeFormulas } from "./math.js";

/** A stretch of text that is marked alike. Joined, segments are the text they were made from. */
export interface Segment {
  text: string;
  /** Within the sentence that matched. */
  sentence: boolean;
  /** A word of the query. */
  word: boolean;
  /** The formula that it is, which is never divided. */
  formula: Formula | null;
}

/** A stretch of a text in UTF-16 code units: `text.slice(start, end)`. */
export interface Range {
  start: number;
  end: number;
}

/**
 * Splits a text where the matched sentence, each matched word and each formula begins and ends. Offsets outside the text
 * are cut. A sentence that begins or ends in a formula holds all of it; words in formulas are not marked.
 */
export function segmentsOf(text: string, sentence: Range | null, words: readonly string[]): Segment[] {
  const formulas = formulasIn(text);
  const { start: from, end: to } = withWholeFormulas(clamped(sentence, text.length), formulas);
  const marked = outside(rangesOfWords(text, words), formulas);
  const cuts = new Set([0, text.length, from, to]);
  for (const { start, end } of [...marked, ...formulas]) cuts.add(start).add(end);
  const places = [...cuts].toSorted((a, b) => a - b);
  const segments: Segment[] = [];
  let nextWord = 0;
  let nextFormula = 0;
  for (const [index, start] of places.entries()) {
    const end = places[index + 1];
    if (end === undefined) break;
    while (nextWord < marked.length && (marked[nextWord]?.end ?? 0) <= start) nextWord++;
    while (nextFormula < formulas.length && (formulas[nextFormula]?.end ?? 0) <= start) nextFormula++;
    const formula = formulas[nextFormula];
    segments.push({
      text: text.slice(start, end),
      sentence: start >= from && end <= to,
      word: (marked[nextWord]?.start ?? Infinity) <= start,
      formula: formula !== undefined && formula.start <= start ? formula : null,
    });
  }
  return segments;
}

/** The ranges that touch no formula. Both are in order and do not overlap among themselves. */
function outside(ranges: readonly Range[], formulas: readonly Formula[]): Range[] {
  let next = 0;
  return ranges.filter(({ start, end }) => {
    while (next < formulas.length && (formulas[next]?.end ?? 0) <= start) next++;
    return (formulas[next]?.start ?? Infinity) >= end;
  });
}

/** Where any of the words stands as a whole word, in any case, the longest first; in order, never overlapping. */
function rangesOfWords(text: string, words: readonly string[]): Range[] {
  const sought = words.filter((word) => word !== "").toSorted((a, b) => b.length - a.length);
  if (sought.length === 0) return [];
  const ranges: Range[] = [];
  // What a letter is stays out of the pattern: it would take longer to compile than all abstracts of a page to search.
  const pattern = new RegExp(sought.map(literally).join("|"), "giu");
  const inside = insidesOf(text);
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    const start = found.index;
    const word = sought.find((one) => stands(text, start, one, inside));
    const end = start + (word?.length ?? String.fromCodePoint(text.codePointAt(start)!).length);
    if (word !== undefined) ranges.push({ start, end });
    pattern.lastIndex = end;
  }
  return ranges;
}

/** Places within a word; between two characters of Chinese, or a Greek letter and a Latin one, is a border as well. */
function insidesOf(text: string): Uint8Array {
  const inside = new Uint8Array(text.length + 1);
  const tokens = tokensOf(text);
  for (const { start, end } of tokens) inside.fill(1, start, end);
  for (const { start, end } of tokens) inside[start] = inside[end] = 0;
  return inside;
}

/** Whether a word stands at a place, and is no part of a longer one. */
function stands(text: string, start: number, word: string, inside: Uint8Array): boolean {
  const end = start + word.length;
  return text.slice(start, end).toLowerCase() === word.toLowerCase() && inside[start] === 0 && inside[end] === 0;
}

const literally = (word: string): string => word.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
const clamp = (place: number, length: number): number => Math.min(Math.max(place, 0), length);

/** A sentence as far as it lies in a text of this length; nothing, at its beginning, when there is none. */
const clamped = (sentence: Range | null, length: number): Range => ({
  start: clamp(sentence?.start ?? 0, length),
  end: clamp(sentence?.end ?? 0, length),
});

/** Characters of an abstract that a result shows before it is asked for the whole. */
const EXCERPT = 520;
/** An abstract little longer than an excerpt is shown whole: cutting it would save nobody anything. */
const SLACK = 240;
/** Characters shown ahead of a sentence that stands too far back to begin at the abstract's beginning. */
const LEAD = 120;

/**
 * The stretch of an abstract to show first: all of a short one; otherwise its beginning, or, when the matched sentence
 * stands further back, that sentence, whole, with a little ahead of it. It begins and ends between words, and never in a
 * formula.
 */
export function excerptOf(text: string, sentence: Range | null): Range {
  if (text.length <= EXCERPT + SLACK) return { start: 0, end: text.length };
  const { start: from, end: to } = clamped(sentence, text.length);
  const start = to <= EXCERPT ? 0 : wordStart(text, Math.max(0, from - LEAD), from);
  const end = wordEnd(text, Math.max(to, start + EXCERPT));
  return withWholeFormulas({ start, end }, formulasIn(text));
}

/** The first beginning of a word at or behind a place, but not behind `limit`. */
function wordStart(text: string, place: number, limit: number): number {
  if (place === 0) return 0;
  const space = text.slice(place, limit).search(/\s/);
  return space === -1 ? limit : place + space + 1;
}

/**
 * The first end of a word at or behind a place; the place itself when none is near, moved off a surrogate pair, and off a
 * dollar, which closes a formula or does not by what stands behind it.
 */
function wordEnd(text: string, place: number): number {
  if (place >= text.length) return text.length;
  const space = text.slice(place, place + 40).search(/\s/);
  if (space !== -1) return place + space;
  let end = place;
  while (end < text.length && text[end - 1] === "$") end++;
  const unit = text.charCodeAt(end);
  return unit >= 0xdc00 && unit <= 0xdfff ? end + 1 : end;
}

/** The part of a range that lies in an excerpt, counted from the excerpt's start; null when none does. */
export function within(range: Range | null, excerpt: Range): Range | null {
  if (range === null) return null;
  const start = Math.max(range.start, excerpt.start) - excerpt.start;
  const end = Math.min(range.end, excerpt.end) - excerpt.start;
  return start < end ? { start, end } : null;
}
