/** The colours of papers on the map: a shade for each paper, and a palette with the colour of each shade. */
import { NO_CATEGORY, NO_YEAR, type Points } from "./points.js";

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** Colours of the style sheet. */
export interface Theme {
  /** Most frequent category first. Papers in none of them are grey. */
  categories: readonly Colour[];
  other: Colour;
  /** From the oldest to the newest. */
  years: readonly Colour[];
  accent: Colour;
  ground: Colour;
}

/** Shades of a palette. The last one is for papers without a category or year. */
export const SHADES = 256;
const NONE = SHADES - 1;
/** The opacity of categories other than the one that stands out. */
const FAINT = 0.1;

export const colourIn = (text: string): Colour => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16));
  return [red, green, blue];
};

/** A shade for each paper by its category; the first `named` categories have their own. */
export function shadesOfCategories({ categories }: Points, named: number): Uint8Array {
  return categories.map((category) => (category !== NO_CATEGORY && category < named ? category : NONE));
}

/** The same shade for all papers, so that those drawn above them stand out. */
export const plainShades = ({ count }: Points): Uint8Array => new Uint8Array(count).fill(NONE);

export interface YearScale {
  shades: Uint8Array;
  /** The years at the start, the quarters and the end of the scale; empty when no paper has a year. */
  marks: number[];
}

/**
 * A shade for each paper by its year, so that each colour has about as many papers: most papers are from the last few years,
 * and would look the same on an even scale.
 */
export function shadesOfYears({ years }: Points): YearScale {
  const papers = new Map<number, number>();
  for (const year of years) if (year !== NO_YEAR) papers.set(year, (papers.get(year) ?? 0) + 1);
  const ascending = [...papers].toSorted(([a], [b]) => a - b);
  const total = ascending.reduce((sum, [, many]) => sum + many, 0);
  const middles = new Map<number, number>();
  let before = 0;
  for (const [year, many] of ascending) {
    middles.set(year, (before + many / 2) / total);
    before += many;
  }
  // The oldest and the newest year are the ends of the scale, however many papers they have.
  const least = middles.get(ascending[0]?.[0] ?? NO_YEAR) ?? 0;
  const most = middles.get(ascending.at(-1)?.[0] ?? NO_YEAR) ?? 1;
  const shadeOf = new Map<number, number>();
  for (const [year, middle] of middles)
    shadeOf.set(year, most === least ? NONE - 1 : Math.round(((middle - least) / (most - least)) * (NONE - 1)));
  return { shades: Uint8Array.from(years, (year) => shadeOf.get(year) ?? NONE), marks: marksOf(shadeOf) };
}

function marksOf(shadeOf: ReadonlyMap<number, number>): number[] {
  const ascending = [...shadeOf].toSorted(([a], [b]) => a - b);
  const nearest = (share: number): number[] => {
    const shade = share * (NONE - 1);
    const [first, ...others] = ascending;
    if (first === undefined) return [];
    return [
      others.reduce((best, one) => (Math.abs(one[1] - shade) < Math.abs(best[1] - shade) ? one : best), first)[0],
    ];
  };
  return [...new Set([0, 0.25, 0.5, 0.75, 1].flatMap(nearest))];
}

/** @param spotlight The category that stands out, the others being faint; null for none. */
export function paletteOfCategories({ categories, other }: Theme, spotlight: number | null): Uint8Array {
  const palette = new Uint8Array(4 * SHADES);
  for (let shade = 0; shade < SHADES; shade++)
    set(palette, shade, categories[shade] ?? other, spotlight === null || spotlight === shade ? 1 : FAINT);
  return palette;
}

export function paletteOfYears({ years, other }: Theme): Uint8Array {
  const palette = new Uint8Array(4 * SHADES);
  for (let shade = 0; shade < NONE; shade++) set(palette, shade, between(years, shade / (NONE - 1)), 1);
  set(palette, NONE, other, 1);
  return palette;
}

export function plainPalette({ other }: Theme): Uint8Array {
  const palette = new Uint8Array(4 * SHADES);
  for (let shade = 0; shade < SHADES; shade++) set(palette, shade, other, 1);
  return palette;
}

function set(palette: Uint8Array, shade: number, colour: Colour, strength: number): void {
  palette.set([...colour, Math.round(255 * strength)], 4 * shade);
}

/** The colour at a share, 0 to 1, of the way along evenly spaced colours. */
export function between(colours: readonly Colour[], share: number): Colour {
  const at = Math.min(Math.max(share, 0), 1) * (colours.length - 1);
  const index = Math.min(Math.floor(at), colours.length - 2);
  const [from = [0, 0, 0], to = from] = colours.slice(Math.max(index, 0), index + 2);
  const [start, end] = [labOf(from), labOf(to)];
  const mix = start.map((part, i) => part + ((end[i] ?? part) - part) * (at - index));
  return colourOf(mix);
}

/** A colour in OKLab, where equal steps look equal. */
export function labOf(colour: Colour): number[] {
  const [r = 0, g = 0, b = 0] = colour.map((part) => linear(part / 255));
  const long = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const middle = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const short = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
  ];
}

function colourOf([lightness = 0, a = 0, b = 0]: number[]): Colour {
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    byte(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
    byte(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
    byte(-0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short),
  ];
}

/** Converts a component of sRGB to linear light, and back. */
export const linear = (part: number): number => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
function byte(part: number): number {
  const within = Math.min(Math.max(part, 0), 1);
  return Math.round(255 * (within <= 0.0031308 ? 12.92 * within : 1.055 * within ** (1 / 2.4) - 0.055));
}
