/** One record as it stands in the file, or a place where none could be cut out. Lines count from 1. */
export type Cut = { line: number; bytes: Buffer } | { line: number; problem: string };

/**
 * Takes a stream of bytes apart into records, and holds no more of it than one record may have.
 * Bytes rather than text, so that one record in another encoding is one problem and not many.
 */
export interface Cutter {
  push(bytes: Buffer): Iterable<Cut>;
  /** The stream is over. */
  end(): Iterable<Cut>;
}

export const NEWLINE = 0x0a;

/** How many newlines there are in a range of bytes. */
export function countNewlines(bytes: Buffer, from = 0, to = bytes.length): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE, from); at !== -1 && at < to; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

export const tooLarge = (what: string, limit: number): string =>
  `${what} takes more than ${Math.round(limit / 1024)} KiB, the most that is read for one paper: shorten or remove it`;
