/**
 * A process that imports a file and indexes it, and reports its progress in lines of JSON. Its argument is the task in
 * JSON.
 */
import { setTimeout } from "node:timers/promises";
import { describeModel } from "../../src/embedding/description.js";
import type { Phase } from "../../src/indexing/embed.js";
import { openKindred, type OpenOptions } from "../../src/kindred.js";
import { Store } from "../../src/store/store.js";
import { cpuTime } from "../common/numbers.js";

export type IndexTask = {
  file: string;
  options: OpenOptions;
  /** Whether it also searches, or does nothing else, until it is killed. */
  searches?: "too" | "only";
  /** Gives every paper a made-up point first, so that no map is made. */
  withoutMap?: true;
};

export type IndexNews =
  /** `cpu` is the time that all threads have had so far, together, in milliseconds. */
  | { told: "imported"; papers: number; seconds: number; cpu: number }
  | { told: Phase; done: number; total: number; cpu: number }
  | { told: "asked" | "answered" }
  /** Peak memory is of the whole process, all of its threads and native memory included. */
  | { told: "indexed"; peakMb: number; cpu: number };

/** Between two searches, in milliseconds. */
const PAUSE = 30;

const { file, options, searches, withoutMap } = JSON.parse(process.argv[2] ?? "") as IndexTask;
const tell = (news: IndexNews) => console.log(JSON.stringify(news));
const kindred = await openKindred(options);
const begin = performance.now();
const { added, unchanged } = await kindred.import(file);
const seconds = (performance.now() - begin) / 1000;
if (withoutMap === true) await mapNothing(kindred.directory);
tell({ told: "imported", papers: added + unchanged, seconds, cpu: cpuTime() });
const index = () =>
  kindred.index({ onProgress: ({ phase, done, total }) => tell({ told: phase, done, total, cpu: cpuTime() }) });
if (searches !== undefined) void search();
if (searches !== "only") {
  await index();
  tell({ told: "indexed", peakMb: process.resourceUsage().maxRSS / 1024, cpu: cpuTime() });
}
if (searches === undefined) await kindred.close();

async function mapNothing(directory: string): Promise<void> {
  const store = Store.open(directory, await describeModel());
  const labels = Uint32Array.from(store.papers.export(0, 1e7), ({ label }) => label);
  const map = { laidOut: labels.length, early: false, regions: [] };
  const change = store.changes.latest();
  store.write(() => store.map.put({ labels, places: new Float32Array(2 * labels.length), replace: true, change, map }));
  store.close();
}

async function search(): Promise<never> {
  for (let i = 0; ; i++) {
    await setTimeout(PAUSE);
    tell({ told: "asked" });
    await kindred.search({ q: `what is known of question ${i}` });
    tell({ told: "answered" });
  }
}
