/**
 * How many points are drawn while the map moves. A graphics card draws all of them in no time; without one the processor
 * draws, and then as many as leave the movement smooth. At rest all are drawn.
 */

/** Milliseconds from frame to frame: above the first a movement stutters, below the second there is room for more. */
const SLOW = 42;
const FAST = 24;
/** Points that are drawn however slow it is. */
const LEAST = 5_000;

export class Budget {
  #all = 0;
  #points = 0;

  get points(): number {
    return this.#points;
  }

  /** Begins anew with so many points, all of them. */
  begin(all: number): void {
    this.#all = all;
    this.#points = all;
  }

  /** Learns from how long a frame of a movement took. */
  took(milliseconds: number): void {
    if (milliseconds > SLOW) this.#points = Math.max(Math.min(LEAST, this.#all), Math.floor(this.#points * 0.7));
    else if (milliseconds < FAST) this.#points = Math.min(this.#all, Math.ceil(this.#points * 1.15));
  }
}

/**
 * The radius of a point that lights up: well above that of the others, but where very many light up.
 * @param alone What it would be if there were no others.
 */
export const litRadius = (others: number, alone: number): number =>
  Math.max(others * 1.15, Math.min(alone + 0.6, others + 2.6));

/** The radius of a point in pixels: room for all of them where all are seen, and larger the nearer one is. */
export function radiusOf(points: number, { width, height }: { width: number; height: number }, nearer: number): number {
  // About a third of the view is covered by papers, in clouds.
  const apart = Math.sqrt((width * height) / 3 / Math.max(points, 1));
  const far = Math.min(Math.max(0.3 * apart, 0.9), 4.5);
  return Math.min(Math.max(far * 2 ** (0.45 * nearer), 0.75), 9);
}
