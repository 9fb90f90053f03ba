import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { setImmediate } from "node:timers/promises";
import { KindredError } from "../../src/core/errors.js";
import { embeddedWriter } from "../../src/engine/embedded-writer.js";
import { Jobs, TryLater, type Job, type JobStore } from "../../src/jobs/jobs.js";
import { temporaryDirectory } from "../sample.js";
import { openStore } from "../store/store.js";
import { TestClock } from "./clock.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** One process with the database of a directory open, and what it reported. */
function process(t: TestContext, clock: TestClock, directory?: string) {
  const store = openStore(t, directory);
  const jobs = new Jobs(embeddedWriter(store), clock);
  const failed: string[] = [];
  const start = () => jobs.start((message) => void failed.push(message));
  t.after(() => jobs.stop());
  return { store, jobs, failed, start, all: () => store.jobs.all(clock.now()) };
}

/** A job that records when it ran; it is due every hour by default. */
function counting(clock: TestClock, name = "count", every = HOUR): Job & { runs: number[] } {
  const runs: number[] = [];
  const run = async () => {
    runs.push(clock.now());
    return `run ${runs.length}`;
  };
  return { name, next: (started) => started + every, run, runs };
}

/** A job that runs until `end` is called, or until it is stopped. */
function lasting(name = "last") {
  const signals: AbortSignal[] = [];
  let end: () => void = () => {};
  const run = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      signals.push(signal);
      end = () => resolve("done");
      signal.addEventListener("abort", () => reject(new Error("stopped")));
    });
  return { job: { name, next: (started: number) => started + HOUR, run }, signals, end: () => end() };
}

describe("when jobs run", () => {
  test("a new job runs at once, and then whenever it is due, also after a restart", async (t) => {
    const clock = new TestClock();
    const directory = temporaryDirectory(t);
    const began = clock.now();
    const first = process(t, clock, directory);
    const job = counting(clock);
    first.start();
    await first.jobs.register(job);
    await clock.pass(2.5 * HOUR);
    assert.deepEqual(
      job.runs.map((time) => time - began),
      [0, HOUR, 2 * HOUR],
    );
    assert.deepEqual(first.all(), [
      {
        name: "count",
        next: began + 3 * HOUR,
        started: began + 2 * HOUR,
        ended: began + 2 * HOUR,
        outcome: "run 3",
        failures: 0,
        running: false,
      },
    ]);
    await first.jobs.stop();
    await clock.pass(MINUTE);
    const second = process(t, clock, directory);
    second.start();
    await second.jobs.register(job);
    await clock.pass(28 * MINUTE);
    assert.equal(job.runs.length, 3, "it is not due yet");
    await clock.pass(MINUTE);
    assert.equal(job.runs.length, 4);
  });

  test("a job that is not registered here, or whose jobs were not started, does not run", async (t) => {
    const clock = new TestClock();
    const directory = temporaryDirectory(t);
    const job = counting(clock);
    await process(t, clock, directory).jobs.register(job);
    process(t, clock, directory).start();
    await clock.pass(DAY);
    assert.deepEqual(job.runs, []);
  });

  test("what was due many times while nothing ran runs once", async (t) => {
    const clock = new TestClock();
    const directory = temporaryDirectory(t);
    const job = counting(clock);
    const first = process(t, clock, directory);
    first.start();
    await first.jobs.register(job);
    await clock.pass(MINUTE);
    await first.jobs.stop();
    clock.time += 30 * DAY;
    const second = process(t, clock, directory);
    second.start();
    await second.jobs.register(job);
    await clock.pass(50 * MINUTE);
    assert.equal(job.runs.length, 2);
  });

  test("a clock that is set forward or back runs a job once at most, and then at its interval", async (t) => {
    const clock = new TestClock();
    const { jobs, start } = process(t, clock);
    const job = counting(clock);
    start();
    await jobs.register(job);
    await clock.pass(10 * MINUTE);
    for (const jump of [YEAR, -YEAR, -YEAR, 5 * YEAR, -HOUR / 2]) {
      const before = job.runs.length;
      clock.time += jump;
      await clock.pass(10 * MINUTE);
      assert.ok(job.runs.length - before <= 1, `${jump}`);
      await clock.pass(2.5 * HOUR);
      const runs = job.runs.length - before;
      assert.ok(runs >= 2 && runs <= 4, `${runs} runs after ${jump}`);
    }
  });

  test("a job that is due more often than every minute, or takes longer than its interval, rests a minute", async (t) => {
    const clock = new TestClock();
    const { jobs, start } = process(t, clock);
    const job = counting(clock, "often", SECOND);
    start();
    await jobs.register(job);
    await clock.pass(10 * MINUTE - SECOND);
    assert.equal(job.runs.length, 10);
  });

  test("runs are up to five minutes late by chance, so that services are not all asked at once", async (t) => {
    const clock = new TestClock();
    clock.chance = 0.5;
    const { jobs, start, all } = process(t, clock);
    start();
    const began = clock.now();
    await jobs.register(counting(clock, "daily", DAY));
    await jobs.register(counting(clock, "hourly", HOUR));
    await clock.pass(MINUTE);
    assert.deepEqual(
      all().map(({ next }) => next - began),
      [DAY + 2.5 * MINUTE, HOUR + 1.5 * MINUTE],
    );
  });

  test("a shorter interval applies at once", async (t) => {
    const clock = new TestClock();
    const { jobs, start, all } = process(t, clock);
    start();
    await jobs.register(counting(clock, "count", DAY));
    await clock.pass(MINUTE);
    await jobs.register(counting(clock, "count", HOUR));
    assert.deepEqual(
      all().map(({ next }) => next - clock.now()),
      [HOUR],
    );
  });

  test("jobs that are due together run one after the other, the one that is due longest first", async (t) => {
    const clock = new TestClock();
    const { jobs, start } = process(t, clock);
    const one = lasting("one");
    await jobs.register(one.job);
    clock.time += 1;
    const other = counting(clock, "another");
    await jobs.register(other);
    start();
    await clock.pass(5 * MINUTE);
    assert.deepEqual([one.signals.length, other.runs.length], [1, 0]);
    one.end();
    await clock.pass(0);
    assert.equal(other.runs.length, 1);
  });
});

