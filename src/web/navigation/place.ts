/** Places on the map, and how an address holds them. On the map y points up. */

/** Where one looks: the point of the map in the middle of the view, and how near. */
export interface Camera {
  x: number;
  y: number;
  /** A unit of the map takes 2 ** zoom pixels. */
  zoom: number;
}
/** A part of the map: its least and its greatest x and y. */
export interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

export const textOfCamera = ({ x, y, zoom }: Camera): string => `${x},${y},${zoom}`;
export const textOfBox = ({ x0, y0, x1, y1 }: Box): string => `${x0},${y0},${x1},${y1}`;

/** A zoom beyond this was made up. */
const MAX_ZOOM = 60;

export function cameraIn(text: string): Camera | null {
  const [x = 0, y = 0, zoom = 0] = numbersIn(text, 3) ?? [];
  return numbersIn(text, 3) === null || Math.abs(zoom) > MAX_ZOOM ? null : { x, y, zoom };
}

export function boxIn(text: string): Box | null {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = numbersIn(text, 4) ?? [];
  return x0 < x1 && y0 < y1 ? { x0, y0, x1, y1 } : null;
}

/** This many numbers, separated by commas; null for anything else. */
function numbersIn(text: string, many: number): number[] | null {
  const parts = text.split(",");
  const numbers = parts.map(Number);
  const fine = parts.length === many && parts.every((part) => part.trim() !== "") && numbers.every(Number.isFinite);
  return fine ? numbers : null;
}
