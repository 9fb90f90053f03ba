import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MAX_TEXT } from "../../src/api.js";
import { MOST_TO_FIND, paperIn, recognise, type Pasted } from "../../src/web/add/pasted.js";

const file = (format: string): Pasted => ({ as: "file", format });
const identifiers = (count: number): Pasted => ({ as: "identifiers", count });

const ABSTRACT = "We trained honeybees to fly past landmarks. See 10.1000/bees for the films.";
const TABLE: [what: string, text: string, pasted: Pasted][] = [
  ["nothing", "", { as: "nothing" }],
  ["white space", " \n\t ", { as: "nothing" }],
  ["BibTeX", "@article{bees, title = {Bees}}", file("BibTeX")],
  ["BibTeX behind a comment", "% mine\n\n  @InProceedings (bees,\n title = {Bees})", file("BibTeX")],
  ["RIS", "TY  - JOUR\nTI  - Bees\nUR  - https://example.org/\nER  - ", file("RIS")],
  ["RIS behind a byte order mark", "\ufeffTY  - JOUR\nTI  - Bees\nER  - ", file("RIS")],
  ["RIS that quotes BibTeX", "TY  - JOUR\nTI  - Bees\nN2  - x\n@article{a}\nER  - ", file("RIS")],
  ["PubMed's format", "PMID- 1\nTI  - Bees\n", file("PubMed")],
  ["EndNote's format", "%0 Journal Article\n%T Bees", file("EndNote")],
  ["RefWorks' format", "Tag legend\n\nRT Book, Section\nT1 Bees", file("RefWorks")],
  ["Web of Science's format", "PT J\r\nTI Bees\r\nER", file("Web of Science")],
  ["an object", '{"title": "Bees"}', file("JSON")],
  ["a list", ' [ {"title": "Bees"}]', file("JSON")],
  ["objects on lines", '{"title": "Bees"}\n{"title": "Wasps"}', file("JSON")],
  ["a table", "id,Title,Abstract\n1,Bees,They count", file("CSV")],
  ["a table with tabs and quotation marks", '"Article Title"\t"Year"\nBees\t2008', file("CSV")],
  ["XML", '<?xml version="1.0"?>\n<rss/>', file("XML")],
  ["an element of XML", "<PubmedArticle>\n</PubmedArticle>", file("XML")],
  ["a title that begins in italics", "<i>Apis</i> that count to four", { as: "text" }],
  ["a DOI", "10.1000/bees", identifiers(1)],
  ["an arXiv id", " arXiv:1706.03762v2 ", identifiers(1)],
  ["links and more", "https://example.org/a\n1706.03762, doi:10.1000/bees", identifiers(3)],
  ["the same twice", "10.1000/bees\nhttps://doi.org/10.1000/BEES", identifiers(1)],
  ["references", "Hive, A.: Bees. 10.1000/bees\nHive, B.: Wasps. https://doi.org/10.1000/wasps", identifiers(2)],
  ["identifiers and a line that is none", "10.1000/a\n10.1000/b\nmy favourites", identifiers(2)],
  ["a title", "Bees that count to four", { as: "text" }],
  ["a title and an abstract with a DOI in it", `Bees that count\n\n${ABSTRACT}`, { as: "text" }],
  ["numbered notes in brackets", "[1] Bees\n[2] Wasps", { as: "text" }],
  ["an address by mail", "ada@hive.example\nBees", { as: "text" }],
  ["a sentence with a title in it", "Bees, by title and by name\ncount", { as: "text" }],
  ["more than can be looked up", "10.1000/a\n".repeat(30_000), { as: "text" }],
];

describe("pasted text is recognised by its beginning", () => {
  for (const [what, text, pasted] of TABLE) test(what, () => assert.deepEqual(recognise(text), pasted));
});

test("the page looks up as much text as the server accepts", () => assert.equal(MOST_TO_FIND, MAX_TEXT));

test("the first line of a text is the title, the rest the abstract", () => {
  assert.deepEqual(paperIn("\n Bees that count \r\n\r\nThey do.\r\nTo four.\n"), {
    title: "Bees that count",
    abstract: "They do.\nTo four.",
  });
  assert.deepEqual(paperIn("Bees"), { title: "Bees", abstract: "" });
});
