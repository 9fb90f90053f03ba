/** Which parts of a text are marked. Drawing them is up to `marked.tsx`. */
import { tokensOf } from "../../core/text.js";
import { type Formula, formulasIn, withWholeFormulas } from "./math.js";
import type { Range } from "./range.js";

/** A part of a text that is marked in one way. Joined, the segments are the text. */
export interface Segment {
  text: string;
  /** Inside the sentence that matched. */
  sentence: boolean;
  /** A word of the query. */
  word: boolean;
  /** The formula that it consists of; formulas are never split. */
  formula: Formula | null;
}

/**
 * Splits a text where the matched sentence, each matched word and each formula begins and ends. Offsets outside of the
 * text are clamped. A sentence that begins or ends inside a formula includes all of it. Words in formulas are not marked.
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

/** The ranges that touch no formula. Both inputs are sorted and free of overlaps. */
function outside(ranges: readonly Range[], formulas: readonly Formula[]): Range[] {
  let next = 0;
  return ranges.filter(({ start, end }) => {
    while (next < formulas.length && (formulas[next]?.end ?? 0) <= start) next++;
    return (formulas[next]?.start ?? Infinity) >= end;
  });
}

/** Where the words occur as whole words, in any case; sorted, without overlaps. Longer words win. */
function rangesOfWords(text: string, words: readonly string[]): Range[] {
  const sought = words.filter((word) => word !== "").toSorted((a, b) => b.length - a.length);
  if (sought.length === 0) return [];
  const ranges: Range[] = [];
  // Word borders are checked afterwards: a pattern with them takes longer to compile than to search all abstracts.
  const pattern = new RegExp(sought.map(literally).join("|"), "giu");
  const inside = insideWords(text);
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    const start = found.index;
    const word = sought.find((one) => isWordAt(text, start, one, inside));
    const end = start + (word?.length ?? String.fromCodePoint(text.codePointAt(start)!).length);
    if (word !== undefined) ranges.push({ start, end });
    pattern.lastIndex = end;
  }
  return ranges;
}

/** 1 for each place inside a word. Between two Chinese characters, or a Greek and a Latin letter, is a border. */
function insideWords(text: string): Uint8Array {
  const inside = new Uint8Array(text.length + 1);
  const tokens = tokensOf(text);
  for (const { start, end } of tokens) inside.fill(1, start, end);
  for (const { start, end } of tokens) inside[start] = inside[end] = 0;
  return inside;
}

/** Whether a whole word is at a place. */
function isWordAt(text: string, start: number, word: string, inside: Uint8Array): boolean {
  const end = start + word.length;
  return text.slice(start, end).toLowerCase() === word.toLowerCase() && inside[start] === 0 && inside[end] === 0;
}

const literally = (word: string): string => word.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
const clamp = (place: number, length: number): number => Math.min(Math.max(place, 0), length);

/** The part of a sentence that is inside a text of this length; empty, at 0, without a sentence. */
const clamped = (sentence: Range | null, length: number): Range => ({
  start: clamp(sentence?.start ?? 0, length),
  end: clamp(sentence?.end ?? 0, length),
});

/** Characters of an abstract that a result shows at first. */
const EXCERPT = 520;
/** An abstract that is longer than an excerpt by no more than this is shown whole. */
const SLACK = 240;
/** Characters shown before a sentence that is too far from the start of the abstract. */
const LEAD = 120;

/**
 * The part of an abstract to show first: all of a short one, else its beginning, or, when the matched sentence is further
 * on, that whole sentence with a little before it. It begins and ends between words, and never inside a formula.
 */
export function excerptOf(text: string, sentence: Range | null): Range {
  if (text.length <= EXCERPT + SLACK) return { start: 0, end: text.length };
  const { start: from, end: to } = clamped(sentence, text.length);
  const start = to <= EXCERPT ? 0 : wordStart(text, Math.max(0, from - LEAD), from);
  const end = wordEnd(text, Math.max(to, start + EXCERPT));
  return withWholeFormulas({ start, end }, formulasIn(text));
}

/** The first start of a word at or after a place, but not after `limit`. */
function wordStart(text: string, place: number, limit: number): number {
  if (place === 0) return 0;
  const space = text.slice(place, limit).search(/\s/);
  return space === -1 ? limit : place + space + 1;
}

/**
 * The first end of a word at or after a place. When none is near, the place itself, moved past a surrogate pair, and past
 * dollar signs: whether one closes a formula depends on what follows it.
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
