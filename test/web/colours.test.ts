import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ROOT } from "../../src/core/root.js";

const WEB = join(ROOT, "src", "web");
const css = readFileSync(join(WEB, "app.css"), "utf8");

/** The colours of the nth `:root`: the first is light, the second has the changes for dark. */
function coloursOf(nth: number): Map<string, string> {
  const block = [...css.matchAll(/:root \{([^}]*)\}/g)][nth]?.[1] ?? "";
  return new Map(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name = "", colour = ""]) => [name, colour]),
  );
}

/** Relative luminance, 0 to 1: WCAG 2.2, "relative luminance". */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** 1 to 21: WCAG 2.2, "contrast ratio". */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Text and background, with a contrast of at least 4.5. */
const TEXTS = [
  ["ink", "ground"],
  ["ink", "sheet"],
  ["ink", "tint"],
  ["soft", "ground"],
  ["soft", "sheet"],
  ["accent", "ground"],
  ["accent", "sheet"],
  ["visited", "ground"],
  ["on-accent", "accent"],
] as const;
/** Borders of fields and buttons, underlines and the focus ring, with a contrast of at least 3. */
const LINES = [
  ["edge", "ground"],
  ["edge", "sheet"],
  ["accent", "tint"],
  ["accent", "ground"],
] as const;

describe("colours", () => {
  for (const [nth, name] of ["light", "dark"].entries()) {
    const colours = coloursOf(nth);
    const colour = (of: string): string => colours.get(of) ?? assert.fail(`no colour ${of} in ${name}`);
    test(`give text enough contrast in ${name} mode`, () => {
      for (const [text, ground] of TEXTS) {
        const ratio = contrast(colour(text), colour(ground));
        assert.ok(ratio >= 4.5, `${text} on ${ground} has ${ratio.toFixed(2)}`);
      }
    });
    test(`give fields, marks and the focus enough contrast in ${name} mode`, () => {
      for (const [line, ground] of LINES) {
        const ratio = contrast(colour(line), colour(ground));
        assert.ok(ratio >= 3, `${line} on ${ground} has ${ratio.toFixed(2)}`);
      }
    });
  }

  // So the tests of the page look at everything else in one scheme.
  test("are all that depends on the scheme", () => {
    const sheets = readdirSync(WEB, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".css"));
    const blocks = sheets.flatMap((file) => [
      ...readFileSync(join(WEB, file), "utf8").matchAll(/@media[^{]*prefers-color-scheme[^{]*\{([^]*?\n)\}/g),
    ]);
    assert.ok(blocks.length >= 2);
    for (const [, rules = ""] of blocks)
      assert.match(rules, /^\s*:root \{(\s*--[\w-]+: (#[0-9a-f]{6}|rgb\(\d+ \d+ \d+ \/ \d+%\));)+\s*\}\s*$/);
  });
});