describe("failures", () => {
  test("pauses double up to six hours, the reason is kept, and a success ends them", async (t) => {
    const clock = new TestClock();
    const { jobs, start, all, failed } = process(t, clock);
    const times: number[] = [];
    let broken = true;
    start();
    await jobs.register({
      name: "fetch",
      next: (started) => started + 10 * MINUTE,
      run: async () => {
        times.push(clock.now());
        if (broken) throw new KindredError("unreachable", "example.org does not answer");
        return "fetched 3 papers";
      },
    });
    await clock.pass(3 * DAY);
    const pauses = times.slice(1).map((time, i) => (time - times[i]!) / MINUTE);
    assert.deepEqual(pauses.slice(0, 10), [1, 2, 4, 8, 16, 32, 64, 128, 256, 360]);
    assert.ok(pauses.slice(10).every((pause) => pause === 360));
    assert.deepEqual(
      all().map(({ outcome, failures }) => [outcome, failures]),
      [["example.org does not answer", times.length]],
    );
    assert.equal(failed[0], "fetch failed: example.org does not answer");
    broken = false;
    await clock.pass(DAY);
    assert.deepEqual(
      all().map(({ outcome, failures }) => [outcome, failures]),
      [["fetched 3 papers", 0]],
    );
  });

  test("of an error that was not expected, only its name is stored: it may name files and addresses", async (t) => {
    const { jobs, all } = process(t, new TestClock());
    const run = () => Promise.reject(new TypeError("cannot read https://lab.example/?token=1"));
    await jobs.register({ ...counting(new TestClock()), run });
    await assert.rejects(jobs.run("count"), /token=1/);
    assert.equal(all()[0]!.outcome, "it failed with an unexpected TypeError: see the log of the process that ran it");
  });

  test("a job can say that it must not be tried before a time", async (t) => {
    const clock = new TestClock();
    const { jobs, start, all } = process(t, clock);
    const began = clock.now();
    start();
    await jobs.register({
      name: "fetch",
      next: (started) => started + HOUR,
      run: () => Promise.reject(new TryLater("example.org asks to wait two hours", began + 2 * HOUR)),
    });
    await clock.pass(MINUTE);
    assert.deepEqual(
      all().map(({ next, failures }) => [next - began, failures]),
      [[2 * HOUR, 1]],
    );
  });

  test("a store that refuses is reported, and jobs run when it no longer does", async (t) => {
    const clock = new TestClock();
    const store = openStore(t);
    const failed: string[] = [];
    let full = true;
    const working = embeddedWriter(store);
    const takeJob: JobStore["takeJob"] = async (wanted) => {
      if (full) throw new Error("the disk is full");
      return working.takeJob(wanted);
    };
    const jobs = new Jobs({ ...working, takeJob }, clock);
    t.after(() => jobs.stop());
    const job = counting(clock);
    await jobs.register(job);
    jobs.start((message) => void failed.push(message));
    await clock.pass(3 * MINUTE - SECOND);
    assert.deepEqual(failed, Array(3).fill("no job could be started: the disk is full"));
    full = false;
    await clock.pass(MINUTE);
    assert.equal(job.runs.length, 1);
  });
});

