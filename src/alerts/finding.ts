/** What is new for an alert: the papers that answer its question and that it has not found before. */
import { z } from "zod";
import { KindredError } from "../core/errors.js";
import type { Phase } from "../engine/writer.js";
import type { FoundPaper } from "../operations/alerts.js";
import { candidatesOf, comparesOf, keysOf, type Question } from "./candidates.js";
import { OWNER, PAGE, type Library, type State, type Stored } from "./stored.js";

/** What an alert remembers of the papers that it has found: about three keys a paper; the oldest are dropped. */
const REMEMBERED = 20_000;

/** What is needed to find papers; `id` is that of an alert whose papers are left out. */
export type Asks = Omit<Question, "after" | "now"> & Pick<Stored, "id" | "anchors">;

/** What is new for an alert: also the keys to remember, and the rows that hold too many. */
export type Finding = { papers: FoundPaper[]; more: number; keys: string[]; old: string[] };

/** Finds what is new for the alerts of one run, which share what is worked out for one of them. */
export class Batch {
  readonly #library;
  readonly #now;
  /** The number of the newest paper when it began. */
  readonly newest: number;
  readonly #pendingPoints: number;
  /** Whether there are texts to embed, by phase and the number after which they are looked for. */
  readonly #pending = new Map<string, boolean>();
  /** The keys of the copies of a paper, by its id. */
  readonly #copies = new Map<string, Promise<string[]>>();
  #points: Promise<Map<number, [number, number]>> | undefined;
  readonly #signal;

  private constructor(
    library: Library,
    now: () => number,
    { newest, pendingPoints }: { newest: number; pendingPoints: number },
    signal: AbortSignal,
  ) {
    this.#library = library;
    this.#now = now;
    this.newest = newest;
    this.#pendingPoints = pendingPoints;
    this.#signal = signal;
  }

  static async begin(library: Library, now: () => number, signal: AbortSignal): Promise<Batch> {
    return new Batch(library, now, await library.status(), signal);
  }

  /** Whether the papers that an alert must compare are still to be embedded, or placed on the map. */
  async mustWait({ ask }: Stored, { after }: State): Promise<boolean> {
    const { vectors, sentences, points } = comparesOf(ask);
    if (points && this.#pendingPoints > 0) return true;
    const isPending = async (phase: Phase) => {
      const key = `${phase} ${after}`;
      const known = this.#pending.get(key);
      if (known !== undefined) return known;
      const first = await this.#library.firstPending({ phase, after });
      // Later papers are looked at next time.
      const pending = first !== null && first <= this.newest;
      this.#pending.set(key, pending);
      return pending;
    };
    // Papers without a vector have no place on the map yet.
    return ((vectors || points) && (await isPending("vectors"))) || (sentences && (await isPending("sentences")));
  }

  /** Looks again for texts to embed, when it is asked next. */
  forgetPending(): void {
    this.#pending.clear();
  }

  /** The papers that an alert has not found before, best first, and how many more there are. */
  async find(alert: Asks, after: number): Promise<Finding> {
    await this.#expectSameMap(alert);
    const question: Question = { ...alert, after, now: this.#now() };
    const { candidates, uncounted, folded } = await candidatesOf(this.#library, question, this.#signal);
    const { keys: found, rows: stored } = await this.#found(alert.id);
    const papers: FoundPaper[] = [];
    const keys = new Set<string>();
    let more = uncounted;
    for (const candidate of candidates) {
      if (candidate.keys.some((key) => found.has(key) || keys.has(key))) continue;
      if (papers.length === alert.atMost) {
        more++;
        // A daily list is looked at again tomorrow.
        if (alert.ask.daily === true) for (const key of candidate.keys) keys.add(key);
        continue;
      }
      if (found.size > 0 || (!folded && keys.size > 0)) {
        const { id, title } = candidate.found;
        let others = this.#copies.get(id);
        if (others === undefined) this.#copies.set(id, (others = this.#copiesOf(id, title)));
        const isCopy = (await others).some((key) => found.has(key) || (!folded && keys.has(key)));
        // A copy is remembered as well: the paper that it is a copy of may be removed.
        for (const key of [...candidate.keys, ...(await others)]) keys.add(key);
        if (isCopy) continue;
      }
      papers.push(candidate.found);
      for (const key of candidate.keys) keys.add(key);
    }
    return { papers, more, keys: [...keys], old: tooOld(stored, keys.size) };
  }

  /** The keys of papers that are copies of this one, such as its preprint, as a search folds them. */
  async #copiesOf(id: string, title: string): Promise<string[]> {
    const { hits } = await this.#library.search({ q: title, mode: "lexical", limit: 3 }, { signal: this.#signal });
    const hit = hits.find(({ paper, versions }) => [paper, ...versions].some((one) => one.id === id));
    return hit === undefined ? [] : [hit.paper, ...hit.versions].filter((one) => one.id !== id).flatMap(keysOf);
  }

  /** The keys of the papers that an alert has found, and the rows that hold them with how many each has, oldest first. */
  async #found(id: string): Promise<{ keys: Set<string>; rows: [key: string, count: number][] }> {
    const keys = new Set<string>();
    const rows: [string, number][] = [];
    for (const { key, value } of await this.#library.owned(OWNER, `keys/${id}/`, PAGE)) {
      const held = z.array(z.string()).parse(JSON.parse(value ?? "null"));
      for (const one of held) keys.add(one);
      rows.push([key, held.length]);
    }
    return { keys, rows };
  }

  /** @throws KindredError `invalid` when the map was laid out anew: its regions are somewhere else. */
  async #expectSameMap({ ask: { area }, anchors = [] }: Asks): Promise<void> {
    if (area === undefined) return;
    const points = await (this.#points ??= this.#readPoints());
    const placed = anchors.flatMap((label) => points.get(label) ?? []).length / 2;
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = area.split(",").map(Number);
    const isIn = ([x, y]: [number, number]) =>
      x >= Math.min(x0, x1) && x <= Math.max(x0, x1) && y >= Math.min(y0, y1) && y <= Math.max(y0, y1);
    const inside = anchors.filter((label) => points.has(label) && isIn(points.get(label)!)).length;
    if (inside < placed / 2)
      throw new KindredError(
        "invalid",
        `area: the map was laid out anew, so that ${area} is another region: choose the region again`,
        { parameter: "area" },
      );
  }

  async #readPoints(): Promise<Map<number, [number, number]>> {
    const { bytes } = await this.#library.mapPoints();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const points = new Map<number, [number, number]>();
    for (let at = 0; at < bytes.byteLength; at += 16)
      points.set(view.getUint32(at, true), [view.getFloat32(at + 4, true), view.getFloat32(at + 8, true)]);
    return points;
  }
}

/** Some papers of the region that a question asks for. */
export async function anchorsOf(
  library: Pick<Library, "mapMatches">,
  { area }: { area?: string | undefined },
): Promise<Pick<Stored, "anchors">> {
  if (area === undefined) return {};
  const { labels } = await library.mapMatches({ area });
  const step = Math.ceil(labels.length / 50);
  return { anchors: labels.filter((_, i) => i % step === 0) };
}

/** The oldest rows that are too many, when a number of keys is added. */
function tooOld(rows: readonly [key: string, count: number][], added: number): string[] {
  let kept = added;
  return rows.toReversed().flatMap(([key, count]) => {
    kept += count;
    return kept > REMEMBERED ? [key] : [];
  });
}
