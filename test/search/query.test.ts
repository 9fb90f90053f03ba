import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseQuery, spelled } from "../../src/search/query.js";

describe("what is understood", () => {
  const TABLE: [q: string, text: string, understood: string][] = [
    ["deep learning", "deep learning", ""],
    ['"deep learning" for proteins', "deep learning for proteins", '"deep learning"'],
    ["jaguar -car", "jaguar", "-car"],
    ['jaguar -"sports car"', "jaguar", '-"sports car"'],
    ["author:hinton boltzmann", "boltzmann", "author:hinton"],
    ['maps author:"van der Maaten"', "maps", 'author:"van der Maaten"'],
    ["AUTHOR:hinton", "", "author:hinton"],
    ["title:survey venue:nature category:cs.LG graphs", "graphs", "title:survey venue:nature category:cs.LG"],
    ["year:2019", "", "year:2019"],
    ["waves year:2015..2017", "waves", "year:2015..2017"],
    ["waves year:2015..", "waves", "year:2015.."],
    ["waves year:..2015", "waves", "year:..2015"],
    ["waves year:2017..2015", "waves", "year:2015..2017"],
    ["waves -year:2015 -author:smith", "waves", "-year:2015 -author:smith"],
    ["author:hinton author:lecun", "", "author:hinton author:lecun"],
    ["waves year:2015-2017, in water", "waves in water", "year:2015..2017"],
    ["year:2015–2017", "", "year:2015..2017"],
    ["segmentation -3d", "segmentation", "-3d"],
    ['"deep learning", "protein"?', "deep learning, protein?", '"deep learning" "protein"'],
    ["author:hinton, year:2019.", "", "author:hinton year:2019"],
  ];
  for (const [q, text, understood] of TABLE)
    test(q, () => {
      const parsed = parseQuery(q);
      assert.deepEqual([parsed.text, spelled(parsed.restrictions)], [text, understood]);
      // What was understood is understood again.
      assert.deepEqual(parseQuery(understood).restrictions, parsed.restrictions);
    });
});

const plain = (text: string) => ({
  text,
  words: text,
  restrictions: [],
  beginnings: [],
  operators: false,
  notes: [],
});

describe("what does not parse is words", () => {
  const WORDS = [
    "C++ and C#",
    "state-of-the-art methods",
    "a - b",
    "-",
    "--",
    "- word",
    "-5 degrees",
    "title:",
    "author: hinton",
    'title:""',
    'author:"',
    '"unclosed phrase',
    'an "unclosed phrase and more',
    "foo:bar",
    "year:abc",
    "year:19",
    "year:20190",
    "year:..",
    "http://example.org/a:b",
    "10.1145/3292500.3330701",
    "e-mail",
    "x-author:hinton",
    "ratio 3:2",
    '""',
    '"..."',
    "don't",
    'the 5" disk',
  ];
  for (const q of WORDS)
    test(q, () => {
      const text = q.replaceAll(/\s+/g, " ").trim();
      assert.deepEqual(parseQuery(q), plain(text));
    });

  test("a text of many words, or of several lines, whatever stands in it", () => {
    for (const q of [`author:hinton ${"word ".repeat(60)}`, 'Title: "a"\nauthor:hinton'])
      assert.deepEqual(parseQuery(q), plain(q));
  });
});

test("nothing that is typed is an error, and no word is lost", () => {
  const piece = fc.constantFrom(
    '"',
    "-",
    ":",
    " ",
    "author:",
    "year:",
    "..",
    "2019",
    "word",
    "é",
    "\u0000",
    "'",
    "(",
    "*",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const q = pieces.join("");
      const { text, words: plain, restrictions } = parseQuery(q);
      assert.ok(plain.length <= text.length);
      const words = (of: string) => of.match(/[\p{L}\p{N}]+/gu) ?? [];
      const kept = new Set(words(`${text} ${spelled(restrictions)}`));
      for (const word of words(q)) assert.ok(kept.has(word), `${word} of ${q}`);
    }),
  );
});
