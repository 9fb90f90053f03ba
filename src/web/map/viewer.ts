/** Moves the camera, and draws a picture for each frame. `show` sets what the picture contains. */
import { Budget, matchRadius, radiusOf } from "./budget.js";
import { overlooking, rounded, type Size, toView, zoomsAround } from "./camera.js";
import { type Box, type Camera, textOfCamera } from "../navigation/place.js";
import type { Theme } from "./colours.js";
import { Drawing, type Look } from "./draw-points.js";
import { Gestures, type Heard } from "./gestures.js";
import { placeOf, type Points } from "./points.js";

/** The most pixels of the screen drawn for one of the page: more do not make points rounder. */
const MAX_RATIO = 2;
/** Milliseconds without movement until the map is at rest. */
const REST = 140;
/** Opacity of papers: normally, and when matches stand out. */
const STRENGTH = 0.8;
const DIMMED = 0.4;

export interface Scene {
  shades: Uint8Array;
  palette: Uint8Array;
  theme: Theme;
  /** Papers of a list. */
  marked: readonly number[];
  /** Papers that match a search, drawn above the others; null without a search. */
  matches: readonly number[] | null;
}

interface Boxes {
  /** The whole map. */
  all: Box;
  /** The part that can be reached. */
  reach: Box;
}
interface Watching extends Pick<Heard, "drawing" | "drawn"> {
  /** Called before each picture. `nearer` is the zoom in powers of two above that of the whole map. */
  frame: (camera: Camera, size: Size, nearer: number) => void;
  /** The camera has moved. */
  moved: () => void;
  /** The map came to rest; `all` when it is visible as a whole. */
  rest: (camera: Camera, all: boolean) => void;
  /** The WebGL context was lost or restored. */
  lost: () => void;
  restored: () => void;
}

export class Viewer {
  readonly canDraw: boolean;
  readonly #canvas: HTMLCanvasElement;
  readonly #points: Points;
  readonly #boxes: Boxes;
  readonly #drawing: Drawing | null;
  readonly #gestures: Gestures;
  readonly #watching: Watching;
  readonly #resizing: ResizeObserver;
  readonly #listening = new AbortController();
  readonly #budget = new Budget();
  #size: Size;
  #camera: Camera;
  #scene: Scene | null = null;
  #asked = 0;
  /** Whether the picture is out of date. */
  #changed = false;
  #moving = false;
  #resting: ReturnType<typeof setTimeout> | undefined;
  /** The time of the last frame, if it drew something while the map moved. */
  #before: number | null = null;

