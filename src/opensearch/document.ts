/** A paper as a document: what is stored of it, and the fields by which it is searched. */
import { createHash } from "node:crypto";
import { DAYS_A_TENFOLD } from "../api.js";
import type { Paper } from "../core/paper.js";
import { termsIn } from "../core/text.js";
import { FIELDS, type Fields } from "../core/word.js";
import type { StoredSentences, StoredVector } from "../core/vector.js";
import { fieldsOf } from "../store/papers.js";
import { listOf, paperOf, type Row } from "../store/row.js";
import { stemOf } from "../words/stem.js";
import type { Json } from "./cluster.js";

/** BM25's constants, the same as in the embedded engine. */
export const K1 = 1.2;
const B = 0.75;
/**
 * The length to which BM25 compares that of a paper, in words of all fields. A constant, because a weight that is stored must not
 * depend on other papers.
 */
const TYPICAL_LENGTH = 180;
/** The largest frequency that counts. */
const LARGEST = 127.5;
/** The longest stem that has a weight, in characters: the cluster refuses papers with much longer ones. */
const LONGEST_STEM = 255;

/** Characters of papers stored by one change: as documents they take up to thirty times as many bytes, the limit is 100 MB. */
const STORED = 1_000_000;

/** The row of a paper: lists are JSON. */
export type PaperRow = Omit<Row, "label" | "text_hash" | "title_key">;

/** An embedding as it is stored, in base64. */
export type Embedding = { vector?: string; scale?: number; spans?: string; sketches?: string };

export type PaperDocument = {
  label: number;
  row: PaperRow;
  identifiers: [kind: string, value: string][];
  /** The number of the last change to the row. */
  changed: number;
  /** Names its text. */
  hash: string;
  embedding: Embedding;
  failed: boolean;
  /** Its stems with their frequencies: `tide 3 owl 1`. */
  stems: string;
  /** Why the cluster has refused what it is searched by, if it has. */
  refused?: string;
};

export const bytesOf = (array: Int8Array | Uint8Array | Uint32Array): string =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64");

/**
 * An embedding as doc values in base64, which are read without the rest of the paper: the scale of the vector and the vector; the number of spans,
 * the spans, and the sketches.
 */
type Values = { abstract?: string; sentences?: string };

function valuesOf(embedding: Embedding): Values {
  const [vector, sentences] = [vectorOf(embedding), sentencesOf(embedding)];
  const values: Values = {};
  if (vector !== null) values.abstract = joined(new Float32Array([vector.scale]), vector.vector);
  if (sentences !== null)
    values.sentences = joined(new Uint32Array([sentences.spans.length]), sentences.spans, sentences.sketches);
  return values;
}

const joined = (...parts: (Float32Array | Uint32Array | Int8Array | Uint8Array)[]): string =>
  Buffer.concat(
    parts.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  ).toString("base64");

export function vectorIn(value: string | undefined): StoredVector | null {
  if (value === undefined) return null;
  const bytes = Buffer.from(value, "base64");
  return { scale: bytes.readFloatLE(), vector: new Int8Array(bytes.buffer, bytes.byteOffset + 4, bytes.length - 4) };
}

export function sentencesIn(value: string | undefined): StoredSentences | null {
  if (value === undefined) return null;
  const bytes = Buffer.from(value, "base64");
  const end = 4 + 4 * bytes.readUInt32LE();
  // Copied, because a Buffer may not be aligned to four bytes.
  return { spans: new Uint32Array(new Uint8Array(bytes.subarray(4, end)).buffer), sketches: bytes.subarray(end) };
}

export function vectorOf({ vector, scale }: Embedding): StoredVector | null {
  if (vector === undefined || scale === undefined) return null;
  const bytes = Buffer.from(vector, "base64");
  return { vector: new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length), scale };
}

export function sentencesOf({ spans, sketches }: Embedding): StoredSentences | null {
  if (spans === undefined || sketches === undefined) return null;
  // Copied, because a Buffer may not be aligned to four bytes.
  return {
    spans: new Uint32Array(Uint8Array.from(Buffer.from(spans, "base64")).buffer),
    sketches: Buffer.from(sketches, "base64"),
  };
}

export const paperIn = ({ row, label }: Pick<PaperDocument, "row" | "label">): Paper =>
  paperOf({ ...row, label } as Row);

/** Names a title in the form in which titles are compared. */
export const titleHash = (titleKey: string): string =>
  createHash("sha256").update(titleKey).digest("base64").slice(0, 22);

/** Names a category as SQLite compares them: without case, of ASCII letters only. */
export const categoryKey = (category: string): string =>
  category.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

