/** A thread that computes the map. The thread that starts it sends the papers, and stores the result. */
import { workerData } from "node:worker_threads";
import { layOut } from "../map/layout.js";
import { place } from "../map/place.js";
import { counted, regionsOf } from "../map/regions.js";
import type { Mappable, Mapped, StoredMap } from "../engine/writer.js";
import { answerCalls, type Call } from "../core/thread.js";
import { lowerPriority } from "../core/priority.js";

export type MapperData = { polite: boolean };

/** A new map is laid out when the number of papers has grown or shrunk by this factor. */
const GROWN = 1.5;

const { polite } = workerData as MapperData;
lowerPriority("mapping", polite);

let papers: Mappable[] = [];

const methods = {
  /** Starts a map without papers. */
  clear: (): void => void (papers = []),
  /** Adds papers with a vector; the label of each is above those before. */
  add: (more: Mappable[]): void => void papers.push(...more),
  /**
   * The points of papers that have no point, or of all papers if the map is laid out again.
   *
   * @param early Whether more abstracts are pending: then everything is laid out again when they are embedded.
   * @param map The present map.
   * @param change The last change before the papers were read.
   */
  map: async (
    { early, map, change }: { early: boolean; map: StoredMap | null; change: number },
    { signal }: Call,
  ): Promise<Mapped> => {
    const fresh = papers.filter(({ point }) => point === null);
    const size = papers.length;
    // Changed papers lose their points, so fewer papers may have one than were laid out.
    const settled = Math.min(size - fresh.length, map?.laidOut ?? 0);
    const stays = map !== null && (!map.early || early) && size <= GROWN * settled && GROWN * size >= map.laidOut;
    return { change, ...(stays ? await added(papers, fresh, map, signal) : await laidOut(papers, early, signal)) };
  },
};
export type MapperMethods = typeof methods;

answerCalls(methods);

type Made = Omit<Mapped, "change">;

async function laidOut(papers: readonly Mappable[], early: boolean, signal: AbortSignal): Promise<Made> {
  const places = await layOut(
    papers.map(({ vector }) => vector),
    signal,
  );
  const regions = regionsOf(
    places,
    papers.map(({ title }) => title),
  );
  return { labels: labelsOf(papers), places, replace: true, map: { laidOut: papers.length, early, regions } };
}

async function added(
  papers: readonly Mappable[],
  fresh: readonly Mappable[],
  map: StoredMap,
  signal: AbortSignal,
): Promise<Made> {
  const settled = papers.flatMap(({ vector, point }) => (point === null ? [] : [{ vector, point }]));
  const places = await place(
    settled.map(({ vector }) => vector),
    Float32Array.from(settled.flatMap(({ point: { x, y } }) => [x, y])),
    fresh.map(({ vector }) => vector),
    fresh.map(({ label }) => label),
    signal,
  );
  return { labels: labelsOf(fresh), places, replace: false, map: { ...map, regions: counted(map.regions, places) } };
}

const labelsOf = (papers: readonly Mappable[]): Uint32Array => Uint32Array.from(papers, ({ label }) => label);