  /** @param from The first camera; null for the whole map. */
  constructor(canvas: HTMLCanvasElement, points: Points, boxes: Boxes, from: Camera | null, watching: Watching) {
    this.#canvas = canvas;
    this.#points = points;
    this.#boxes = boxes;
    this.#watching = watching;
    this.#budget.begin(points.count);
    this.#size = sizeOf(canvas);
    this.#camera = from ?? this.overview;
    this.#drawing = Drawing.on(canvas, points);
    this.canDraw = this.#drawing !== null;
    this.#gestures = new Gestures(canvas, {
      moved: (camera) => this.#moved(camera),
      drawing: watching.drawing,
      drawn: watching.drawn,
      reset: () => this.reset(),
    });
    this.#fit();
    this.#resizing = new ResizeObserver(() => {
      this.#fit();
      // At once: setting its size has cleared the canvas.
      this.#draw();
    });
    this.#resizing.observe(canvas);
    const { signal } = this.#listening;
    canvas.addEventListener(
      "webglcontextlost",
      (event) => {
        // Otherwise it is not restored.
        event.preventDefault();
        watching.lost();
      },
      { signal },
    );
    canvas.addEventListener("webglcontextrestored", watching.restored, { signal });
  }

  get camera(): Camera {
    return this.#camera;
  }
  get size(): Size {
    return this.#size;
  }
  /** The camera that shows the whole map. */
  get overview(): Camera {
    return overlooking(this.#boxes.all, this.#size);
  }
  /** The place of a paper in the view, in pixels. */
  placeOf(index: number): [left: number, top: number] {
    return toView(this.#camera, this.#size, placeOf(this.#points, index));
  }
  get radius(): number {
    return radiusOf(this.#points.count, this.#size, this.#nearer);
  }
  /** The zoom in powers of two above that of the whole map. */
  get #nearer(): number {
    return this.#camera.zoom - this.overview.zoom;
  }

  set drawsArea(draws: boolean) {
    this.#gestures.drawsArea = draws;
  }

  look(camera: Camera, fly: boolean): void {
    this.#gestures.look(camera, fly);
  }
  /** Flies there, and scrolls to the map: on a narrow screen the lists are below it. */
  visit(camera: Camera): void {
    this.#canvas.scrollIntoView({ block: "nearest" });
    this.look(camera, true);
  }
  closer(powers: number): void {
    this.#gestures.closer(powers);
  }
  reset(): void {
    this.look(this.overview, true);
  }

  show(scene: Scene): void {
    const before = this.#scene;
    this.#scene = scene;
    if (before?.shades !== scene.shades || before.palette !== scene.palette)
      this.#drawing?.colour(scene.shades, scene.palette);
    if (before?.marked !== scene.marked) this.#drawing?.choose("marked", scene.marked);
    if (before?.matches !== scene.matches) this.#drawing?.choose("matches", scene.matches ?? []);
    this.#ask();
  }

  end(): void {
    cancelAnimationFrame(this.#asked);
    clearTimeout(this.#resting);
    this.#resizing.disconnect();
    this.#listening.abort();
    this.#gestures.end();
  }

  #fit(): void {
    const sawAll = isSame(this.#camera, this.overview);
    this.#size = sizeOf(this.#canvas);
    const ratio = ratioNow();
    this.#canvas.width = Math.max(1, Math.round(this.#size.width * ratio));
    this.#canvas.height = Math.max(1, Math.round(this.#size.height * ratio));
    this.#gestures.limit(this.#size, zoomsAround(this.overview), this.#boxes.reach);
    this.#gestures.look(sawAll ? this.overview : this.#camera, false);
  }

  #moved(camera: Camera): void {
    this.#camera = camera;
    this.#moving = true;
    this.#watching.moved();
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => {
      this.#moving = false;
      this.#ask();
      this.#watching.rest(this.#camera, isSame(this.#camera, this.overview));
    }, REST);
    this.#ask();
  }

  #ask(): void {
    this.#changed = true;
    this.#next();
  }
  #next(): void {
    if (this.#asked === 0) this.#asked = requestAnimationFrame((now) => this.#frame(now));
  }

  #frame(now: number): void {
    this.#asked = 0;
    if (this.#before !== null) this.#budget.took(now - this.#before);
    this.#before = this.#moving && this.#changed ? now : null;
    if (this.#changed) this.#draw();
    // Frames continue while the map moves, so that their times do not include pauses.
    if (this.#moving) this.#next();
  }

  #draw(): void {
    this.#changed = false;
    this.#watching.frame(this.#camera, this.#size, this.#nearer);
    const drawing = this.#drawing;
    const scene = this.#scene;
    if (drawing === null || scene === null) return;
    const { accent, ground, other } = scene.theme;
    const radius = this.radius;
    const look: Look = { radius, strength: STRENGTH, plain: null, rim: 0 };
    drawing.begin(this.#camera, this.#size, ratioNow(), ground);
    // Papers that do not match are grey: faint colours would add up where papers are dense.
    const dimmed = scene.matches === null ? {} : { strength: DIMMED, plain: other };
    drawing.drawAll({ ...look, ...dimmed }, this.#moving ? this.#budget.points : this.#points.count);
    if (scene.marked.length > 0)
      drawing.drawChosen("marked", { ...look, radius: radius * 1.2 + 2, strength: 1, plain: accent, rim: 0.8 });
    if (scene.matches !== null) {
      const larger = matchRadius(radius, radiusOf(scene.matches.length, this.#size, this.#nearer));
      drawing.drawChosen("matches", { ...look, radius: larger, strength: 1, rim: larger > radius + 1 ? 1 : 0 });
    }
  }
}

const sizeOf = ({ clientWidth, clientHeight }: HTMLElement): Size => ({
  width: Math.max(clientWidth, 1),
  height: Math.max(clientHeight, 1),
});
const isSame = (a: Camera, b: Camera): boolean => textOfCamera(rounded(a)) === textOfCamera(rounded(b));
const ratioNow = (): number => Math.min(devicePixelRatio, MAX_RATIO);
