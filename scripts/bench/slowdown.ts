/** Measures how much indexing slows searches in the same process, and another program that uses one core. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { BusyMessage } from "./busy.js";
import type { IndexMessage, IndexTask } from "./index-run.js";
import { median } from "../common/numbers.js";
import { PausableProcess } from "./take-turns.js";

/** Largest number of turns for each way of indexing. Below: length of a turn, and its unmeasured start, in milliseconds. */
const TURNS = 8;
const TURN = 600;
const SETTLING = 100;

const WAYS = [
  { name: "nothing", searches: "only", polite: false },
  { name: "indexing", searches: "too", polite: false },
  { name: "indexing, polite", searches: "too", polite: true },
] as const;

/** Prints a table. The ways of indexing take turns, so that other load on the machine affects all equally. */
export async function measureSlowdown(source: string, folder: string): Promise<void> {
  const { searches } = await inTurn(source, join(folder, "slowdown-search"), true);
  const same = await programSpeeds(source, join(folder, "slowdown-same"), false);
  const own = await programSpeeds(source, join(folder, "slowdown-own"), true);
  console.log(
    "\n| meanwhile | search: median, 90th percentile | single-threaded program, same session | own session |",
  );
  console.log("|---|---|---|---|");
  for (const [i, { name }] of WAYS.entries()) {
    const times = searches[i]!.toSorted((a, b) => a - b);
    const at = (share: number) => `${(times[Math.floor(share * times.length)] ?? NaN).toFixed(0)} ms`;
    const percent = (share: number) => `${(100 * share).toFixed(0)}%`;
    console.log(`| ${name} | ${at(0.5)}, ${at(0.9)} | ${percent(same[i]!)} | ${percent(own[i]!)} |`);
  }
}

/** Speed of a busy program during each way of indexing, as a share of its speed alone; medians over all turns. */
async function programSpeeds(source: string, folder: string, ownSession: boolean): Promise<number[]> {
  const busy = spawn(process.execPath, [fileURLToPath(new URL("busy.js", import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit"],
    // With autogrouping on Linux, each session gets its own share of the machine, and priorities count only within it.
    detached: ownSession,
  });
  const received: BusyMessage[] = [];
  createInterface(busy.stdout).on("line", (line) => received.push(JSON.parse(line) as BusyMessage));
  try {
    const { spans } = await inTurn(source, folder, false);
    // Wait for lines that are still in the pipe.
    await setTimeout(TURN);
    const speeds = spans.map((turns) =>
      median(turns.map(([from, to]) => received.filter(({ at }) => at >= from && at < to).length / (to - from))),
    );
    return speeds.map((speed) => speed / speeds[0]!);
  } finally {
    busy.kill();
  }
}

/** Runs each way in turns. `spans` are the turns by wall clock; `searches` are durations in the process's own time. */
async function inTurn(source: string, folder: string, searching: boolean) {
  const children: PausableProcess<IndexMessage>[] = [];
  const spans: [number, number][][] = WAYS.map(() => []);
  try {
    for (const [i, { searches, polite }] of WAYS.entries()) {
      const task: IndexTask = {
        file: source,
        options: { directory: `${folder}-${i}`, polite },
        ...(searching || searches === "only" ? { searches } : {}),
      };
      const child = new PausableProcess<IndexMessage>(new URL("index-run.js", import.meta.url), [JSON.stringify(task)]);
      // It is killed at the end, so this rejects.
      child.ended.catch(() => {});
      children.push(child);
      await child.until(({ event }) => event === (searches === "only" ? "answered" : "vectors"));
      child.stop();
    }
    const starts = children.map(({ received }) => received.length);
    const clock = () => performance.timeOrigin + performance.now();
    const indexed = () => children.some(({ received }) => received.some(({ message }) => message.event === "indexed"));
    for (let turn = 0; turn < TURNS && !indexed(); turn++)
      for (const [i, child] of children.entries()) {
        // The first row is the program alone: its process must not search either.
        const idle = !searching && i === 0;
        if (!idle) child.goOn();
        await setTimeout(SETTLING);
        const from = clock();
        await setTimeout(TURN - SETTLING);
        spans[i]!.push([from, clock()]);
        if (!idle) child.stop();
      }
    const searches = children.map(({ received }, i) => {
      const asked = received
        .slice(starts[i])
        .filter(({ message }) => message.event === "asked" || message.event === "answered");
      return asked.flatMap(({ message, at }, j) =>
        j > 0 && message.event === "answered" ? [at - asked[j - 1]!.at] : [],
      );
    });
    return { spans, searches };
  } finally {
    for (const child of children) child.kill();
  }
}
