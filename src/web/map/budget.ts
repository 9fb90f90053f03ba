/**
 * How many points are drawn while the map moves. A graphics card can draw all of them; a processor draws as many as keep
 * the movement smooth. At rest all are drawn.
 */

/** Milliseconds between frames: above SLOW the movement stutters, below FAST there is time for more points. */
const SLOW = 42;
const FAST = 24;
/** The least points that are drawn, however slow it is. */
const LEAST = 5_000;

export class Budget {
  #all = 0;
  #points = 0;

  get points(): number {
    return this.#points;
  }

  /** Starts again with all points. */
  begin(all: number): void {
    this.#all = all;
    this.#points = all;
  }

  /** Adapts to the time that a frame took. */
  took(milliseconds: number): void {
    if (milliseconds > SLOW) this.#points = Math.max(Math.min(LEAST, this.#all), Math.floor(this.#points * 0.7));
    else if (milliseconds < FAST) this.#points = Math.min(this.#all, Math.ceil(this.#points * 1.15));
  }
}

/**
 * The radius of a match in pixels: well above that of the others, unless there are very many matches.
 *
 * @param alone The radius if there were no other points.
 */
export const matchRadius = (others: number, alone: number): number =>
  Math.max(others * 1.15, Math.min(alone + 0.6, others + 2.6));

/**
 * The radius of a point in pixels: there is room for all on the whole map, and it grows with the zoom.
 *
 * @param nearer The zoom in powers of two above that of the whole map.
 */
export function radiusOf(points: number, { width, height }: { width: number; height: number }, nearer: number): number {
  // Clouds of papers cover about a third of the view.
  const apart = Math.sqrt((width * height) / 3 / Math.max(points, 1));
  const far = Math.min(Math.max(0.3 * apart, 0.9), 4.5);
  return Math.min(Math.max(far * 2 ** (0.45 * nearer), 0.75), 9);
}
