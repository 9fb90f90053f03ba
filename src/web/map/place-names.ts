/** Places the names of regions: more important ones first, without overlaps. */
import { type Size, toView } from "./camera.js";
import type { Camera } from "../navigation/place.js";

/** A region's name, with its size in pixels. */
export interface Name {
  x: number;
  y: number;
  papers: number;
  /** 0 for the largest regions, 2 for the smallest. */
  level: number;
  width: number;
  height: number;
}
export interface Placed {
  /** The index of the name. */
  index: number;
  left: number;
  top: number;
}

/** The zooms at which the names of a level appear and disappear, in powers of two above that of the whole map. */
const APPEAR = [-Infinity, 0.75, 1.9];
const DISAPPEAR = [3.4, 5.5, Infinity];
/** Pixels between two names, and between a name and the edge of the view. */
const GAP = 6;
const EDGE = 4;
/** Shifts from the middle of the region that are tried, in heights of the name. */
const SHIFTS = [0, -0.8, 0.8];

/** Indexes of names in the order in which they are placed: large regions first. */
export const byImportance = (names: readonly Name[]): number[] =>
  names
    .map((_, index) => index)
    .toSorted((a, b) => {
      const [one, other] = [names[a], names[b]];
      return one === undefined || other === undefined
        ? 0
        : one.level - other.level || other.papers - one.papers || a - b;
    });

/** @param nearer The zoom in powers of two above that of the whole map. */
export function placeNames(
  names: readonly Name[],
  order: readonly number[],
  camera: Camera,
  size: Size,
  nearer: number,
): Placed[] {
  const deepest = Math.max(...names.map(({ level }) => level));
  const placed: (Placed & { right: number; bottom: number })[] = [];
  for (const index of order) {
    const name = names[index];
    if (name === undefined || !isShown(name.level, nearer, deepest)) continue;
    const [x, y] = toView(camera, size, [name.x, name.y]);
    if (x < 0 || y < 0 || x > size.width || y > size.height) continue;
    const left = within(x - name.width / 2, size.width - name.width);
    for (const shift of SHIFTS) {
      const top = within(y + (shift - 0.5) * name.height, size.height - name.height);
      const box = { index, left, top, right: left + name.width, bottom: top + name.height };
      if (placed.some((other) => overlap(box, other))) continue;
      placed.push(box);
      break;
    }
  }
  return placed.map(({ index, left, top }) => ({ index, left, top }));
}

/** The names of the smallest regions do not disappear. */
const isShown = (level: number, nearer: number, deepest: number): boolean =>
  nearer >= (APPEAR[level] ?? Infinity) && (level === deepest || nearer < (DISAPPEAR[level] ?? Infinity));

const within = (at: number, most: number): number => Math.max(Math.min(at, most - EDGE), EDGE);

interface Bounds {
  left: number;
  top: number;
  right: number;
  bottom: number;
}
const overlap = (a: Bounds, b: Bounds): boolean =>
  a.left < b.right + GAP && b.left < a.right + GAP && a.top < b.bottom + GAP && b.top < a.bottom + GAP;
