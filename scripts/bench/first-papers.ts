import { createReadStream, writeFileSync } from "node:fs";
import { readPapers } from "../../src/formats/index.js";

/** Writes the first papers of a file in any format to another file. @returns The path of that file. */
export async function firstPapers(from: string, count: number, to: string): Promise<string> {
  const lines: string[] = [];
  for await (const reading of readPapers(createReadStream(from)))
    if (reading.kind === "paper" && lines.push(`${JSON.stringify(reading.paper)}\n`) >= count) break;
  writeFileSync(to, lines.join(""));
  return to;
}
