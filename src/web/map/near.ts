/** Finds papers near a point of the map, or in a part of it. The only importer of kdbush. */
import KDBush from "kdbush";
import type { Box } from "../navigation/place.js";
import type { Points } from "./points.js";

export class Near {
  readonly #points: Points;
  readonly #index: KDBush;

  constructor(points: Points) {
    this.#points = points;
    this.#index = new KDBush(points.count, 64, Float32Array);
    for (let i = 0; i < points.count; i++) this.#index.add(points.places[2 * i] ?? 0, points.places[2 * i + 1] ?? 0);
    this.#index.finish();
  }

  /** At most `most` papers within a distance, nearest first; ties go to the lower index. */
  around(x: number, y: number, distance: number, most: number): number[] {
    const { places } = this.#points;
    const far = (i: number): number => Math.hypot((places[2 * i] ?? 0) - x, (places[2 * i + 1] ?? 0) - y);
    return this.#index
      .within(x, y, distance)
      .toSorted((a, b) => far(a) - far(b) || a - b)
      .slice(0, most);
  }

  /** All papers in a box, unordered. */
  inside({ x0, y0, x1, y1 }: Box): number[] {
    return this.#index.range(x0, y0, x1, y1);
  }
}