export const fieldsIn = (row: PaperRow): Fields => fieldsOf(row);

/** The frequency of each stem, by the weights of fields, and the number of words. */
export function frequenciesIn(fields: Fields): { frequencies: Map<string, number>; length: number } {
  const frequencies = new Map<string, number>();
  let length = 0;
  for (const [field, weight] of Object.entries(FIELDS))
    for (const term of termsIn(fields[field as keyof Fields])) {
      const stem = stemOf(term);
      frequencies.set(stem, Math.min(LARGEST, (frequencies.get(stem) ?? 0) + weight));
      length++;
    }
  return { frequencies, length };
}

/** Stems with their frequencies, as they are stored. */
export const stemsOf = (frequencies: ReadonlyMap<string, number>): string =>
  Array.from(frequencies, ([stem, frequency]) => `${stem} ${frequency}`).join(" ");

/** Milliseconds since 1970 of a date, which may be a year or a month, as a Julian day; 0 without one. */
function julianDay(date: string | null): number {
  const time = date === null ? NaN : Date.parse(`${`${date}-01-01`.slice(0, 10)}T00:00:00Z`);
  return Number.isNaN(time) ? 0 : time / 86_400_000 + 2_440_587.5;
}

/** As many digits as the cluster keeps of a weight: all of them would be a fifth of what is sent. */
const rounded = (weight: number): number => Number(weight.toPrecision(4));

/** How many of some papers, in order, one change can store. */
export function fitting(papers: readonly unknown[]): number {
  let characters = 0;
  const first = papers.findIndex((paper) => (characters += JSON.stringify(paper).length) > STORED);
  return first === -1 ? papers.length : Math.max(1, first);
}

/** A document to store: what is stored of a paper, and the fields made from it. */
export function searchable(paper: Omit<PaperDocument, "stems">, titleKey: string): Json {
  const { row, identifiers, embedding, failed } = paper;
  const fields = fieldsOf(row);
  const { frequencies, length } = frequenciesIn(fields);
  const norm = 1 - B + (B * length) / TYPICAL_LENGTH;
  const terms = (text: string | null) => termsIn(text ?? "").join(" ");
  const stems = (text: string) => termsIn(text).map(stemOf).join(" ");
  const vector = vectorOf(embedding);
  const categories = listOf(row, "categories");
  const given = (value: unknown, name: string) => (value === null ? {} : { [name]: value });
  return {
    ...paper,
    stems: stemsOf(frequencies),
    ids: identifiers.flatMap(([kind, value]) => (kind === "id" ? [value] : [])),
    ...(titleKey !== "" && { title: titleHash(titleKey) }),
    ...given(row.published, "published"),
    ...(row.published !== null && { year: row.published.slice(0, 4) }),
    ...given(row.listed, "listed"),
    ...given(row.source, "source"),
    ...given(row.venue, "venue"),
    category: [...new Set(categories.map(categoryKey))],
    categories,
    state: [
      ...(vector === null ? [] : ["vector"]),
      ...(embedding.sketches === undefined ? [] : ["sentences"]),
      ...(failed ? ["failed"] : []),
    ],
    sorted: {
      date: row.published ?? "",
      upvotes: row.upvotes ?? -1,
      trending:
        Math.log10(1 + (row.upvotes ?? 0) + (row.comments ?? 0)) +
        julianDay(row.listed ?? row.published) / DAYS_A_TENFOLD,
    },
    weights: Object.fromEntries(
      Array.from(frequencies, ([stem, frequency]): [string, number] => [stem, rounded(frequency / norm)]).filter(
        ([stem]) => stem.length <= LONGEST_STEM,
      ),
    ),
    words: [...frequencies.keys()].join(" "),
    names: listOf(row, "authors").map(terms),
    terms: { title: terms(row.title), abstract: terms(row.abstract), venue: terms(row.venue) },
    stemmed: { title: stems(fields.title), abstract: stems(fields.abstract), keywords: stems(fields.keywords) },
    values: valuesOf(embedding),
    // A cosine does not depend on the scale.
    ...(vector !== null && vector.scale > 0 && { vector: Array.from(vector.vector) }),
  };
}

/** A document that searches do not find, because the cluster has refused the one that they would find. */
export function unsearchable(document: Json, reason: string): Json {
  const { label, row, identifiers, changed, hash, embedding, failed, stems, ids, state } = document;
  return {
    label,
    row,
    identifiers,
    changed,
    hash,
    embedding,
    failed,
    stems,
    ids,
    state: [...(state as string[]), "refused"],
    refused: reason,
  };
}
