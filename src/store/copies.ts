import { titleKey } from "../core/text.js";
import type { StoredSentences, StoredVector } from "../core/vector.js";
import { Changes } from "./changes.js";
import type { Database } from "./database.js";
import type { PaperMap, StoredMap } from "./map.js";
import type { OwnedRow } from "./owned.js";
import type { Papers } from "./papers.js";
import { textHash, type Row } from "./row.js";
import type { Vectors } from "./vectors.js";

/** A paper with everything that is stored of it, to be copied elsewhere. */
export type CopiedPaper = {
  label: number;
  /** Lists are JSON. */
  row: Omit<Row, "label" | "title_key" | "text_hash">;
  identifiers: { kind: string; value: string }[];
  vector: StoredVector | null;
  sentences: StoredSentences | null;
  failure: { reason: string; tries: number } | null;
};

/** Lists with their papers in the order in which they were added, and notes. Times are as they are stored. */
export type Kept = {
  lists: { list: number; name: string; name_key: string; created: string; entries: [id: string, added: string][] }[];
  notes: { id: string; note: string; changed: string }[];
};

/** The points of a map, and the rest of it. */
export type CopiedMap = { map: StoredMap; points: [label: number, x: number, y: number][] };

/** Points of the map that are read at a time. */
const POINTS = 10_000;

/** Reads all that a copy needs, and writes it. Call what writes inside a transaction. */
export class Copies {
  readonly #statements;
  readonly #papers;
  readonly #vectors;
  readonly #map;
  readonly #changes;

  constructor(database: Database, papers: Papers, vectors: Vectors, map: PaperMap) {
    this.#papers = papers;
    this.#vectors = vectors;
    this.#map = map;
    this.#changes = new Changes(database);
    this.#statements = {
      rows: database.prepare<[number, number], Row>("SELECT * FROM papers WHERE label > ? ORDER BY label LIMIT ?"),
      identifiers: database.prepare<[number], { kind: string; value: string }>(
        "SELECT kind, value FROM identifiers WHERE label = ? ORDER BY kind, value",
      ),
      owned: database.prepare<{ owner: string; key: string; limit: number }, OwnedRow>(
        `SELECT owner, key, value FROM owned WHERE owner > @owner OR (owner = @owner AND key > @key)
         ORDER BY owner, key LIMIT @limit`,
      ),
      lists: database.prepare<[], Omit<Kept["lists"][number], "entries">>(
        "SELECT list, name, name_key, created FROM lists ORDER BY list",
      ),
      entries: database
        .prepare<[number], [string, string]>("SELECT id, added FROM entries WHERE list = ? ORDER BY added, id")
        .raw(),
      notes: database.prepare<[], Kept["notes"][number]>("SELECT id, note, changed FROM notes ORDER BY id"),
      clear: ["entries", "lists", "notes"].map((table) => database.prepare(`DELETE FROM ${table}`)),
      putList: database.prepare<[number, string, string, string]>(
        "INSERT INTO lists (list, name, name_key, created) VALUES (?, ?, ?, ?)",
      ),
      putEntry: database.prepare<[number, string, string]>("INSERT INTO entries (list, id, added) VALUES (?, ?, ?)"),
      putNote: database.prepare<[string, string, string]>("INSERT INTO notes (id, note, changed) VALUES (?, ?, ?)"),
      advance: database.prepare<[number]>("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'papers'"),
    };
  }

  /** Papers with a label above `after`, by label. */
  papers(after: number, limit: number): CopiedPaper[] {
    return this.#statements.rows.all(after, limit).map(({ label, title_key: _key, text_hash: _hash, ...row }) => ({
      label,
      row,
      identifiers: this.#statements.identifiers.all(label),
      ...this.#vectors.textOf(label),
    }));
  }

  kept(): Kept {
    const lists = this.#statements.lists.all();
    return {
      lists: lists.map((list) => ({ ...list, entries: this.#statements.entries.all(list.list) })),
      notes: this.#statements.notes.all(),
    };
  }

  /** Rows of all owners, by owner and key, after one of them. */
  owned(after: { owner: string; key: string }, limit: number): OwnedRow[] {
    return this.#statements.owned.all({ ...after, limit });
  }

  map(): CopiedMap | null {
    const map = this.#map.get();
    if (map === null) return null;
    const points: CopiedMap["points"] = [];
    for (let after = 0; ;) {
      const some = this.#map.rows(after, POINTS);
      for (const [label, x, y] of some) points.push([label, x, y]);
      if (some.length < POINTS) return { map, points };
      after = some.at(-1)![0];
    }
  }

  /** Stores a paper with a label above all others. */
  putPaper({ label, row, identifiers, vector, sentences, failure }: CopiedPaper): void {
    const hash = textHash(row.title, row.abstract);
    this.#papers.copy({ ...row, label, title_key: titleKey(row.title), text_hash: hash }, identifiers);
    const record = (of: number) => this.#changes.recordVectors(of);
    if (vector !== null) this.#vectors.putVector(hash, vector, record);
    if (sentences !== null) this.#vectors.putSentences(hash, sentences, record);
    if (failure !== null) this.#vectors.putFailed(hash, failure.reason, failure.tries, record);
  }

  /** Replaces all lists and notes, and makes sure that no paper receives a label up to `newest`. */
  putKept({ lists, notes }: Kept, newest: number): void {
    for (const statement of this.#statements.clear) statement.run();
    for (const { list, name, name_key: key, created, entries } of lists) {
      this.#statements.putList.run(list, name, key, created);
      for (const [id, added] of entries) this.#statements.putEntry.run(list, id, added);
    }
    for (const { id, note, changed } of notes) this.#statements.putNote.run(id, note, changed);
    this.#statements.advance.run(newest);
  }
}
