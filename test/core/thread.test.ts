import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Worker } from "node:worker_threads";
import { KindredError } from "../../src/core/errors.js";
import { Thread } from "../../src/core/thread.js";
import { temporaryDirectory } from "../sample.js";
import type { TestMethods } from "../thread-worker.js";

const WORKER = new URL("../thread-worker.js", import.meta.url);

function open(t: TestContext, workerData: unknown = null): Thread<TestMethods> {
  const thread = new Thread<TestMethods>(WORKER, workerData);
  t.after(() => thread.close());
  return thread;
}

const kindred = (code: string, message: string, parameter?: string) => (error: unknown) =>
  error instanceof KindredError && error.code === code && error.message === message && error.parameter === parameter;

test("many calls at once each get their own answer", async (t) => {
  const thread = open(t);
  const numbers = Array.from({ length: 200 }, (_, i) => i);
  const answers = await Promise.all(numbers.map((number) => thread.call("double", number)));
  assert.deepEqual(
    answers,
    numbers.map((number) => 2 * number),
  );
});

test("a KindredError keeps its code, parameter and stack", async (t) => {
  const thread = open(t);
  await assert.rejects(thread.call("refuse", undefined), (error: Error) => {
    assert.match(error.stack ?? "", /thread-worker/);
    return kindred("invalid", "that is no year", "year")(error);
  });
});

test("any other error arrives with its message, and is not a KindredError", async (t) => {
  const thread = open(t);
  for (const [method, message] of [
    ["fail", /^a defect$/],
    ["throwText", /^a text$/],
    ["unclonable", /could not be cloned/],
  ] as const)
    await assert.rejects(
      thread.call(method, undefined),
      (error: Error) => !(error instanceof KindredError) && message.test(error.message),
    );
  assert.equal(await thread.call("double", 4), 8, "and the thread goes on");
});

test("progress arrives in order, before the answer", async (t) => {
  const thread = open(t);
  const news: number[] = [];
  await thread.call("count", 30, { onProgress: (count: number) => news.push(count) });
  assert.deepEqual(
    news,
    Array.from({ length: 30 }, (_, i) => i + 1),
  );
});

test("an abort reaches only its own call", async (t) => {
  const thread = open(t);
  const [one, other] = [new AbortController(), new AbortController()];
  let stopped = false;
  const began = new Promise<void>((resolve) => {
    void thread
      .call("untilAborted", undefined, { signal: other.signal, onProgress: () => resolve() })
      .then(() => (stopped = true))
      .catch(() => {});
  });
  const call = thread.call("untilAborted", undefined, { signal: one.signal, onProgress: () => one.abort() });
  assert.equal(await call, "stopped");
  await began;
  assert.equal(await thread.call("double", 1), 2);
  assert.equal(stopped, false);
});

test("a call with an already aborted signal is not made", async (t) => {
  const thread = open(t);
  await assert.rejects(
    thread.call("exit", undefined, { signal: AbortSignal.abort() }),
    kindred("cancelled", "cancelled"),
  );
  assert.equal(await thread.call("double", 1), 2);
});

test("transferred memory is moved, not copied", async (t) => {
  const thread = open(t);
  const bytes = Uint8Array.of(1, 2, 3);
  assert.equal(await thread.call("sum", bytes, { transfer: [bytes.buffer] }), 6);
  assert.equal(bytes.byteLength, 0);
});

const interrupted = (why: RegExp) => (error: unknown) =>
  error instanceof KindredError && error.code === "interrupted" && why.test(error.message);

test("when a thread ends, waiting calls are rejected, and the next call starts it again", async (t) => {
  const thread = open(t);
  const waiting = assert.rejects(
    thread.call("never", undefined),
    interrupted(/ended before .* with code 7; try again/),
  );
  await assert.rejects(thread.call("exit", undefined), interrupted(/with code 7/));
  await waiting;
  assert.equal(await thread.call("double", 4), 8);
});

test("when a thread crashes, waiting calls are rejected with the cause, and it is started again", async (t) => {
  const thread = open(t);
  const waiting = assert.rejects(thread.call("never", undefined), interrupted(/it broke/));
  await assert.rejects(thread.call("crash", undefined), interrupted(/it broke/));
  await waiting;
  assert.equal(await thread.call("double", 4), 8);
});

test("a thread that runs out of memory reports it, and is started again", (t) => {
  const answer = inAnotherProcess(
    t,
    ["--max-old-space-size=64"],
    `console.log((await thread.call("swell", undefined).catch((error) => error)).message);
    console.log(await thread.call("double", 21));`,
  );
  assert.match(answer, /^a thread .* ended before it had answered: .*memory.*; try again\n42\n$/);
});

test("a thread that cannot start rejects the call with the reason", async (t) => {
  await assert.rejects(open(t, "fail").call("double", 1), kindred("damaged", "it could not begin", "directory"));
});

test("closing rejects waiting calls, and can be repeated", async (t) => {
  // The call never ends, so the worker is terminated.
  const thread = new Thread<TestMethods>(WORKER, null, Infinity, { thread: 500, ofThreads: 500 });
  t.after(() => thread.close());
  const waiting = assert.rejects(thread.call("never", undefined), kindred("cancelled", "it was closed"));
  await thread.close();
  await waiting;
  await thread.close();
  await assert.rejects(thread.call("double", 1), kindred("cancelled", "it was closed"));
});

test("a thread without work for a while ends, but not one that works, and the next call starts another", async (t) => {
  const begun: Worker[] = [];
  const on = (worker: Worker) => void begun.push(worker);
  process.on("worker", on);
  t.after(() => process.off("worker", on));
  const thread = new Thread<TestMethods>(WORKER, null, 100);
  t.after(() => thread.close());
  assert.equal(await thread.call("double", 1), 2);
  assert.equal(await thread.call("count", 200), 200, "longer than it may be idle");
  assert.equal(begun.length, 1);
  // An idle thread does not keep the process alive.
  const awake = setInterval(() => {}, 1_000);
  t.after(() => clearInterval(awake));
  assert.deepEqual(await once(begun[0]!, "exit"), [0]);
  assert.equal(await thread.call("double", 2), 4);
  assert.equal(begun.length, 2);
});

test("an argument that cannot be cloned is refused, and does not keep the process alive", (t) => {
  const answer = inAnotherProcess(
    t,
    [],
    `console.log(await thread.call("double", 21));
    console.log(await thread.call("double", () => 1).catch((error) => error.name));`,
  );
  assert.equal(answer, "42\nDataCloneError\n");
});

/** The output of a script that has a variable `thread`. */
function inAnotherProcess(t: TestContext, flags: string[], code: string): string {
  const script = join(temporaryDirectory(t), "call.mjs");
  const module = new URL("../../src/core/thread.js", import.meta.url);
  writeFileSync(
    script,
    `import { Thread } from ${JSON.stringify(module)};
    const thread = new Thread(new URL(${JSON.stringify(WORKER)}), null);
    ${code}`,
  );
  return execFileSync(process.execPath, [...flags, script], { encoding: "utf8", timeout: 60_000 });
}
