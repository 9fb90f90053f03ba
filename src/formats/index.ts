/** Reads files of papers in any format, as a stream and in bounded memory. */
import { isUtf8 } from "node:buffer";
import { KindredError } from "../core/errors.js";
import { pauses } from "../core/pauses.js";
import { BibtexReader } from "./bibtex.js";
import { CrossrefCutter } from "./bibtex-crossref.js";
import { DamagedInput, peek, pieces, toUtf8 } from "./bytes.js";
import { readRow, RowCutter } from "./csv.js";
import type { Cut, Cutter } from "./cut.js";
import { ARCHIVE, type Detected, detect } from "./detect.js";
import type { Outcome } from "./draft.js";
import { ENDNOTE } from "./endnote.js";
import { JsonCutter } from "./json.js";
import { readJsonRecord } from "./jsonl.js";
import { LineCutter } from "./lines.js";
import { NBIB } from "./nbib.js";
import type { Abbreviations, Reading } from "./reading.js";
import { REFWORKS } from "./refworks.js";
import { readRisRecord, RisCutter } from "./ris.js";
import { readTagged, TaggedCutter, type TaggedFormat } from "./tagged.js";
import { excerpt } from "./text.js";
import { XmlReader } from "./xml/reader.js";
import { WEB_OF_SCIENCE } from "./web-of-science.js";
import { filesIn, isZip } from "./zip.js";

export type { Abbreviations, Format, Reading } from "./reading.js";

/** Bytes from which the format is detected. */
const HEAD_BYTES = 64 * 1024;
/** Most ids remembered to find repeated ones, and the longest that is remembered. */
const MAX_REMEMBERED = 1_000_000;
const MAX_REMEMBERED_ID = 200;
/** Most names of ignored fields that are counted. */
const MAX_IGNORED = 200;

/**
 * The papers in a file, and what could not be read, in the order of the file, except that BibTeX entries follow the
 * entry they refer to. The format is detected from the content; of an archive, all files are read. Invalid content never
 * throws; an error of the source does, and so does `signal` (as `cancelled`).
 *
 * @param options.abbreviations Known abbreviations; those that the file defines are added.
 */
export async function* readPapers(bytes: AsyncIterable<Uint8Array>, options: Options = {}): AsyncGenerator<Reading> {
  stopIfAborted(options.signal);
  const ignored = new IgnoredFields();
  const source = pieces(bytes);
  try {
    const { head, all } = await peek(source, 4);
    yield* isZip(head) ? readArchive(all, options, ignored) : readFile(all, options, ignored);
    if (ignored.size > 0) yield { kind: "ignored", fields: ignored.counts() };
  } finally {
    await source.return(undefined);
  }
}

interface Options {
  signal?: AbortSignal | undefined;
  abbreviations?: Abbreviations | undefined;
}

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new KindredError("cancelled", "the import was cancelled", { cause: signal.reason });
  }
}

/** Readings of all files in an archive; problems and remarks name the file. */
async function* readArchive(
  bytes: AsyncIterable<Buffer>,
  options: Options,
  ignored: IgnoredFields,
): AsyncGenerator<Reading> {
  yield { kind: "format", format: "zip" };
  const { signal, abbreviations = new Map() } = options;
  const problem = (reason: string): Reading => ({ kind: "problem", line: 1, reason });
  for await (const file of filesIn(bytes)) {
    stopIfAborted(signal);
    if ("skipped" in file) ignored.count(file.skipped);
    else if ("office" in file) yield problem(ARCHIVE);
    else if ("problem" in file) yield problem("name" in file ? `${file.name}: ${file.problem}` : file.problem);
    else {
      for await (const reading of readFile(file.bytes, { signal, abbreviations }, ignored, true)) {
        if (reading.kind === "problem" || reading.kind === "remark") {
          yield { ...reading, reason: `${file.name}: ${reading.reason}` };
        } else if (reading.kind !== "format") yield reading;
      }
    }
  }
}

/** @param archived Whether the file is one of an archive: then it is skipped if it is not even text. */
async function* readFile(
  bytes: AsyncIterable<Buffer>,
  options: Options,
  ignored: IgnoredFields,
  archived = false,
): AsyncGenerator<Reading> {
  const { signal } = options;
  const ids = new SeenIds();
  let line = 1;
  let damage: string | undefined;
  const slice = pauses();
  const pause = () => {
    stopIfAborted(signal);
    return slice();
  };

  await pause();
  const { head, failed, all } = await peek(toUtf8(bytes), HEAD_BYTES);
  try {
    const detected = detect(head);
    if ("problem" in detected) {
      // An error of the source, such as a missing file.
      if (failed !== undefined && !(failed instanceof DamagedInput)) throw failed;
      if (archived && failed === undefined && detected.notText !== undefined) {
        ignored.count(`files of the archive: ${detected.notText}`);
        return;
      }
      // A file that could not be unpacked at all is not just empty.
      const reason = failed instanceof DamagedInput ? failed.message : detected.problem;
      yield { kind: "problem", line: 1, reason };
      return;
    }
    yield { kind: "format", format: detected.format };
    const reader = readerOf(detected, options.abbreviations ?? new Map());
    if ("problem" in reader) {
      yield { kind: "problem", line: 1, reason: reader.problem };
      return;
    }
    const read = function* (cuts: Iterable<Cut>): Generator<Reading> {
      for (const cut of cuts) {
        line = cut.line;
        yield* readCut(cut, reader, ignored, ids);
      }
    };
    try {
      for await (const piece of all) {
        await pause();
        for (const reading of read(reader.cutter.push(piece))) {
          yield reading;
          await pause();
        }
      }
    } catch (error) {
      if (!(error instanceof DamagedInput)) throw error;
      damage = error.message;
    }
    for (const reading of read(reader.cutter.end())) {
      // The last record is only broken because the file is.
      if (damage === undefined || reading.kind !== "problem") yield reading;
      await pause();
    }
    if (damage !== undefined) yield { kind: "problem", line, reason: damage };
    const count = reader.defined?.() ?? 0;
    if (count > 0) yield { kind: "abbreviations", count };
  } finally {
    await all.return(undefined);
  }
}

