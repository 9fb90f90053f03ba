/** The functions that test/core/thread.test.ts calls in another thread. */
import { setTimeout as sleep } from "node:timers/promises";
import { workerData } from "node:worker_threads";
import { KindredError } from "../src/core/errors.js";
import { answerCalls, type Call } from "../src/core/thread.js";

if (workerData === "fail") throw new KindredError("damaged", "it could not begin", { parameter: "directory" });

const methods = {
  double: (number: number) => 2 * number,
  refuse: () => {
    throw new KindredError("invalid", "that is no year", { parameter: "year" });
  },
  fail: () => {
    throw new TypeError("a defect");
  },
  throwText: () => {
    // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- libraries do
    throw "a text";
  },
  unclonable: () => () => 1,
  count: async (to: number, call: Call) => {
    for (let i = 1; i <= to; i++) {
      call.progress(i);
      await sleep(1);
    }
    return to;
  },
  /** Reports that it has started, then waits for the abort signal. */
  untilAborted: (_nothing: undefined, call: Call) =>
    new Promise<string>((resolve) => {
      call.signal.addEventListener("abort", () => resolve("stopped"));
      call.progress("began");
    }),
  sum: (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum + byte, 0),
  never: () => new Promise<never>(() => {}),
  exit: () => process.exit(7),
  /** Allocates memory until there is none left. */
  swell: () => {
    for (const taken: string[][] = []; ;) taken.push(Array.from({ length: 1e5 }, (_, i) => `${i} of ${taken.length}`));
  },
  crash: () => {
    setImmediate(() => {
      throw new Error("it broke");
    });
    return new Promise<never>(() => {});
  },
};
export type TestMethods = typeof methods;

answerCalls(methods);
