/** Splits an abstract into sentences. */

export type Span = { start: number; end: number };

/** A full stop after one of these does not end a sentence. */
const ABBREVIATION =
  /(?:^|[\s([])(?:e\.g|i\.e|cf|vs|al|etc|viz|resp|approx|ca|fig|figs|eq|eqs|sec|ref|refs|vol|dr|prof|st|[A-Za-z])\.$/i;
/** Longer than any abbreviation with the character before it, so that only this much of a long sentence is tested. */
const TAIL = 12;
/** Shorter pieces are headings, numbers and fragments: they are joined to their neighbour. */
const SHORTEST = 20;
/** A paper has a few dozen sentences; the rest of a longer text becomes one last sentence. */
const MOST = 64;
/** Sentence boundaries are searched up to here: the segmenter takes quadratic time. */
const LONGEST = 20_000;

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });

/**
 * Splits at Unicode's sentence boundaries (UAX #29), but not after abbreviations and initials, nor into pieces shorter
 * than 20 characters. Spans are in UTF-16 code units, in order, without surrounding white space.
 */
export function sentencesOf(text: string): Span[] {
  const spans: Span[] = [];
  let start = 0;
  for (const { segment, index } of segmenter.segment(text.slice(0, LONGEST))) {
    const end = index + segment.length;
    if (spans.length === MOST - 1 || end === LONGEST) break;
    const soFar = text.slice(start, end).trim();
    if (soFar.length < SHORTEST || ABBREVIATION.test(soFar.slice(-TAIL))) continue;
    spans.push({ start, end });
    start = end;
  }
  const before = spans.at(-1);
  if (before !== undefined && text.slice(start).trim().length < SHORTEST) before.end = text.length;
  else spans.push({ start, end: text.length });
  return spans.map((span) => trimmed(text, span)).filter((span) => span.end > span.start);
}

function trimmed(text: string, { start, end }: Span): Span {
  const piece = text.slice(start, end);
  return {
    start: start + (piece.length - piece.trimStart().length),
    end: end - (piece.length - piece.trimEnd().length),
  };
}