describe("run", () => {
  test("a job that another process ends at this moment is run, not taken for one that does not exist", async (t) => {
    const clock = new TestClock();
    const store = openStore(t);
    const working = embeddedWriter(store);
    let tries = 0;
    // Another process was running a job when this one looked, and had ended it when it looked again.
    const takeJob: JobStore["takeJob"] = async (wanted) =>
      ++tries === 1 ? { taken: null, running: null, next: clock.now() + HOUR } : working.takeJob(wanted);
    const jobs = new Jobs({ ...working, takeJob }, clock);
    t.after(() => jobs.stop());
    await jobs.register(counting(clock));
    assert.equal(await jobs.run("count"), "run 1");
  });

  test("runs a job now, plans the next run, and gives its outcome or its error", async (t) => {
    const clock = new TestClock();
    const { jobs, all } = process(t, clock);
    const job = counting(clock);
    await jobs.register(job);
    assert.equal(await jobs.run("count"), "run 1");
    assert.equal(await jobs.run("count"), "run 2", "also when it is not due");
    assert.equal(all()[0]!.next, clock.now() + HOUR);
    await jobs.register({ ...job, name: "broken", run: () => Promise.reject(new Error("broken")) });
    await assert.rejects(jobs.run("broken"), /^Error: broken$/);
    await assert.rejects(jobs.run("unknown"), { code: "not-found" });
  });

  test("joins a run of this process, waits for another job, and refuses a job that another process is running", async (t) => {
    const clock = new TestClock();
    const directory = temporaryDirectory(t);
    const [one, other] = [process(t, clock, directory), process(t, clock, directory)];
    const last = lasting();
    const count = counting(clock);
    for (const { jobs } of [one, other]) {
      await jobs.register(last.job);
      await jobs.register(count);
    }
    const [running, joined] = [one.jobs.run("last"), one.jobs.run("last")];
    await setImmediate();
    await assert.rejects(other.jobs.run("last"), { code: "busy" });
    const waiting = [one.jobs.run("count"), other.jobs.run("count")];
    await clock.pass(2 * MINUTE);
    assert.deepEqual([last.signals.length, count.runs.length], [1, 0]);
    last.end();
    assert.deepEqual(await Promise.all([running, joined]), ["done", "done"]);
    await clock.pass(3 * SECOND);
    assert.deepEqual(await Promise.all(waiting), ["run 1", "run 2"]);
  });

  test("a caller that leaves stops its run, or its wait", async (t) => {
    const clock = new TestClock();
    const { jobs, all } = process(t, clock);
    const last = lasting();
    await jobs.register(last.job);
    await jobs.register(counting(clock));
    const [leaving, waiting] = [new AbortController(), new AbortController()];
    const run = jobs.run("last", leaving.signal);
    await setImmediate();
    const wait = jobs.run("count", waiting.signal);
    waiting.abort();
    await assert.rejects(wait, { code: "cancelled" });
    leaving.abort();
    await assert.rejects(run, /stopped/);
    const { next, failures, running } = all().find(({ name }) => name === "last")!;
    assert.deepEqual([next, failures, running], [clock.now(), 0, false]);
  });
});

