import { KindredError } from "../core/errors.js";
import type { StoredSentences, StoredVector } from "../core/vector.js";
import type { Database } from "./database.js";
import { HASH_BYTES } from "./row.js";

export type PendingText = { label: number; hash: Buffer; title: string; abstract: string | null };

/** The last change to one paper: deleted (`gone`), or present with the vector it has now. */
export type Change = {
  change: number;
  /** The last change to the paper itself rather than to its vectors. */
  row: number;
  label: number;
  gone: boolean;
  /** The title in the form in which titles are compared; empty if the paper is gone. */
  title: string;
  vector: StoredVector | null;
  /** A sign sketch of the title, then one of each sentence. */
  sketches: Uint8Array | null;
  /** Whether its text could not be embedded. */
  failed: boolean;
};

/** A paper whose text could not be embedded, the reason, and the number of tries. */
export type FailedText = { id: string; reason: string; tries: number };

type ChangeRow = {
  change: number;
  row: number;
  label: number;
  title: string | null;
  scale: number | null;
  vector: Buffer | null;
  sketches: Buffer | null;
  failed: number;
};

/** Longest stored reason, in characters. */
const REASON = 1_000;

/** Vectors and sentence sketches of one model, keyed by their text. */
export class Vectors {
  /** The number of the model in this store; undefined in a store opened for reading that does not know the model. */
  #model: number | undefined;
  /** The last row change up to which vectors without papers have been deleted. */
  #forgotten = 0;
  readonly #database;
  readonly #identity;
  readonly #dimensions;
  readonly #statements;

