import { z } from "zod";
import { doiOfArxiv, normalizeUrl, type Identifier } from "../identifiers.js";
import type { Order } from "../api.js";
import { listKey } from "../list.js";
import { isTitleFrom } from "../missing-title.js";
import type { Paper, PaperRecord } from "../paper.js";
import { titleKey } from "../text.js";
import type { Fields } from "../word.js";
import { Changes } from "./changes.js";
import type { Database } from "./database.js";
import { conditionOf, type Condition, type Selection } from "./filters.js";
import {
  alike,
  derivedId,
  differ,
  has,
  identifiersOf,
  idOfTitle,
  isPerhaps,
  isSurely,
  mayBeSame,
  sameTitle,
} from "./identity.js";
import { stemsIn } from "./match.js";
import { COLUMNS, listOf, paperOf, textHash, type Row } from "./row.js";

export type Outcome = "added" | "updated" | "unchanged";

/** Papers that are looked at under one id which was another's when they came: so many files may be numbered from 1. */
const UNDER_ONE_ID = 20;
/** Characters of a title in a remark. */
const SHOWN = 80;

const text = z.string().nullable();
const list = z.string().refine(isList);
const count = z.number().nullable();

/** A paper as it was, and all that named it. What is made from the rest is made again. */
export const beforeSchema = z.object({
  row: z.object({
    id: z.string(),
    title: z.string(),
    abstract: text,
    authors: list,
    venue: text,
    categories: list,
    published: text,
    updated: text,
    doi: text,
    arxiv: text,
    url: text,
    source: text,
    organization: text,
    listed: text,
    upvotes: count,
    comments: count,
    keywords: list,
  }),
  identifiers: z.array(z.object({ kind: z.string(), value: z.string() })),
});
export type Before = z.infer<typeof beforeSchema>;

function isList(json: string): boolean {
  try {
    const parsed: unknown = JSON.parse(json);
    return Array.isArray(parsed) && parsed.every((one) => typeof one === "string");
  } catch {
    return false;
  }
}

/** A paper that was changed, and how it was. */
export type Changed = { label: number; before: Before };

/** Papers as rows: what each is called, found by, filtered by. Writing keeps words, identifiers and changes in step. */
export class Papers {
  readonly #database;
  readonly #changes;
  readonly #byLabel;
  readonly #labelOf;
  readonly #labelsOf;
  readonly #labelsUnder;
  readonly #labelOfTitle;
  readonly #newest;
  readonly #statements;

