import "../tiny.js";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, getPriority } from "node:os";
import { test, type TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { statusSchema } from "../../src/api.js";
import { SAMPLE, temporaryDirectory } from "../sample.js";
import { collect, kindred, start } from "./command.js";

const BASE = getPriority();
const LINUX = { skip: process.platform === "linux" ? false : "threads have priorities of their own on Linux only" };

/** CPU time, in hundredths of a second, from which a thread counts as working; onnxruntime's idle thread has less. */
const WORKING = 20;

/** Number of working threads of a process that have a priority; 19 is the lowest. */
function threadsAt(priority: number, pid: number): number {
  const priorities = readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
      // proc(5): field 19 is the priority, 14 and 15 the CPU time; field 2, in brackets, may contain spaces.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(fields[11]) + Number(fields[12]) < WORKING ? [] : [Number(fields[16])];
    } catch {
      // The thread has ended meanwhile.
      return [];
    }
  });
  return priorities.filter((one) => one === priority).length;
}

/** The largest number of threads that a command had at a priority at the same time. */
async function watched(t: TestContext, priority: number, words: string[]) {
  const child = start(words);
  t.after(() => child.kill("SIGKILL"));
  const ended = collect(child);
  let most = 0;
  while (child.exitCode === null) {
    most = Math.max(most, threadsAt(priority, child.pid!));
    await setTimeout(5);
  }
  return { code: (await ended).code, most };
}

async function pendingIn(directory: string): Promise<number> {
  const { stdout } = await kindred(["status", "--json", "-d", directory]);
  const { pending, pendingSentences } = statusSchema.parse(JSON.parse(stdout));
  return pending + pendingSentences;
}

test("--workers sets how many threads embed, at a lower priority than those that answer", LINUX, async (t) => {
  if (BASE > 14) return t.skip("there is nothing lower than where this runs");
  const directory = temporaryDirectory(t);
  const { code, most } = await watched(t, BASE + 5, ["import", SAMPLE, "--workers", "3", "-d", directory]);
  assert.deepEqual([code, most], [0, 3]);
  assert.equal(await pendingIn(directory), 0);
});

test("--polite embeds at the lowest priority, on one core fewer", LINUX, async (t) => {
  if (BASE === 19) return t.skip("there is nothing lower than where this runs");
  const directory = temporaryDirectory(t);
  await kindred(["import", SAMPLE, "--no-index", "-d", directory]);
  const { code, most } = await watched(t, 19, ["index", "--polite", "-d", directory]);
  const threads = Math.max(1, availableParallelism() - 1);
  // On many cores, the sample may be embedded before the last thread has started.
  assert.equal(code, 0);
  assert.ok(most >= 1 && most <= threads, `${most} threads, expected ${threads} at most`);
  assert.equal(await pendingIn(directory), 0);
});

test("--polite with --workers embeds on as many threads as requested", LINUX, async (t) => {
  if (BASE === 19) return t.skip("there is nothing lower than where this runs");
  const directory = temporaryDirectory(t);
  const { code, most } = await watched(t, 19, ["import", SAMPLE, "--polite", "--workers", "2", "-d", directory]);
  assert.deepEqual([code, most], [0, 2]);
});
