/** Checks that the contents of the database are consistent, and repairs what can be derived from the rows of papers. */
import { setImmediate } from "node:timers/promises";
import { doiOfArxiv, normalizeUrl } from "../core/identifiers.js";
import { listKey } from "../core/list.js";
import { dateSchema } from "../core/paper.js";
import { titleKey } from "../core/text.js";
import type { Database } from "./database.js";
import { recordOf } from "./imports.js";
import { isTime } from "./lists.js";
import { parseMap } from "./map.js";
import { stemsIn } from "./match.js";
import { fieldsOf, type Papers } from "./papers.js";
import { textHash, type Row } from "./row.js";

export type Finding = {
  /** What, in words that follow a number: `papers without an identifier of their own`. */
  what: string;
  count: number;
  /** A few of them: ids, labels, words. */
  examples: string[];
  /** Repairs it; null if only a backup can. */
  fix: (() => void) | null;
};

const EXAMPLES = 5;
/** Rows read per step. */
const BATCH = 500;
/** How far the length of an 8-bit vector may be from 1: more than rounding explains. */
const LENGTH = 0.01;
/** Replaces a date that cannot be read. */
const LONG_AGO = "1970-01-01T00:00:00.000Z";
/** The lists that always exist, and their fixed numbers. */
const ALWAYS = [
  [1, "likes"],
  [2, "dislikes"],
] as const;
/** No paper is placed this far from the centre of the map. */
const FARTHEST = 1e6;

/** Columns of a paper that hold a year, a month or a day. */
const DATES = ["published", "updated", "listed"] as const;

/** The day, month or year that a date starts with; null if it starts with none. */
const certainDate = (date: string | null): string | null =>
  date === null
    ? null
    : ([date, ...[10, 7, 4].map((length) => date.slice(0, length))].find((one) => dateSchema.safeParse(one).success) ??
      null);

const KINDS = "('id', 'doi', 'arxiv', 'url', 'given')";

type Step = (progress: (done: number) => void) => Finding[] | Promise<Finding[]>;

/** Checks of one database, which must be open for writing to be repaired. */
export class Check {
  readonly #database;
  readonly #papers;
  readonly #model;

  /** @param model The model whose vectors are checked. */
  constructor(database: Database, papers: Papers, model: { identity: string; dimensions: number }) {
    this.#database = database;
    this.#papers = papers;
    this.#model = model;
  }

