import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  between,
  type Colour,
  colourIn,
  labOf,
  linear,
  paletteOfCategories,
  paletteOfYears,
  SHADES,
  shadesOfCategories,
  shadesOfYears,
  type Theme,
} from "../../../src/web/map/colours.js";
import { NO_CATEGORY, NO_YEAR } from "../../../src/web/map/points.js";
import { pointsOf } from "./made-points.js";

const styles = (file: string): string => readFileSync(new URL(`../../../../src/web/${file}`, import.meta.url), "utf8");

/** The colours of the nth `:root` of each file: the first is light, the second has the changes for dark. */
function coloursOf(nth: number): (name: string) => Colour {
  const blocks = ["app.css", "map/map.css"].map(
    (file) => [...styles(file).matchAll(/:root \{([^}]*)\}/g)][nth]?.[1] ?? "",
  );
  return (name) => {
    const [, colour] = new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(blocks.join("")) ?? [];
    return colourIn(colour ?? assert.fail(`no colour ${name}`));
  };
}
const themeOf = (nth: number): Theme => {
  const colour = coloursOf(nth);
  return {
    categories: Array.from({ length: 12 }, (_, i) => colour(`category-${i + 1}`)),
    other: colour("category-other"),
    years: Array.from({ length: 4 }, (_, i) => colour(`year-${i + 1}`)),
    accent: colour("accent"),
    ground: colour("ground"),
  };
};

/** Simulated colour blindness in linear light: Machado, Oliveira and Fernandes 2009, severity 1. */
const SEEING = {
  everything: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  "no red": [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  "no green": [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  "no blue": [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};
function seen(colour: Colour, matrix: readonly (readonly number[])[]): number[] {
  const light = colour.map((part) => linear(part / 255));
  const parts = matrix.map((row) => row.reduce((sum, weight, i) => sum + weight * (light[i] ?? 0), 0));
  const [red = 0, green = 0, blue = 0] = parts
    .map((part) => Math.min(Math.max(part, 0), 1))
    .map((part) => 255 * (part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055));
  return labOf([red, green, blue]);
}
/** Distance in OKLab with chroma weighted double, as the eye resolves half a step of hue like a step of lightness. */
const apart = ([l = 0, a = 0, b = 0]: number[], [m = 0, c = 0, d = 0]: number[]): number =>
  Math.hypot(l - m, 2 * (a - c), 2 * (b - d));

for (const [nth, scheme] of ["light", "dark"].entries())
  describe(`the colours in ${scheme} mode`, () => {
    const theme = themeOf(nth);

    for (const [who, matrix] of Object.entries(SEEING))
      test(`of categories can be told apart, from each other and from grey, when seeing ${who}`, () => {
        const colours = [...theme.categories, theme.other];
        for (const [i, one] of colours.entries())
          for (const other of colours.slice(i + 1)) {
            const distance = apart(seen(one, matrix), seen(other, matrix));
            assert.ok(distance > 0.09, `${one.join()} and ${other.join()}: ${distance.toFixed(3)}`);
          }
      });

    test("of years change monotonically in lightness, so that they can be read without hues", () => {
      const steps = Array.from({ length: 21 }, (_, i) => labOf(between(theme.years, i / 20))[0] ?? 0);
      const ground = labOf(theme.ground)[0] ?? 0;
      for (const [i, lightness] of steps.entries())
        if (i > 0) assert.ok(Math.abs(lightness - ground) > Math.abs((steps[i - 1] ?? 0) - ground) + 0.005, `${i}`);
    });

    test("stand out from the background", () => {
      const ground = labOf(theme.ground);
      for (const colour of [...theme.categories, theme.other, ...theme.years])
        assert.ok(apart(labOf(colour), ground) > 0.15, colour.join());
    });
  });

describe("shades", () => {
  test("of categories: one for each named category, the last for all others", () => {
    const points = pointsOf([0, 11, 12, 23, NO_CATEGORY].map((category, i) => ({ label: i + 1, category })));
    assert.deepEqual([...shadesOfCategories(points, 12)], [0, 11, 255, 255, 255]);
  });

  test("of years are in the order of years, from the first to the second last", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1900, max: 2030 }), { minLength: 2, maxLength: 100 }), (years) => {
        const { shades, marks } = shadesOfYears(pointsOf(years.map((year, i) => ({ label: i + 1, year }))));
        const shadeOf = new Map(years.map((year, i) => [year, shades[i] ?? -1]));
        const ascending = [...shadeOf].toSorted(([a], [b]) => a - b);
        for (const [i, [, shade]] of ascending.entries()) if (i > 0) assert.ok(shade >= (ascending[i - 1]?.[1] ?? 0));
        if (ascending.length > 1) assert.deepEqual([ascending[0]?.[1], ascending.at(-1)?.[1]], [0, 254]);
        assert.deepEqual([marks[0], marks.at(-1)], [Math.min(...years), Math.max(...years)]);
      }),
    );
  });

  test("of years are spaced by the number of papers between them", () => {
    const years = [1950, ...Array.from({ length: 50 }, () => 2020), ...Array.from({ length: 50 }, () => 2021)];
    const { shades } = shadesOfYears(pointsOf(years.map((year, i) => ({ label: i + 1, year }))));
    const [old = 0, middle = 0, newest = 0] = [shades[0], shades[1], shades[51]];
    assert.deepEqual([old, newest], [0, 254]);
    assert.ok(middle > 80 && middle < 100, `${middle}`);
  });

  test("of papers without a year are the last, outside of the scale", () => {
    const { shades, marks } = shadesOfYears(pointsOf([{ label: 1, year: NO_YEAR }]));
    assert.deepEqual([[...shades], marks], [[255], []]);
  });
});

describe("palettes", () => {
  const theme = themeOf(0);
  const at = (palette: Uint8Array, shade: number): number[] => Array.from(palette.slice(4 * shade, 4 * shade + 4));

  test("have every shade", () => {
    assert.equal(paletteOfCategories(theme, null).length, 4 * SHADES);
    assert.deepEqual(at(paletteOfCategories(theme, null), 3), [...(theme.categories[3] ?? []), 255]);
    assert.deepEqual(at(paletteOfCategories(theme, null), 255), [...theme.other, 255]);
    assert.deepEqual(at(paletteOfYears(theme), 255), [...theme.other, 255]);
  });

  test("keep the selected category, and fade the others", () => {
    const palette = paletteOfCategories(theme, 3);
    assert.deepEqual(at(palette, 3), [...(theme.categories[3] ?? []), 255]);
    for (const other of [0, 11, 255]) assert.ok((at(palette, other)[3] ?? 255) < 40);
  });

  test("of years interpolate their key colours", () => {
    for (const [i, colour] of theme.years.entries()) {
      const drawn = between(theme.years, i / (theme.years.length - 1));
      for (const [part, value] of colour.entries()) assert.ok(Math.abs((drawn[part] ?? 0) - value) <= 1, `${i}`);
    }
  });
});