  constructor(database: Database) {
    this.#database = database;
    this.#changes = new Changes(database);
    this.#byLabel = database.prepare<[number], Row>("SELECT * FROM papers WHERE label = ?");
    this.#labelOf = database
      .prepare<[string, string], number>("SELECT label FROM identifiers WHERE kind = ? AND value = ? ORDER BY label")
      .pluck();
    this.#labelsOf = database
      .prepare<[string], number | null>(
        `SELECT (SELECT min(label) FROM identifiers WHERE kind = 'id' AND value = asked.value)
         FROM json_each(?) AS asked ORDER BY asked.key`,
      )
      .pluck();
    this.#labelsUnder = database
      .prepare<[string], number>(
        `SELECT label FROM identifiers WHERE kind = 'given' AND value = ? ORDER BY label LIMIT ${UNDER_ONE_ID}`,
      )
      .pluck();
    this.#labelOfTitle = database
      .prepare<[string], number>("SELECT label FROM papers WHERE title_key = ? ORDER BY label LIMIT 10")
      .pluck();
    this.#newest = database.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'papers'").pluck();
    this.#statements = {
      insert: database.prepare(
        `INSERT INTO papers (${COLUMNS.join(", ")}) VALUES (${COLUMNS.map((column) => `@${column}`).join(", ")})`,
      ),
      update: database.prepare(
        `UPDATE papers SET ${COLUMNS.map((column) => `${column} = @${column}`).join(", ")} WHERE label = @label`,
      ),
      remove: database.prepare<[number]>("DELETE FROM papers WHERE label = ?"),
      addWords: database.prepare(
        `INSERT INTO words (rowid, title, abstract, authors, venue, keywords)
         VALUES (@label, @title, @abstract, @authors, @venue, @keywords)`,
      ),
      removeWords: database.prepare<[number]>("DELETE FROM words WHERE rowid = ?"),
      addIdentifier: database.prepare<[string, string, number]>(
        "INSERT OR IGNORE INTO identifiers (kind, value, label) VALUES (?, ?, ?)",
      ),
      identifiers: database.prepare<[number], { kind: string; value: string }>(
        "SELECT kind, value FROM identifiers WHERE label = ?",
      ),
      removeIdentifiers: database.prepare<[number]>("DELETE FROM identifiers WHERE label = ?"),
      removeIdentifier: database.prepare<[string, string]>("DELETE FROM identifiers WHERE kind = ? AND value = ?"),
      removeUrl: database.prepare<[number]>("DELETE FROM identifiers WHERE label = ? AND kind = 'url'"),
      addCategory: database.prepare<[string, number]>("INSERT OR IGNORE INTO categories VALUES (?, ?)"),
      removeCategories: database.prepare<[string, number]>("DELETE FROM categories WHERE category = ? AND label = ?"),
      removePoints: database.prepare<[number]>(
        "DELETE FROM points WHERE label = ? AND model IN (SELECT model FROM models)",
      ),
      forgetVectors: ["vectors", "sentences"].map((table) =>
        database.prepare<[Buffer, Buffer]>(
          `DELETE FROM ${table} WHERE text_hash = ? AND NOT EXISTS (SELECT 1 FROM papers WHERE text_hash = ?)
           AND model IN (SELECT model FROM models)`,
        ),
      ),
    };
  }

  /**
   * Adds the paper, or updates the one it is: same DOI, same arXiv id, or same id and nothing that says that they differ;
   * by citation key only when title, or author and year, say so as well, and by a DOI or arXiv id that the paper had before
   * likewise. What the record does not say is kept. Call inside a transaction.
   *
   * @returns Also, in `lost`, papers that had an identifier of the record before, and are not found by it any more.
   */
  put(record: PaperRecord): { label: number; outcome: Outcome; before?: Before; remark?: string; lost: Changed[] } {
    const label = this.#identify(record);
    const old = label === undefined ? undefined : this.#byLabel.get(label);
    const lost = this.#takeOver(record, label);
    if (label === undefined || old === undefined) return { ...this.#add(record), outcome: "added", lost };
    const { row, remark } = this.#merge(old, record);
    const changed =
      lost.length > 0 || COLUMNS.some((column) => !same(row[column as keyof Row], old[column as keyof Row]));
    const alias = record.id === undefined ? undefined : this.#alias(record.id, label);
    const remarked = remark === undefined ? {} : { remark };
    if (!changed && alias === undefined) return { label, outcome: "unchanged", ...remarked, lost };
    const before = this.#before(old);
    if (alias !== undefined) this.#statements.addIdentifier.run(alias, record.id!, label);
    if (changed) this.#update(label, old, row);
    else this.#changes.record(label);
    return { label, outcome: "updated", before, ...remarked, lost };
  }

  #add(record: PaperRecord): { label: number; remark?: string } {
    const given = record.id ?? record.key;
    const id = this.#freeId(record);
    const owner = given === undefined || given === id ? undefined : this.find({ kind: "id", value: given });
    const label = this.#insert(record, id);
    if (given === undefined || owner === undefined) return { label };
    if (this.#labelsUnder.all(given).length < UNDER_ONE_ID) this.#statements.addIdentifier.run("given", given, label);
    if (record.id === undefined) return { label };
    const { title = "" } = this.#byLabel.get(owner) ?? {};
    const shown = title.length > SHOWN ? `${title.slice(0, SHOWN)}...` : title;
    return {
      label,
      remark: `the id ${given} already belongs to the paper "${shown}": this one was given the id ${id}`,
    };
  }

  /** As what a paper is to be known by an id that a record gives it; undefined when it is already. */
  #alias(id: string, label: number): "id" | "given" | undefined {
    const owner = this.find({ kind: "id", value: id });
    // Another source's id for a known paper still finds it.
    if (owner === undefined) return "id";
    if (owner === label) return undefined;
    const under = this.#labelsUnder.all(id);
    return under.includes(label) || under.length >= UNDER_ONE_ID ? undefined : "given";
  }

  /** Removes the paper and all that is known of it. False when there is none. Call inside a transaction. */
  remove(id: string): boolean {
    const label = this.find({ kind: "id", value: id });
    return label !== undefined && this.removeLabel(label);
  }

  /** The same, by label. */
  removeLabel(label: number): boolean {
    const row = this.#byLabel.get(label);
    if (row === undefined) return false;
    this.#statements.remove.run(label);
    this.#statements.removeWords.run(label);
    this.#statements.removeIdentifiers.run(label);
    this.#setCategories(label, listOf(row, "categories"), []);
    this.#statements.removePoints.run(label);
    this.#forgetText(row.text_hash);
    this.#changes.record(label);
    return true;
  }

  /** Makes a paper again what it was before an update. False when it is gone. Call inside a transaction. */
  restore(label: number, { row, identifiers }: Before): boolean {
    const old = this.#byLabel.get(label);
    if (old === undefined) return false;
    this.#update(label, old, {
      ...row,
      label,
      title_key: titleKey(row.title),
      text_hash: textHash(row.title, row.abstract),
    });
    // It had no others: what it gave to another paper, or another to it, may not be back there yet.
    this.#statements.removeIdentifiers.run(label);
    for (const { kind, value } of identifiers) this.#statements.addIdentifier.run(kind, value, label);
    return true;
  }

  /** Makes again all that is derived from a row. Call inside a transaction. */
  rewrite(label: number): void {
    const row = this.#byLabel.get(label);
    if (row === undefined) return;
    const known = this.#database
      .prepare<[number], string>("SELECT category FROM categories WHERE label = ?")
      .pluck()
      .all(label);
    const made = { title_key: titleKey(row.title), text_hash: textHash(row.title, row.abstract) };
    this.#update(label, { ...row, categories: JSON.stringify(known) }, { ...row, ...made });
  }

  /** Makes the words of all papers again. Call inside a transaction. */
  rewriteWords(): void {
    this.#database.exec("INSERT INTO words (words) VALUES ('delete-all')");
    for (let after = 0; ;) {
      const rows = this.#database
        .prepare<[number], Row>("SELECT * FROM papers WHERE label > ? ORDER BY label LIMIT 500")
        .all(after);
      for (const row of rows) this.#addWords(row);
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.label;
    }
  }

  find(identifier: Identifier | { kind: "id"; value: string }): number | undefined {
    return this.#labelOf.get(identifier.kind, identifier.value);
  }

  /** The papers with some ids, as `find` has them; undefined where there is none. */
  labelsOf(ids: readonly string[]): (number | undefined)[] {
    return this.#labelsOf.all(JSON.stringify(ids)).map((label) => label ?? undefined);
  }

  /** An id as it is given, and that of the paper it names: what is kept may be under either. */
  idsOf(id: string): string[] {
    const label = this.find({ kind: "id", value: id });
    const row = label === undefined ? undefined : this.#byLabel.get(label);
    return row === undefined || row.id === id ? [id] : [id, row.id];
  }

  /** Papers with exactly this title, case, accents and punctuation aside; at most ten. */
  titled(title: string): number[] {
    const key = titleKey(title);
    return key === "" ? [] : this.#labelOfTitle.all(key);
  }

  get(label: number): Paper | undefined {
    const row = this.#byLabel.get(label);
    return row && paperOf(row);
  }

  /** The texts of a paper whose words are searched; undefined when it is gone. */
  fields(label: number): Fields | undefined {
    const row = this.#byLabel.get(label);
    return row && fieldsOf(row);
  }

  /** Every label that matches, of all or of some papers, ascending; null when nothing is asked. */
  labels(filters: Selection, among?: readonly number[]): Int32Array | null {
    const condition = conditionOf(filters, among !== undefined);
    if (condition === null) return null;
    // In one text and in any order: an order of labels has SQLite pass over the index of dates, and a row for each label
    // takes longer than all the rest.
    const labels = this.#database
      .prepare<(string | number)[], string>(
        `SELECT json_group_array(p.label)
         FROM ${among === undefined ? "papers p" : "json_each(?) j CROSS JOIN papers p ON p.label = j.value"}
         WHERE ${condition.sql}`,
      )
      .pluck()
      .get(...(among === undefined ? [] : [JSON.stringify(among)]), ...condition.values) as string;
    return Int32Array.from(JSON.parse(labels) as number[]).sort();
  }

  count(filters: Selection = {}): number {
    const condition = conditionOf(filters);
    return this.#database
      .prepare<(string | number)[], number>(`SELECT count(*) FROM papers p WHERE ${condition?.sql ?? "1"}`)
      .pluck()
      .get(...(condition?.values ?? [])) as number;
  }

  /**
   * Papers in a fixed order, largest key first, ties by label; those without a date (or votes) come last.
   *
   * @param after Key and label of the last paper before; only what stands behind it is returned.
   */
  browse(
    filters: Selection,
    sort: Order,
    limit: number,
    after?: { key: string | number; label: number },
  ): { label: number; key: string | number; paper: Paper }[] {
    const column = keyOf(sort, filters);
    const condition = conditionOf(filters);
    const behind = after === undefined ? "1" : "(key < ? OR (key = ? AND p.label > ?))";
    const rows = this.#database
      .prepare<(string | number)[], Row & { key: string | number }>(
        // Labels first: an order of whole rows has SQLite carry every abstract through its sort.
        `SELECT p.*, o.key FROM (
           SELECT p.label, ${column.sql} AS key FROM papers p WHERE ${condition?.sql ?? "1"} AND ${behind}
           ORDER BY key DESC, p.label LIMIT ?
         ) o JOIN papers p ON p.label = o.label ORDER BY o.key DESC, p.label`,
      )
      .all(
        ...column.values,
        ...(condition?.values ?? []),
        ...(after === undefined ? [] : [after.key, after.key, after.label]),
        limit,
      );
    return rows.map((row) => ({ label: row.label, key: row.key, paper: paperOf(row) }));
  }

  /** The label that was given last; 0 when none ever was. */
  newest(): number {
    return this.#newest.get() ?? 0;
  }

  /** Papers in the order in which they came, from behind a label on: for export, a page at a time. */
  export(after: number, limit: number): { label: number; paper: Paper }[] {
    return this.#database
      .prepare<[number, number], Row>("SELECT * FROM papers WHERE label > ? ORDER BY label LIMIT ?")
      .all(after, limit)
      .map((row) => ({ label: row.label, paper: paperOf(row) }));
  }

  #identify(record: PaperRecord): number | undefined {
    const { id, key } = record;
    const under = id === undefined ? [] : this.#under(id);
    const sure = chosen(under, record, isSurely);
    const certain =
      sure ??
      identifiersOf(record)
        .map((identifier) => this.#owner(identifier, record))
        .find((label) => label !== undefined) ??
      chosen(under, record, isPerhaps);
    // An id that is another paper's says as little as none.
    if (certain !== undefined || (id !== undefined && !under.some((row) => row.id === id))) return certain;
    const keyed = key === undefined ? undefined : chosen(this.#under(key), record, mayBeSame);
    if (keyed !== undefined) return keyed;
    const derived = this.find({ kind: "id", value: derivedId(record) });
    const row = derived === undefined ? undefined : this.#byLabel.get(derived);
    if (row === undefined || !differ(row, record) || alike(row, record)) return derived;
    return this.find({ kind: "id", value: idOfTitle(record) });
  }

  /** The paper with an id, and those that came under it when it was that one's. */
  #under(id: string): Row[] {
    const labels = [this.find({ kind: "id", value: id }), ...this.#labelsUnder.all(id)];
    return labels.flatMap((label) => (label === undefined ? [] : (this.#byLabel.get(label) ?? [])));
  }

  /** The paper with an identifier that a record brings; none where it only had it before, and is another than the record's. */
  #owner(identifier: Identifier, record: PaperRecord): number | undefined {
    const label = this.find(identifier);
    const row = label === undefined ? undefined : this.#byLabel.get(label);
    return row === undefined || has(row, identifier) || alike(row, record) ? label : undefined;
  }

  /** Takes the identifiers that a record brings away from papers that only had them before, or beside their own. */
  #takeOver(record: PaperRecord, label: number | undefined): Changed[] {
    const lost = new Map<number, Changed>();
    const brought: { kind: string; value: string; had: number | undefined; kept: boolean }[] = identifiersOf(
      record,
    ).map((identifier) => ({
      ...identifier,
      had: this.find(identifier),
      kept: this.#owner(identifier, record) !== undefined,
    }));
    if (record.id !== undefined) {
      const had = this.find({ kind: "id", value: record.id });
      brought.push({
        kind: "id",
        value: record.id,
        had,
        kept: had !== undefined && this.#byLabel.get(had)?.id === record.id,
      });
    }
    for (const { kind, value, had, kept } of brought) {
      if (had === undefined || had === label || kept) continue;
      if (!lost.has(had)) lost.set(had, { label: had, before: this.#before(this.#byLabel.get(had)!) });
      this.#statements.removeIdentifier.run(kind, value);
      this.#changes.record(had);
    }
    return [...lost.values()];
  }

  #before({ label, title_key: _key, text_hash: _hash, ...row }: Row): Before {
    return { row, identifiers: this.#statements.identifiers.all(label) };
  }

  /** The id a new paper gets: its own if free, else its citation key if free, else one made from what it is. */
  #freeId(record: PaperRecord): string {
    if (record.id !== undefined && this.find({ kind: "id", value: record.id }) === undefined) return record.id;
    if (record.key !== undefined && this.find({ kind: "id", value: record.key }) === undefined) return record.key;
    const id = derivedId(record);
    return this.find({ kind: "id", value: id }) === undefined ? id : idOfTitle(record);
  }

  #merge(old: Row, record: PaperRecord): { row: Row; remark?: string } {
    const row: Row = { ...old, ...this.#columns(record, old) };
    let remark: string | undefined;
    for (const kind of ["doi", "arxiv"] as const) {
      const value = record[kind];
      const owner = value === undefined ? undefined : this.find({ kind, value });
      if (owner !== undefined && owner !== old.label) {
        row[kind] = old[kind];
        remark = `the ${kind === "doi" ? "DOI" : "arXiv id"} ${value} already belongs to the paper ${this.#byLabel.get(owner)?.id}: it was left there`;
      }
    }
    return remark === undefined ? { row } : { row, remark };
  }

  /** A row's columns from a record; what the record does not say comes from the row before, or is empty. */
  #columns(record: PaperRecord, old?: Row): Omit<Row, "id" | "label"> {
    const abstract = record.abstract ?? old?.abstract ?? null;
    const list = (name: "authors" | "categories" | "keywords") =>
      record[name] === undefined ? (old?.[name] ?? "[]") : JSON.stringify(record[name]);
    const title =
      old !== undefined && isTitleFrom(record.title, record.abstract) && !isTitleFrom(old.title, old.abstract)
        ? old.title
        : record.title;
    return {
      title,
      title_key: titleKey(title),
      abstract,
      authors: list("authors"),
      venue: record.venue ?? old?.venue ?? null,
      categories: list("categories"),
      published: record.published ?? old?.published ?? null,
      updated: record.updated ?? old?.updated ?? null,
      doi: record.doi ?? old?.doi ?? null,
      arxiv: record.arxiv ?? old?.arxiv ?? null,
      url: record.url ?? old?.url ?? null,
      source: record.source ?? old?.source ?? null,
      organization: record.organization ?? old?.organization ?? null,
      listed: record.listed ?? old?.listed ?? null,
      upvotes: record.upvotes ?? old?.upvotes ?? null,
      comments: record.comments ?? old?.comments ?? null,
      keywords: list("keywords"),
      text_hash: textHash(title, abstract),
    };
  }

  #insert(record: PaperRecord, id: string): number {
    const columns = this.#columns(record);
    const label = Number(this.#statements.insert.run({ ...columns, id }).lastInsertRowid);
    this.#describe(label, { ...columns, id, label }, []);
    return label;
  }

  #update(label: number, old: Row, row: Row): void {
    this.#statements.update.run({ ...row, label });
    this.#statements.removeWords.run(label);
    this.#statements.removeUrl.run(label);
    // What it says now may belong elsewhere on the map.
    if (!same(row.text_hash, old.text_hash)) this.#statements.removePoints.run(label);
    this.#describe(label, row, listOf(old, "categories"));
  }

  /** All that is derived from a row, written with it. */
  #describe(label: number, row: Row, oldCategories: string[]): void {
    this.#addWords({ ...row, label });
    this.#statements.addIdentifier.run("id", row.id, label);
    if (row.doi !== null) this.#statements.addIdentifier.run("doi", row.doi, label);
    if (row.arxiv !== null) {
      this.#statements.addIdentifier.run("arxiv", row.arxiv, label);
      if (this.find({ kind: "doi", value: doiOfArxiv(row.arxiv) }) === undefined)
        this.#statements.addIdentifier.run("doi", doiOfArxiv(row.arxiv), label);
    }
    const url = row.url === null ? undefined : normalizeUrl(row.url);
    if (url !== undefined) this.#statements.addIdentifier.run("url", url, label);
    this.#setCategories(label, oldCategories, listOf(row, "categories"));
    this.#changes.record(label);
  }

  #addWords(row: Row): void {
    const fields = Object.entries(fieldsOf(row)).map(([name, text]) => [name, stemsIn(text)]);
    this.#statements.addWords.run({ label: row.label, ...Object.fromEntries(fields) });
  }

  #setCategories(label: number, old: string[], next: string[]): void {
    for (const category of old) this.#statements.removeCategories.run(category, label);
    for (const category of next) this.#statements.addCategory.run(category, label);
  }

  /** Vectors of a text that no paper has any more. (A changed text may come back with the next record: see Vectors.) */
  #forgetText(hash: Buffer): void {
    for (const statement of this.#statements.forgetVectors) statement.run(hash, hash);
  }
}

