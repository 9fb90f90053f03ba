/**
 * How fast files of each format are read: the same papers in every format, without storing them.
 *
 * FILE holds papers in any format that Kindred reads. Formats take turns in five rounds; the median of the CPU times counts.
 */
import { createReadStream } from "node:fs";
import { readPapers } from "../../src/formats/index.js";
import { writePapers } from "../../src/formats/write.js";
import type { PaperRecord } from "../../src/core/paper.js";
import { paperOf } from "../../test/formats/papers.js";
import { MACHINE, readCommand } from "../common/command.js";
import { cpuTime, median } from "../common/numbers.js";

const { values, words } = readCommand("npm run bench -- formats FILE [--papers 2000]", 1, {
  papers: { type: "string", default: "2000" },
});
const [file = ""] = words;
const ROUNDS = 5;

const records: PaperRecord[] = [];
for await (const reading of readPapers(createReadStream(file)))
  if (reading.kind === "paper" && records.push(reading.paper) >= Number(values.papers)) break;

const files = new Map<string, Buffer>();
for (const format of ["jsonl", "csv", "bibtex", "ris", "csl-json"] as const) {
  const parts: string[] = [];
  for await (const part of writePapers(records.map(paperOf), format)) parts.push(part);
  files.set(format, Buffer.from(parts.join("")));
}
files.set("PubMed XML", Buffer.from(pubmed(records)));
files.set("OAI-PMH, arXiv", Buffer.from(oai(records)));

const times = new Map([...files.keys()].map((name) => [name, [] as number[]]));
for (let round = 0; round < ROUNDS; round++)
  for (const [name, bytes] of files) {
    const before = cpuTime();
    const count = await read(bytes);
    times.get(name)!.push((cpuTime() - before) / 1000);
    if (count !== records.length) throw new Error(`${name}: ${count} papers were read, expected ${records.length}`);
  }

console.log(`${MACHINE}\n${records.length} papers\n`);
console.log("| format | MB | papers a second | MB a second |\n|---|---|---|---|");
for (const [name, bytes] of files) {
  const seconds = median(times.get(name)!);
  const megabytes = bytes.length / 1e6;
  console.log(
    `| ${name} | ${megabytes.toFixed(1)} | ${(records.length / seconds).toFixed(0)} | ${(megabytes / seconds).toFixed(1)} |`,
  );
}

async function read(bytes: Buffer): Promise<number> {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 64 * 1024) yield bytes.subarray(at, at + 64 * 1024);
  }
  let count = 0;
  for await (const reading of readPapers(pieces())) if (reading.kind === "paper") count++;
  return count;
}

function escaped(text = ""): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** With as much around the papers as PubMed's own files have. */
function pubmed(papers: PaperRecord[]): string {
  const date = (name: string) => `<${name}><Year>2020</Year><Month>01</Month><Day>02</Day></${name}>\n`;
  const articles = papers.map(
    ({ title, abstract, authors = [], keywords = [] }, at) =>
      `<PubmedArticle>\n<MedlineCitation Status="MEDLINE" Owner="NLM">\n<PMID Version="1">${at + 1}</PMID>\n${date("DateCompleted")}${date("DateRevised")}` +
      `<Article PubModel="Print"><Journal><ISSN IssnType="Print">0000-0000</ISSN><JournalIssue CitedMedium="Print"><Volume>1</Volume>${date("PubDate")}</JournalIssue><Title>A journal</Title></Journal>\n` +
      `<ArticleTitle>${escaped(title)}</ArticleTitle>\n<Abstract><AbstractText>${escaped(abstract)}</AbstractText></Abstract>\n<AuthorList CompleteYN="Y">` +
      `${authors.map((name) => `<Author ValidYN="Y"><LastName>${escaped(name)}</LastName><AffiliationInfo><Affiliation>Department of Things, University of Somewhere.</Affiliation></AffiliationInfo></Author>\n`).join("")}</AuthorList>` +
      `<Language>eng</Language></Article>\n<MedlineJournalInfo><Country>England</Country></MedlineJournalInfo><KeywordList>${keywords.map((keyword) => `<Keyword>${escaped(keyword)}</Keyword>`).join("")}</KeywordList></MedlineCitation>\n` +
      `<PubmedData><History>${date("PubMedPubDate").repeat(3)}</History><ArticleIdList><ArticleId IdType="pubmed">${at + 1}</ArticleId></ArticleIdList></PubmedData>\n</PubmedArticle>\n`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>\n<PubmedArticleSet>\n${articles.join("")}</PubmedArticleSet>\n`;
}

function oai(papers: PaperRecord[]): string {
  const answers = papers.map(
    ({ title, abstract, authors = [], categories = [] }, at) =>
      `<record>\n<header><identifier>oai:arXiv.org:${at}</identifier><datestamp>2020-01-02</datestamp></header>\n<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/">` +
      `<id>${String(2001 + (at % 12))}.${String(at).padStart(5, "0")}</id><created>2020-01-02</created><authors>${authors.map((name) => `<author><keyname>${escaped(name)}</keyname></author>`).join("")}</authors>` +
      `<title>${escaped(title)}</title><categories>${escaped(categories.join(" "))}</categories><abstract>${escaped(abstract)}</abstract></arXiv></metadata></record>\n`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH><ListRecords>\n${answers.join("")}</ListRecords></OAI-PMH>\n`;
}