describe("several processes", () => {
  test("a job that is due runs in one of them, and its lease is renewed while it runs", async (t) => {
    const clock = new TestClock();
    const directory = temporaryDirectory(t);
    const all = [1, 2, 3].map(() => process(t, clock, directory));
    const last = lasting();
    for (const { start } of all) start();
    for (const { jobs } of all) await jobs.register(last.job);
    await clock.pass(30 * MINUTE);
    assert.equal(last.signals.length, 1);
    assert.ok(all.every((one) => one.all()[0]!.running));
    last.end();
    await clock.pass(HOUR);
    assert.equal(last.signals.length, 2);
  });

  test("a process that cannot renew its lease stops, and another takes the job over", async (t) => {
    const clock = new TestClock();
    const directory = temporaryDirectory(t);
    const [one, other] = [process(t, clock, directory), process(t, clock, directory)];
    const [mine, others] = [lasting(), lasting()];
    await one.jobs.register(mine.job);
    await other.jobs.register(others.job);
    one.start();
    await clock.pass(0);
    // As after a long sleep of the machine.
    clock.time += 2 * MINUTE;
    other.start();
    await clock.pass(SECOND);
    assert.equal(others.signals.length, 1);
    await clock.pass(MINUTE);
    assert.equal(mine.signals[0]!.aborted, true);
    assert.equal(others.signals[0]!.aborted, false);
    assert.deepEqual(
      one.all().map(({ running, ended }) => [running, ended]),
      [[true, null]],
      "what the first leaves is not taken for the end of the run",
    );
  });

  test("a lease that was taken a moment after the asker looked at the time keeps the job", (t) => {
    const store = openStore(t);
    const write = <T>(work: () => T): T => store.write(work);
    store.write(() => store.jobs.add({ name: "count", latest: 1_000, now: 1_000 }));
    const ask = (holder: string, now: number) => store.jobs.take({ name: "count", holder, now }, write);
    assert.equal(ask("first", 2_005).taken, "count");
    assert.deepEqual([ask("second", 2_000).taken, ask("second", 2_010).taken], [null, null]);
  });

  test("a lease from before the clock was set back does not keep a job", async (t) => {
    const clock = new TestClock();
    const directory = temporaryDirectory(t);
    const gone = openStore(t, directory);
    const taken = { holder: "gone", now: clock.now() + YEAR };
    gone.write(() => gone.jobs.add({ name: "count", latest: taken.now, now: taken.now }));
    assert.equal(gone.jobs.take({ name: "count", ...taken }, (work) => gone.write(work)).taken, "count");
    const job = counting(clock);
    const { jobs, start } = process(t, clock, directory);
    start();
    await jobs.register(job);
    await clock.pass(MINUTE);
    assert.equal(job.runs.length, 1);
  });

  test("a job that another process removes is stopped, and does not come back", async (t) => {
    const clock = new TestClock();
    const directory = temporaryDirectory(t);
    const [one, other] = [process(t, clock, directory), process(t, clock, directory)];
    const last = lasting();
    await one.jobs.register(last.job);
    one.start();
    await clock.pass(0);
    await other.jobs.remove("last");
    await clock.pass(MINUTE);
    assert.equal(last.signals[0]!.aborted, true);
    await clock.pass(DAY);
    assert.deepEqual([last.signals.length, one.all()], [1, []]);
  });
});

describe("stopping", () => {
  test("stops the job that is running; it is due at once, and runs after the next start", async (t) => {
    const clock = new TestClock();
    const { jobs, start, all, failed } = process(t, clock);
    const last = lasting();
    await jobs.register(last.job);
    start();
    await clock.pass(0);
    await jobs.stop();
    assert.equal(last.signals[0]!.aborted, true);
    const [job] = all();
    assert.deepEqual([job!.next, job!.failures, job!.running], [clock.now(), 0, false]);
    assert.equal(job!.outcome, "it was stopped before it finished");
    await clock.pass(DAY);
    assert.equal(last.signals.length, 1);
    assert.deepEqual(failed, []);
    start();
    await clock.pass(0);
    assert.equal(last.signals.length, 2);
  });

  test("does not wait for ever for a job that does not stop", async (t) => {
    const clock = new TestClock();
    const { jobs, start } = process(t, clock);
    let end: () => void = () => {};
    const run = () => new Promise<string>((resolve) => (end = () => resolve("late")));
    await jobs.register({ name: "stuck", next: (started) => started + HOUR, run });
    start();
    await clock.pass(0);
    const stopped = jobs.stop();
    await clock.pass(5 * SECOND);
    await stopped;
    end();
  });

  test("a job that is removed is stopped", async (t) => {
    const clock = new TestClock();
    const { jobs, start, all } = process(t, clock);
    const last = lasting();
    await jobs.register(last.job);
    start();
    await clock.pass(0);
    await jobs.remove("last");
    assert.deepEqual([last.signals[0]!.aborted, all()], [true, []]);
  });
});