/** Ten times the votes outweigh so many days: as of links on news sites, where it is 12.5 hours, but papers age slower. */
export const DAYS_A_TENFOLD = 30;

/** What an order goes by, in SQL. */
function keyOf(sort: Order, { list }: Selection): Condition {
  switch (sort) {
    case "date":
      return { sql: "ifnull(p.published, '')", values: [] };
    case "upvotes":
      return { sql: "ifnull(p.upvotes, -1)", values: [] };
    case "trending":
      // The present day would move all papers alike. An undated one is very old.
      return {
        sql: `log10(1 + ifnull(p.upvotes, 0) + ifnull(p.comments, 0)) +
              ifnull(julianday(substr(coalesce(p.listed, p.published) || '-01-01', 1, 10)), 0) / ${DAYS_A_TENFOLD}`,
        values: [],
      };
    default:
      if (list === undefined) return { sql: "p.label", values: [] };
      return {
        sql: `(SELECT max(e.added) FROM entries e JOIN lists l ON l.list = e.list
               WHERE e.id = p.id AND l.name_key IN (SELECT value FROM json_each(?)))`,
        values: [JSON.stringify(list.map(listKey))],
      };
  }
}

/** The texts of a row whose words are searched. */
export function fieldsOf(row: Pick<Row, "id" | keyof Fields>): Fields {
  return {
    title: row.title,
    abstract: row.abstract ?? "",
    authors: listOf(row, "authors").join("; "),
    venue: row.venue ?? "",
    keywords: listOf(row, "keywords").join("; "),
  };
}

/** The first of the papers that a record may be; of several, one that has its title. */
function chosen(
  rows: readonly Row[],
  record: PaperRecord,
  isOne: (row: Row, record: PaperRecord) => boolean,
): number | undefined {
  const found = rows.filter((row) => isOne(row, record));
  return (found.find((row) => sameTitle(row, record)) ?? found[0])?.label;
}

const same = (a: unknown, b: unknown): boolean => (Buffer.isBuffer(a) && Buffer.isBuffer(b) ? a.equals(b) : a === b);
