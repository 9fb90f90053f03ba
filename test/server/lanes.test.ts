import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { KindredError } from "../../src/core/errors.js";
import { Lane } from "../../src/server/lanes.js";

const code = (expected: string) => (error: unknown) => error instanceof KindredError && error.code === expected;
const never = new AbortController().signal;

/** Work that ends on demand. */
function held() {
  let end!: () => void;
  const work = new Promise<string>((resolve) => (end = () => resolve("done")));
  return { work: () => work, end };
}

describe("a lane", () => {
  test("runs a number of tasks, lets a number wait, and refuses the rest immediately", async () => {
    const lane = new Lane({ atOnce: 2, waiting: 3, time: 60_000 });
    const works = Array.from({ length: 5 }, held);
    const runs = works.map(({ work }) => lane.run(work, never));
    assert.deepEqual([lane.running, lane.waiting], [2, 3]);
    await assert.rejects(
      lane.run(async () => assert.fail("it was begun"), never),
      code("overloaded"),
    );
    works.forEach(({ end }) => end());
    assert.deepEqual(
      await Promise.all(runs),
      works.map(() => "done"),
    );
    assert.deepEqual([lane.running, lane.waiting], [0, 0]);
    assert.equal(await lane.run(async () => "again", never), "again");
  });

  test("starts tasks in order, whatever the outcome of earlier ones", async () => {
    const lane = new Lane({ atOnce: 1, waiting: 10, time: 60_000 });
    const order: number[] = [];
    const runs = [1, 2, 3, 4].map((number) =>
      lane.run(async () => {
        order.push(number);
        await sleep(1);
        if (number % 2 === 0) throw new Error(`broken ${number}`);
        return number;
      }, never),
    );
    const ends = await Promise.allSettled(runs);
    assert.deepEqual(order, [1, 2, 3, 4]);
    assert.deepEqual(
      ends.map((end) => (end.status === "fulfilled" ? end.value : (end.reason as Error).message)),
      [1, "broken 2", 3, "broken 4"],
    );
  });

  test("drops a waiting task whose client disconnects; a running one keeps its place until it ends", async () => {
    const lane = new Lane({ atOnce: 1, waiting: 10, time: 60_000 });
    const [one, other] = [held(), new AbortController()];
    const gone = new AbortController();
    const first = lane.run(one.work, gone.signal);
    const second = assert.rejects(
      lane.run(async () => assert.fail("it was begun"), other.signal),
      code("cancelled"),
    );
    other.abort();
    await second;
    assert.deepEqual([lane.running, lane.waiting], [1, 0]);
    gone.abort();
    assert.deepEqual([lane.running, lane.waiting], [1, 0]);
    one.end();
    assert.equal(await first, "done");
    await assert.rejects(
      lane.run(async () => assert.fail("it was begun"), gone.signal),
      code("cancelled"),
    );
  });

  test("fails a task after its time limit, waiting or running, and aborts the work", async (t) => {
    const lane = new Lane({ atOnce: 1, waiting: 10, time: 30 });
    // The timer alone does not keep the process alive.
    const alive = setInterval(() => {}, 1_000);
    t.after(() => clearInterval(alive));
    const { work, end } = held();
    let told = false;
    const slow = assert.rejects(
      lane.run((signal) => {
        signal.addEventListener("abort", () => (told = true));
        return work();
      }, never),
      (error) => code("overloaded")(error) && /longer than 0.03 seconds/.test((error as Error).message),
    );
    const waits = assert.rejects(
      lane.run(async () => assert.fail("it was begun"), never),
      code("overloaded"),
    );
    await Promise.all([slow, waits]);
    assert.ok(told);
    assert.deepEqual([lane.running, lane.waiting], [1, 0]);
    end();
    assert.equal(await lane.run(async () => "next", never), "next");
  });

  test("keeps no reference to finished tasks, however long their time limit", async () => {
    const lane = new Lane({ atOnce: 2, waiting: 3, time: 3_600_000 });
    const client = new AbortController();
    const kept = new Set<number>();
    const forgotten = new FinalizationRegistry((number: number) => kept.delete(number));
    const work = async (number: number) => {
      const large = new Uint8Array(1_000_000);
      forgotten.register(large, number);
      kept.add(number);
      await lane.run(async (signal) => assert.ok(!signal.aborted && large.length > 0), client.signal);
    };
    for (let i = 0; i < 50; i++) await work(i);
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    for (let i = 0; i < 200 && kept.size > 1; i++) {
      collect();
      await sleep(10);
    }
    assert.ok(kept.size <= 1, `${kept.size} are kept`);
  });
});
