/** Queries in any script, and in the syntax of other search engines, find their papers. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { openKindred, type Kindred } from "../../src/kindred.js";
import { termsIn } from "../../src/core/text.js";
import { temporaryDirectory } from "../sample.js";

const PAPERS: { id: string; title: string; abstract: string; authors: string[]; published?: string }[] = [
  {
    id: "ferry",
    title: "Ice on the ferry to Læsø",
    abstract: "The ferry from Ålborg to Læsø stops when the ice in the fjord is thick.",
    authors: ["Bjørn Østergård", "Zoë Łuczak"],
  },
  {
    id: "street",
    title: "Der Weg zur Großbäckerei",
    abstract: "Brot wird auf der Straße verkauft.",
    authors: ["Uwe Weiß"],
  },
  {
    id: "isik",
    title: "Bees of the steppe",
    abstract: "Bees fly early on warm days.",
    authors: ["Çağla Işıl", "J. van der Berg"],
  },
  {
    id: "moss",
    title: "Storage of β-glucan in roof moss",
    abstract: "Moss stores β-glucan after rain. TGFα and IL-1β have no part in it.",
    authors: ["Jürgen Höß"],
  },
  {
    id: "moss2",
    title: "Roof moss and beta-glucan in snow",
    abstract: "Under snow beta-glucan is lost.",
    authors: ["Ann Reed"],
    published: "2018",
  },
  {
    id: "tea",
    title: "绿茶叶片的干燥速度",
    abstract: "本文用GPU模拟绿茶叶片在不同温度下的干燥。",
    authors: ["李小红"],
  },
  {
    id: "bridge",
    title: "木橋の振動センサー",
    abstract: "木橋に取り付けたセンサーで振動を測る。",
    authors: ["田中 花子"],
  },
  {
    id: "kimchi",
    title: "김치의 온도를 재는 방법",
    abstract: "김치를 보관하는 온도가 맛에 주는 영향을 본다.",
    authors: ["박지우"],
  },
  {
    id: "lake",
    title: "Ο πάγος της λίμνης",
    abstract: "Ο πάγος της λίμνης λιώνει την άνοιξη.",
    authors: ["Νίκος Παππάς"],
  },
  { id: "spins", title: "An Ising model of a crowded bus", abstract: "Passengers are spins.", authors: ["Ida Holm"] },
  { id: "bus", title: "What it is to be on a crowded bus", abstract: "It is what it is.", authors: ["Bo Lund"] },
  {
    id: "stretch",
    title: "Yoga and sleep: a trial",
    abstract: "Yoga lengthened sleep. Neck pain went.",
    authors: ["Uma Rao"],
    published: "2018",
  },
  {
    id: "tai",
    title: "Tai chi and sleep: a trial",
    abstract: "Tai chi lengthened sleep. Knee pain went.",
    authors: ["Uma Rao"],
    published: "2019",
  },
  { id: "heart", title: "Vitamin K OR placebo: NOT a trial", abstract: "An essay on bones.", authors: ["Lee Park"] },
  { id: "young", title: "Sleep of adolescents", abstract: "Adolescents sleep late.", authors: ["Lee Park"] },
];

let kindred: Kindred;
const cleaning: (() => unknown)[] = [];
before(async () => {
  kindred = await openKindred({ directory: temporaryDirectory({ after: (work) => cleaning.push(work) }), workers: 1 });
  await kindred.import(Readable.from([Buffer.from(PAPERS.map((paper) => JSON.stringify(paper)).join("\n"))]));
  await kindred.index();
});
after(async () => {
  await kindred.close();
  for (const work of cleaning) await work();
});

const search = (q: string, mode: "hybrid" | "lexical" | "semantic" = "lexical") =>
  kindred.search({ q, mode, limit: 50 });
const ids = async (q: string, mode?: "hybrid" | "lexical" | "semantic") =>
  (await search(q, mode)).hits.map(({ paper }) => paper.id);

describe("exactly these papers are found", () => {
  const TABLE: [q: string, ids: string][] = [
    // Letters that do not decompose.
    ["author:Ostergard", "ferry"],
    ["author:Østergård", "ferry"],
    ["author:luczak", "ferry"],
    ["author:WEISS", "street"],
    ["author:weiß", "street"],
    ["author:isil", "isik"],
    ["author:IŞIL", "isik"],
    ["Laeso", "ferry"],
    ["Strasse", "street"],
    // Initials and particles.
    ['author:"J. Höß"', "moss"],
    ['author:"Höß, J."', "moss"],
    ['author:"Hoss J"', "moss"],
    ['author:"K. Höß"', ""],
    ['author:"H. Höß"', ""],
    ["author:J", "isik"],
    ["author:van der berg", "isik"],
    ['author:"J. Berg"', "isik"],
    // Greek letters.
    ["title:beta-glucan", "moss moss2"],
    ["title:β-glucan", "moss moss2"],
    ['"beta glucan"', "moss moss2"],
    ['"β-glucan"', "moss moss2"],
    ["TGF-alpha", "moss"],
    ["TGFα", "moss"],
    ['"IL-1beta"', "moss"],
    ["πάγος", "lake"],
    ['"πάγος της"', "lake"],
    // Chinese, Japanese, Korean.
    ["干燥", "tea"],
    ['"叶片的干燥"', "tea"],
    ["title:绿茶", "tea"],
    ["茶", "tea"],
    ['"茶"', "tea"],
    ['"用GPU模"', "tea"],
    ["author:小红", "tea"],
    ["振動", "bridge"],
    ["センサー", "bridge"],
    ["온도", "kimchi"],
    ["김치", "kimchi"],
    ['"김치의 온도"', "kimchi"],
    // Stop words.
    ["What is the Ising model", "spins"],
    ["-ising crowded", "bus"],
    // Operators and beginnings of words.
    ["sleep NOT yoga", "tai young"],
    ["sleep AND NOT yoga", "tai young"],
    ['"neck pain" OR "knee pain"', "stretch tai"],
    ['("neck pain" OR "knee pain") AND yoga', "stretch"],
    ["title:yoga AND year:2018", "stretch"],
    ["yog*", "stretch"],
    ["title:yog*", "stretch"],
    ["adolescen*", "young"],
    ["sleep -adolescen*", "stretch tai"],
    ['"tai ch*"', "tai"],
  ];
  for (const [q, expected] of TABLE)
    test(q, async () => {
      const wanted = expected === "" ? [] : expected.split(" ");
      const found = await ids(q);
      // A plain word next to a condition ranks, and excludes nothing.
      if (q.endsWith("AND yoga"))
        assert.deepEqual([found[0], new Set(found)], ["stretch", new Set(["stretch", "tai"])]);
      else assert.deepEqual(found.toSorted(), wanted);
    });
});

test("in hybrid mode they come first", async () => {
  for (const [q, id] of [
    ["TGFα", "moss"],
    ["TGF-alpha", "moss"],
    ["干燥速度", "tea"],
    ["What is the Ising model", "spins"],
    ["センサー", "bridge"],
  ] as const)
    assert.equal((await ids(q, "hybrid"))[0], id, q);
});

test("filters of the request match names like author:", async () => {
  for (const [author, id] of [
    ["Ostergard", "ferry"],
    ["J. Höß", "moss"],
    ["小红", "tea"],
  ] as const) {
    const { papers } = await kindred.browse({ author: [author], limit: 50 });
    assert.deepEqual(
      papers.map((paper) => paper.id),
      [id],
      author,
    );
  }
});

test("matched words are given as written", async () => {
  for (const [q, id, words] of [
    ["laeso ALBORG", "ferry", ["Læsø", "Ålborg"]],
    ["TGF-alpha", "moss", ["TGF", "α"]],
    ["绿茶的干燥", "tea", ["绿茶", "的干燥"]],
    ["茶", "tea", ["茶"]],
    ["yog*", "stretch", ["Yoga"]],
    ["ising", "spins", ["Ising"]],
  ] as const)
    assert.deepEqual((await search(q)).hits.find(({ paper }) => paper.id === id)?.matched.words, words, q);
});

test("a pasted title with OR and NOT in it ranks its paper first, and these are not operators", async () => {
  for (const mode of ["hybrid", "lexical"] as const) {
    const { hits, understood } = await search("Vitamin K OR placebo: NOT a trial", mode);
    assert.equal(hits[0]?.paper.id, "heart");
    assert.equal(understood, null);
  }
});

test("the answer says how operators were understood, and which were not", async () => {
  assert.equal((await search("sleep NOT yoga")).understood, "sleep -yoga");
  assert.equal((await search("yoga OR sleep")).understood, "yoga sleep");
  assert.equal((await search("yoga or sleep")).understood, null);
  assert.equal((await search('sleep "neck pain" OR "knee pain"')).understood, 'sleep ("neck pain" OR "knee pain")');
  assert.match((await search("*oga sleep")).notice ?? "", /a \* is understood at the end of a word/);
  assert.match((await search("zum*")).notice ?? "", /^No paper that was asked for holds zum\*: searched for its words/);
  const { hits, notice } = await search('"moss in sand" OR "rain in sand"');
  assert.match(notice ?? "", /^No paper that was asked for holds \("moss in sand" OR "rain in sand"\) word for word/);
  assert.ok(hits.length > 0);
});

test("single letters and words that are not English are not treated as misspelled", async () => {
  for (const q of ["σ", "ω-3", "干燥的速度", "김치찌개", "温度"])
    assert.equal((await kindred.search({ q })).suggestion, null, q);
});

test("any phrase from a paper finds it, in every script", async () => {
  const from = fc.constantFrom(
    ...PAPERS.flatMap(({ id, title, abstract }) => [title, abstract].map((text) => ({ id, text }))),
  );
  const unspaced = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}]/u;
  await fc.assert(
    fc.asyncProperty(from, fc.nat(), fc.nat(), async ({ id, text }, a, b) => {
      // Between words, and between any two characters in scripts without spaces.
      const cuts = Array.from(text)
        .map((_, i) => i)
        .filter((i) => i === 0 || /\s/.test(text[i - 1]!) || (unspaced.test(text[i]!) && unspaced.test(text[i - 1]!)));
      const [start, end] = [cuts[a % cuts.length]!, [...cuts, text.length][b % (cuts.length + 1)]!].toSorted(
        (x, y) => x - y,
      ) as [number, number];
      const phrase = text.slice(start, end);
      if (termsIn(phrase).length === 0) return;
      const { hits, notice } = await search(`"${phrase}"`);
      assert.ok(
        hits.some(({ paper }) => paper.id === id),
        `"${phrase}" of ${id}: ${notice}`,
      );
      assert.equal(notice, null, phrase);
    }),
    { numRuns: 300 },
  );
});
