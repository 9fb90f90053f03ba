import { z } from "zod";
import { regionSchema } from "../api.js";
import { KindredError } from "../core/errors.js";
import type { StoredVector } from "../core/vector.js";
import type { Database } from "./database.js";

const storedMapSchema = z.strictObject({
  /** How many papers were laid out together. Later ones were placed among them. */
  laidOut: z.int(),
  /** Whether some abstracts were not embedded yet when it was laid out. */
  early: z.boolean(),
  regions: z.array(regionSchema),
});
/** The data of a map besides its points. */
export type StoredMap = z.infer<typeof storedMapSchema>;

/** @throws When the text is not a stored map. */
export const parseMap = (text: string): StoredMap => storedMapSchema.parse(JSON.parse(text));

/** A paper with a vector, and its point if it has one. */
export type Mappable = { label: number; title: string; vector: StoredVector; point: { x: number; y: number } | null };

/**
 * What to store: the point of paper `labels[i]` is (`places[2 * i]`, `places[2 * i + 1]`). With `replace` these replace
 * all points, otherwise they are added. Valid for papers that have not changed since `change`.
 */
export type Mapped = { labels: Uint32Array; places: Float32Array; replace: boolean; change: number; map: StoredMap };

/** A point with the data to draw it: label, x, y, published, first category. */
export type PointRow = [label: number, x: number, y: number, published: string | null, category: string | null];

/** The map of all papers by one model: their points, and the names of its regions. */
export class PaperMap {
  readonly #database;
  readonly #identity;
  readonly #statements;

  constructor(database: Database, identity: string) {
    this.#database = database;
    this.#identity = identity;
    // Looked up in each query: a store opened for reading before anything was embedded learns of the model later.
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

  /** The data of the map besides its points; null if there is no map yet. */
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

  /** A number that changes when points are written; 0 if there is no map yet. */
  version(): number {
    return this.#statements.version.get({ identity: this.#identity }) ?? 0;
  }

  count(): number {
    return this.#statements.count.get({ identity: this.#identity }) as number;
  }

  /** How many papers have a vector but no point. */
  countPending(): number {
    return this.#statements.countPending.get({ identity: this.#identity }) as number;
  }

  /** Papers with a vector and a label above `after`, by label. */
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

  /** Points with a label above `after`, by label. */
  rows(after: number, limit: number): PointRow[] {
    return this.#statements.rows.all({ identity: this.#identity, after, limit });
  }

  /**
   * Stores points, except of papers that were changed or deleted since their vectors were read. Call inside a
   * transaction, so that readers see a whole map.
   */
  put({ labels, places, replace, change, map }: Mapped): void {
    const identity = this.#identity;
    if (replace) this.#statements.clear.run({ identity });
    labels.forEach((label, i) =>
      this.#statements.put.run({ identity, label, x: places[2 * i] as number, y: places[2 * i + 1] as number, change }),
    );
    this.#statements.putMap.run({ identity, map: JSON.stringify(map) });
  }
}
