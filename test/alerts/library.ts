/** Alerts of an open Kindred with a clock that a test sets. */
import { setTimeout } from "node:timers/promises";
import { Alerts } from "../../src/alerts/alerts.js";
import { describeModel } from "../../src/embedding/description.js";
import { embeddedWriter } from "../../src/engine/embedded-writer.js";
import type { Kindred } from "../../src/kindred.js";
import { Store } from "../../src/store/store.js";
import { bytesOf, jsonLines } from "../server/serving.js";

/** Call `close` before the Kindred is closed. @param now Milliseconds since 1970. */
export async function alertsOf(
  kindred: Kindred,
  now: () => number,
  environment?: NodeJS.ProcessEnv,
): Promise<{ alerts: Alerts; close: () => void }> {
  const store = Store.open(kindred.directory, await describeModel());
  const writer = embeddedWriter(store);
  const settled = async () => {
    for (;;) {
      const { index } = await kindred.status();
      if (index.change >= index.storeChange) return;
      await setTimeout(5);
    }
  };
  const alerts = new Alerts(
    {
      search: (request, waiting) => kindred.search(request, waiting),
      recommend: (request, waiting) => kindred.recommend(request, waiting),
      browse: (request, waiting) => kindred.browse(request, waiting),
      lists: () => kindred.lists(),
      status: () => kindred.status(),
      firstPending: (of) => writer.firstPending(of),
      settled,
      mapPoints: () => kindred.mapPoints(),
      mapMatches: (request) => kindred.mapMatches(request),
      owned: (owner, prefix, limit, after) => kindred.owned(owner, prefix, limit, after),
      countOwned: (owner, prefix) => kindred.countOwned(owner, prefix),
      putOwned: (rows) => kindred.putOwned(rows),
      replaceOwned: (replacement) => writer.replaceOwned(replacement),
      renameList: (names) => writer.renameList(names),
      removeOwned: (owner, prefix) => kindred.removeOwned(owner, prefix),
      jobs: kindred.jobs,
    },
    now,
    environment,
  );
  return { alerts, close: () => store.close() };
}

/** Imports records. @returns The number of the import. */
export async function brought(kindred: Kindred, ...records: object[]): Promise<number> {
  const { import: number } = await kindred.import(bytesOf(jsonLines(...records)));
  return number!;
}

/** Everything that an alert has found, oldest run first. */
export async function foundBy(alerts: Alerts, name: string): Promise<string[]> {
  const { runs } = await alerts.get(name);
  return runs.toReversed().flatMap(({ papers }) => papers.map(({ id }) => id));
}
