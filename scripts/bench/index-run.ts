/**
 * A process that imports a file and indexes it, and reports progress in lines of JSON. Its argument is the task as JSON.
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
  /** "too": searches while it indexes; "only": searches instead. Either until it is killed. */
  searches?: "too" | "only";
  /** Gives every paper an arbitrary point first, so that no map is laid out. */
  withoutMap?: true;
};

export type IndexMessage =
  /** `cpu` is the CPU time of all threads so far, in milliseconds. */
  | { event: "imported"; papers: number; seconds: number; cpu: number }
  | { event: Phase; done: number; total: number; cpu: number }
  | { event: "asked" | "answered" }
  /** Peak memory of the whole process, including all threads and native memory. */
  | { event: "indexed"; peakMb: number; cpu: number };

/** Pause between two searches, in milliseconds. */
const PAUSE = 30;

const { file, options, searches, withoutMap } = JSON.parse(process.argv[2] ?? "") as IndexTask;
const report = (message: IndexMessage) => console.log(JSON.stringify(message));
const kindred = await openKindred(options);
const begin = performance.now();
const { added, unchanged } = await kindred.import(file, { embeds: searches !== "only" });
const seconds = (performance.now() - begin) / 1000;
if (withoutMap === true) await mapNothing(kindred.directory);
report({ event: "imported", papers: added + unchanged, seconds, cpu: cpuTime() });
const index = () =>
  kindred.index({ onProgress: ({ phase, done, total }) => report({ event: phase, done, total, cpu: cpuTime() }) });
if (searches !== undefined) void search();
if (searches !== "only") {
  await index();
  report({ event: "indexed", peakMb: process.resourceUsage().maxRSS / 1024, cpu: cpuTime() });
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
    report({ event: "asked" });
    await kindred.search({ q: `what is known of question ${i}` });
    report({ event: "answered" });
  }
}
