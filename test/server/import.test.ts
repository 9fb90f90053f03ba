/** Uploads: every format, and every kind of failure. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { importReportSchema, type ImportReport } from "../../src/api.js";
import { zipped } from "../../scripts/common/zip.js";
import { idsOf, jsonLines, parsed, problemIn, servedSample } from "./serving.js";

const served = servedSample();
const reportOf = async (...request: Parameters<typeof served.import>): Promise<ImportReport> =>
  parsed(importReportSchema, await served.import(...request));

const BIBTEX = `@article{otter2020, title = {Otters juggling pebbles}, author = {Wren, Ada}, year = 2020}`;
const RIS = "TY  - JOUR\nID  - badger\nTI  - Badgers rolling apples\nPY  - 2021\nER  - \n";
const CSV = "id,title,abstract\nlynx,Lynxes watching snowfall,They watch it for hours.\n";
const ENDNOTE = "%0 Book\n%F vole\n%T Voles dancing on haystacks\n";
const TSV = "id\ttitle\nheron\tHerons standing in fountains\n";

describe("papers of every format are imported, and found by their words at once", () => {
  const TABLE: [what: string, body: string | Uint8Array, format: ImportReport["format"], id: string, q: string][] = [
    ["JSON Lines", jsonLines({ id: "newt", title: "Newts climbing drainpipes" }), "jsonl", "newt", "drainpipes"],
    ["JSON", '[{"id":"mole","title":"Moles mapping cellars"}]', "json", "mole", "cellars"],
    ["BibTeX", BIBTEX, "bibtex", "otter2020", "pebbles"],
    ["RIS", RIS, "ris", "badger", "apples"],
    ["RefWorks", "RT Book\nID stoat\nT1 Stoats surfing on ferries\n", "refworks", "stoat", "ferries"],
    ["a ZIP archive", zipped([{ name: "a.enw", bytes: ENDNOTE }]), "zip", "vole", "haystacks"],
    ["CSV", CSV, "csv", "lynx", "snowfall"],
    ["TSV", TSV, "csv", "heron", "fountains"],
    [
      "XML",
      "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>7</PMID><Article><ArticleTitle>Storks on chimneys.</ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>",
      "xml",
      "PMID:7",
      "chimneys",
    ],
    ["gzip", gzipSync(jsonLines({ id: "toad", title: "Toads under lampposts" })), "jsonl", "toad", "lampposts"],
    ["a byte order mark", `\ufeff${jsonLines({ id: "crow", title: "Crows on antennas" })}`, "jsonl", "crow", "crows"],
  ];
  for (const [what, body, format, id, q] of TABLE)
    test(what, async () => {
      const report = await reportOf(body);
      assert.deepEqual([report.format, report.added, report.rejected], [format, 1, 0]);
      assert.deepEqual(idsOf(await served.answer({ q, mode: "lexical" })), [id]);
      const again = await reportOf(body);
      assert.deepEqual([again.added, again.updated, again.unchanged], [0, 0, 1]);
    });

  test("and by their meaning soon after, automatically", async () => {
    await served.embedded();
    const status = await served.status();
    assert.equal(status.embedded, status.papers);
    const { hits } = await served.answer({ q: "amphibian", mode: "semantic", limit: 10 });
    assert.ok(hits.some(({ paper, similarity }) => paper.id === "newt" && similarity !== null));
  });

  test("whatever the Content-Type", async () => {
    for (const type of ["application/json", "text/plain", "application/x-bibtex", "application/x-www-form-urlencoded"])
      assert.equal((await reportOf(BIBTEX, "", { "content-type": type })).unchanged, 1, type);
  });
});

test("abbreviations defined in a BibTeX file do not apply to other uploads", async () => {
  const defined = await reportOf("@string{jhedge = {Journal of Hedgehogs}}\n");
  assert.deepEqual([defined.abbreviations, defined.added, defined.rejected, defined.import], [1, 0, 0, null]);
  const { remarks } = await reportOf("@article{hedge1, title = {Hedgehogs in leaf piles}, journal = jhedge}\n");
  assert.match(remarks.map(({ reason }) => reason).join(), /"jhedge" is not defined/);
});

test("one bad record among good ones is reported with its line, and the good ones are imported", async () => {
  const lines = ['{"id":"g1","title":"Good one"}', '{"id":"b1"}', "{broken", '{"id":"g2","title":"Good two"}'];
  const report = await reportOf(lines.join("\n"), "?name=mine.jsonl");
  assert.deepEqual([report.added, report.rejected], [2, 2]);
  assert.deepEqual(
    report.problems.map(({ file, line }) => [file, line]),
    [
      ["mine.jsonl", 2],
      ["mine.jsonl", 3],
    ],
  );
  assert.ok(report.problems.every(({ reason }) => reason.length > 5));
});

test("ignored fields are counted and named", async () => {
  const report = await reportOf(
    jsonLines({ id: "o", title: "Odd", shoeSize: 5 }, { id: "p", title: "P", shoeSize: 6 }),
  );
  assert.deepEqual(report.ignored, { shoeSize: 2 });
});

describe("a file without papers answers 400 and says why", () => {
  const form = new FormData();
  form.set("file", new Blob([BIBTEX]), "papers.bib");
  const TABLE: [what: string, body: Parameters<typeof served.import>[0], reason: RegExp][] = [
    ["nothing", undefined, /empty/],
    ["an empty body", "", /empty/],
    ["white space", " \n\t\n", /white space/],
    ["prose", "Dear librarian, please find my papers.", /unknown format/],
    ["zero bytes", new Uint8Array(5_000), /not text/],
    ["a PDF", "%PDF-1.7\n...", /PDF/],
    ["a picture", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10), /PNG/],
    ["a web page", "<!doctype html><html></html>", /web page/],
    ["gzip that ends too soon", gzipSync(BIBTEX).subarray(0, 12), /./],
    ["gzip of nothing", gzipSync(""), /empty/],
    ["a form", form, /--data-binary/],
  ];
  for (const [what, body, reason] of TABLE)
    test(what, async () => {
      const { papers } = await served.status();
      assert.match(problemIn(await served.import(body), 400).detail, reason);
      assert.equal((await served.status()).papers, papers);
    });

  test("and so does an unknown parameter, or an empty name", async () => {
    assert.equal(problemIn(await served.import(BIBTEX, "?format=bibtex"), 400).parameter, "format");
    assert.equal(problemIn(await served.import(BIBTEX, "?name="), 400).parameter, "name");
  });
});

test("a table without a title column has a format but no papers", async () => {
  const report = await reportOf("author,year\nAda,1843\n");
  assert.deepEqual([report.format, report.added, report.rejected], ["csv", 0, 1]);
});
