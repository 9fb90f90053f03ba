/** A thread that makes the map: it reads the store and says where the papers stand; another writes it. */
import { workerData } from "node:worker_threads";
import type { ModelDescription } from "../embedding/description.js";
import { layOut } from "../map/layout.js";
import { place } from "../map/place.js";
import { counted, regionsOf } from "../map/regions.js";
import { turns } from "../map/turns.js";
import type { Mappable, Mapped, StoredMap } from "../store/map.js";
import { Store } from "../store/store.js";
import { answerCalls, type Call } from "../thread.js";
import { stepBack } from "./priority.js";

export type MapperData = { directory: string; model: ModelDescription; polite: boolean };

/** A map is laid out anew when there are so many times as many papers, or as few. */
const GROWN = 1.5;
/** Papers read at a time. */
const SLICE = 1_000;

const { directory, model, polite } = workerData as MapperData;
stepBack("mapping", polite);

const methods = {
  /**
   * Where papers stand that have a vector and no point.
   *
   * @param early Whether more abstracts are to come: then all is laid out anew when they have.
   */
  map: async (early: boolean, { signal }: Call): Promise<Mapped> => {
    const store = Store.openForReading(directory, model);
    try {
      const { change, papers, map } = await read(store, signal);
      const fresh = papers.filter(({ point }) => point === null);
      const size = papers.length;
      // Papers that changed have lost their points: those that have one may be fewer than were laid out, or none.
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

/** All papers that have a vector. Those that change while they are read have a later change. */
async function read(store: Store, signal: AbortSignal) {
  const turn = turns(signal);
  const change = store.changes.latest();
  const map = store.map.get();
  const papers: Mappable[] = [];
  for (let after = 0; ;) {
    const slice = store.map.mappable(after, SLICE);
    papers.push(...slice);
    const last = slice.at(-1);
    if (last === undefined) return { change, map, papers };
    after = last.label;
    await turn();
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
  return { labels: labelsOf(papers), places, anew: true, map: { laidOut: papers.length, early, regions } };
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
  return { labels: labelsOf(fresh), places, anew: false, map: { ...map, regions: counted(map.regions, places) } };
}

const labelsOf = (papers: readonly Mappable[]): Uint32Array => Uint32Array.from(papers, ({ label }) => label);
