/** A thread that reads files of papers; its parent terminates it if a file takes too long. */
import { parentPort } from "node:worker_threads";
import { parse } from "csv-parse/sync";
import { readPapers, type Format } from "../../src/formats/index.js";
import { writePapers } from "../../src/formats/write.js";
import { recordSchema, type Paper, type PaperRecord } from "../../src/core/paper.js";
import { paperOf } from "../../test/formats/papers.js";

/** The result of reading one file. */
export type Read = {
  format: Format | null;
  papers: number;
  problems: number;
  /** Faults, such as an invalid paper, or a formula in an exported table. */
  wrong: string[];
};

/** Number of papers per file that are also exported. */
const WRITTEN = 5;
/** Lone surrogates, control characters, and those that change the direction of text. */
const INVISIBLE = /[\p{Cs}\p{Cc}\p{Bidi_Control}]/u;
const FORMULA = /^[=+\-@\t\r]/;

const prototype = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));

parentPort!.on("message", (bytes: Uint8Array) => {
  void read(bytes).then(
    (read) => parentPort!.postMessage(read),
    (thrown: unknown) =>
      parentPort!.postMessage({
        format: null,
        papers: 0,
        problems: 0,
        wrong: [`it threw ${String(thrown instanceof Error ? thrown.stack : thrown)}`],
      } satisfies Read),
  );
});

async function read(bytes: Uint8Array): Promise<Read> {
  const read: Read = { format: null, papers: 0, problems: 0, wrong: [] };
  const some: PaperRecord[] = [];
  for await (const reading of readPapers(chunks(bytes))) {
    if (reading.kind === "format") read.format = reading.format;
    else if (reading.kind === "problem") read.problems++;
    else if (reading.kind === "paper") {
      read.papers++;
      if (some.length < WRITTEN) some.push(reading.paper);
      // The papers of a decompression bomb are all alike.
      const { error } = read.papers > 10_000 ? {} : recordSchema.safeParse(reading.paper);
      if (error !== undefined) read.wrong.push(`line ${reading.line}: invalid paper: ${error.message}`);
      if (
        Object.values(reading.paper)
          .flat()
          .some((value) => INVISIBLE.test(String(value)))
      )
        read.wrong.push(`line ${reading.line}: invisible characters in a field`);
    }
  }
  for (const cell of await cells(some))
    if (FORMULA.test(cell)) read.wrong.push(`a formula in a table: ${cell.slice(0, 80)}`);
  if (JSON.stringify(Object.getOwnPropertyNames(Object.prototype)) !== prototype)
    read.wrong.push("Object.prototype is changed");
  return read;
}

async function cells(records: readonly PaperRecord[]): Promise<string[]> {
  let table = "";
  for await (const piece of writePapers(records.map(written), "csv")) table += piece;
  return parse(table, { bom: true }).flat();
}

/** A paper with its key as id, as the store may assign it. */
const written = (record: PaperRecord): Paper => paperOf({ ...record, id: record.id ?? record.key ?? "id" });

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
