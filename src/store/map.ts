import { z } from "zod";
import { regionSchema } from "../api.js";
import { KindredError } from "../errors.js";
import type { StoredVector } from "../vector.js";
import type { Database } from "./database.js";

const storedMapSchema = z.strictObject({
  /** How many papers were laid out together; those that came later were placed among them. */
  laidOut: z.int(),
  /** Whether abstracts were still to come when it was laid out. */
  early: z.boolean(),
  regions: z.array(regionSchema),
});
/** What is known of a map beside its points. */
export type StoredMap = z.infer<typeof storedMapSchema>;

/** @throws Where the text is none of a map. */
export const parseMap = (text: string): StoredMap => storedMapSchema.parse(JSON.parse(text));

/** A paper that has a vector, and its point when it has one. */
export type Mappable = { label: number; title: string; vector: StoredVector; point: { x: number; y: number } | null };

/**
 * What is to be stored: of paper `labels[i]` x is `places[2 * i]` and y is `places[2 * i + 1]`. All points there are, or with
 * `anew` false those that come to them; good for papers that have not changed since `change`.
 */
export type Mapped = { labels: Uint32Array; places: Float32Array; anew: boolean; change: number; map: StoredMap };

/** What a point is shown by: label, x, y, published, first category. */
export type PointRow = [label: number, x: number, y: number, published: string | null, category: string | null];

/** The map of all papers by one model: where each stands, and what its regions are called. */
export class PaperMap {
  readonly #database;
  readonly #identity;
  readonly #statements;

  constructor(database: Database, identity: string) {
    this.#database = database;
    this.#identity = identity;
    // The model may be known only later, to a store opened for reading before anything was embedded.
    const model = "(SELECT model FROM models WHERE identity = @identity)";
    this.#statements = {
      map: database.prepare<{ identity: string }, string>(`SELECT map FROM maps WHERE model = ${model}`).pluck(),
      version: database
        .prepare<{ identity: string }, number>(`SELECT version FROM maps WHERE model = ${model}`)
        .pluck(),
      count: database
        .prepare<{ identity: string }, number>(`SELECT count(*) FROM points WHERE model = ${model}`)
        .pluck(),
      countPending: database
        .prepare<{ identity: string }, number>(
          `SELECT count(*) FROM papers p JOIN vectors v ON v.model = ${model} AND v.text_hash = p.text_hash
           WHERE NOT EXISTS (SELECT 1 FROM points t WHERE t.model = ${model} AND t.label = p.label)`,
        )
        .pluck(),
      mappable: database.prepare<
        { identity: string; after: number; limit: number },
        { label: number; title: string; scale: number; vector: Buffer; x: number | null; y: number | null }
      >(
        `SELECT p.label, p.title, v.scale, v.vector, t.x, t.y FROM papers p
         JOIN vectors v ON v.model = ${model} AND v.text_hash = p.text_hash
         LEFT JOIN points t ON t.model = ${model} AND t.label = p.label
         WHERE p.label > @after ORDER BY p.label LIMIT @limit`,
      ),
      rows: database
        .prepare<{ identity: string; after: number; limit: number }, PointRow>(
          `SELECT t.label, t.x, t.y, p.published, p.categories ->> 0 FROM points t JOIN papers p ON p.label = t.label
           WHERE t.model = ${model} AND t.label > @after ORDER BY t.label LIMIT @limit`,
        )
        .raw(),
      clear: database.prepare<{ identity: string }>(`DELETE FROM points WHERE model = ${model}`),
      put: database.prepare<{ identity: string; label: number; x: number; y: number; change: number }>(
        `INSERT OR REPLACE INTO points (model, label, x, y)
         SELECT ${model}, label, @x, @y FROM changes WHERE label = @label AND row <= @change`,
      ),
      putMap: database.prepare<{ identity: string; map: string }>(
        `INSERT OR REPLACE INTO maps (model, version, map)
         SELECT ${model}, 1 + ifnull((SELECT version FROM maps WHERE model = ${model}), 0), @map`,
      ),
    };
  }

  /** What is known beside the points; null when there is no map yet. */
  get(): StoredMap | null {
    const map = this.#statements.map.get({ identity: this.#identity });
    if (map === undefined) return null;
    try {
      return parseMap(map);
    } catch (thrown) {
      throw new KindredError(
        "damaged",
        `the map in ${this.#database.name} could not be read: the database is damaged; restore a copy of it`,
        { cause: thrown },
      );
    }
  }

  /** Another number whenever points were put; 0 when there is no map yet. */
  version(): number {
    return this.#statements.version.get({ identity: this.#identity }) ?? 0;
  }

  /** How many papers have a point. */
  count(): number {
    return this.#statements.count.get({ identity: this.#identity }) as number;
  }

  /** How many papers have a vector, but no point. */
  countPending(): number {
    return this.#statements.countPending.get({ identity: this.#identity }) as number;
  }

  /** Papers that have a vector, from behind a label on. */
  mappable(after: number, limit: number): Mappable[] {
    return this.#statements.mappable
      .all({ identity: this.#identity, after, limit })
      .map(({ label, title, scale, vector, x, y }) => ({
        label,
        title,
        vector: { vector: new Int8Array(vector.buffer, vector.byteOffset, vector.length), scale },
        point: x === null || y === null ? null : { x, y },
      }));
  }

  /** Points with what they are shown by, from behind a label on. */
  rows(after: number, limit: number): PointRow[] {
    return this.#statements.rows.all({ identity: this.#identity, after, limit });
  }

  /**
   * Stores points, but for papers that were changed or removed since their vectors were read. Call inside a transaction: a
   * map is there as a whole, or not.
   */
  put({ labels, places, anew, change, map }: Mapped): void {
    const identity = this.#identity;
    if (anew) this.#statements.clear.run({ identity });
    labels.forEach((label, i) =>
      this.#statements.put.run({ identity, label, x: places[2 * i] as number, y: places[2 * i + 1] as number, change }),
    );
    this.#statements.putMap.run({ identity, map: JSON.stringify(map) });
  }
}
