/** Odd queries of people, programs and cats: each gets hits or a reason, the same twice, and never an error. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { answerSchema } from "../../src/api.js";
import type { Kindred } from "../../src/kindred.js";
import { openSample } from "../sample.js";

const LOG: readonly string[] = [
  // Empty, or nearly empty.
  ["", " ", "\t\n", "\0", "\u200b", "\ufeff", ".", "?", "!!!", "-", "--", "---", "…", '"', '""', "'", "''", "()", "[]"],
  [
    "*",
    "**",
    "^",
    "+",
    "~",
    "\\",
    "\\\\",
    "/",
    "//",
    "|",
    "||",
    "&",
    "&&",
    "%",
    "%%",
    "_",
    "$",
    "#",
    "@",
    ";",
    "`",
    "<>",
  ],
  ["a", "I", "x", "7", "é", "ß", "µ", "中", "あ", "한", "א", "ع", "क", "ก", "🙂", "👩‍🔬", "🇺🇳", "e\u0301", "\u0301"],
  // Stop words, and nearly meaningless words.
  ["the", "of the", "to be or not to be", "what is it", "how", "is there a", "and and and", "not", "or", "no"],
  // FTS5 syntax.
  [
    "AND",
    "OR NOT",
    "NEAR(cat dog, 5)",
    "NEAR",
    "cat NEAR dog",
    "title : cat",
    "{title abstract} : cat",
    "^cat",
    "cat*",
  ],
  [
    "cat + dog",
    '"cat" * "dog"',
    "(cat OR dog) AND NOT fish",
    "- cat",
    "cat -",
    "col:cat",
    "rowid:1",
    "cat AND",
    '"cat',
  ],
  // Syntax of SQL, shells, HTML and templates.
  [
    "'; DROP TABLE papers; --",
    "1 OR 1=1",
    "UNION SELECT * FROM papers",
    "%' OR '1'='1",
    "papers.title",
    "NULL",
    "null",
  ],
  ["$(rm -rf /)", "`ls`", "; cat /etc/passwd", "../../etc/passwd", "C:\\Windows", "${7*7}", "{{7*7}}", "%00", "%s%s%n"],
  [
    "<script>alert(1)</script>",
    "<b>bold</b>",
    "&lt;b&gt;",
    "&#x41;",
    "<!-- -->",
    "]]>",
    "javascript:alert(1)",
    "__proto__",
  ],
  ["constructor", "hasOwnProperty", "undefined", "NaN", "true", "[object Object]", '{"q": "x"}', "q=x&limit=1"],
  // The query language, valid and invalid.
  [
    "author:",
    'author:""',
    "author:nobody",
    "author:turing",
    "author:turing -author:turing",
    "-author:turing",
    "title:x",
  ],
  [
    "title:attention",
    "venue:nature",
    "-venue:nature",
    "category:Medicine",
    "category:",
    "year:1953",
    "year:1953..",
    "year:..1953",
  ],
  [
    "year:9999",
    "year:0000",
    "year:1960..1950",
    "year:-1",
    "year:abc",
    "year:",
    "year:..",
    "foo:bar",
    "a:b:c",
    ":",
    "::",
    "author:a:b",
  ],
  [
    '"double helix"',
    '"helix double"',
    '-"double helix" dna',
    '"a "b" c"',
    '"unclosed and',
    'un"closed',
    "-cancer",
    "-cancer -the",
  ],
  [
    "cancer -cancer",
    "-",
    "- -",
    "--cancer",
    "-5",
    "-5 degrees",
    'cancer -smoking year:1950..2000 author:doll "british"',
    "AUTHOR:TURING",
  ],
  ['title:"double helix" venue:nature year:1953 category:Biology author:watson', "-year:1953", "-title:the"],
  // Identifiers and addresses, known and not.
  [
    "10.1038/171737a0",
    "doi:10.1038/171737a0",
    "https://doi.org/10.1038/171737a0",
    "10.9999/none",
    "arXiv:1706.03762",
    "1706.03762v5",
  ],
  [
    "9999.99999",
    "https://arxiv.org/abs/1706.03762",
    "http://example.org",
    "ftp://x",
    "mailto:a@b.c",
    "a@b.c",
    "//x.y",
    "PMID: 12345",
  ],
  ["ISBN 0-306-40615-2", "vaswani-2017-attention", "urn:isbn:0", "10.", "10.1/"],
  // Formulas and code.
  [
    "$E = mc^2$",
    "\\frac{a}{b}",
    "\\begin{equation}",
    "H₂O",
    "H2O",
    "CO₂ in the air",
    "x² + y² = z²",
    "α-helix",
    "β",
    "∑∫∂√",
    "O(n log n)",
  ],
  [
    "C++",
    "C#",
    ".NET",
    "F1-score",
    "p < 0.05",
    "n=1",
    "10^6",
    "1e-5",
    "3.14",
    "0x1F",
    "i++",
    "a[0]",
    "f(x)",
    "lambda x: x",
    "#include <x>",
  ],
  // Numbers, dates, and long texts.
  ["0", "-1", "2020", "1,000", "12/11/2019", "2019-12-11", "1900-2000", "99999999999999999999", "1".repeat(300)],
  [
    "a".repeat(5_000),
    "word ".repeat(5_000),
    "?".repeat(5_000),
    '"'.repeat(1_001),
    "-a ".repeat(90),
    "author:a ".repeat(30),
  ],
  [
    "(".repeat(500),
    "é".repeat(2_000),
    "🙂".repeat(1_000),
    "中文".repeat(1_000),
    "a b ".repeat(1_000),
    "\n".repeat(1_000),
  ],
  // Other languages and directions.
  [
    "apprentissage profond",
    "Wie lernen Maschinen?",
    "¿qué es la gravedad?",
    "обучение нейронных сетей",
    "深層学習",
    "深度学习",
    "기계 학습",
  ],
  [
    "التعلم العميق",
    "למידה עמוקה",
    "गहन शिक्षण",
    "การเรียนรู้เชิงลึก",
    "Ελληνικά ς",
    "İstanbul",
    "STRAßE",
    "naïve Bayes",
    "ﬁeld",
    "\u202edlrow",
  ],
  // Broken characters.
  [
    "\ud800",
    "\udc00 word",
    "a\ud83d",
    "\u0000word\u0000",
    "\u0007bell",
    "\u001b[31mred",
    "a\u200db",
    "a\u00adb",
    "Z͑ͫ̓a̴l̵g̷o",
    "\ufffd\ufffe\uffff",
  ],
  // Typical mistakes.
  [
    "smokng",
    "kahnemann prospct theory",
    "WHY DOES SMOKING CAUSE CANCER???",
    "dna dna dna dna",
    "papers like attention is all you need",
  ],
  [
    "pls find me smth about black holes",
    "attention",
    "Attention Is All You Need",
    '"Attention Is All You Need"',
    "attention-is-all-you-need",
  ],
  [
    "attention is all you nee",
    "who discovered insulin",
    "AI",
    "ML",
    "RL",
    "LLM hallucination",
    "gpt",
    "BERT vs GPT",
    "sota",
    "e.g.",
    "et al.",
  ],
].flat();

let kindred: Kindred;
let closing: (() => Promise<void>)[] = [];
before(async () => {
  kindred = await openSample({ after: (work) => void closing.push(work as () => Promise<void>) });
});
after(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
});

test(`each of ${LOG.length} odd inputs gets hits or a reason, the same twice`, async () => {
  assert.ok(LOG.length >= 200);
  for (const q of LOG) {
    const shown = JSON.stringify(q.slice(0, 80));
    const answer = answerSchema.parse(await kindred.search({ q, limit: 5 }));
    assert.ok(answer.hits.length > 0 || (answer.notice ?? "").length > 20, `${shown} got nothing and no reason`);
    assert.deepEqual(await kindred.search({ q, limit: 5 }), answer, shown);
    for (const text of [answer.notice, answer.understood, answer.suggestion])
      assert.ok((text ?? "").length <= 6_000, `${shown} is told at length`);
  }
});

test("conditions of the query language hold in every mode", async () => {
  for (const mode of ["hybrid", "semantic", "lexical"] as const) {
    const papers = async (q: string) => (await kindred.search({ q, mode, limit: 50 })).hits.map(({ paper }) => paper);
    for (const { published } of await papers("stars year:1990..2010")) assert.match(published ?? "", /^(199|200|2010)/);
    for (const { authors } of await papers("machines author:turing")) assert.match(authors.join(), /Turing/);
    for (const { abstract, title } of await papers("cancer -smoking"))
      assert.doesNotMatch(`${title} ${abstract}`, /\bsmok(e|ing)\b/i);
    const held = await papers('"lung cancer"');
    assert.ok(held.length > 0);
    for (const { abstract, title } of held) assert.match(`${title} ${abstract}`, /lung cancer/i);
    assert.deepEqual(await papers("author:turing author:hinton"), []);
  }
});

test("conditions alone list the papers that pass, newest first", async () => {
  const { hits, method, understood } = await kindred.search({ q: "year:1990..2000", limit: 50 });
  assert.equal(method.ranking, "filters");
  assert.equal(understood, "year:1990..2000");
  const dates = hits.map(({ paper }) => paper.published ?? "");
  assert.ok(dates.length > 3);
  assert.deepEqual(dates, dates.toSorted().toReversed());
});

test("a phrase that no paper contains is searched by its words, and the answer says so", async () => {
  const { hits, notice } = await kindred.search({ q: '"cancer lung causes"', mode: "lexical" });
  assert.ok(hits.length > 0);
  assert.match(notice ?? "", /^No paper that was asked for holds "cancer lung causes" word for word/);
});

test("a title in quotes, or with a colon, ranks its paper first", async () => {
  for (const { paper } of (await kindred.search({ q: "year:1900..", limit: 100 })).hits) {
    const { hits } = await kindred.search({ q: `"${paper.title}"`, limit: 1 });
    assert.equal(hits[0]?.paper.id, paper.id);
  }
});

test("an explanation names the query's condition that a paper does not pass", async () => {
  const { why } = await kindred.explain({ q: "cancer -smoking year:1950", id: "doll-1950-smoking" });
  assert.match(why, /does not pass the filter -smoking\.$/);
});
