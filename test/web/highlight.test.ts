import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { excerptOf, segmentsOf } from "../../src/web/text/highlight.js";
import { formulasIn, withWholeFormulas } from "../../src/web/text/math.js";
import { type Range, within } from "../../src/web/text/range.js";

/** Segments as text: a sentence in brackets, a word between stars, a formula between bars. */
const drawn = (text: string, sentence: Range | null, words: string[]): string =>
  segmentsOf(text, sentence, words)
    .map((segment) => (segment.word ? { ...segment, text: `*${segment.text}*` } : segment))
    .map((segment) => (segment.formula !== null ? { ...segment, text: `|${segment.text}|` } : segment))
    .map((segment) => (segment.sentence ? `[${segment.text}]` : segment.text))
    .join("")
    .replaceAll("][", "");

/** Texts with formulas, and with text that only looks like formulas. */
const mathematical = fc
  .array(fc.constantFrom("$x$", "$$y^2$$", String.raw`\(a log b\)`, "$", "$5", "\\", " ", " ", "one", "log.", "图"), {
    maxLength: 60,
  })
  .map((pieces) => pieces.join(""));

const range = fc.record({ start: fc.integer({ min: -5, max: 60 }), end: fc.integer({ min: -5, max: 60 }) });

describe("a marked text", () => {
  test("shows the sentence, and the words within and around it", () => {
    assert.equal(
      drawn("Graphs matter. We study graph kernels. Kernels help.", { start: 15, end: 38 }, ["graph", "kernels"]),
      "Graphs matter. [We study *graph* *kernels*.] *Kernels* help.",
    );
  });

  test("marks whole words only, in any case and script", () => {
    assert.equal(drawn("Artful art: ART, Kant’s art-form", null, ["art"]), "Artful *art*: *ART*, Kant’s *art*-form");
    assert.equal(drawn("Größe größer", null, ["größe"]), "*Größe* größer");
    assert.equal(drawn("e\u0301t e\u0301t\u0323", null, ["e\u0301t"]), "*e\u0301t* e\u0301t\u0323");
  });

  test("marks matches in scripts without spaces, and Greek letters next to others", () => {
    assert.equal(drawn("绿茶叶片和红茶", null, ["绿茶"]), "*绿茶*叶片和红茶");
    assert.equal(drawn("使用GPU加速", null, ["gpu", "加速"]), "使用*GPU**加速*");
    assert.equal(
      drawn("TNFα and IL-1β, IL-1beta, αβ", null, ["TNF", "α", "β", "beta"]),
      "*TNF**α* and IL-1*β*, IL-1*beta*, αβ",
    );
    assert.equal(drawn("Straßenbau an der Straße", null, ["Straße"]), "Straßenbau an der *Straße*");
  });

  test("treats words as text, not as patterns", () => {
    assert.equal(
      drawn("C++ (a.k.a. C) and a|b", null, ["C++", "a.k.a.", "a|b", "[", ""]),
      "*C++* (*a.k.a.* C) and *a|b*",
    );
  });

  test("prefers the longer of two words with the same beginning", () => {
    assert.equal(drawn("state-of-the-art", null, ["state", "state-of"]), "*state-of*-the-art");
  });

  test("marks the same as one pattern of all words, longest first", () => {
    const letters = ["a", "A", "b", "é", "É", "e\u0301", "𝔸", "1"];
    const piece = fc.constantFrom(...letters, "-", " ", "+");
    const anyWord = fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 5 }).map((all) => all.join(""));
    const letter = String.raw`[\p{L}\p{M}\p{N}]`;
    const longText = fc.array(piece, { maxLength: 25 }).map((all) => all.join(""));
    fc.assert(
      fc.property(longText, fc.array(anyWord, { minLength: 1, maxLength: 4 }), (text, words) => {
        const longestFirst = words.toSorted((a, b) => b.length - a.length);
        const pattern = new RegExp(`(?<!${letter})(?:${longestFirst.join("|")})(?!${letter})`, "giu");
        const marked = segmentsOf(text, null, words);
        const places = marked.flatMap(({ word }, i) =>
          word ? [marked.slice(0, i).reduce((sum, { text: before }) => sum + before.length, 0)] : [],
        );
        const expected = [...text.matchAll(pattern)];
        assert.deepEqual(
          places,
          expected.map(({ index }) => index),
        );
        assert.deepEqual(
          marked.filter(({ word }) => word).map((segment) => segment.text),
          expected.map(([found]) => found),
        );
      }),
      { numRuns: 500 },
    );
  });

  test("marks both parts of a word that crosses the sentence's boundary", () => {
    assert.equal(drawn("one two", { start: 0, end: 5 }, ["two"]), "[one *t*]*wo*");
  });

  test("keeps formulas whole, even if part of one matched", () => {
    const text = "We sort in $n log n$ steps. Log tables help.";
    assert.equal(drawn(text, null, ["log", "sort"]), "We *sort* in |$n log n$| steps. *Log* tables help.");
    assert.equal(drawn(text, { start: 0, end: 27 }, ["steps"]), "[We sort in |$n log n$| *steps*.] Log tables help.");
    assert.equal(drawn(text, { start: 0, end: 15 }, []), "[We sort in |$n log n$|] steps. Log tables help.");
    assert.equal(drawn(text, { start: 15, end: 27 }, []), "We sort in [|$n log n$| steps.] Log tables help.");
    assert.equal(drawn("costs $5 to $10", null, ["5", "to"]), "costs $*5* *to* $10");
  });

  test("has each formula in its own segment", () => {
    fc.assert(
      fc.property(mathematical, fc.option(range), (text, sentence) => {
        const segments = segmentsOf(text, sentence, ["log", "x", "one"]);
        assert.equal(segments.map((segment) => segment.text).join(""), text);
        assert.deepEqual(
          segments.flatMap(({ formula, text }) => (formula === null ? [] : [{ formula, text }])),
          formulasIn(text).map((formula) => ({ formula, text: text.slice(formula.start, formula.end) })),
        );
        assert.ok(segments.every(({ formula, word }) => formula === null || !word));
      }),
    );
  });

  test("is the plain text if nothing matched", () => {
    assert.deepEqual(segmentsOf("plain", null, []), [{ text: "plain", sentence: false, word: false, formula: null }]);
    assert.deepEqual(segmentsOf("", null, ["x"]), []);
  });

  test("has the same text as without marks", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.option(range), fc.array(fc.string()), (text, sentence, words) => {
        const segments = segmentsOf(text, sentence, words);
        assert.equal(segments.map((segment) => segment.text).join(""), text);
        assert.ok(segments.every((segment) => segment.text !== ""));
      }),
    );
  });

  test("marks exactly the sentence as the sentence", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 60 }), mathematical),
        fc.nat(60),
        fc.nat(60),
        fc.array(fc.string()),
        (text, a, b, words) => {
          const sentence = { start: Math.min(a, b, text.length), end: Math.min(Math.max(a, b), text.length) };
          const inside = segmentsOf(text, sentence, words).filter((segment) => segment.sentence);
          const whole = withWholeFormulas(sentence, formulasIn(text));
          assert.equal(inside.map((segment) => segment.text).join(""), text.slice(whole.start, whole.end));
        },
      ),
    );
  });
});

