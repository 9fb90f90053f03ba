import { z } from "zod";
import { doiOfArxiv, normalizeUrl, type Identifier } from "../core/identifiers.js";
import { DAYS_A_TENFOLD, type Order, type Selection } from "../api.js";
import { listKey } from "../core/list.js";
import { isTitleFrom } from "../core/missing-title.js";
import { mergedNotice, NOTICES } from "../core/notice.js";
import type { Paper, PaperRecord } from "../core/paper.js";
import { titleKey } from "../core/text.js";
import type { Fields } from "../core/word.js";
import { Changes } from "./changes.js";
import type { Database } from "./database.js";
import { conditionOf, type Condition } from "./filters.js";
import {
  alike,
  derivedId,
  differ,
  has,
  identifiersOf,
  idOfTitle,
  isPerhaps,
  isSameWork,
  isSurely,
  mayBeSame,
  sameTitle,
  type Certain,
} from "./identity.js";
import { stemsIn } from "./match.js";
import { COLUMNS, listOf, paperOf, textHash, type Row } from "./row.js";

export type Outcome = "added" | "updated" | "unchanged";

/** Most papers remembered for one id that already belonged to another paper: many files number theirs from 1. */
const UNDER_ONE_ID = 20;
/** Characters of a title in a remark. */
const SHOWN = 80;

const text = z.string().nullable();
const list = z.string().refine(isList);
const count = z.number().nullable();

/** A paper before a change, with its identifiers. Everything else is derived from these. */
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
    // Papers had none before schema 7.
    notice: z.enum(NOTICES).nullable().default(null),
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

/** A changed paper, and its state before. */
export type Changed = { label: number; before: Before };

/**
 * Rows of papers: looked up, filtered, written. Each write updates words, identifiers and change numbers with the row.
 */
export class Papers {
  readonly #database;
  readonly #changes;
  readonly #byLabel;
  readonly #textsByLabel;
  readonly #passageByLabel;
  readonly #labelOf;
  readonly #idOf;
  readonly #labelsOf;
  readonly #labelsUnder;
  readonly #labelOfTitle;
  readonly #newest;
  readonly #statements;

