import type { Selection } from "../api.js";
import { phraseOf } from "../core/text.js";
import { beginningIn, FIELDS, type WordHit } from "../core/word.js";
import { conditionOf } from "./filters.js";
import type { Database, Statement } from "./database.js";
import { matchOf } from "./match.js";

/** BM25 weights of the columns, in their order. */
const WEIGHTS = Object.values(FIELDS).join(", ");

/** Full-text search of papers, in FTS5, which is given stems and splits at spaces. */
export class Words {
  readonly #database;
  readonly #documents;
  readonly #documentsBeginning;
  readonly #weights;
  readonly #statements = new Map<string, Statement<(string | number)[], WordHit>>();

  constructor(database: Database) {
    this.#database = database;
    this.#weights = database.prepare<[string, string], WordHit>(
      `SELECT rowid AS label, -bm25(words, ${WEIGHTS}) AS bm25 FROM words
       WHERE words MATCH ? AND rowid IN (SELECT value FROM json_each(?))`,
    );
    this.#documents = database.prepare<[string], number>("SELECT doc FROM vocabulary WHERE term = ?").pluck();
    this.#documentsBeginning = database
      .prepare<[string], number>("SELECT count(*) FROM words WHERE words MATCH ?")
      .pluck();
  }

  /**
   * Papers with any of the words, best BM25 first, ties by label.
   *
   * @param words Any strings, as `matchOf` takes them.
   */
  search(words: readonly string[], filters: Selection, limit: number): WordHit[] {
    const matches = words.map(matchOf).filter((match) => match !== null);
    if (matches.length === 0) return [];
    const condition = conditionOf(filters);
    return this.#prepare(condition?.sql ?? null).all(matches.join(" OR "), ...(condition?.values ?? []), limit);
  }

  /** BM25 of one word in each of the papers; 0 where it does not occur. */
  weights(word: string, labels: readonly number[]): number[] {
    const match = matchOf(word);
    const found = match === null ? [] : this.#weights.all(match, JSON.stringify(labels));
    const weights = new Map(found.map(({ label, bm25 }) => [label, bm25]));
    return labels.map((label) => weights.get(label) ?? 0);
  }

  /** In how many papers a stem occurs or, for `syn*`, any stem that starts so. */
  documentsWith(stem: string): number {
    const beginning = beginningIn(stem);
    if (beginning === null) return this.#documents.get(stem) ?? 0;
    const { terms } = phraseOf(beginning);
    return terms.length === 0 ? 0 : this.#documentsBeginning.get(`"${terms.join(" ")}" *`)!;
  }

  #prepare(condition: string | null): Statement<(string | number)[], WordHit> {
    const key = condition ?? "";
    let statement = this.#statements.get(key);
    if (statement === undefined) {
      // Conditions differ in their number of values, so their number is unbounded.
      if (this.#statements.size > 100) this.#statements.clear();
      // "+" stops SQLite from running the whole FTS5 query once per passing paper, which takes minutes.
      const filtered = condition === null ? "" : `AND +rowid IN (SELECT p.label FROM papers p WHERE ${condition})`;
      statement = this.#database.prepare<(string | number)[], WordHit>(
        `SELECT rowid AS label, -bm25(words, ${WEIGHTS}) AS bm25 FROM words
         WHERE words MATCH ? ${filtered} ORDER BY bm25 DESC, label LIMIT ?`,
      );
      this.#statements.set(key, statement);
    }
    return statement;
  }
}