  /** The checks with their subjects, in an order in which later ones rely on earlier ones. */
  steps(): [about: string, step: Step][] {
    return [
      ["the file", () => this.#file()],
      ["names and categories", () => this.#names()],
      ["texts and words", (progress) => this.#texts(progress)],
      ["changes", () => this.#changes()],
      ["vectors", () => this.#vectors()],
      ["sentences", () => this.#sentences()],
      ["the map", () => this.#map()],
      ["lists and imports", () => this.#kept()],
    ];
  }

  /** SQLite's shorter check, of pages alone. @returns The first thing that is wrong; null if nothing is. */
  quick(): string | null {
    const said = this.#database.prepare<[], string>("PRAGMA quick_check(1)").pluck().get();
    return said === undefined || said === "ok" ? null : said;
  }

  /** SQLite's own check of pages and indexes, and rows that cannot be read. None of this can be repaired here. */
  #file(): Finding[] {
    const said = this.#database.prepare<[], string>("PRAGMA integrity_check(100)").pluck().all();
    const wrong = said.filter((line) => line !== "ok");
    const unread = this.#database
      .prepare<[], string>(
        `SELECT id FROM papers WHERE NOT (json_valid(authors) AND json_valid(categories) AND json_valid(keywords))`,
      )
      .pluck()
      .all();
    return [
      ...finding("places where the file is damaged", wrong, null),
      ...finding("papers whose authors, categories or keywords cannot be read", unread, null),
    ];
  }

  async #names(): Promise<Finding[]> {
    const rewrite = (labels: number[]) => () => labels.forEach((label) => this.#papers.rewrite(label));
    const labels = (what: string, sql: string) => {
      const found = this.#database.prepare<[], number>(sql).pluck().all();
      return finding(what, found, rewrite(found));
    };
    const strays = (what: string, table: string, key: string) => {
      const found = this.#database
        .prepare<[], number>(`SELECT DISTINCT ${key} FROM ${table} WHERE ${key} NOT IN (SELECT label FROM papers)`)
        .pluck()
        .all();
      const forget = this.#database.prepare<[number]>(`DELETE FROM ${table} WHERE ${key} = ?`);
      return finding(what, found, () => found.forEach((label) => forget.run(label)));
    };
    const named = (kind: string, column: string) =>
      `SELECT p.label FROM papers p WHERE p.${column} IS NOT NULL AND NOT EXISTS
       (SELECT 1 FROM identifiers i WHERE i.kind = '${kind}' AND i.value = p.${column} AND i.label = p.label)`;
    const addressed = await this.#wronglyAddressed();
    const unknown = this.#database
      .prepare<[], string>(`SELECT value FROM identifiers WHERE kind NOT IN ${KINDS}`)
      .pluck()
      .all();
    return [
      ...labels("papers that are not found by their id", named("id", "id")),
      ...labels("papers that are not found by their DOI", named("doi", "doi")),
      ...labels("papers that are not found by their arXiv id", named("arxiv", "arxiv")),
      ...labels(
        "papers that are not found by the DOI of their arXiv id",
        `SELECT p.label FROM papers p WHERE p.arxiv IS NOT NULL AND NOT EXISTS
         (SELECT 1 FROM identifiers i WHERE i.kind = 'doi' AND i.value = '${doiOfArxiv("")}' || p.arxiv)`,
      ),
      ...finding("papers that are not found by their web address, or by another one", addressed, rewrite(addressed)),
      ...finding("identifiers of an unknown kind", unknown, () =>
        this.#database.exec(`DELETE FROM identifiers WHERE kind NOT IN ${KINDS}`),
      ),
      ...labels(
        "papers that are missing from one of their categories",
        `SELECT DISTINCT p.label FROM papers p, json_each(p.categories) c WHERE NOT EXISTS
         (SELECT 1 FROM categories k WHERE k.category = c.value AND k.label = p.label)`,
      ),
      ...labels(
        "papers that are listed in a category they do not have",
        `SELECT DISTINCT k.label FROM categories k JOIN papers p ON p.label = k.label WHERE NOT EXISTS
         (SELECT 1 FROM json_each(p.categories) c WHERE c.value = k.category COLLATE NOCASE)`,
      ),
      ...strays("identifiers of papers that are gone", "identifiers", "label"),
      ...strays("categories of papers that are gone", "categories", "label"),
      ...strays("words of papers that are gone", "words", "rowid"),
    ];
  }

  /** Papers whose web address is missing from the identifiers, or differs there. */
  async #wronglyAddressed(): Promise<number[]> {
    const page = this.#database.prepare<[number, number], { label: number; url: string | null; known: string }>(
      `SELECT p.label, p.url, (SELECT json_group_array(i.value) FROM identifiers i
         WHERE i.label = p.label AND i.kind = 'url') AS known
       FROM papers p WHERE p.label > ? ORDER BY p.label LIMIT ?`,
    );
    const wrong: number[] = [];
    for (let after = 0; ;) {
      const rows = page.all(after, BATCH);
      for (const { label, url, known } of rows) {
        const address = url === null ? undefined : normalizeUrl(url);
        if (known !== JSON.stringify(address === undefined ? [] : [address])) wrong.push(label);
      }
      if (rows.length < BATCH) return wrong;
      after = rows.at(-1)!.label;
      await setImmediate();
    }
  }

  /** Everything derived from each row: the key of its title, the hash of its text, its words. */
  async #texts(progress: (done: number) => void): Promise<Finding[]> {
    const page = this.#database.prepare<[number, number], Row>(
      "SELECT * FROM papers WHERE label > ? ORDER BY label LIMIT ?",
    );
    const indexed = this.#database.prepare<[number], 1>("SELECT 1 FROM words WHERE rowid = ?").pluck();
    const keys: number[] = [];
    const missing: number[] = [];
    const undated: Row[] = [];
    const documents = new Map<string, number>();
    let done = 0;
    for (let after = 0; ;) {
      const rows = page.all(after, BATCH);
      for (const row of rows) {
        if (row.title_key !== titleKey(row.title) || !row.text_hash.equals(textHash(row.title, row.abstract)))
          keys.push(row.label);
        if (DATES.some((column) => row[column] !== certainDate(row[column]))) undated.push(row);
        if (indexed.get(row.label) === undefined) missing.push(row.label);
        const stems = Object.values(fieldsOf(row)).flatMap((text) => stemsIn(text).split(" "));
        for (const stem of new Set(stems.filter((one) => one !== "")))
          documents.set(stem, (documents.get(stem) ?? 0) + 1);
      }
      done += rows.length;
      progress(done);
      if (rows.length < BATCH) break;
      after = rows.at(-1)!.label;
      await setImmediate();
    }
    const all = () => this.#papers.rewriteWords();
    return [
      ...finding("papers whose title key or text hash is wrong", keys, () =>
        keys.forEach((label) => this.#papers.rewrite(label)),
      ),
      ...finding(
        "papers with dates that cannot be read; repair keeps the readable beginning",
        undated.map(({ id }) => id),
        () => undated.forEach((row) => this.#mendDates(row)),
      ),
      ...finding("papers without words", missing, () => missing.forEach((label) => this.#papers.rewrite(label))),
      ...(keys.length + missing.length > 0
        ? []
        : finding("words that find the wrong papers", this.#miscounted(documents), all)),
    ];
  }

  #mendDates(row: Row): void {
    for (const column of DATES)
      this.#database
        .prepare<[string | null, number]>(`UPDATE papers SET ${column} = ? WHERE label = ?`)
        .run(certainDate(row[column]), row.label);
    this.#papers.rewrite(row.label);
  }

  /** Words for which FTS5 counts another number of papers than the rows. */
  #miscounted(documents: Map<string, number>): string[] {
    const wrong: string[] = [];
    let known = 0;
    try {
      const terms = this.#database.prepare<[], { term: string; doc: number }>("SELECT term, doc FROM vocabulary");
      for (const { term, doc } of terms.iterate()) {
        known++;
        if (documents.get(term) !== doc) wrong.push(term);
      }
    } catch {
      // FTS5 cannot read its own tables.
      return ["all"];
    }
    return known === documents.size || wrong.length > 0 ? wrong : ["words that are missing"];
  }

  #changes(): Finding[] {
    const unrecorded = this.#database
      .prepare<[], number>("SELECT label FROM papers WHERE label NOT IN (SELECT label FROM changes)")
      .pluck()
      .all();
    const ahead = this.#database
      .prepare<[], number>(
        `SELECT change FROM changes
         WHERE row > change OR change > ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'changes'), 0)`,
      )
      .pluck()
      .all();
    return [
      ...finding("papers without a change number", unrecorded, () =>
        unrecorded.forEach((label) => this.#papers.rewrite(label)),
      ),
      ...finding("changes with a number from the future", ahead, null),
    ];
  }

  /** Invalid vectors. Repair deletes them, so that they are embedded again. */
  #vectors(): Finding[] {
    const { identity, dimensions } = this.#model;
    const rows = this.#database.prepare<[string], { hash: Buffer; scale: number; vector: Buffer }>(
      `SELECT v.text_hash AS hash, v.scale, v.vector FROM vectors v JOIN models m ON m.model = v.model
       WHERE m.identity = ?`,
    );
    const wrong: Buffer[] = [];
    for (const { hash, scale, vector } of rows.iterate(identity)) {
      let squares = 0;
      for (const byte of new Int8Array(vector.buffer, vector.byteOffset, vector.length)) squares += byte * byte;
      const length = Math.sqrt(squares) * scale;
      if (vector.length !== dimensions || !(Math.abs(length - 1) <= LENGTH)) wrong.push(hash);
    }
    return this.#forgetting("vectors that are damaged", "vectors", wrong);
  }

  #sentences(): Finding[] {
    const { identity, dimensions } = this.#model;
    const rows = this.#database.prepare<[string], { hash: Buffer; spans: Buffer; sketches: Buffer; length: number }>(
      `SELECT s.text_hash AS hash, s.spans, s.sketches,
         (SELECT length(ifnull(p.abstract, '')) * 2 FROM papers p WHERE p.text_hash = s.text_hash LIMIT 1) AS length
       FROM sentences s JOIN models m ON m.model = s.model WHERE m.identity = ?`,
    );
    const wrong: Buffer[] = [];
    for (const { hash, spans, sketches, length } of rows.iterate(identity)) {
      const ends = new Uint32Array(Uint8Array.from(spans.subarray(0, spans.length & ~3)).buffer);
      // SQLite counts code points, of which one may be two UTF-16 units.
      const ordered =
        ends.every((end, i) => (i % 2 === 0 ? end >= (ends[i - 1] ?? 0) : end > ends[i - 1]!)) &&
        (ends.at(-1) ?? 0) <= (length ?? Infinity);
      const whole = spans.length % 8 === 0 && sketches.length === (spans.length / 8 + 1) * (dimensions / 8);
      if (!ordered || !whole) wrong.push(hash);
    }
    return this.#forgetting("papers whose sentences are damaged", "sentences", wrong);
  }

  #forgetting(what: string, table: "vectors" | "sentences", hashes: Buffer[]): Finding[] {
    const forget = this.#database.prepare<[Buffer]>(`DELETE FROM ${table} WHERE text_hash = ?`);
    const labels = this.#database.prepare<[Buffer], number>("SELECT label FROM papers WHERE text_hash = ?").pluck();
    return finding(
      what,
      hashes.map((hash) => hash.toString("hex")),
      () => {
        for (const hash of hashes) {
          forget.run(hash);
          for (const label of labels.all(hash)) this.#papers.rewrite(label);
        }
      },
    );
  }

  /** Impossible points, and maps that cannot be read. Repair deletes the whole map, so that it is made again. */
  #map(): Finding[] {
    const wrong = new Set(
      this.#database
        .prepare<[], number>(
          `SELECT DISTINCT model FROM points
           WHERE label NOT IN (SELECT label FROM papers) OR model NOT IN (SELECT model FROM maps)
             OR model NOT IN (SELECT model FROM models)
             OR x NOT BETWEEN -${FARTHEST} AND ${FARTHEST} OR y NOT BETWEEN -${FARTHEST} AND ${FARTHEST}`,
        )
        .pluck()
        .all(),
    );
    const maps = this.#database.prepare<[], { model: number; map: string }>("SELECT model, map FROM maps");
    for (const { model, map } of maps.all())
      try {
        parseMap(map);
      } catch {
        wrong.add(model);
      }
    const forget = ["points", "maps"].map((table) =>
      this.#database.prepare<[number]>(`DELETE FROM ${table} WHERE model = ?`),
    );
    return finding("damaged maps; the next index makes a new one", [...wrong], () => {
      for (const model of wrong) for (const statement of forget) statement.run(model);
    });
  }

  async #kept(): Promise<Finding[]> {
    const strays = (what: string, table: string, key: string, of: string) => {
      const sql = `FROM ${table} WHERE ${key} NOT IN (SELECT ${key} FROM ${of})`;
      const found = this.#database.prepare<[], number>(`SELECT ${key} ${sql}`).pluck().all();
      return finding(what, found, () => this.#database.prepare(`DELETE ${sql}`).run());
    };
    return [
      ...this.#lists(),
      ...strays("papers of imports that are gone", "imported", "import", "imports"),
      ...(await this.#imported()),
      ...this.#dates("entries", "added", "id"),
      ...this.#dates("notes", "changed", "id"),
      ...this.#dates("lists", "created", "name"),
      ...["began", "undone", "finished"].flatMap((column) => this.#dates("imports", column, "name")),
    ];
  }

  #lists(): Finding[] {
    const rows = this.#database
      .prepare<[], { list: number; name: string; name_key: string }>("SELECT list, name, name_key FROM lists")
      .all();
    const make = this.#database.prepare<[number, string, string]>(
      "INSERT INTO lists (list, name, name_key, created) VALUES (?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ'))",
    );
    const rename = this.#database.prepare<[string, string, number]>(
      "UPDATE OR IGNORE lists SET name = ?, name_key = ? WHERE list = ?",
    );
    const always = new Map<number, string>(ALWAYS);
    const misnamed = rows.filter(({ list, name, name_key: key }) => key !== listKey(always.get(list) ?? name));
    const missing = ALWAYS.filter(([number]) => rows.every(({ list }) => list !== number));
    const gone = this.#database
      .prepare<[], number>("SELECT DISTINCT list FROM entries WHERE list NOT IN (SELECT list FROM lists)")
      .pluck()
      .all()
      .filter((list) => !always.has(list));
    return [
      ...finding(
        "lists whose key does not match their name",
        misnamed.map(({ name }) => name),
        () =>
          misnamed.forEach(({ list, name }) => {
            const right = always.get(list) ?? name;
            rename.run(right, listKey(right), list);
          }),
      ),
      ...finding(
        "built-in lists that are missing",
        missing.map(([, name]) => name),
        () => missing.forEach(([list, name]) => make.run(list, name, name)),
      ),
      // The papers in a list are kept even if the list is gone.
      ...finding("lists that are gone although papers are in them", gone, () =>
        gone.forEach((list) => make.run(list, `list ${list}`, `list ${list}`)),
      ),
    ];
  }

