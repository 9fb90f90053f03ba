import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseQuery, spelled } from "../../src/ranking/query.js";

describe("parsed queries", () => {
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
    ["“deep learning” for proteins", "deep learning for proteins", '"deep learning"'],
    ["„deep learning“ «cell atlas»", "deep learning cell atlas", '"deep learning" "cell atlas"'],
    ["title:“deep learning” author:«Ann Reed»", "", 'title:"deep learning" author:"Ann Reed"'],
    ["-“sports car” jaguar", "jaguar", '-"sports car"'],
    ["tides NOT harbour", "tides", "-harbour"],
    ["tides AND NOT harbour", "tides", "-harbour"],
    ['tides NOT "small harbour"', "tides", '-"small harbour"'],
    ["tides NOT author:reed", "tides", "-author:reed"],
    ["tides NOT 2019", "tides", '-"2019"'],
    ["title:tea AND year:2018", "", "title:tea year:2018"],
    ['"back pain" OR "knee pain"', "back pain knee pain", '("back pain" OR "knee pain")'],
    ['tea "back pain" OR "knee pain" salt', "tea back pain knee pain salt", '("back pain" OR "knee pain")'],
    ['"a one" OR "b two" OR "c three"', "a one b two c three", '("a one" OR "b two" OR "c three")'],
    [
      '("back pain" OR knee) AND (tea OR "green coffee")',
      "back pain knee tea green coffee",
      '("back pain" OR knee) (tea OR "green coffee")',
    ],
    ['("a one" AND "b two") OR "c three"', "a one b two c three", '(("a one" AND "b two") OR "c three")'],
    ['tea NOT ("back pain" OR knee)', "tea", '-("back pain" OR knee)'],
    ['tea -("back pain" OR knee)', "tea", '-("back pain" OR knee)'],
    ['("back pain" tea)', "back pain tea", '"back pain"'],
    ["author:reed OR author:holm", "", "(author:reed OR author:holm)"],
    ["year:2018 OR NOT year:2019", "", "(year:2018 OR -year:2019)"],
    ["yog* and pain", "yog and pain", "yog*"],
    ["tea -yog*", "tea", "-yog*"],
    ["anti-inflam* salve", "anti-inflam salve", "anti-inflam*"],
    ["yog*, tea", "yog tea", "yog*"],
    ["title:yog* tea", "tea", "title:yog*"],
    ["author:van der Maaten t-SNE", "t-SNE", 'author:"van der Maaten"'],
    ["author:J. Müller steel", "steel", 'author:"J. Müller"'],
    ["author:Müller, J. steel", "steel", 'author:"Müller, J"'],
    ["author:van", "", "author:van"],
    ["author:reed van", "van", "author:reed"],
    ["author:de NOT tea", "", "author:de -tea"],
  ];
  for (const [q, text, understood] of TABLE)
    test(q, () => {
      const parsed = parseQuery(q);
      assert.deepEqual([parsed.text, spelled(parsed.restrictions)], [text, understood]);
      // Parsing the normalised query gives the same.
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

describe("queries that do not parse are plain words", () => {
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
    "O’Brien",
    "the 5” disk",
    "5” and 6” pipes",
    "“unclosed phrase",
    "he said ‘deep learning’",
    "to be or not to be",
    "salt and pepper",
    "TO BE OR NOT TO BE",
    "AND",
    "OR NOT",
    "cat AND",
    "NOT gates in a circuit",
    "A* search",
    "R*-tree and C*-algebra",
    "Tea (a survey) in harbours",
    "f(x) and (g)",
    "(unclosed",
    "closed)",
  ];
  for (const q of WORDS)
    test(q, () => {
      const text = q.replaceAll(/\s+/g, " ").trim();
      assert.deepEqual({ ...parseQuery(q), notes: [] }, plain(text));
    });

  test("so are texts of many words or several lines, whatever they contain", () => {
    for (const q of [`author:hinton ${"word ".repeat(60)}`, 'Title: "a"\nauthor:hinton'])
      assert.deepEqual(parseQuery(q), plain(q));
  });
});

test("AND and OR between words are not searched for, and this is reported", () => {
  const { text, restrictions, operators } = parseQuery("falls OR fractures AND (tea OR coffee)");
  assert.deepEqual([text, restrictions, operators], ["falls fractures tea coffee", [], true]);
});

test("a prefix is searched for as a prefix", () => {
  assert.deepEqual(parseQuery("yog* tea anti-inflam* -zum*").beginnings, ["yog", "inflam"]);
});

test("unsupported syntax is reported", () => {
  for (const [q, note] of [
    ["*itis of the knee", /"\*itis" .* end of a word/],
    ["behavio*ral", /"behavio\*ral" .* end of a word/],
    ["wom?n", /"wom\?n"/],
    ["tea NEAR/3 coffee", /"NEAR\/3" is not understood/],
    ["tea[tiab]", /"\[tiab\]" is not understood/],
    ["TEA NOT COFFEE", /capitals NOT is a word: write -word/],
    [`tea AND ${"coffee ".repeat(60)}`, /more than 300 characters/],
  ] as const)
    assert.match(parseQuery(q).notes.join(" "), note, q);
  for (const q of ["A* search", "p* < 0.05", "is it tea?", "a*b", "tea AND coffee", "word ".repeat(100)])
    assert.deepEqual(parseQuery(q).notes, [], q);
});

test("no query is an error, and no word is lost", () => {
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
    ")",
    "*",
    "“",
    "”",
    " AND ",
    " OR ",
    " NOT ",
    "-(",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const q = pieces.join("");
      const { text, words: plain, restrictions } = parseQuery(q);
      assert.ok(plain.length <= text.length);
      const words = (of: string) => of.match(/[\p{L}\p{N}]+/gu) ?? [];
      const kept = new Set(words(`${text} ${spelled(restrictions)}`));
      for (const word of words(q)) if (!/^(?:AND|OR|NOT)$/.test(word)) assert.ok(kept.has(word), `${word} of ${q}`);
    }),
  );
});
