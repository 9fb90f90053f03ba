/** The map as clients get it: the points as bytes, and data about them. */
import type { Embed } from "../embedding/embed.js";
import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { MapMatchesAnswer, MapMatchesRequest, MapAnswer, MapPapersAnswer, MapPapersRequest } from "../api.js";
import { MAX_MATCHES } from "../api.js";
import type { Engine, Point } from "../engine/engine.js";
import { folded } from "../ranking/folding.js";
import { orderOf } from "./answer.js";
import { filtersOf, rank } from "./search.js";

/** Points read at a time; between these slices other questions are answered. */
const SLICE = 2_000;
/** Bytes per point: uint32 label, float32 x, float32 y, uint16 year, uint8 category, uint8 0. */
const POINT = 16;
/** Number of categories with their own number; below, the number for all others and for none. */
const CATEGORIES = 24;
const NO_CATEGORY = 255;

/** A map except the number of pending papers; `bytes` are the points in ascending order of labels. */
type Drawn = Omit<MapAnswer, "pending"> & { bytes: Uint8Array<ArrayBuffer> };

/** Reads the map once for all callers until it changes. */
export class MapReader {
  readonly #engine;
  /** The last read started, and the version of the map then. */
  #last: { version: string; drawn: Promise<Drawn> } | undefined;
  /** The read that follows a running one, shared by all callers that arrive meanwhile. */
  #next: Promise<Drawn> | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async map(): Promise<MapAnswer> {
    const { bytes: _, ...map } = await this.#current();
    return { ...map, pending: Math.max(0, (await this.#engine.counts()).papers - map.points) };
  }

  async points(): Promise<{ version: string; bytes: Uint8Array<ArrayBuffer> }> {
    const { version, bytes } = await this.#current();
    return { version, bytes };
  }

  async #current(): Promise<Drawn> {
    const { shown } = await this.#engine.mapVersion();
    const last = this.#last;
    if (last === undefined) return this.#begin(shown);
    if (last.version === shown) return last.drawn;
    // After the running read; otherwise each question during an import would start another.
    this.#next ??= this.#after(last.drawn);
    return this.#next;
  }

  async #after(drawn: Promise<Drawn>): Promise<Drawn> {
    await drawn.catch(() => {});
    const version = await this.#engine.mapVersion().finally(() => (this.#next = undefined));
    return this.#begin(version.shown);
  }

  #begin(version: string): Promise<Drawn> {
    const drawn = this.#read();
    const last = { version, drawn };
    this.#last = last;
    drawn.catch(() => {
      if (this.#last === last) this.#last = undefined;
    });
    return drawn;
  }

  async #read(): Promise<Drawn> {
    for (;;) {
      const { layout } = await this.#engine.mapVersion();
      const regions = await this.#engine.regions();
      const rows: Point[] = [];
      for (let after = 0; ;) {
        const slice = await this.#engine.points(after, SLICE);
        rows.push(...slice);
        if (slice.length < SLICE) break;
        after = slice.at(-1)![0];
        await setImmediate();
      }
      // If the map was laid out again meanwhile, these are points of two maps: read again.
      const { layout: now } = await this.#engine.mapVersion();
      if (now === layout) return drawn(rows, rows.length === 0 ? [] : regions);
    }
  }
}

function drawn(rows: readonly Point[], regions: MapAnswer["regions"]): Drawn {
  const categories = mostFrequent(rows.map(([, , , , category]) => category));
  const numbers = new Map(categories.map((category, i) => [category, i]));
  const bytes = new Uint8Array(POINT * rows.length);
  const view = new DataView(bytes.buffer);
  const bounds = { x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity };
  const years = { from: Infinity, to: -Infinity };
  rows.forEach(([label, x, y, published, category], i) => {
    const year = published === null ? 0 : Number(published.slice(0, 4));
    view.setUint32(POINT * i, label, true);
    view.setFloat32(POINT * i + 4, x, true);
    view.setFloat32(POINT * i + 8, y, true);
    view.setUint16(POINT * i + 12, year, true);
    view.setUint8(POINT * i + 14, (category === null ? undefined : numbers.get(category)) ?? NO_CATEGORY);
    bounds.x0 = Math.min(bounds.x0, x);
    bounds.y0 = Math.min(bounds.y0, y);
    bounds.x1 = Math.max(bounds.x1, x);
    bounds.y1 = Math.max(bounds.y1, y);
    if (year === 0) return;
    years.from = Math.min(years.from, year);
    years.to = Math.max(years.to, year);
  });
  const summary = {
    points: rows.length,
    bounds: rows.length === 0 ? { x0: 0, y0: 0, x1: 0, y1: 0 } : bounds,
    categories,
    years: years.from === Infinity ? null : years,
    regions,
  };
  const version = createHash("sha256").update(JSON.stringify(summary)).update(bytes).digest("hex").slice(0, 16);
  return { version, ...summary, bytes };
}

/** The most frequent values, most frequent first, ties by name. */
function mostFrequent(values: readonly (string | null)[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .toSorted(([one, a], [other, b]) => b - a || (one < other ? -1 : 1))
    .slice(0, CATEGORIES)
    .map(([value]) => value);
}

/** Labels of the hits of a search, best first; without a query, of all papers that pass the filters, ascending. */
export async function mapMatches(engine: Engine, embed: Embed, request: MapMatchesRequest): Promise<MapMatchesAnswer> {
  const { q, limit } = request;
  if (q === undefined) return { labels: await engine.passing(filtersOf(request), MAX_MATCHES) };
  const ranking = await rank(engine, embed, { ...request, q });
  if ("reason" in ranking) return { labels: [] };
  const labels: number[] = [];
  for await (const groups of folded(engine, ranking.candidates.block, orderOf(ranking))) {
    labels.push(...groups.map(({ label }) => label));
    if (labels.length >= limit) break;
  }
  return { labels: labels.slice(0, limit) };
}

export async function mapPapers(engine: Engine, { label }: MapPapersRequest): Promise<MapPapersAnswer> {
  const papers = await engine.papers(label);
  return { papers: papers.flatMap((paper, i) => (paper === undefined ? [] : [{ label: label[i]!, paper }])) };
}
