/** A part of a text in UTF-16 code units: `text.slice(start, end)`. */
export interface Range {
  start: number;
  end: number;
}

/** The part of a range that is in an excerpt, counted from the excerpt's start; null when there is none. */
export function within(range: Range | null, excerpt: Range): Range | null {
  if (range === null) return null;
  const start = Math.max(range.start, excerpt.start) - excerpt.start;
  const end = Math.min(range.end, excerpt.end) - excerpt.start;
  return start < end ? { start, end } : null;
}
