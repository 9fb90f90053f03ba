/** Input on the map: drag, wheel, pinch, double click, keys, and drawing an area. The only importer of d3-zoom. */
import { type Selection, select } from "d3-selection";
import type { Transition } from "d3-transition";
import { zoom, zoomIdentity, zoomTransform, type ZoomBehavior, type ZoomTransform } from "d3-zoom";
import type { Size } from "./camera.js";
import type { Box, Camera } from "../navigation/place.js";

/** Milliseconds of a flight to another place, and of one step of an arrow key. */
const FLIGHT = 600;
const STEP = 120;
/** The share of the view's width or height that an arrow key moves it. */
const STRIDE = 0.15;
/** Pixels that the pointer may move during a click. */
const SHAKE = 4;

const stillness = matchMedia("(prefers-reduced-motion: reduce)");

type Moving =
  Selection<HTMLCanvasElement, unknown, null, undefined> | Transition<HTMLCanvasElement, unknown, null, undefined>;
/** A corner of the area that is being drawn, in pixels of the view. */
type Corner = [left: number, top: number];

export interface Heard {
  moved: (camera: Camera) => void;
  /** An area is being drawn; null when that was cancelled. */
  drawing: (area: [Corner, Corner] | null) => void;
  drawn: (area: [Corner, Corner]) => void;
  /** The key for the whole map was pressed. */
  reset: () => void;
}

export class Gestures {
  readonly #canvas: HTMLCanvasElement;
  readonly #zoom: ZoomBehavior<HTMLCanvasElement, unknown>;
  readonly #heard: Heard;
  readonly #listening = new AbortController();
  #size: Size = { width: 1, height: 1 };
  #corner: Corner | null = null;
  /** Whether the next drag draws an area instead of moving the map. */
  drawsArea = false;

  constructor(canvas: HTMLCanvasElement, heard: Heard) {
    this.#canvas = canvas;
    this.#heard = heard;
    this.#zoom = zoom<HTMLCanvasElement, unknown>()
      .extent(() => [
        [0, 0],
        [this.#size.width, this.#size.height],
      ])
      .clickDistance(SHAKE)
      .filter((event: MouseEvent) => event.type === "wheel" || (event.button <= 0 && !this.#isForArea(event)))
      .on("zoom", ({ transform }: { transform: ZoomTransform }) => heard.moved(this.#cameraOf(transform)));
    select(canvas).call(this.#zoom);
    const { signal } = this.#listening;
    canvas.addEventListener("pointerdown", (event) => this.#begin(event), { signal });
    canvas.addEventListener("pointermove", (event) => this.#draw(event), { signal });
    canvas.addEventListener("pointerup", (event) => this.#end(event), { signal });
    canvas.addEventListener("pointercancel", () => this.giveUp(), { signal });
    canvas.addEventListener("keydown", (event) => this.#key(event), { signal });
  }

  /** Moves the camera: at once, or in a flight unless the reader prefers reduced motion. */
  look(camera: Camera, fly: boolean): void {
    this.#zoom.transform(this.#within(fly ? FLIGHT : 0), this.#transformOf(camera));
  }

  /** Sets the zooms allowed, and the part of the map that can be reached. */
  limit(size: Size, [least, most]: readonly [number, number], { x0, y0, x1, y1 }: Box): void {
    this.#size = size;
    this.#zoom.scaleExtent([2 ** least, 2 ** most]);
    const [wide, high] = [x1 - x0, y1 - y0];
    this.#zoom.translateExtent([
      [x0 - wide, -y1 - high],
      [x1 + wide, -y0 + high],
    ]);
  }

  /** Zooms in or out, by powers of two. */
  closer(powers: number): void {
    this.#zoom.scaleBy(this.#within(2 * STEP), 2 ** powers);
  }

  /** Cancels drawing an area. */
  giveUp(): void {
    if (this.#corner === null) return;
    this.#corner = null;
    this.#heard.drawing(null);
  }

  end(): void {
    this.#listening.abort();
    select(this.#canvas).interrupt().on(".zoom", null);
  }

  /** A transition of this many milliseconds; none when the reader prefers reduced motion. */
  #within(milliseconds: number): Moving {
    const canvas = select(this.#canvas).interrupt();
    return milliseconds === 0 || stillness.matches ? canvas : canvas.transition().duration(milliseconds);
  }

  // d3 counts y downwards.
  #cameraOf({ k, x, y }: ZoomTransform): Camera {
    const { width, height } = this.#size;
    return { x: (width / 2 - x) / k, y: (y - height / 2) / k, zoom: Math.log2(k) };
  }

  #transformOf({ x, y, zoom: power }: Camera): ZoomTransform {
    const { width, height } = this.#size;
    const k = 2 ** power;
    return zoomIdentity.translate(width / 2 - x * k, height / 2 + y * k).scale(k);
  }

  readonly #isForArea = (event: { shiftKey: boolean }): boolean => this.drawsArea || event.shiftKey;

  #begin(event: PointerEvent): void {
    if (!event.isPrimary || event.button !== 0 || !this.#isForArea(event)) return;
    this.#corner = [event.offsetX, event.offsetY];
    this.#canvas.setPointerCapture(event.pointerId);
  }

  #draw(event: PointerEvent): void {
    if (this.#corner !== null) this.#heard.drawing([this.#corner, [event.offsetX, event.offsetY]]);
  }

  #end(event: PointerEvent): void {
    const corner = this.#corner;
    if (corner === null) return;
    this.giveUp();
    this.#swallowClick();
    const other: Corner = [event.offsetX, event.offsetY];
    if (Math.abs(corner[0] - other[0]) > SHAKE && Math.abs(corner[1] - other[1]) > SHAKE)
      this.#heard.drawn([corner, other]);
  }

  /** The click that ends drawing an area must not open a paper. */
  #swallowClick(): void {
    const swallow = (event: Event): void => event.stopImmediatePropagation();
    this.#canvas.addEventListener("click", swallow, { capture: true });
    setTimeout(() => this.#canvas.removeEventListener("click", swallow, { capture: true }));
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const strides: Record<string, [number, number]> = {
      ArrowLeft: [1, 0],
      ArrowRight: [-1, 0],
      ArrowUp: [0, 1],
      ArrowDown: [0, -1],
    };
    const stride = Object.hasOwn(strides, event.key) ? strides[event.key] : undefined;
    if (stride !== undefined) this.#stride(stride);
    else if (event.key === "+" || event.key === "=") this.closer(1);
    else if (event.key === "-" || event.key === "_") this.closer(-1);
    else if (event.key === "0") this.#heard.reset();
    else if (event.key === "Escape") this.giveUp();
    else return;
    event.preventDefault();
  }

  #stride([right, down]: [number, number]): void {
    const { width, height } = this.#size;
    const scale = zoomTransform(this.#canvas).k;
    const [x, y] = [(right * width * STRIDE) / scale, (down * height * STRIDE) / scale];
    this.#zoom.translateBy(this.#within(STEP), x, y);
  }
}
