/** What moves: the camera, and a picture for each of its frames. What is on the picture is said from outside. */
import { Budget, litRadius, radiusOf } from "./budget.js";
import { type Box, type Camera, overlooking, rounded, type Size, textOfCamera, toView, zoomsAround } from "./camera.js";
import type { Theme } from "./colours.js";
import { Drawing, type Look } from "./draw-points.js";
import { Gestures, type Heard } from "./gestures.js";
import { placeOf, type Points } from "./points.js";

/** Pixels of the screen drawn for one of the page, at most: points are round enough then. */
const MOST_RATIO = 2;
/** Milliseconds without a movement after which the map is at rest. */
const REST = 140;
/** How much of their colour papers have: all of them, and those that others stand out from. */
const STRENGTH = 0.8;
const DIMMED = 0.4;

export interface Scene {
  shades: Uint8Array;
  palette: Uint8Array;
  theme: Theme;
  /** Papers of a list; over them papers that were searched for, null when nothing is. */
  marked: readonly number[];
  lit: readonly number[] | null;
}

interface Boxes {
  /** What is seen when all is. */
  all: Box;
  /** What one can go to. */
  reach: Box;
}
interface Watching extends Pick<Heard, "drawing" | "drawn"> {
  /** Before each picture; `nearer` by so many powers of two than from where all is seen. */
  frame: (camera: Camera, size: Size, nearer: number) => void;
  /** The camera has moved. */
  moved: () => void;
  /** The map came to rest; `all` where everything is seen. */
  rest: (camera: Camera, all: boolean) => void;
  /** The browser took the graphics card away, or gave it back. */
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
  /** Whether what is to be seen has changed since it was drawn. */
  #changed = false;
  #moving = false;
  #resting: ReturnType<typeof setTimeout> | undefined;
  /** When the last frame was, if it drew something while the map moved. */
  #before: number | null = null;

  /** @param from Where to look from first; null for where all is seen. */
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
      // At once: setting its size has emptied the canvas.
      this.#draw();
    });
    this.#resizing.observe(canvas);
    const { signal } = this.#listening;
    canvas.addEventListener(
      "webglcontextlost",
      (event) => {
        // Otherwise it does not come back.
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
  /** From where all of the map is seen. */
  get overview(): Camera {
    return overlooking(this.#boxes.all, this.#size);
  }
  /** Where in the view a paper is. */
  placeOf(index: number): [left: number, top: number] {
    return toView(this.#camera, this.#size, placeOf(this.#points, index));
  }
  get radius(): number {
    return radiusOf(this.#points.count, this.#size, this.#nearer);
  }
  /** How much nearer one is than from where all is seen, in powers of two. */
  get #nearer(): number {
    return this.#camera.zoom - this.overview.zoom;
  }

  set drawsArea(draws: boolean) {
    this.#gestures.drawsArea = draws;
  }

  look(camera: Camera, fly: boolean): void {
    this.#gestures.look(camera, fly);
  }
  /** Flies there, and sees to it that the flight is seen: on a narrow screen the lists are below the map. */
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
    if (before?.lit !== scene.lit) this.#drawing?.choose("lit", scene.lit ?? []);
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
    // Frames go on while the map moves, so that how long one took is told from how long nobody moved it.
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
    // What does not light up is grey: faint colours would add up to strong ones where papers are dense.
    const dimmed = scene.lit === null ? {} : { strength: DIMMED, plain: other };
    drawing.drawAll({ ...look, ...dimmed }, this.#moving ? this.#budget.points : this.#points.count);
    if (scene.marked.length > 0)
      drawing.drawChosen("marked", { ...look, radius: radius * 1.2 + 2, strength: 1, plain: accent, rim: 0.8 });
    if (scene.lit !== null) {
      const lit = litRadius(radius, radiusOf(scene.lit.length, this.#size, this.#nearer));
      drawing.drawChosen("lit", { ...look, radius: lit, strength: 1, rim: lit > radius + 1 ? 1 : 0 });
    }
  }
}

const sizeOf = ({ clientWidth, clientHeight }: HTMLElement): Size => ({
  width: Math.max(clientWidth, 1),
  height: Math.max(clientHeight, 1),
});
const isSame = (a: Camera, b: Camera): boolean => textOfCamera(rounded(a)) === textOfCamera(rounded(b));
const ratioNow = (): number => Math.min(devicePixelRatio, MOST_RATIO);
