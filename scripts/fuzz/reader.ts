/** A thread that reads files of papers: what never ends is ended from outside. */
import { parentPort } from "node:worker_threads";
import { parse } from "csv-parse/sync";
import { readPapers, type Format } from "../../src/formats/index.js";
import { writePapers } from "../../src/formats/write.js";
import { recordSchema, type Paper, type PaperRecord } from "../../src/core/paper.js";
import { paperOf } from "../../test/formats/papers.js";

/** What came of one file. */
export type Read = {
  format: Format | null;
  papers: number;
  problems: number;
  /** What should not be: an invalid paper, a formula in a table. */
  wrong: string[];
};

/** Papers of one file that are also written again. */
const WRITTEN = 5;
/** Half of a pair, which is no character; characters of control, and those that turn text round. */
const UNSEEN = /[\p{Cs}\p{Cc}\p{Bidi_Control}]/u;
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
      // All of a bomb's papers are alike.
      const { error } = read.papers > 10_000 ? {} : recordSchema.safeParse(reading.paper);
      if (error !== undefined) read.wrong.push(`line ${reading.line} is no paper: ${error.message}`);
      if (
        Object.values(reading.paper)
          .flat()
          .some((value) => UNSEEN.test(String(value)))
      )
        read.wrong.push(`line ${reading.line} is no text`);
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

/** With its key for an id, as the store may give it out. */
const written = (record: PaperRecord): Paper => paperOf({ ...record, id: record.id ?? record.key ?? "id" });

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
