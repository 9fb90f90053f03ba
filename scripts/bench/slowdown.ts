/** How much indexing slows others: searches in the same process, and another program that wants one core. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { BusyNews } from "./busy.js";
import type { IndexNews, IndexTask } from "./index-run.js";
import { median } from "../common/numbers.js";
import { Party } from "./take-turns.js";

/** Times, at most, that each way of indexing has its turn, how long one is, and what of it is not looked at, in milliseconds. */
const TURNS = 8;
const TURN = 600;
const SETTLING = 100;

const WAYS = [
  { name: "nothing", searches: "only", polite: false },
  { name: "indexing", searches: "too", polite: false },
  { name: "indexing, polite", searches: "too", polite: true },
] as const;

/** Prints a table. Everything is measured in turns of the ways, so that what else runs on the machine meets all alike. */
export async function beside(source: string, folder: string): Promise<void> {
  const { searches } = await inTurn(source, join(folder, "beside-search"), true);
  const same = await besideProgram(source, join(folder, "beside-same"), false);
  const own = await besideProgram(source, join(folder, "beside-own"), true);
  console.log(
    "\n| beside | a search: median, 90th percentile | a program of one thread, same session | in its own session |",
  );
  console.log("|---|---|---|---|");
  for (const [i, { name }] of WAYS.entries()) {
    const times = searches[i]!.toSorted((a, b) => a - b);
    const at = (share: number) => `${(times[Math.floor(share * times.length)] ?? NaN).toFixed(0)} ms`;
    const percent = (share: number) => `${(100 * share).toFixed(0)}%`;
    console.log(`| ${name} | ${at(0.5)}, ${at(0.9)} | ${percent(same[i]!)} | ${percent(own[i]!)} |`);
  }
}

/** The speed of a busy program next to each way of indexing, at the median of all turns, as a share of its speed alone. */
async function besideProgram(source: string, folder: string, ownSession: boolean): Promise<number[]> {
  const busy = spawn(process.execPath, [fileURLToPath(new URL("busy.js", import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit"],
    // On Linux a session may have a share of the machine of its own, and priorities hold within it only.
    detached: ownSession,
  });
  const heard: BusyNews[] = [];
  createInterface(busy.stdout).on("line", (line) => heard.push(JSON.parse(line) as BusyNews));
  try {
    const { spans } = await inTurn(source, folder, false);
    // What is still in the pipe.
    await setTimeout(TURN);
    const speeds = spans.map((turns) =>
      median(turns.map(([from, to]) => heard.filter(({ at }) => at >= from && at < to).length / (to - from))),
    );
    return speeds.map((speed) => speed / speeds[0]!);
  } finally {
    busy.kill();
  }
}

/** Lets each way have its turns. `spans` are when, by the wall clock; `searches` is how long each took, of its process's own time. */
async function inTurn(source: string, folder: string, searching: boolean) {
  const parties: Party<IndexNews>[] = [];
  const spans: [number, number][][] = WAYS.map(() => []);
  try {
    for (const [i, { searches, polite }] of WAYS.entries()) {
      const task: IndexTask = {
        file: source,
        options: { directory: `${folder}-${i}`, polite },
        ...(searching || searches === "only" ? { searches } : {}),
      };
      const party = new Party<IndexNews>(new URL("index-run.js", import.meta.url), [JSON.stringify(task)]);
      // Killed, in the end.
      party.ended.catch(() => {});
      parties.push(party);
      await party.until(({ told }) => told === (searches === "only" ? "answered" : "vectors"));
      party.stop();
    }
    const begun = parties.map(({ heard }) => heard.length);
    const clock = () => performance.timeOrigin + performance.now();
    const indexed = () => parties.some(({ heard }) => heard.some(({ news }) => news.told === "indexed"));
    for (let turn = 0; turn < TURNS && !indexed(); turn++)
      for (const [i, party] of parties.entries()) {
        // A search of its own would take from the program what nothing is to take.
        const idle = !searching && i === 0;
        if (!idle) party.goOn();
        await setTimeout(SETTLING);
        const from = clock();
        await setTimeout(TURN - SETTLING);
        spans[i]!.push([from, clock()]);
        if (!idle) party.stop();
      }
    const searches = parties.map(({ heard }, i) => {
      const asked = heard.slice(begun[i]).filter(({ news }) => news.told === "asked" || news.told === "answered");
      return asked.flatMap(({ news, at }, j) => (j > 0 && news.told === "answered" ? [at - asked[j - 1]!.at] : []));
    });
    return { spans, searches };
  } finally {
    for (const party of parties) party.kill();
  }
}
