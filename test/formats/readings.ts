/** Reads papers and problems from text or bytes, for tests. */
import { readPapers } from "../../src/formats/index.js";
import type { Reading } from "../../src/formats/reading.js";
import type { PaperRecord } from "../../src/core/paper.js";

export interface Readings {
  format: string | undefined;
  papers: PaperRecord[];
  /** "line: reason" */
  problems: string[];
  remarks: string[];
  ignored: Record<string, number>;
  abbreviations: number;
  all: Reading[];
}

export async function* chunksOf(input: string | Uint8Array, size = Infinity): AsyncGenerator<Uint8Array> {
  const bytes = typeof input === "string" ? Buffer.from(input) : input;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function read(
  input: string | Uint8Array | AsyncIterable<Uint8Array>,
  options: { abbreviations?: Map<string, string> } = {},
): Promise<Readings> {
  const source = typeof input === "string" || input instanceof Uint8Array ? chunksOf(input) : input;
  const readings: Readings = {
    format: undefined,
    papers: [],
    problems: [],
    remarks: [],
    ignored: {},
    abbreviations: 0,
    all: [],
  };
  for await (const reading of readPapers(source, options)) {
    readings.all.push(reading);
    if (reading.kind === "format") readings.format = reading.format;
    else if (reading.kind === "paper") readings.papers.push(reading.paper);
    else if (reading.kind === "problem") readings.problems.push(`${reading.line}: ${reading.reason}`);
    else if (reading.kind === "remark") readings.remarks.push(`${reading.line}: ${reading.reason}`);
    else if (reading.kind === "abbreviations") readings.abbreviations = reading.count;
    else readings.ignored = reading.fields;
  }
  return readings;
}
