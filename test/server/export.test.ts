/** Papers as citations and as files, in every export format. */
import "../tiny.js";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { exportFormatSchema, type ExportFormat, type PaperAnswer } from "../../src/api.js";
import { writePapers, type Paper } from "../../src/kindred.js";
import { read } from "../formats/readings.js";
import { bytesOf, jsonLines, problemIn, servedSample, type Query } from "./serving.js";

const ODD = {
  id: "https://example.org/a?b=c&d=e#f é%2F",
  title: "=Spaces & 100% of {braces}",
  authors: ["Smith, Jones & Sons, Ltd."],
};
const served = servedSample((kindred) => kindred.import(bytesOf(jsonLines(ODD))));

const FILES: Record<ExportFormat, [file: string, type: string]> = {
  jsonl: ["kindred.jsonl", "application/x-ndjson"],
  bibtex: ["kindred.bib", "application/x-bibtex"],
  biblatex: ["kindred.biblatex.bib", "application/x-biblatex"],
  ris: ["kindred.ris", "application/x-research-info-systems"],
  "csl-json": ["kindred.json", "application/vnd.citationstyles.csl+json"],
  csv: ["kindred.csv", "text/csv"],
  markdown: ["kindred.md", "text/markdown"],
  text: ["kindred.txt", "text/plain"],
};
const FORMATS = exportFormatSchema.options;
const cite = (id: string, query: Query = {}) => served.path(`api/papers/${encodeURIComponent(id)}/cite`, query);

async function written(papers: AsyncIterable<Paper> | Iterable<Paper>, format: ExportFormat): Promise<string> {
  let text = "";
  for await (const piece of writePapers(papers, format)) text += piece;
  return text;
}

/** The text of a body as sent; fetch would remove the byte order mark. */
async function asked(path: string, from = {}): Promise<{ headers: Headers; text: string }> {
  const response = await fetch(served.serving.url + path, { headers: from });
  assert.equal(response.status, 200);
  return { headers: response.headers, text: Buffer.from(await response.arrayBuffer()).toString() };
}

describe("a paper is cited", () => {
  for (const format of FORMATS)
    for (const id of ["vaswani-2017-attention", ODD.id])
      test(`as ${format}: ${id}`, async () => {
        const { headers, text } = await asked(cite(id, { format }));
        assert.equal(headers.get("content-type"), `${FILES[format][1]}; charset=utf-8`);
        assert.equal(headers.get("content-disposition"), null, "to be shown, not saved");
        const paper = await served.kindred.paper(id);
        assert.equal(text, await written([paper], format));
        if (format === "text" || format === "markdown") return;
        const [back] = (await read(text)).papers;
        assert.deepEqual([back?.title, back?.authors], [paper.title, paper.authors]);
      });

  test("by the key that the answer about it has", async () => {
    const { text } = await served.ask(`api/papers/${encodeURIComponent(ODD.id)}`);
    const { citationKey } = JSON.parse(text) as PaperAnswer;
    assert.match(citationKey, /^smithspaces-[a-z]{6}$/);
    assert.match((await asked(cite(ODD.id))).text, new RegExp(`^@misc\\{${citationKey},`));
  });

  test("as BibTeX by default", async () => {
    assert.match((await asked(cite("vaswani-2017-attention"))).text, /^@inproceedings\{vaswani-2017-attention,\n/);
  });
});

describe("all papers are exported", () => {
  for (const format of FORMATS)
    test(`with compression, as ${format}`, async () => {
      const { headers } = await asked(`api/export?format=${format}`, { "x-forwarded-for": "203.0.113.1" });
      assert.equal(headers.get("content-encoding"), "gzip");
    });

  for (const format of FORMATS)
    test(`as ${format}`, async () => {
      const { headers, text } = await asked(served.path("api/export", { format }));
      const [file, type] = FILES[format];
      assert.equal(headers.get("content-type"), `${type}; charset=utf-8`);
      assert.equal(headers.get("content-disposition"), `attachment; filename="${file}"`);
      assert.equal(text, await written(served.kindred.papers(), format));
      if (format === "text" || format === "markdown") assert.equal(text.trimEnd().split("\n").length, 155);
      else assert.equal((await read(text)).papers.length, 155);
    });

  test("as JSON Lines by default", async () => {
    const { headers } = await asked("api/export");
    assert.match(headers.get("content-disposition") ?? "", /"kindred\.jsonl"/);
  });

  test("and HEAD returns only the headers", async () => {
    const { status, headers, text } = await served.ask("api/export?format=csv", { method: "HEAD" });
    assert.deepEqual([status, text, headers.get("content-type")], [200, "", "text/csv; charset=utf-8"]);
    assert.equal(headers.get("content-disposition"), 'attachment; filename="kindred.csv"');
  });
});

describe("errors are reported, without a file name", () => {
  const WRONG: [query: Query, parameter: string][] = [
    [{ format: "docx" }, "format"],
    [{ format: "json" }, "format"],
    [{ format: "" }, "format"],
    [{ format: "BIBTEX" }, "format"],
    [{ format: ["ris", "csv"] }, "format"],
    [{ form: "ris" }, "form"],
  ];
  for (const [query, parameter] of WRONG)
    test(JSON.stringify(query), async () => {
      for (const path of [served.path("api/export", query), cite("vaswani-2017-attention", query)]) {
        const reply = await served.ask(path);
        const problem = problemIn(reply, 400);
        assert.equal(problem.parameter, parameter);
        if (parameter === "format")
          for (const format of FORMATS) assert.ok(problem.detail.includes(format), problem.detail);
        assert.equal(reply.headers.get("content-disposition"), null);
      }
    });

  test("an unknown paper", async () => {
    const problem = problemIn(await served.ask(cite("nobody-2000-nothing", { format: "ris" })), 404);
    assert.equal(problem.parameter, "id");
  });
});
