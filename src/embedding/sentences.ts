/** Where the sentences of an abstract begin and end. */

export type Span = { start: number; end: number };

/** After these a full stop ends no sentence. */
const ABBREVIATION =
  /(?:^|[\s([])(?:e\.g|i\.e|cf|vs|al|etc|viz|resp|approx|ca|fig|figs|eq|eqs|sec|ref|refs|vol|dr|prof|st|[A-Za-z])\.\s*$/i;
/** Shorter pieces are headings, numbers and stray ends: they go with their neighbour. */
const SHORTEST = 20;
/** A paper has a few dozen sentences at most; the rest of a longer text is one last sentence. */
const MOST = 64;

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });

/**
 * Splits at the sentence boundaries of Unicode (UAX #29), not after abbreviations and initials, and not into pieces
 * shorter than 20 characters. Spans are in UTF-16 code units, in order, without the white space around them.
 */
export function sentencesOf(text: string): Span[] {
  const spans: Span[] = [];
  let open: Span | undefined;
  for (const { segment, index } of segmenter.segment(text)) {
    const end = index + segment.length;
    if (open === undefined) open = { start: index, end };
    else open.end = end;
    const soFar = text.slice(open.start, end);
    const last = spans.length === MOST - 1;
    if (last || soFar.trim().length < SHORTEST || ABBREVIATION.test(soFar)) continue;
    spans.push(open);
    open = undefined;
  }
  if (open !== undefined) {
    const before = spans.at(-1);
    if (before !== undefined && text.slice(open.start, open.end).trim().length < SHORTEST) before.end = open.end;
    else spans.push(open);
  }
  return spans.map((span) => trimmed(text, span)).filter((span) => span.end > span.start);
}

function trimmed(text: string, { start, end }: Span): Span {
  const piece = text.slice(start, end);
  return {
    start: start + (piece.length - piece.trimStart().length),
    end: end - (piece.length - piece.trimEnd().length),
  };
}
