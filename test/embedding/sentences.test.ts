import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sentencesOf } from "../../src/embedding/sentences.js";
import { samplePapers } from "../sample.js";

const split = (text: string): string[] => sentencesOf(text).map(({ start, end }) => text.slice(start, end));

/** For any text, spans are in order, disjoint and trimmed, and nothing between them is lost. */
function wellFormed(text: string): void {
  let at = 0;
  for (const { start, end } of sentencesOf(text)) {
    assert.ok(start >= at && end > start && end <= text.length, `${start} to ${end} behind ${at}`);
    assert.equal(text.slice(at, start).trim(), "", "only white space stands between sentences");
    assert.equal(text.slice(start, end), text.slice(start, end).trim());
    at = end;
  }
  assert.equal(text.slice(at).trim(), "", "nothing is left at the end");
  assert.ok(sentencesOf(text).length <= 64);
}

test("spans are in order, disjoint, trimmed, at most 64, and cover everything but white space", () => {
  const piece = fc.constantFrom(
    ..."Cats. |Dogs bark! |e.g. |et al. |Fig. 2 |A. |1.5 |? |… |\n\n|  |。|これは文です。|x|The quick brown fox ran over it. ".split(
      "|",
    ),
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme" }),
    fc.array(piece, { maxLength: 300 }).map((pieces) => pieces.join("")),
  );
  fc.assert(fc.property(text, wellFormed), { numRuns: 500 });
  for (const { abstract } of samplePapers()) wellFormed(abstract);
});

const EXAMPLES: { what: string; sentences: string[] }[] = [
  {
    what: "sentences",
    sentences: ["We study how penguins keep warm.", "Do they huddle in turns?", "They do, all through winter!"],
  },
  {
    what: "abbreviations",
    sentences: [
      "We follow Smith et al. (2019) and use, e.g. Bayesian models, i.e. priors, cf. Fig. 2 and Eq. 3 of Ref. 4.",
      "All of it is new, vs. Prof. Jones and Dr. Li of St. Andrews.",
    ],
  },
  { what: "initials", sentences: ["The proof is due to J. R. R. Erdos and A. Renyi.", "Here is another proof of it."] },
  {
    what: "decimals and versions",
    sentences: ["Accuracy rose from 0.5 to 97.25 percent with v2.0 of it.", "It fell by 1.5 points after that."],
  },
  {
    what: "headings of a structured abstract, which go with what follows",
    sentences: [
      "BACKGROUND: Sleep is poorly understood in bears.",
      "METHODS: We watched twelve bears for one winter.",
      "RESULTS: All of the bears slept through it.",
    ],
  },
  {
    what: "Chinese and Japanese",
    sentences: ["これは冬の間に熊がどのように眠るかについての研究です。", "熊はよく眠ることがこの研究でわかりました。"],
  },
];
for (const { what, sentences } of EXAMPLES)
  test(`a text is split into its sentences: ${what}`, () => {
    assert.deepEqual(split(sentences.join(" ")), sentences);
  });

test("pieces too short for a sentence are joined to their neighbour", () => {
  assert.deepEqual(split("Yes. No. We studied how bears sleep in winter. Done."), [
    "Yes. No. We studied how bears sleep in winter. Done.",
  ]);
  assert.deepEqual(split("We studied how bears sleep. They sleep very well in caves. OK."), [
    "We studied how bears sleep.",
    "They sleep very well in caves. OK.",
  ]);
  assert.deepEqual(split("Short."), ["Short."]);
});

test("an empty text has no sentences", () => {
  for (const text of ["", " ", "\n\t\u00a0"]) assert.deepEqual(sentencesOf(text), []);
});

test("everything after the 63rd sentence is one last sentence", () => {
  const texts = Array.from({ length: 100 }, (_, i) => `This is the sentence with number ${i}.`);
  const found = split(texts.join(" "));
  assert.equal(found.length, 64);
  assert.deepEqual(found.slice(0, 63), texts.slice(0, 63));
  assert.equal(found[63], texts.slice(63).join(" "));
});

test("the longest allowed abstract is split in linear time, whatever it contains", () => {
  for (const piece of ["word ", "A. ", "et al. ", "x", "。", "One sentence of the usual kind. ", "\n", "?! "]) {
    const text = piece.repeat(200_000 / piece.length);
    // CPU time of this process, so that other load does not matter.
    const before = process.cpuUsage();
    sentencesOf(text);
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 2e6, `${JSON.stringify(piece)}: ${user + system} microseconds`);
    wellFormed(text);
  }
});
