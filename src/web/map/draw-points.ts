/** Draws points with the graphics card, by WebGL 2. The only importer of twgl. */
import {
  type BufferInfo,
  createBufferInfoFromArrays,
  createProgramInfo,
  createTexture,
  drawBufferInfo,
  type ProgramInfo,
  setAttribInfoBufferFromArray,
  setBuffersAndAttributes,
  setTextureFromArray,
  setUniforms,
} from "twgl.js";
import type { Size } from "./camera.js";
import type { Camera } from "../navigation/place.js";
import { type Colour, SHADES } from "./colours.js";
import { type Points, spreadOrder } from "./points.js";

const VERTEX = `#version 300 es
in vec2 place;
in float shade;
uniform vec2 centre;
uniform vec2 scale;
uniform float radius;
uniform float strength;
uniform vec4 plain;
uniform sampler2D palette;
out vec4 colour;
void main() {
  gl_Position = vec4((place - centre) * scale, 0.0, 1.0);
  gl_PointSize = 2.0 * radius + 1.0;
  colour = plain.a > 0.0 ? plain : texelFetch(palette, ivec2(int(shade + 0.5), 0), 0);
  colour.a *= strength;
}`;

/** A disc with a soft edge of one pixel and a rim. */
const FRAGMENT = `#version 300 es
precision highp float;
in vec4 colour;
uniform float radius;
uniform float rim;
uniform vec3 ground;
out vec4 drawn;
void main() {
  float away = length(gl_PointCoord - 0.5) * (2.0 * radius + 1.0);
  float inside = clamp(radius - away + 0.5, 0.0, 1.0) * colour.a;
  vec3 shown = mix(colour.rgb, ground, clamp(away - radius + rim + 0.5, 0.0, 1.0) * step(0.001, rim));
  drawn = vec4(shown * inside, inside);
}`;

/** How points are drawn. */
export interface Look {
  /** In pixels of the page. */
  radius: number;
  /** Opacity, 0 to 1. */
  strength: number;
  /** The colour of all points; null for each in its own. */
  plain: Colour | null;
  /** Width in pixels of a rim in the colour of the ground, inside the radius. */
  rim: number;
}

export class Drawing {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: ProgramInfo;
  readonly #palette: WebGLTexture;
  /** All points, in the order of `spreadOrder`. */
  readonly #all: BufferInfo;
  /** Named sets of points, drawn above all others. */
  readonly #some = new Map<string, BufferInfo>();

  /** @returns null when the browser has no WebGL 2. */
  static on(canvas: HTMLCanvasElement, points: Points): Drawing | null {
    const gl = canvas.getContext("webgl2", { antialias: false, depth: false, stencil: false });
    return gl === null || gl.isContextLost() ? null : new Drawing(gl, points);
  }

  private constructor(gl: WebGL2RenderingContext, points: Points) {
    this.#gl = gl;
    this.#program = createProgramInfo(gl, [VERTEX, FRAGMENT]);
    this.#palette = createTexture(gl, {
      src: new Uint8Array(4 * SHADES),
      width: SHADES,
      height: 1,
      auto: false,
      minMag: gl.NEAREST,
      wrap: gl.CLAMP_TO_EDGE,
    });
    this.#all = createBufferInfoFromArrays(gl, {
      place: { numComponents: 2, data: points.places },
      shade: { numComponents: 1, data: new Uint8Array(points.count), normalize: false },
      indices: { numComponents: 1, data: spreadOrder(points.count) },
    });
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  /** Sets the shade of every point, and the colour of every shade. */
  colour(shades: Uint8Array, palette: Uint8Array): void {
    const shade = this.#all.attribs?.["shade"];
    if (shade !== undefined) setAttribInfoBufferFromArray(this.#gl, shade, shades);
    setTextureFromArray(this.#gl, this.#palette, palette, { width: SHADES, height: 1 });
  }

  /** Sets the points of a named set. */
  choose(name: string, indexes: readonly number[]): void {
    const before = this.#some.get(name);
    if (before?.indices !== undefined) this.#gl.deleteBuffer(before.indices);
    this.#some.delete(name);
    if (indexes.length === 0) return;
    const indices = { numComponents: 1, data: Uint32Array.from(indexes) };
    this.#some.set(name, createBufferInfoFromArrays(this.#gl, { indices }, this.#all));
  }

  /** Begins a picture. @param ratio Pixels of the screen for one of the page. */
  begin(camera: Camera, { width, height }: Size, ratio: number, ground: Colour): void {
    const gl = this.#gl;
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.useProgram(this.#program.program);
    const scale = 2 * 2 ** camera.zoom;
    setUniforms(this.#program, {
      centre: [camera.x, camera.y],
      scale: [scale / width, scale / height],
      palette: this.#palette,
      ground: partsOf(ground),
    });
    this.#ratio = ratio;
  }
  #ratio = 1;

  drawAll(look: Look, most: number): void {
    this.#draw(this.#all, look, Math.min(most, this.#all.numElements));
  }

  drawChosen(name: string, look: Look): void {
    const some = this.#some.get(name);
    if (some !== undefined) this.#draw(some, look, some.numElements);
  }

  #draw(points: BufferInfo, { radius, strength, plain, rim }: Look, many: number): void {
    setBuffersAndAttributes(this.#gl, this.#program, points);
    setUniforms(this.#program, {
      radius: radius * this.#ratio,
      strength,
      plain: plain === null ? [0, 0, 0, 0] : [...partsOf(plain), 1],
      rim: rim * this.#ratio,
    });
    drawBufferInfo(this.#gl, points, this.#gl.POINTS, many);
  }
}

/** Components from 0 to 1, for WebGL. */
const partsOf = (colour: Colour): number[] => colour.map((part) => part / 255);
