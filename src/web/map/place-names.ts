/** Which region names stand where: the more important one stands, and what would overlap it waits until there is room. */
import { type Camera, type Size, toView } from "./camera.js";

/** A region's name with the room it takes, in pixels. */
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
  /** Which of the names. */
  index: number;
  left: number;
  top: number;
}

/** How much nearer than from where all is seen, in powers of two, the names of a level appear, and go again. */
const APPEAR = [-Infinity, 0.75, 1.9];
const GO = [3.4, 5.5, Infinity];
/** Pixels between two names, and between a name and the edge of the view. */
const GAP = 6;
const EDGE = 4;
/** Of its own height that a name may stand above or below the middle of its region, when others have taken that. */
const SHIFTS = [0, -0.8, 0.8];

/** Names in the order in which they get their room: large regions first. */
export const byImportance = (names: readonly Name[]): number[] =>
  names
    .map((_, index) => index)
    .toSorted((a, b) => {
      const [one, other] = [names[a], names[b]];
      return one === undefined || other === undefined
        ? 0
        : one.level - other.level || other.papers - one.papers || a - b;
    });

/** @param nearer How much nearer one is than where all of the map is seen from. */
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

/** The smallest regions there are keep their names however near one comes. */
const isShown = (level: number, nearer: number, deepest: number): boolean =>
  nearer >= (APPEAR[level] ?? Infinity) && (level === deepest || nearer < (GO[level] ?? Infinity));

const within = (at: number, most: number): number => Math.max(Math.min(at, most - EDGE), EDGE);

interface Bounds {
  left: number;
  top: number;
  right: number;
  bottom: number;
}
const overlap = (a: Bounds, b: Bounds): boolean =>
  a.left < b.right + GAP && b.left < a.right + GAP && a.top < b.bottom + GAP && b.top < a.bottom + GAP;
