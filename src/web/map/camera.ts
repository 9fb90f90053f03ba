/** Where one looks from: the point of the map in the middle of the view, and how near. On the map y points up. */

export interface Camera {
  x: number;
  y: number;
  /** The power of two that a unit of the map takes in pixels. */
  zoom: number;
}
/** In pixels of the page. */
export interface Size {
  width: number;
  height: number;
}
/** A part of the map: its least and its greatest x and y. */
export interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}
type Point = [x: number, y: number];

/** Of the view's width and height, left free on each side when all of a box is to be seen. */
const MARGIN = 0.06;
/** What a box without width and height is taken to measure, so that it can be looked at. */
const LEAST = 1e-3;
/** How much nearer, in powers of two, one can go than from where everything is seen; and how much farther. */
const NEARER = 9;
const FARTHER = 1;

const pixels = (zoom: number): number => 2 ** zoom;

/** The pixel of the view, from its upper left, at which a point of the map is seen. */
export function toView({ x, y, zoom }: Camera, { width, height }: Size, [atX, atY]: Point): Point {
  const scale = pixels(zoom);
  return [width / 2 + (atX - x) * scale, height / 2 - (atY - y) * scale];
}

/** The point of the map under a pixel of the view. */
export function toMap({ x, y, zoom }: Camera, { width, height }: Size, [left, top]: Point): Point {
  const scale = pixels(zoom);
  return [x + (left - width / 2) / scale, y - (top - height / 2) / scale];
}

/** What is seen of the map. */
export function seenFrom(camera: Camera, size: Size): Box {
  const [x0, y1] = toMap(camera, size, [0, 0]);
  const [x1, y0] = toMap(camera, size, [size.width, size.height]);
  return { x0, y0, x1, y1 };
}

/** The box between two corners, in whatever order they were drawn. */
export function boxBetween([ax, ay]: Point, [bx, by]: Point): Box {
  return { x0: Math.min(ax, bx), y0: Math.min(ay, by), x1: Math.max(ax, bx), y1: Math.max(ay, by) };
}

export const holds = ({ x0, y0, x1, y1 }: Box, [x, y]: Point): boolean => x >= x0 && x <= x1 && y >= y0 && y <= y1;

/** From where all of a box is seen. */
export function overlooking({ x0, y0, x1, y1 }: Box, { width, height }: Size): Camera {
  const room = 1 - 2 * MARGIN;
  const scale = Math.min((width * room) / Math.max(x1 - x0, LEAST), (height * room) / Math.max(y1 - y0, LEAST));
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, zoom: Math.log2(Math.max(scale, LEAST)) };
}

/** How far one may go: the zooms allowed on a map of which `all` is seen from here. */
export const zoomsAround = ({ zoom }: Camera): [least: number, most: number] => [zoom - FARTHER, zoom + NEARER];

/** Decimals that tell one pixel from the next at a zoom. */
const decimals = (zoom: number): number => Math.min(12, Math.max(0, Math.ceil(zoom * Math.log10(2)) + 1));

/** A coordinate as precise as it can be seen. */
export const roundedAt = (zoom: number, value: number): number => Number(value.toFixed(decimals(zoom)));

/** The camera as an address holds it: less than a pixel from where it was. */
export function rounded({ x, y, zoom }: Camera): Camera {
  const near = Number(zoom.toFixed(2));
  return { x: roundedAt(near, x), y: roundedAt(near, y), zoom: near };
}

/** The box as an address holds it. */
export function roundedBox(zoom: number, { x0, y0, x1, y1 }: Box): Box {
  const round = (value: number): number => roundedAt(zoom, value);
  return { x0: round(x0), y0: round(y0), x1: round(x1), y1: round(y1) };
}

export const textOfCamera = ({ x, y, zoom }: Camera): string => `${x},${y},${zoom}`;
export const textOfBox = ({ x0, y0, x1, y1 }: Box): string => `${x0},${y0},${x1},${y1}`;

/** So many numbers with commas between them; null for anything else. */
function numbersIn(text: string, many: number): number[] | null {
  const parts = text.split(",");
  const numbers = parts.map(Number);
  const fine = parts.length === many && parts.every((part) => part.trim() !== "") && numbers.every(Number.isFinite);
  return fine ? numbers : null;
}

/** Zooms beyond which an address was made up. */
const MOST_ZOOM = 60;

export function cameraIn(text: string): Camera | null {
  const [x = 0, y = 0, zoom = 0] = numbersIn(text, 3) ?? [];
  return numbersIn(text, 3) === null || Math.abs(zoom) > MOST_ZOOM ? null : { x, y, zoom };
}

export function boxIn(text: string): Box | null {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = numbersIn(text, 4) ?? [];
  return x0 < x1 && y0 < y1 ? { x0, y0, x1, y1 } : null;
}