  constructor(database: Database) {
    this.#database = database;
    this.#changes = new Changes(database);
    this.#byLabel = database.prepare<[number], Row>("SELECT * FROM papers WHERE label = ?");
    this.#textsByLabel = database.prepare<[number], Pick<Row, "id" | keyof Fields>>(
      "SELECT id, title, abstract, authors, venue, keywords FROM papers WHERE label = ?",
    );
    this.#passageByLabel = database.prepare<[number], Pick<Paper, "title" | "abstract">>(
      "SELECT title, abstract FROM papers WHERE label = ?",
    );
    this.#labelOf = database
      .prepare<[string, string], number>("SELECT label FROM identifiers WHERE kind = ? AND value = ? ORDER BY label")
      .pluck();
    this.#idOf = database.prepare<[number], string>("SELECT id FROM papers WHERE label = ?").pluck();
    this.#labelsOf = database
      // One JSON text, because a row per label takes longer than looking it up.
      .prepare<[string], string>(
        `SELECT json_group_array(
           (SELECT label FROM identifiers WHERE kind = 'id' AND value = asked.value ORDER BY label LIMIT 1)
           ORDER BY asked.key)
         FROM json_each(?) AS asked`,
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
   * Adds a paper, or updates the one the record describes: the same DOI, the same arXiv id, or the same id without
   * contradiction. A citation key, or a DOI or arXiv id that the paper had formerly, counts only if title, or author
   * and year, agree. Fields missing from the record are kept. Call inside a transaction.
   *
   * @param putting.work Whether a record may also describe the paper with an id because it is surely the same work, although
   *   neither has an identifier of the other.
   * @param putting.fills Whether the paper with an id keeps its fields, so that the record only adds what it lacks.
   * @returns In `lost` also the papers that gave up an identifier to the record.
   */
  put(
    record: PaperRecord,
    { work, fills = () => false }: { work?: (id: string) => boolean; fills?: (id: string) => boolean } = {},
  ): { label: number; outcome: Outcome; before?: Before; remark?: string; lost: Changed[] } {
    const label = this.#identify(record) ?? (work === undefined ? undefined : this.#sameWork(record, work));
    const old = label === undefined ? undefined : this.#byLabel.get(label);
    const lost = this.#takeOver(record, label);
    if (label === undefined || old === undefined) return { ...this.#add(record), outcome: "added", lost };
    const said = ofPreprint(old, record);
    const { row, remark } = this.#merge(old, fills(old.id) ? lacking(old, said) : said);
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

  /** The kind under which to record an id for a paper; undefined if it is recorded already. */
  #alias(id: string, label: number): "id" | "given" | undefined {
    const owner = this.find({ kind: "id", value: id });
    // Another source's id also finds a known paper.
    if (owner === undefined) return "id";
    if (owner === label) return undefined;
    const under = this.#labelsUnder.all(id);
    return under.includes(label) || under.length >= UNDER_ONE_ID ? undefined : "given";
  }

  /** Deletes the paper and everything known of it. False if it does not exist. Call inside a transaction. */
  remove(id: string): boolean {
    const label = this.find({ kind: "id", value: id });
    return label !== undefined && this.removeLabel(label);
  }

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

  /** Restores the state of a paper before an update. False if it is gone. Call inside a transaction. */
  restore(label: number, { row, identifiers }: Before): boolean {
    const old = this.#byLabel.get(label);
    if (old === undefined) return false;
    this.#update(label, old, {
      ...row,
      label,
      title_key: titleKey(row.title),
      text_hash: textHash(row.title, row.abstract),
    });
    // Replaced as a whole: identifiers it gave away or received are restored with the other papers.
    this.#statements.removeIdentifiers.run(label);
    for (const { kind, value } of identifiers) this.#statements.addIdentifier.run(kind, value, label);
    return true;
  }

  /** Adds a paper of another store, with its label and its identifiers. Call inside a transaction. */
  copy(row: Row, identifiers: readonly { kind: string; value: string }[]): void {
    const { label, ...columns } = row;
    const names = ["label", ...COLUMNS];
    this.#database
      .prepare(`INSERT INTO papers (${names.join(", ")}) VALUES (${names.map((name) => `@${name}`).join(", ")})`)
      .run({ ...columns, label });
    this.#describe(label, row, []);
    this.#statements.removeIdentifiers.run(label);
    for (const { kind, value } of identifiers) this.#statements.addIdentifier.run(kind, value, label);
  }

  /** Derives everything from a row again. Call inside a transaction. */
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

  /** Indexes the words of all papers again. Call inside a transaction. */
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
    const { kind, value } = identifier;
    // Readers of PubMed give papers this id.
    return kind === "pmid" ? this.#labelOf.get("id", `PMID:${value}`) : this.#labelOf.get(kind, value);
  }

  /** The papers with some ids, as `find` has them; undefined where there is none. */
  labelsOf(ids: readonly string[]): (number | undefined)[] {
    const labels = JSON.parse(this.#labelsOf.get(JSON.stringify(ids))!) as (number | null)[];
    return labels.map((label) => label ?? undefined);
  }

  /** The id of a paper that exists. */
  idOf(label: number): string {
    return this.#idOf.get(label) as string;
  }

  /** The given id and, if that is an alias, the paper's own: lists may hold either. */
  idsOf(id: string): string[] {
    const label = this.find({ kind: "id", value: id });
    const row = label === undefined ? undefined : this.#byLabel.get(label);
    return row === undefined || row.id === id ? [id] : [id, row.id];
  }

  /** All ids of a paper: its own, and those by which other files call it. */
  namesOf(label: number): string[] {
    return this.#statements.identifiers.all(label).flatMap(({ kind, value }) => (kind === "id" ? [value] : []));
  }

  /** Papers with exactly this title, compared without case, accents and punctuation; at most ten. */
  titled(title: string): number[] {
    const key = titleKey(title);
    return key === "" ? [] : this.#labelOfTitle.all(key);
  }

  get(label: number): Paper | undefined {
    const row = this.#byLabel.get(label);
    return row && paperOf(row);
  }

  /** Title and abstract of a paper; undefined if it is gone. */
  texts(label: number): Pick<Paper, "title" | "abstract"> | undefined {
    return this.#passageByLabel.get(label);
  }

  /** The searchable texts of a paper; undefined if it is gone. */
  fields(label: number): Fields | undefined {
    const row = this.#textsByLabel.get(label);
    return row && fieldsOf(row);
  }

  /** Labels of all matching papers, of all or among some, ascending; null if no filter is given. */
  labels(filters: Selection, among?: readonly number[]): Int32Array | null {
    // Alone, the table of categories says it; joined with papers, SQLite looks up each of them.
    if (filters.category !== undefined && among === undefined) return this.#inCategories(filters);
    const condition = conditionOf(filters, among !== undefined);
    if (condition === null) return null;
    // One JSON text, unsorted: ORDER BY label makes SQLite walk the index of dates, and one row per label takes longer
    // than everything else.
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

  #inCategories({ category = [], ...others }: Selection): Int32Array {
    const within = (condition: string, values: string[]): number[] => {
      const labels = this.#database
        .prepare<string[], string>(`SELECT json_group_array(label) FROM categories WHERE ${condition}`)
        .pluck()
        .get(...values) as string;
      return JSON.parse(labels) as number[];
    };
    const passing = new Uint8Array(this.newest() + 1);
    for (const name of category) {
      for (const label of within("category = ?", [name])) passing[label] = 1;
      // The categories in it, as in `conditionOf`.
      for (const label of within("category >= ? AND category < ?", [`${name}.`, `${name}/`])) passing[label] = 1;
    }
    const found = this.labels(others) ?? Int32Array.from(passing.keys());
    return found.filter((label) => passing[label] === 1);
  }

  count(filters: Selection = {}): number {
    const condition = conditionOf(filters);
    return this.#database
      .prepare<(string | number)[], number>(`SELECT count(*) FROM papers p WHERE ${condition?.sql ?? "1"}`)
      .pluck()
      .get(...(condition?.values ?? [])) as number;
  }

  /**
   * Papers in a fixed order, largest key first, ties by label; those without a date (or votes) last.
   *
   * @param after Key and label of the last paper of the page before.
   */
  browse(
    filters: Selection,
    sort: Order,
    limit: number,
    after?: { key: string | number; label: number },
  ): { label: number; key: string | number; paper: Paper }[] {
    const column = keyOf(sort, filters);
    const condition = conditionOf(filters);
    const later = after === undefined ? "1" : "(key < ? OR (key = ? AND p.label > ?))";
    const rows = this.#database
      .prepare<(string | number)[], Row & { key: string | number }>(
        // Labels first: sorting whole rows makes SQLite carry every abstract through the sort.
        `SELECT p.*, o.key FROM (
           SELECT p.label, ${column.sql} AS key FROM papers p WHERE ${condition?.sql ?? "1"} AND ${later}
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

  /** The last label that was given; 0 if none. */
  newest(): number {
    return this.#newest.get() ?? 0;
  }

  /** Papers with a label above `after`, in the order in which they were added. */
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
    // An id that belongs to another paper identifies nothing.
    if (certain !== undefined || (id !== undefined && !under.some((row) => row.id === id))) return certain;
    const keyed = key === undefined ? undefined : chosen(this.#under(key), record, mayBeSame);
    if (keyed !== undefined) return keyed;
    const derived = this.find({ kind: "id", value: derivedId(record) });
    const row = derived === undefined ? undefined : this.#byLabel.get(derived);
    if (row === undefined || !differ(row, record) || alike(row, record)) return derived;
    return this.find({ kind: "id", value: idOfTitle(record) });
  }

  /** The only paper that is the same work as a record; undefined if there is none, or several. */
  #sameWork(record: PaperRecord, may: (id: string) => boolean): number | undefined {
    const rows = this.titled(record.title).map((label) => this.#byLabel.get(label)!);
    const [same, ...others] = rows.filter((row) => isSameWork(row, record) && may(row.id));
    return others.length === 0 ? same?.label : undefined;
  }

  /** The paper with an id, and those that came with it when it already belonged to another. */
  #under(id: string): Row[] {
    const labels = [this.find({ kind: "id", value: id }), ...this.#labelsUnder.all(id)];
    return labels.flatMap((label) => (label === undefined ? [] : (this.#byLabel.get(label) ?? [])));
  }

  /** The paper with an identifier of the record, unless it had it only formerly and differs from the record. */
  #owner(identifier: Certain, record: PaperRecord): number | undefined {
    const label = this.find(identifier);
    const row = label === undefined ? undefined : this.#byLabel.get(label);
    return row === undefined || has(row, identifier) || alike(row, record) ? label : undefined;
  }

  /** Removes the identifiers of a record from other papers that had them only formerly, or as an alias. */
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

  /** The id of a new paper: its own if free, else its citation key if free, else a derived one. */
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

  /** The columns of a row: fields missing from the record are taken from the old row, or empty. */
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
      notice: mergedNotice(old?.notice ?? null, record.notice),
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
    // The text has changed, so its place on the map may too.
    if (!same(row.text_hash, old.text_hash)) this.#statements.removePoints.run(label);
    this.#describe(label, row, listOf(old, "categories"));
  }

  /** Writes everything derived from a row. */
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

  /** Deletes the vectors of a text that no paper has. (After an update they stay: see Vectors.forgetUnused.) */
  #forgetText(hash: Buffer): void {
    for (const statement of this.#statements.forgetVectors) statement.run(hash, hash);
  }
}

/** The sort key of `trending`. Relative to no present day, which would move all papers alike. A paper without a date is very old. */
export const TRENDING = `log10(1 + ifnull(p.upvotes, 0) + ifnull(p.comments, 0)) +
  ifnull(julianday(substr(coalesce(p.listed, p.published) || '-01-01', 1, 10)), 0) / ${DAYS_A_TENFOLD}`;

/** The sort key of an order, in SQL. */
function keyOf(sort: Order, { list }: Selection): Condition {
  switch (sort) {
    case "date":
      return { sql: "ifnull(p.published, '')", values: [] };
    case "upvotes":
      return { sql: "ifnull(p.upvotes, -1)", values: [] };
    case "trending":
      return { sql: TRENDING, values: [] };
    default:
      if (list === undefined) return { sql: "p.label", values: [] };
      return {
        sql: `(SELECT max(e.added) FROM entries e JOIN lists l ON l.list = e.list
               WHERE e.id = p.id AND l.name_key IN (SELECT value FROM json_each(?)))`,
        values: [JSON.stringify(list.map(listKey))],
      };
  }
}

/** The searchable texts of a row. */
export function fieldsOf(row: Pick<Row, "id" | keyof Fields>): Fields {
  return {
    title: row.title,
    abstract: row.abstract ?? "",
    authors: listOf(row, "authors").join("; "),
    venue: row.venue ?? "",
    keywords: listOf(row, "keywords").join("; "),
  };
}

/** Of these fields, the last value counts, whoever brings it. */
const CURRENT = new Set(["listed", "upvotes", "comments", "notice"]);

/** A record without the fields that a paper has already. */
function lacking(old: Row, record: PaperRecord): PaperRecord {
  const has = (field: string): boolean => ![null, "[]", undefined].includes(old[field as keyof Row] as string | null);
  const rest = Object.entries(record).filter(([field]) => CURRENT.has(field) || !has(field));
  const title = isTitleFrom(old.title, old.abstract) ? record.title : old.title;
  return { ...(Object.fromEntries(rest) as Partial<PaperRecord>), title };
}

/** A record without its notice, if that is about a preprint, and the paper is also an article. */
function ofPreprint(old: Row, record: PaperRecord): PaperRecord {
  const { notice, ...rest } = record;
  const gone = notice === "withdrawn" || notice === "deleted";
  if (!gone || record.arxiv === undefined || record.doi !== undefined) return record;
  return old.doi === null || old.doi === doiOfArxiv(record.arxiv) ? record : rest;
}

/** The first of the papers that pass a test, preferring one with the record's title. */
function chosen(
  rows: readonly Row[],
  record: PaperRecord,
  isOne: (row: Row, record: PaperRecord) => boolean,
): number | undefined {
  const found = rows.filter((row) => isOne(row, record));
  return (found.find((row) => sameTitle(row, record)) ?? found[0])?.label;
}

const same = (a: unknown, b: unknown): boolean => (Buffer.isBuffer(a) && Buffer.isBuffer(b) ? a.equals(b) : a === b);
