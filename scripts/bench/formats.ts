/**
 * How fast files of each format are read: the same papers in every format, without storing them.
 *
 * FILE holds papers in any format that Kindred reads. They are written in each format as other programs and services write it
 * (`written.ts`); Kindred's own exports are written by Kindred. Formats take turns in five rounds; the median of the CPU times counts.
 */
import { createReadStream } from "node:fs";
import { readPapers } from "../../src/formats/index.js";
import { writePapers } from "../../src/formats/write.js";
import type { PaperRecord } from "../../src/core/paper.js";
import { paperOf } from "../../test/formats/papers.js";
import { MACHINE, readCommand } from "../common/command.js";
import { cpuTime, median } from "../common/numbers.js";
import { written } from "./written.js";

const { values, words } = readCommand("npm run bench -- formats FILE [--papers 2000]", 1, {
  papers: { type: "string", default: "2000" },
});
const [file = ""] = words;
const ROUNDS = 5;

const records: PaperRecord[] = [];
for await (const reading of readPapers(createReadStream(file)))
  if (reading.kind === "paper" && records.push(reading.paper) >= Number(values.papers)) break;

const abstracts = records.filter(({ abstract }) => abstract !== undefined).length;

const files = new Map<string, Buffer>();
const OWN = { jsonl: "JSON Lines", csv: "CSV", bibtex: "BibTeX", ris: "RIS", "csl-json": "CSL-JSON" } as const;
for (const [format, name] of Object.entries(OWN)) {
  const parts: string[] = [];
  for await (const part of writePapers(records.map(paperOf), format as keyof typeof OWN)) parts.push(part);
  files.set(name, Buffer.from(parts.join("")));
}
for (const [format, text] of written(records)) files.set(format, Buffer.from(text));

const times = new Map([...files.keys()].map((name) => [name, [] as number[]]));
for (let round = 0; round < ROUNDS; round++)
  for (const [name, bytes] of files) {
    const before = cpuTime();
    const got = await read(bytes);
    times.get(name)!.push((cpuTime() - before) / 1000);
    // DBLP has no abstracts.
    const expected = { papers: records.length, abstracts: name.startsWith("DBLP") ? 0 : abstracts };
    if (got.papers !== expected.papers || got.abstracts !== expected.abstracts)
      throw new Error(`${name}: got ${JSON.stringify(got)}, expected ${JSON.stringify(expected)}`);
  }

console.log(`${MACHINE}\n${records.length} papers\n`);
const rate = (name: string): number => records.length / median(times.get(name)!);
console.log("| format | MB | papers a second | MB a second | of JSON Lines |\n|---|---|---|---|---|");
for (const name of [...files.keys()].toSorted((a, b) => rate(b) - rate(a))) {
  const megabytes = files.get(name)!.length / 1e6;
  const cells = [
    megabytes.toFixed(1),
    rate(name).toFixed(0),
    ((megabytes * rate(name)) / records.length).toFixed(1),
    `${((100 * rate(name)) / rate("JSON Lines")).toFixed(0)}%`,
  ];
  console.log(`| ${[name, ...cells].join(" | ")} |`);
}

async function read(bytes: Buffer): Promise<{ papers: number; abstracts: number }> {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 64 * 1024) yield bytes.subarray(at, at + 64 * 1024);
  }
  const got = { papers: 0, abstracts: 0 };
  for await (const reading of readPapers(pieces())) {
    if (reading.kind !== "paper") continue;
    got.papers++;
    if (reading.paper.abstract !== undefined) got.abstracts++;
  }
  return got;
}
