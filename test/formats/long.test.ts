/** Any small text, repeated many times anywhere in a file, is read in linear time. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cpuTime } from "../../scripts/common/numbers.js";
import { read } from "./readings.js";

/** Limit on CPU time: linear time is below a second, quadratic time would be minutes to hours. */
const MOST = 20_000;
const LENGTH = 400_000;

const blanks = " ".repeat(LENGTH);
const files: [name: string, text: string][] = [
  ["blanks between two names", JSON.stringify({ title: "t", authors: `a${blanks}b` })],
  ["blanks behind a comma between names", JSON.stringify({ title: "t", authors: `a,${blanks}b` })],
  ["blanks before an affiliation", JSON.stringify({ title: "t", update_date: "2017", authors: `a${blanks}b` })],
  ["blanks between names of BibTeX", `@a{k, title={t}, author={a${blanks}b}}`],
  ["blanks behind a key of BibTeX", `@a{k${blanks}{t}}`],
  ["blanks before a field of BibTeX", `@a{${blanks}"t"}`],
  ["a field of BibTeX many times", `@a{k, title={t}, ${"f={x},".repeat(LENGTH / 8)}}`],
  ["words of BibTeX put together", `@a{k, title=${"a # ".repeat(LENGTH / 8)} b}`],
  ["an entry of BibTeX that is never closed", `@a{k, title={t\n${"@a{k\n".repeat(LENGTH / 4)}`],
  ["empty rows of a table", `title,year\n${"\n".repeat(10 * LENGTH)}a,2001\n`],
  ["empty lines before a record of RIS", `x\n${"\n".repeat(LENGTH)}TY  - JOUR\nTI  - t\nER  - \n`],
  ["empty lines in a record of PubMed", `PMID- 1\nTI  - t\n${"\n".repeat(LENGTH)}TI  - u\n`],
  ["titles of EndNote", `%0 Book\n${"%T t\n\n".repeat(LENGTH / 4)}`],
  ["fields of no record", `FN Clarivate\n${"AB x\n\n".repeat(LENGTH / 4)}ER\n`],
  ["blanks before the full stop of a title", `PMID- 1\nTI  - a${blanks}.\n`],
  ["full stops of a title", `PMID- 1\nTI  - a${".".repeat(LENGTH)}b\n`],
  ["brackets of a title", `PMID- 1\nTI  - ${"[".repeat(LENGTH)}.\n`],
  ["quotation marks of a table of Web of Science", `PT\tTI\tUT\nJ\t${'"'.repeat(LENGTH + 1)}\t1\n`],
  [
    "lines of Zotero's notes",
    JSON.stringify([{ data: { itemType: "book", title: "t", extra: `doi:${blanks}\n`.repeat(3) } }]),
  ],
  ["percent signs", `%A a\n${"%".repeat(LENGTH)}`],
  ["comments of a page", "<!--".repeat(LENGTH)],
  ["declarations before the first element", "<!DOCTYPE a [<!--".repeat(LENGTH / 8)],
  ["tags of XML that are never closed", `<rss>${"<item ".repeat(LENGTH)}`],
  ["elements of XML that are never closed", `<rss><item>${"<a>".repeat(LENGTH)}`],
  ["elements that start again", `<rss>${"<item><a>".repeat(LENGTH / 8)}</rss>`],
  ["closing tags that close nothing", `<rss><item>${"</a>".repeat(LENGTH)}</item></rss>`],
  ["ampersands", `<rss><item><title>${"& ".repeat(LENGTH)}</title></item></rss>`],
  ["entities", `<rss><item><title>a</title><x>${"&a;".repeat(LENGTH)}</x></item></rss>`],
  ["attributes", `<rss><item><title a${" b='c'".repeat(9_000)}>a</title></item></rss>`],
  ["child elements of one record", `<rss><item><title>a</title>${"<a>b</a>".repeat(LENGTH / 8)}</item></rss>`],
  ["authors of one paper", `<rss><item><title>a</title>${"<author>A B</author>".repeat(LENGTH / 8)}</item></rss>`],
  [
    "different child elements",
    `<rss><item><title>a</title>${Array.from({ length: LENGTH / 8 }, (_, at) => `<a${at}>b</a${at}>`).join("")}</item></rss>`,
  ],
  [
    "quotation marks in a description",
    `<rss><item><title>a</title><description>${"&lt;b>Authors".repeat(LENGTH / 20)}</description></item></rss>`,
  ],
];

describe("is read in linear time:", () => {
  for (const [name, text] of files)
    test(name, async () => {
      const before = cpuTime();
      await read(text);
      const took = cpuTime() - before;
      assert.ok(took < MOST, `${Math.round(took)} ms`);
    });

  test("and a BibTeX entry still has the same content", async () => {
    const { papers, problems } = await read(
      "@a{ a key , title={one}}\n@a{key title={two}}\n@a{title={three}}\n@a{, title={four}}\n@a{k:1 \n author={A and\n B and  others}, title={five}}\n@misc{last}\n",
    );
    assert.deepEqual(
      papers.map(({ key, title, authors }) => [key, title, authors]),
      [
        ["a key", "one", undefined],
        ["key", "two", undefined],
        [undefined, "three", undefined],
        [undefined, "four", undefined],
        ["k:1", "five", ["A", "B"]],
      ],
    );
    assert.equal(problems.length, 1);
  });
});
