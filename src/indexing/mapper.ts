/** A thread that computes the map. It reads the store; another thread writes the result. */
import { workerData } from "node:worker_threads";
import type { ModelDescription } from "../embedding/description.js";
import { layOut } from "../map/layout.js";
import { place } from "../map/place.js";
import { counted, regionsOf } from "../map/regions.js";
import { pauses } from "../core/pauses.js";
import type { Mappable, Mapped, StoredMap } from "../store/map.js";
import { Store } from "../store/store.js";
import { answerCalls, type Call } from "../core/thread.js";
import { lowerPriority } from "../core/priority.js";

export type MapperData = { directory: string; model: ModelDescription; polite: boolean };

/** A new map is laid out when the number of papers has grown or shrunk by this factor. */
const GROWN = 1.5;
/** Papers read at a time. */
const SLICE = 1_000;

const { directory, model, polite } = workerData as MapperData;
lowerPriority("mapping", polite);

const methods = {
  /**
   * The points of papers that have a vector but no point, or of all papers if the map is laid out again.
   *
   * @param early Whether more abstracts are pending: then everything is laid out again when they are embedded.
   */
  map: async (early: boolean, { signal }: Call): Promise<Mapped> => {
    const store = Store.openForReading(directory, model);
    try {
      const { change, papers, map } = await read(store, signal);
      const fresh = papers.filter(({ point }) => point === null);
      const size = papers.length;
      // Changed papers lose their points, so fewer papers may have one than were laid out.
      const settled = Math.min(size - fresh.length, map?.laidOut ?? 0);
      const stays = map !== null && (!map.early || early) && size <= GROWN * settled && GROWN * size >= map.laidOut;
      return { change, ...(stays ? await added(papers, fresh, map, signal) : await laidOut(papers, early, signal)) };
    } finally {
      store.close();
    }
  },
};
export type MapperMethods = typeof methods;

answerCalls(methods);

/** All papers with a vector. A paper that changes meanwhile gets a change number above `change`. */
async function read(store: Store, signal: AbortSignal) {
  const pause = pauses(signal);
  const change = store.changes.latest();
  const map = store.map.get();
  const papers: Mappable[] = [];
  for (let after = 0; ;) {
    const slice = store.map.mappable(after, SLICE);
    papers.push(...slice);
    const last = slice.at(-1);
    if (last === undefined) return { change, map, papers };
    after = last.label;
    await pause();
  }
}

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