interface Reader {
  cutter: Cutter;
  /** Undefined for a record that is not meant to be a paper: an empty row, an abbreviation. */
  read: (text: string, line: number, ignored: (field: string) => void) => Outcome | undefined;
  /** The text of a record; undefined for those formats that are in UTF-8. */
  decode?: (bytes: Buffer) => string | { problem: string };
  /** How many abbreviations were defined so far. */
  defined?: () => number;
}

function readerOf(
  detected: Exclude<Detected, { problem: string }>,
  abbreviations: Abbreviations,
): Reader | { problem: string } {
  switch (detected.format) {
    case "csv":
      return tableReader(detected);
    case "bibtex": {
      const entries = new BibtexReader(abbreviations);
      return {
        cutter: new CrossrefCutter(),
        read: (text, _, ignored) => entries.read(text, ignored),
        defined: () => entries.defined,
      };
    }
    case "ris":
      return { cutter: new RisCutter(), read: (text, _, ignored) => readRisRecord(text, ignored) };
    case "xml": {
      const xml = new XmlReader(detected.encoding);
      return {
        cutter: xml.cutter,
        read: (text, line, ignored) => xml.read(text, line, ignored),
        decode: (bytes) => xml.decode(bytes),
      };
    }
    case "nbib":
      return taggedReader(NBIB);
    case "endnote":
      return taggedReader(ENDNOTE);
    case "refworks":
      return taggedReader(REFWORKS);
    case "web-of-science":
      return taggedReader(WEB_OF_SCIENCE);
    case "json":
      return { cutter: new JsonCutter(), read: (text, _, ignored) => readJsonRecord(text, ignored) };
    default:
      return {
        cutter: new LineCutter(),
        read: (text, _, ignored) => (text.trim() === "" ? undefined : readJsonRecord(text, ignored)),
      };
  }
}

const taggedReader = (format: TaggedFormat): Reader => ({
  cutter: new TaggedCutter(format),
  read: (text, _, ignored) => readTagged(format, text, ignored),
});

function tableReader({
  delimiter,
  columns,
  headerLines,
}: Extract<Detected, { format: "csv" }>): Reader | { problem: string } {
  if (!columns.has("title")) {
    const found = columns.names
      .slice(0, 20)
      .map((name) => `"${excerpt(name, 30)}"`)
      .join(", ");
    return {
      problem: `no column with titles: found ${found}; expected one named "title", "article title" or "document title"`,
    };
  }
  return {
    // Web of Science's tables in text have no quotation marks around cells.
    cutter: columns.webOfScience && delimiter === "\t" ? new LineCutter() : new RowCutter(delimiter),
    read: (text, line, ignored) => (line <= headerLines ? undefined : readRow(text, delimiter, columns, ignored)),
  };
}

function* readCut(cut: Cut, reader: Reader, ignored: IgnoredFields, ids: SeenIds): Generator<Reading> {
  const { line } = cut;
  if ("problem" in cut) {
    yield { kind: "problem", line, reason: cut.problem };
    return;
  }
  const text = (reader.decode ?? decodeUtf8)(cut.bytes);
  if (typeof text !== "string") {
    yield { kind: "problem", line, reason: text.problem };
    return;
  }
  const outcome = reader.read(text, line, (field) => ignored.count(field));
  if (outcome === undefined) return;
  if ("problem" in outcome) {
    yield { kind: "problem", line, reason: outcome.problem };
    return;
  }
  const earlier = outcome.paper.id === undefined ? undefined : ids.see(outcome.paper.id, line);
  if (earlier !== undefined) {
    outcome.remarks.push(`line ${line} has the same id as line ${earlier}: the later one wins`);
  }
  yield { kind: "paper", line, paper: outcome.paper };
  for (const reason of outcome.remarks) yield { kind: "remark", line, reason };
}

const decodeUtf8 = (bytes: Buffer): string | { problem: string } =>
  isUtf8(bytes) ? bytes.toString() : { problem: notUtf8(bytes) };

/** Western text that is not UTF-8 is usually Windows-1252, so the excerpt is decoded as that. */
const notUtf8 = (bytes: Buffer): string =>
  `not UTF-8: ${excerpt(new TextDecoder("windows-1252").decode(bytes.subarray(0, 1000)))} -- ` +
  "convert the file, for example with: iconv -f WINDOWS-1252 -t UTF-8";

class IgnoredFields {
  private readonly fields = new Map<string, number>();

  get size(): number {
    return this.fields.size;
  }

  count(field: string): void {
    const name = excerpt(field, 100);
    const count = this.fields.get(name);
    if (count !== undefined) this.fields.set(name, count + 1);
    else if (this.fields.size < MAX_IGNORED) this.fields.set(name, 1);
  }

  counts(): Record<string, number> {
    return Object.fromEntries(this.fields);
  }
}

class SeenIds {
  private readonly lines = new Map<string, number>();

  /** Remembers the line of an id, and returns the earlier line with the same id. */
  see(id: string, line: number): number | undefined {
    const earlier = this.lines.get(id);
    if (earlier !== undefined || (this.lines.size < MAX_REMEMBERED && id.length <= MAX_REMEMBERED_ID)) {
      this.lines.set(id, line);
    }
    return earlier;
  }
}
