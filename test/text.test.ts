import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fold, titleKey, wordsOf } from "../src/text.js";

test("folding takes away case, accents and compatibility forms", () => {
  assert.equal(fold("Poincaré"), "poincare");
  assert.equal(fold("ERDŐS"), "erdos");
  assert.equal(fold("H₂O and ﬁelds"), "h2o and fields");
  assert.equal(fold("İstanbul"), "istanbul");
  assert.equal(fold("Ångström"), fold("A\u030angstro\u0308m"));
  assert.equal(fold("東京 Ωμέγα"), "東京 ωμεγα");
});

test("folding what is folded changes nothing, whatever it is", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => assert.equal(fold(fold(text)), fold(text))));
  for (let code = 0; code <= 0x10ffff; code++) {
    const folded = fold(String.fromCodePoint(code));
    if (fold(folded) !== folded) assert.fail(`U+${code.toString(16)}: "${folded}", then "${fold(folded)}"`);
  }
});

test("words are runs of letters and digits of any script", () => {
  assert.deepEqual(wordsOf("the X-ray (2019), U.S.: 1,000 don't"), "the X ray 2019 U S 1 000 don t".split(" "));
  assert.deepEqual(wordsOf("हिन्दी 日本語 слово"), ["हिन्दी", "日本語", "слово"]);
  assert.deepEqual(wordsOf("e\u0301tat"), ["e\u0301tat"], "an accent of its own belongs to its word");
  assert.deepEqual(wordsOf("... -- !? \u0301"), []);
  assert.deepEqual(wordsOf(""), []);
});

test("words stand in the text in order, and nothing between them is a letter or a digit", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      let rest = text;
      for (const word of wordsOf(text)) {
        const at = rest.indexOf(word);
        assert.doesNotMatch(rest.slice(0, at), /[\p{L}\p{N}]/u);
        rest = rest.slice(at + word.length);
      }
      assert.doesNotMatch(rest, /[\p{L}\p{N}]/u);
    }),
  );
});

test("a title has one key in any case, with or without accents, whatever the punctuation", () => {
  assert.equal(titleKey("  Poincaré maps: A SURVEY!"), "poincare maps a survey");
  assert.equal(titleKey("Poincare\u0301 Maps -- a survey"), titleKey("POINCARE MAPS, A SURVEY"));
  assert.notEqual(titleKey("Part 1"), titleKey("Part 2"));
  assert.equal(titleKey("?!"), "");
});
