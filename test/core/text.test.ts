import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { anyWriting } from "../writings.js";
import { eachTerm, fold, foldLetters, phraseOf, termsIn, titleKey, tokensOf, wordsOf } from "../../src/core/text.js";

test("folding removes case, accents and compatibility forms", () => {
  assert.equal(fold("Poincaré"), "poincare");
  assert.equal(fold("ERDŐS"), "erdos");
  assert.equal(fold("H₂O and ﬁelds"), "h2o and fields");
  assert.equal(fold("İstanbul"), "istanbul");
  assert.equal(fold("Ångström"), fold("A\u030angstro\u0308m"));
  assert.equal(fold("東京 Ωμέγα"), "東京 ωμεγα");
});

test("folding is idempotent", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => assert.equal(fold(fold(text)), fold(text))));
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    const folded = fold(character);
    if (folded !== character && fold(folded) !== folded)
      assert.fail(`U+${code.toString(16)}: "${folded}", then "${fold(folded)}"`);
  }
});

test("words are runs of letters and digits of any script", () => {
  assert.deepEqual(wordsOf("the X-ray (2019), U.S.: 1,000 don't"), "the X ray 2019 U S 1 000 don t".split(" "));
  assert.deepEqual(wordsOf("हिन्दी 日本語 слово"), ["हिन्दी", "日本語", "слово"]);
  assert.deepEqual(wordsOf("e\u0301tat"), ["e\u0301tat"], "an accent of its own belongs to its word");
  assert.deepEqual(wordsOf("... -- !? \u0301"), []);
  assert.deepEqual(wordsOf(""), []);
});

test("words are in text order, with no letter or digit between them", () => {
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

test("the key of a title ignores case, accents and punctuation", () => {
  assert.equal(titleKey("  Poincaré maps: A SURVEY!"), "poincare maps a survey");
  assert.equal(titleKey("Poincare\u0301 Maps -- a survey"), titleKey("POINCARE MAPS, A SURVEY"));
  assert.notEqual(titleKey("Part 1"), titleKey("Part 2"));
  assert.equal(titleKey("?!"), "");
});

test("letters that do not decompose are compared as their usual replacements", () => {
  assert.equal(
    foldLetters("Øresund Łódź Đakovo Straße STRAẞE Ærø Œuvre Þórr ışık IŞIK"),
    "oresund lodz dakovo strasse strasse aero oeuvre thorr isik isik",
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) =>
      assert.equal(foldLetters(foldLetters(text)), foldLetters(text)),
    ),
  );
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    const folded = foldLetters(character);
    if (folded !== character && foldLetters(folded) !== folded) assert.fail(`U+${code.toString(16)}: "${folded}"`);
  }
});

describe("the terms of a text", () => {
  const TABLE: [text: string, terms: string][] = [
    ["The X-ray of U.S. harbours, 1,000 don't", "the x ray of u s harbours 1 000 don t"],
    ["H₂O and ﬁelds №5 ½", "h2o and fields no5 1 2"],
    ["β-catenin", "beta catenin"],
    ["TNFα, TNF-α, TNF-alpha, TNF alpha", "tnf alpha tnf alpha tnf alpha tnf alpha"],
    ["IL-1β IL-1beta IL-1 beta IL1beta", "il 1 beta il 1 beta il 1 beta il1 beta"],
    ["α4β7 alpha4beta7", "alpha 4 beta 7 alpha 4 beta 7"],
    ["PI3K alphabet mu4e 1alphabet", "pi3k alphabet mu4e 1alphabet"],
    ["5 µm, 𝛼, ϑ, Ω", "5 mu m alpha theta omega"],
    ["Ο ρόλος του νερού", "omicron ρολοσ του νερου"],
    ["αβ", "αβ"],
    ["ΔψM", "δψ m"],
    ["绿茶", "绿茶 茶"],
    ["绿茶叶的", "绿茶 茶叶 叶的 的"],
    ["茶", "茶"],
    ["使用GPU加速3D打印", "使用 用 gpu 加速 速 3d 打印 印"],
    ["センサーの", "セン ンサ サー ーの の"],
    ["딥러닝을 쓴", "딥러 러닝 닝을 을 쓴"],
    ["ｶﾀｶﾅ", "カタ タカ カナ ナ"],
    ["ㄱㄴ", "ㄱㄴ ㄴ"],
    ["влажность йода", "влажность иода"],
    ["𠮷野家", "𠮷野 野家 家"],
    ["... -- \u0301", ""],
  ];
  for (const [text, terms] of TABLE)
    test(JSON.stringify(text), () => assert.deepEqual(termsIn(text), terms === "" ? [] : terms.split(" ").map(fold)));
});

