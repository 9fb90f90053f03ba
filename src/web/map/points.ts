/** The papers of the map as the server sends them: 16 bytes each, little-endian, ascending by label. */

import type { Box } from "../navigation/place.js";

const BYTES = 16;
/** The share of papers on each side that may be outside of the first view. */
const OUTERMOST = 0.002;
/** The category of a paper that is in none of the named ones, and the year of a paper without a date. */
export const NO_CATEGORY = 255;
export const NO_YEAR = 0;

export interface Points {
  count: number;
  labels: Uint32Array;
  /** x and y, one after the other. */
  places: Float32Array;
  years: Uint16Array;
  categories: Uint8Array;
}

export function readPoints(bytes: ArrayBuffer): Points {
  if (bytes.byteLength % BYTES !== 0)
    throw new Error(
      `the points of the map: got ${bytes.byteLength} bytes, expected a multiple of ${BYTES}: reload the page`,
    );
  const count = bytes.byteLength / BYTES;
  const view = new DataView(bytes);
  const points: Points = {
    count,
    labels: new Uint32Array(count),
    places: new Float32Array(2 * count),
    years: new Uint16Array(count),
    categories: new Uint8Array(count),
  };
  for (let i = 0; i < count; i++) {
    const at = BYTES * i;
    points.labels[i] = view.getUint32(at, true);
    points.places[2 * i] = view.getFloat32(at + 4, true);
    points.places[2 * i + 1] = view.getFloat32(at + 8, true);
    points.years[i] = view.getUint16(at + 12, true);
    points.categories[i] = view.getUint8(at + 14);
  }
  return points;
}

/** The index of a label; -1 when it is not on the map yet. */
export function indexOf({ labels, count }: Points, label: number): number {
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = labels[middle] ?? 0;
    if (found === label) return middle;
    if (found < label) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** The indexes of labels, without those that are not on the map. */
export const indexesOf = (points: Points, labels: readonly number[]): number[] =>
  labels.map((label) => indexOf(points, label)).filter((index) => index >= 0);

export const placeOf = ({ places }: Points, index: number): [x: number, y: number] => [
  places[2 * index] ?? 0,
  places[2 * index + 1] ?? 0,
];

/** The box of all but the outermost papers, which would make the map small. */
export function bulkOf({ places, count }: Points): Box {
  const [least, most] = [Math.floor(OUTERMOST * (count - 1)), Math.ceil((1 - OUTERMOST) * (count - 1))];
  const [xs, ys] = [0, 1].map((axis) => {
    const along = new Float32Array(count);
    for (let i = 0; i < count; i++) along[i] = places[2 * i + axis] ?? 0;
    return along.sort();
  }) as [Float32Array, Float32Array];
  return { x0: xs[least] ?? 0, y0: ys[least] ?? 0, x1: xs[most] ?? 0, y1: ys[most] ?? 0 };
}

/**
 * An order of drawing in which the first n points, for any n, are spread evenly over all of them. It goes in steps of about
 * the golden ratio that have no divisor in common with the count.
 */
export function spreadOrder(count: number): Uint32Array {
  const order = new Uint32Array(count);
  let step = Math.max(1, Math.round(count * 0.618034));
  while (divisor(step, count) > 1) step++;
  for (let i = 0, at = 0; i < count; i++, at = (at + step) % count) order[i] = at;
  return order;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