  /** Records of imports that cannot be read. Repair marks the papers so that an undo leaves them unchanged. */
  async #imported(): Promise<Finding[]> {
    type Recorded = { import: number; label: number; outcome: string; before: string | null };
    const page = this.#database.prepare<[number, number, number], Recorded>(
      "SELECT * FROM imported WHERE (import, label) > (?, ?) ORDER BY import, label LIMIT ?",
    );
    const wrong: Recorded[] = [];
    for (let last = { import: 0, label: 0 }; ;) {
      const rows = page.all(last.import, last.label, BATCH);
      wrong.push(...rows.filter(({ outcome, before }) => recordOf(outcome, before) === undefined));
      if (rows.length < BATCH) break;
      last = rows.at(-1)!;
      await setImmediate();
    }
    const write = this.#database.prepare<[string, string | null, number, number]>(
      "UPDATE imported SET outcome = ?, before = ? WHERE import = ? AND label = ?",
    );
    return finding(
      "import records that cannot be read; an undo leaves those papers unchanged, unless they can be restored",
      wrong.map(({ label }) => label),
      () => {
        for (const { import: number, label, before } of wrong)
          if (recordOf("updated", before) === undefined) write.run("unchanged", null, number, label);
          else write.run("updated", before, number, label);
      },
    );
  }

  #dates(table: string, column: string, name: string): Finding[] {
    const rows = this.#database
      .prepare<[], { date: string; name: string }>(
        `SELECT DISTINCT ${column} AS date, ${name} AS name FROM ${table} WHERE ${column} IS NOT NULL`,
      )
      .all()
      .filter(({ date }) => !isTime(date));
    const write = this.#database.prepare<[string, string]>(`UPDATE ${table} SET ${column} = ? WHERE ${column} = ?`);
    return finding(
      `dates in ${table} that cannot be read; repair replaces them with 1970`,
      rows.map((row) => row.name),
      () => rows.forEach(({ date }) => write.run(LONG_AGO, date)),
    );
  }
}

function finding(what: string, found: readonly (string | number)[], fix: (() => void) | null): Finding[] {
  if (found.length === 0) return [];
  return [{ what, count: found.length, examples: found.slice(0, EXAMPLES).map(String), fix }];
}