test("the position of a term is the text it is made from", () => {
  fc.assert(
    fc.property(fc.oneof(anyWriting, fc.string({ unit: "binary" })), (text) => {
      const tokens = tokensOf(text);
      assert.deepEqual(
        tokens.map(({ term }) => term),
        termsIn(text),
      );
      let end = 0;
      let start = -1;
      for (const token of tokens) {
        assert.ok(token.end > token.start && token.end <= text.length);
        // A character such as "½" gives two terms; otherwise each begins after the previous one.
        assert.ok(token.start >= start);
        assert.ok(termsIn(text.slice(token.start, token.end)).includes(token.term));
        if (token.start > end) assert.deepEqual(termsIn(text.slice(end, token.start)), [], "nothing is left out");
        end = Math.max(end, token.end);
        start = token.start;
      }
      assert.deepEqual(termsIn(text.slice(end)), []);
    }),
    { numRuns: 2_000 },
  );
});

test("only words of ASCII letters that start otherwise are left out", () => {
  const mayStart = (first: number, second: number) => first < 110 || second === 0;
  const terms = tokensOf("Zebras x and Überzüge, 3D", mayStart).map(({ term }) => term);
  assert.deepEqual(terms, ["x", "and", "uberzuge", "3d"]);
  fc.assert(
    fc.property(fc.oneof(anyWriting, fc.lorem(), fc.string({ unit: "binary" })), (text) => {
      const all = tokensOf(text);
      const kept = tokensOf(text, mayStart);
      const places = new Set(kept.map(({ term, start }) => `${start} ${term}`));
      const isKept = ({ term, start }: (typeof all)[number]) => places.has(`${start} ${term}`);
      assert.deepEqual(kept, all.filter(isKept));
      for (const token of all)
        if (!isKept(token)) assert.ok(/^[n-z][a-z]+$/.test(token.term), `"${token.term}" was left out`);
    }),
    { numRuns: 2_000 },
  );
});

test("terms that are read without strings are the same, and their hashes differ exactly if they do", () => {
  const hashes = new Map<string, string>();
  const terms = new Map<string, string>();
  const mixed = fc
    .array(fc.oneof(anyWriting, fc.lorem(), fc.string({ unit: "binary" })))
    .map((parts) => parts.join(" "));
  fc.assert(
    fc.property(fc.oneof(anyWriting, mixed, fc.string({ unit: "binary" })), (text) => {
      const found: string[] = [];
      eachTerm(text, (source, start, end, low, high) => {
        const [term, hash] = [source.slice(start, end).toLowerCase(), `${low} ${high}`];
        found.push(term);
        assert.equal(hashes.get(term) ?? hash, hash, `one hash of ${term}`);
        assert.equal(terms.get(hash) ?? term, term, `one term with ${hash}`);
        hashes.set(term, hash);
        terms.set(hash, term);
      });
      assert.deepEqual(found, termsIn(text));
    }),
    { numRuns: 1_000 },
  );
  assert.ok(hashes.size > 500, `${hashes.size} terms`);
});

test("each term has itself as its only term", () => {
  fc.assert(
    fc.property(anyWriting, (text) => {
      for (const term of termsIn(text)) assert.equal(phraseOf(term).terms.join(" "), term);
    }),
  );
});

test("any part of a Chinese, Japanese or Korean text is a phrase of its terms", () => {
  const run = fc.array(fc.constantFrom(...Array.from("绿茶叶の研究センサー한국폐암 ")), { maxLength: 10 });
  fc.assert(
    fc.property(run, run, fc.nat(20), fc.nat(20), (before, after, a, b) => {
      const characters = [...before, "gpu", ...after];
      const text = characters.join("");
      const part = characters.slice(Math.min(a, b), Math.max(a, b)).join("");
      const { terms, open } = phraseOf(part);
      if (terms.length === 0) return;
      assert.ok(` ${termsIn(text).join(" ")} `.includes(` ${terms.join(" ")}${open ? "" : " "}`), `${part} of ${text}`);
    }),
    { numRuns: 1_000 },
  );
});
