import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import { frequenciesOf, strongestTerms } from "../../src/ranking/terms.js";
import { contentTerms, termsOf } from "../../src/words/terms.js";
import { stemOf } from "../../src/words/stem.js";
import { describeModel } from "../../src/embedding/description.js";
import { openDatabase } from "../../src/store/database.js";
import { Store } from "../../src/store/store.js";
import { termsIn } from "../../src/core/text.js";
import { samplePapers, sampleDirectory, temporaryDirectory } from "../sample.js";

type Cleaning = Parameters<typeof temporaryDirectory>[0];

/** The stems that FTS5 makes of each text, in text order, from papers stored as usual. */
function indexed(t: Cleaning, texts: readonly string[]): string[][] {
  const directory = temporaryDirectory(t);
  const store = Store.open(directory, { identity: "none", dimensions: 8 });
  store.write(() => texts.forEach((title, i) => store.papers.put({ id: `${i}`, title })));
  store.close();
  const database = openDatabase(directory);
  database.exec("CREATE VIRTUAL TABLE temp.instances USING fts5vocab(main, words, instance)");
  const stems: string[][] = texts.map(() => []);
  const rows = database.prepare<[], { doc: number; term: string }>(
    "SELECT doc, term FROM instances ORDER BY doc, offset",
  );
  for (const { doc, term } of rows.iterate()) stems[doc - 1]?.push(term);
  database.close();
  return stems;
}

/** The words whose stems differ from those of FTS5. */
function differences(t: Cleaning, words: readonly string[]): string[] {
  const stems = indexed(t, words);
  return words.flatMap((word, i) => {
    const [ours, theirs] = [termsOf(word).map(({ stem }) => stem), [...new Set(stems[i])]];
    return ours.join(" ") === theirs.join(" ") ? [] : [`${word}: ${ours.join(" ")}, in FTS5 ${theirs.join(" ")}`];
  });
}

test("every word of the sample has the same stem as in FTS5", (t) => {
  const texts = samplePapers().flatMap(({ title, abstract, authors }) => [title, abstract, ...authors]);
  const words = [...new Set(texts.flatMap((text) => text.split(" ")))];
  assert.ok(words.length > 6_000, `${words.length} words`);
  assert.deepEqual(differences(t, words), []);
});

test("words with accents, digits, hyphens, ligatures and other letters have the same stem as in FTS5", (t) => {
  const words =
    "1970s 10s 3d CO2 H₂O log₂ CaIrSn₄ x-ray 50-year résumés naïvely Poincaré Erdős Ørsted Łukasiewicz ﬁelds straßes " +
    "β-catenin μ-opioids Schrödinger's İstanbul ΟΔΟΣ οδός ½ ﬃ 東京 हिन्दी теория agreed feed ties skies dying y yy sky " +
    "happy owed sing sinning hopping fizzed proceed ions ion eed eeds ing ying us as is gas oed bled s ss sss ies";
  assert.deepEqual(differences(t, words.split(" ")), []);
});

test("made-up words with English endings have the same stem as in FTS5", (t) => {
  const endings =
    "s es ies sses eed ed ing ated bled ized y ational tional enci anci izer bli alli entli eli ousli ization ation " +
    "ator alism iveness fulness ousness aliti iviti biliti logi icate ative alize iciti ical ful ness al ance ence er " +
    "ic able ible ant ement ment ent sion tion ou ism ate iti ous ive ize e ll";
  const letters = fc.constantFrom(..."a e i o u y b c d l n r s t w x z 1 ß ø".split(" "));
  const beginning = fc.array(letters, { maxLength: 5 }).map((characters) => characters.join(""));
  const word = fc.tuple(beginning, fc.constantFrom(...endings.split(" "))).map((parts) => parts.join(""));
  assert.deepEqual(differences(t, fc.sample(word, { numRuns: 5_000, seed: 1 })), []);
});

test("words of up to 64 bytes are stemmed, longer ones are not, as in FTS5", (t) => {
  const words = [60, 61, 62, 63, 64].flatMap((length) => [
    `${"b".repeat(length)}oing`,
    `${"ß".repeat(length / 2)}oing`,
  ]);
  assert.deepEqual(differences(t, words), []);
  assert.equal(stemOf("boing".repeat(20)), "boing".repeat(20));
});

test("words begin and end at the same characters as in FTS5, for every character", (t) => {
  const texts: string[] = [];
  const size = 2_000;
  let part: string[] = [];
  for (let code = 1; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    // Unassigned characters (Cn) may become anything, and surrogates (Cs) are not characters.
    if (!/[\p{Cn}\p{Cs}]/u.test(character)) part.push(`a${character}b`);
    if (part.length === size || code === 0x10ffff) {
      texts.push(part.join("\n"));
      part = [];
    }
  }
  for (const [i, stems] of indexed(t, texts).entries()) assert.deepEqual(stems, termsIn(texts[i]!).map(stemOf));
});

test("a text's terms are its stems, each once, in order, with the first word and the number of occurrences", () => {
  assert.deepEqual(termsOf("Networks of NETWORKING networks; one Réseau"), [
    { word: "networks", stem: "network", count: 3 },
    { word: "of", stem: "of", count: 1 },
    { word: "one", stem: "on·", count: 1 },
    { word: "reseau", stem: "reseau", count: 1 },
  ]);
});

test("stop words are left out, unless there are only stop words", () => {
  const words = (text: string) => contentTerms(text).map(({ word }) => word);
  assert.deepEqual(words("the theory of the firm"), ["theory", "firm"]);
  assert.deepEqual(words("to be or not to be"), ["to", "be", "or", "not"]);
  assert.deepEqual(words("?!"), []);
});

test("the strongest terms are rare in the library and frequent in the text; unknown words are left out", async (t) => {
  const engine = new EmbeddedEngine(await sampleDirectory(t), await describeModel());
  t.after(() => engine.close());
  const { papers } = await engine.counts();
  const strongest = async (text: string, most: number) => {
    const terms = termsOf(text);
    const known = { papers, frequencies: await frequenciesOf(engine, terms) };
    return strongestTerms(terms, most, known).map(({ word }) => word);
  };
  assert.deepEqual(await strongest("the crispr of the and qqqqq", 1), ["crispr"]);
  assert.ok(!(await strongest("the crispr of the and qqqqq", 9)).includes("qqqqq"));
  assert.deepEqual(await strongest("crispr hippocampus crispr hippocampus hippocampus", 1), ["hippocampus"]);
});