  constructor(database: Database, identity: string, dimensions: number) {
    this.#database = database;
    this.#identity = identity;
    this.#dimensions = dimensions;
    if (!database.readonly) database.prepare("INSERT OR IGNORE INTO models (identity) VALUES (?)").run(identity);
    const without = (table: string) =>
      ["failed", table]
        .map((one) => `NOT EXISTS (SELECT 1 FROM ${one} t WHERE t.model = @model AND t.text_hash = p.text_hash)`)
        .join(" AND ");
    const pending = (table: string) =>
      database.prepare<{ model: number; after: number; limit: number }, PendingText>(
        `SELECT p.label, p.text_hash AS hash, p.title, p.abstract FROM papers p
         WHERE p.label > @after AND ${without(table)} ORDER BY p.label LIMIT @limit`,
      );
    const count = (table: string) =>
      database
        .prepare<{ model: number }, number>(`SELECT count(DISTINCT p.text_hash) FROM papers p WHERE ${without(table)}`)
        .pluck();
    this.#statements = {
      model: database.prepare<[string], number>("SELECT model FROM models WHERE identity = ?").pluck(),
      pending: { vectors: pending("vectors"), sentences: pending("sentences") },
      putVector: database.prepare(
        "INSERT OR IGNORE INTO vectors (model, text_hash, scale, vector) VALUES (?, ?, ?, ?)",
      ),
      putSentences: database.prepare(
        "INSERT OR IGNORE INTO sentences (model, text_hash, spans, sketches) VALUES (?, ?, ?, ?)",
      ),
      putFailed: database.prepare<[number, Uint8Array, string, number]>(
        "INSERT OR REPLACE INTO failed (model, text_hash, reason, tries) VALUES (?, ?, ?, ?)",
      ),
      failed: database.prepare<[number], FailedText>(
        `SELECT p.id, f.reason, f.tries FROM failed f JOIN papers p ON p.text_hash = f.text_hash
         WHERE f.model = ? ORDER BY p.label`,
      ),
      labelsOfFailed: database
        .prepare<[number], number>(
          "SELECT p.label FROM failed f JOIN papers p ON p.text_hash = f.text_hash WHERE f.model = ?",
        )
        .pluck(),
      forgetFailed: database.prepare<[number]>("DELETE FROM failed WHERE model = ?"),
      countPending: { vectors: count("vectors"), sentences: count("sentences") },
      lastRow: database.prepare<[number], number | null>("SELECT max(row) FROM changes WHERE change > ?").pluck(),
      forgetUnused: ["vectors", "sentences", "failed"].map((table) =>
        database.prepare<[Buffer, Buffer]>(
          `DELETE FROM ${table} WHERE model IN (SELECT model FROM models) AND text_hash BETWEEN ? AND ?
           AND NOT EXISTS (SELECT 1 FROM papers p WHERE p.text_hash = ${table}.text_hash)`,
        ),
      ),
      labels: database.prepare<[Uint8Array], number>("SELECT label FROM papers WHERE text_hash = ?").pluck(),
      sentences: database.prepare<[number, number], { spans: Buffer; sketches: Buffer }>(
        `SELECT s.spans, s.sketches FROM papers p JOIN sentences s ON s.model = ? AND s.text_hash = p.text_hash
         WHERE p.label = ?`,
      ),
      spans: database
        .prepare<[number, number], Buffer>(
          "SELECT s.spans FROM papers p JOIN sentences s ON s.model = ? AND s.text_hash = p.text_hash WHERE p.label = ?",
        )
        .pluck(),
      vectorOf: database.prepare<[number, number], { scale: number; vector: Buffer }>(
        `SELECT v.scale, v.vector FROM papers p JOIN vectors v ON v.model = ? AND v.text_hash = p.text_hash WHERE p.label = ?`,
      ),
      failureOf: database.prepare<[number, number], { reason: string; tries: number }>(
        `SELECT f.reason, f.tries FROM papers p JOIN failed f ON f.model = ? AND f.text_hash = p.text_hash WHERE p.label = ?`,
      ),
      changes: database.prepare<{ model: number; change: number; limit: number }, ChangeRow>(
        `SELECT c.change, c.row, c.label, p.title_key AS title, v.scale, v.vector, s.sketches,
           EXISTS (SELECT 1 FROM failed f WHERE f.model = @model AND f.text_hash = p.text_hash) AS failed
         FROM changes c LEFT JOIN papers p ON p.label = c.label
         LEFT JOIN vectors v ON v.model = @model AND v.text_hash = p.text_hash
         LEFT JOIN sentences s ON s.model = @model AND s.text_hash = p.text_hash
         WHERE c.change > @change ORDER BY c.change LIMIT @limit`,
      ),
    };
    this.#model = this.#statements.model.get(identity);
  }

  /**
   * Texts without a vector, or without sentences, except failed ones; of papers with a label above `after`, by label.
   */
  pending(what: "vectors" | "sentences", after: number, limit: number): PendingText[] {
    return this.#statements.pending[what].all({ model: this.#known(), after, limit });
  }

  countPending(what: "vectors" | "sentences"): number {
    return this.#statements.countPending[what].get({ model: this.#known() }) as number;
  }

  /**
   * Stores the vector of a text, and calls `record` with the label of each paper that has it. Call inside a
   * transaction. False if no paper has the text any more: then nothing is stored.
   */
  putVector(hash: Uint8Array, vector: StoredVector, record: (label: number) => void): boolean {
    const labels = this.#statements.labels.all(hash);
    if (labels.length === 0) return false;
    this.#statements.putVector.run(this.#known(), hash, vector.scale, bytesOf(vector.vector));
    for (const label of labels) record(label);
    return true;
  }

  putSentences(hash: Uint8Array, sentences: StoredSentences, record: (label: number) => void): boolean {
    const labels = this.#statements.labels.all(hash);
    if (labels.length === 0) return false;
    this.#statements.putSentences.run(this.#known(), hash, bytesOf(sentences.spans), bytesOf(sentences.sketches));
    for (const label of labels) record(label);
    return true;
  }

  /**
   * Records that a text cannot be embedded: it is not pending until its papers change or `retryFailed` is called. Call
   * inside a transaction.
   */
  putFailed(hash: Uint8Array, reason: string, tries: number, record: (label: number) => void): void {
    const labels = this.#statements.labels.all(hash);
    if (labels.length === 0) return;
    this.#statements.putFailed.run(this.#known(), hash, reason.slice(0, REASON), tries);
    for (const label of labels) record(label);
  }

  /** What is stored of the text of a paper. */
  textOf(label: number): {
    vector: StoredVector | null;
    sentences: StoredSentences | null;
    failure: { reason: string; tries: number } | null;
  } {
    const row = this.#statements.vectorOf.get(this.#known(), label);
    return {
      vector: row === undefined ? null : { vector: this.#unpack(row.vector, label), scale: row.scale },
      sentences: this.sentences(label) ?? null,
      failure: this.#statements.failureOf.get(this.#known(), label) ?? null,
    };
  }

  /** Papers whose text failed, by label. */
  failed(): FailedText[] {
    return this.#statements.failed.all(this.#known());
  }

  /** Makes all failed texts pending again. Call inside a transaction. */
  retryFailed(record: (label: number) => void): void {
    const labels = this.#statements.labelsOfFailed.all(this.#known());
    this.#statements.forgetFailed.run(this.#known());
    for (const label of labels) record(label);
  }

  /**
   * Deletes vectors of texts that no paper has. Done after embedding rather than when a text changes: a file with two
   * versions of a paper changes it twice in each import, and ends with a text that is already embedded. Goes through
   * all vectors, by the first byte of their hash, but only if a paper has changed since the last time.
   *
   * @param write Runs one step in a transaction; other work runs in between.
   */
  *forgetUnused(write: (work: () => void) => void): Generator<void> {
    const last = this.#statements.lastRow.get(this.#forgotten) ?? 0;
    if (last <= this.#forgotten) return;
    for (let byte = 0; byte < 256; byte++) {
      const [from, to] = [Buffer.of(byte), Buffer.alloc(HASH_BYTES + 1, 0xff).fill(byte, 0, 1)];
      write(() => this.#statements.forgetUnused.forEach((statement) => statement.run(from, to)));
      yield;
    }
    this.#forgotten = last;
  }

  /** Deletes the vectors and sentences of all texts, and calls `record` for each paper. Call inside a transaction. */
  forgetAll(record: (label: number) => void): void {
    for (const table of ["vectors", "sentences"])
      this.#database.prepare(`DELETE FROM ${table} WHERE model = ?`).run(this.#known());
    for (const label of this.#database.prepare<[], number>("SELECT label FROM papers").pluck().all()) record(label);
  }

  /** Deletes the vectors and sentences of some papers' texts. */
  forget(labels: readonly number[], record: (label: number) => void): void {
    const hash = this.#database.prepare<[number], Buffer>("SELECT text_hash FROM papers WHERE label = ?").pluck();
    for (const label of labels) {
      for (const table of ["vectors", "sentences"])
        this.#database
          .prepare(`DELETE FROM ${table} WHERE model = ? AND text_hash = ?`)
          .run(this.#known(), hash.get(label));
      record(label);
    }
  }

  /** The sentences of a paper; undefined if they are pending. */
  sentences(label: number): StoredSentences | undefined {
    const row = this.#statements.sentences.get(this.#known(), label);
    return row && { spans: integersOf(row.spans), sketches: row.sketches };
  }

  /** Only the spans of the sentences of a paper. */
  spans(label: number): Uint32Array | undefined {
    const bytes = this.#statements.spans.get(this.#known(), label);
    return bytes && integersOf(bytes);
  }

  /** Changes with a number above `change`, oldest first, each with the present state of its paper. */
  changesSince(change: number, limit: number): Change[] {
    return this.#statements.changes.all({ model: this.#known(), change, limit }).map((row) => ({
      change: row.change,
      row: row.row,
      label: row.label,
      gone: row.title === null,
      title: row.title ?? "",
      vector:
        row.vector === null || row.scale === null
          ? null
          : { vector: this.#unpack(row.vector, row.label), scale: row.scale },
      sketches: row.sketches,
      failed: row.failed === 1,
    }));
  }

  #known(): number {
    this.#model ??= this.#statements.model.get(this.#identity);
    // No row has the model -1: a store that does not know the model has no vectors of it.
    return this.#model ?? -1;
  }

  #unpack(bytes: Buffer, label: number): Int8Array {
    if (bytes.length !== this.#dimensions)
      throw new KindredError(
        "damaged",
        `the vector of paper ${label} in ${this.#database.name} has ${bytes.length} dimensions, expected ` +
          `${this.#dimensions}: the database is damaged; restore a copy of it`,
      );
    return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}

/** Copied: a Buffer from SQLite may not be aligned to four bytes. */
const integersOf = (bytes: Buffer): Uint32Array<ArrayBuffer> => new Uint32Array(Uint8Array.from(bytes).buffer);

const bytesOf = (array: Int8Array | Uint8Array | Uint32Array): Buffer =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength);