describe("the excerpt of an abstract", () => {
  const long = Array.from({ length: 300 }, (_, index) => `word${index}`).join(" ");
  const sentence = { start: long.indexOf("word200"), end: long.indexOf("word205") - 1 };

  test("is the whole of a short abstract", () => {
    assert.deepEqual(excerptOf("Short.", null), { start: 0, end: 6 });
  });

  test("is the beginning if the sentence is there", () => {
    const excerpt = excerptOf(long, { start: 0, end: 40 });
    assert.equal(excerpt.start, 0);
    assert.ok(excerpt.end >= 520 && excerpt.end < 560);
  });

  test("begins shortly before a later sentence, and contains all of it", () => {
    const excerpt = excerptOf(long, sentence);
    assert.ok(excerpt.start > 0 && sentence.start - excerpt.start <= 120);
    assert.ok(excerpt.end > sentence.end);
  });

  test("begins and ends between words", () => {
    const { start, end } = excerptOf(long, sentence);
    assert.equal(long[start - 1], " ");
    assert.equal(long[end], " ");
  });

  test("always contains the sentence, and never splits a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 700, maxLength: 900 }), fc.nat(), fc.nat(), (text, a, b) => {
        const characters = Array.from(text);
        const place = (nth: number) => characters.slice(0, nth % (characters.length + 1)).join("").length;
        const [start = 0, end = 0] = [place(a), place(b)].toSorted((one, other) => one - other);
        const excerpt = excerptOf(text, { start, end });
        assert.ok(excerpt.start <= start && excerpt.end >= end);
        assert.doesNotMatch(text.slice(excerpt.start, excerpt.end), /\p{Surrogate}/u);
      }),
    );
  });

  test("does not turn an amount of money into a formula by cutting the text after it", () => {
    const text = `${"图".repeat(517)}$5$5${"图".repeat(400)}`;
    assert.deepEqual(formulasIn(text.slice(0, excerptOf(text, null).end)), []);
  });

  test("has whole formulas, the same as in the abstract", () => {
    const unspaced = ["$x$", "$a+c$", "$", "$5图$5", "\\", String.raw`\(`, "5", "图"];
    const pieces = (units: string[]) => fc.array(fc.constantFrom(...units), { minLength: 400, maxLength: 450 });
    fc.assert(
      fc.property(
        fc.oneof(pieces(unspaced), pieces([...unspaced, "$a b+c d$", " ", " "])),
        fc.nat(),
        (units, place) => {
          const text = units.join("");
          const start = text.indexOf(" ", place % text.length) + 1;
          const excerpt = excerptOf(text, start === 0 ? null : { start, end: start + 40 });
          const formulas = formulasIn(text);
          assert.deepEqual(withWholeFormulas(excerpt, formulas), excerpt);
          assert.deepEqual(
            formulasIn(text.slice(excerpt.start, excerpt.end)).map(({ start }) => start + excerpt.start),
            formulas.map(({ start }) => start).filter((start) => start >= excerpt.start && start < excerpt.end),
          );
        },
      ),
    );
  });

  test("gives the part of the sentence that it contains, relative to its own start", () => {
    assert.deepEqual(within({ start: 10, end: 20 }, { start: 5, end: 100 }), { start: 5, end: 15 });
    assert.deepEqual(within({ start: 0, end: 10 }, { start: 5, end: 8 }), { start: 0, end: 3 });
    assert.equal(within({ start: 0, end: 5 }, { start: 5, end: 8 }), null);
    assert.equal(within(null, { start: 5, end: 8 }), null);
  });
});
