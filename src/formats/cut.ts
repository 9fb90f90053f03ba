/** One record as bytes, or a place where none could be cut. Lines count from 1. */
export type Cut = { line: number; bytes: Buffer } | { line: number; problem: string };

/**
 * Splits a stream of bytes into records, buffering at most one record of the largest size. Works on bytes, so that one
 * record in another encoding is one problem only.
 */
export interface Cutter {
  push(bytes: Buffer): Iterable<Cut>;
  end(): Iterable<Cut>;
}

export const NEWLINE = 0x0a;

export function countNewlines(bytes: Buffer, from = 0, to = bytes.length): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE, from); at !== -1 && at < to; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

export const tooLarge = (what: string, limit: number): string =>
  `${what} takes more than ${Math.round(limit / 1024)} KiB, the most that is read for one paper: shorten or remove it`;
