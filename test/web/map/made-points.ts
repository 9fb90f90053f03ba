/** Encodes points like the server. */
import { NO_CATEGORY, NO_YEAR, type Points, readPoints } from "../../../src/web/map/points.js";

export interface Point {
  label: number;
  x: number;
  y: number;
  year: number;
  category: number;
}

/** @param made In ascending order of labels. */
export function pointsOf(made: readonly (Partial<Point> & Pick<Point, "label">)[]): Points {
  const bytes = new DataView(new ArrayBuffer(16 * made.length));
  for (const [i, { label, x = 0, y = 0, year = NO_YEAR, category = NO_CATEGORY }] of made.entries()) {
    bytes.setUint32(16 * i, label, true);
    bytes.setFloat32(16 * i + 4, x, true);
    bytes.setFloat32(16 * i + 8, y, true);
    bytes.setUint16(16 * i + 12, year, true);
    bytes.setUint8(16 * i + 14, category);
  }
  return readPoints(bytes.buffer);
}
