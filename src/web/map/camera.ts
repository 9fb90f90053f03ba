/** Geometry of the view: from the map to pixels and back. */
import type { Box, Camera } from "../navigation/place.js";

/** In pixels of the page. */
export interface Size {
  width: number;
  height: number;
}
type Point = [x: number, y: number];

/** The share of the view's width and height that is left free on each side of a box that is shown whole. */
const MARGIN = 0.06;
/** The least size of a box: one paper alone has a box without width and height. */
const LEAST = 1e-3;
/** How far one can zoom in and out from where the whole map is visible, in powers of two. */
const NEARER = 9;
const FARTHER = 1;

const pixels = (zoom: number): number => 2 ** zoom;

/** The pixel of a point of the map, from the upper left of the view. */
export function toView({ x, y, zoom }: Camera, { width, height }: Size, [atX, atY]: Point): Point {
  const scale = pixels(zoom);
  return [width / 2 + (atX - x) * scale, height / 2 - (atY - y) * scale];
}

/** The point of the map under a pixel of the view. */
export function toMap({ x, y, zoom }: Camera, { width, height }: Size, [left, top]: Point): Point {
  const scale = pixels(zoom);
  return [x + (left - width / 2) / scale, y - (top - height / 2) / scale];
}

/** The part of the map that is visible. */
export function seenFrom(camera: Camera, size: Size): Box {
  const [x0, y1] = toMap(camera, size, [0, 0]);
  const [x1, y0] = toMap(camera, size, [size.width, size.height]);
  return { x0, y0, x1, y1 };
}

/** The box between any two opposite corners. */
export function boxBetween([ax, ay]: Point, [bx, by]: Point): Box {
  return { x0: Math.min(ax, bx), y0: Math.min(ay, by), x1: Math.max(ax, bx), y1: Math.max(ay, by) };
}

export const holds = ({ x0, y0, x1, y1 }: Box, [x, y]: Point): boolean => x >= x0 && x <= x1 && y >= y0 && y <= y1;

/** The camera that shows all of a box. */
export function overlooking({ x0, y0, x1, y1 }: Box, { width, height }: Size): Camera {
  const room = 1 - 2 * MARGIN;
  const scale = Math.min((width * room) / Math.max(x1 - x0, LEAST), (height * room) / Math.max(y1 - y0, LEAST));
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, zoom: Math.log2(Math.max(scale, LEAST)) };
}

/** The zooms allowed on a map that this camera shows whole. */
export const zoomsAround = ({ zoom }: Camera): [least: number, most: number] => [zoom - FARTHER, zoom + NEARER];

/** Decimals that distinguish one pixel from the next at a zoom. */
const decimals = (zoom: number): number => Math.min(12, Math.max(0, Math.ceil(zoom * Math.log10(2)) + 1));

/** A coordinate to the precision of a pixel. */
export const roundedAt = (zoom: number, value: number): number => Number(value.toFixed(decimals(zoom)));

/** The camera as an address holds it: moved by less than a pixel. */
export function rounded({ x, y, zoom }: Camera): Camera {
  const near = Number(zoom.toFixed(2));
  return { x: roundedAt(near, x), y: roundedAt(near, y), zoom: near };
}

/** The box as an address holds it. */
export function roundedBox(zoom: number, { x0, y0, x1, y1 }: Box): Box {
  const round = (value: number): number => roundedAt(zoom, value);
  return { x0: round(x0), y0: round(y0), x1: round(x1), y1: round(y1) };
}
