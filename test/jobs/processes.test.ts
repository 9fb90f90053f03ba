/** Jobs in real processes. */
import "../tiny.js";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { KindredError, openKindred } from "../../src/kindred.js";
import { embeddedWriter } from "../../src/engine/embedded-writer.js";
import { Jobs } from "../../src/jobs/jobs.js";
import { kindred as command } from "../cli/command.js";
import { createLogger } from "../../src/server/log.js";
import { serve } from "../../src/server/serve.js";
import { temporaryDirectory } from "../sample.js";
import { openStore } from "../store/store.js";
import { TestClock } from "./clock.js";

const CHILD = fileURLToPath(new URL("./child.js", import.meta.url));

async function prepared(t: TestContext) {
  const directory = temporaryDirectory(t);
  await (await openKindred({ directory, workers: 1 })).close();
  const file = join(directory, "log");
  writeFileSync(file, "");
  return { directory, file, lines: () => readFileSync(file, "utf8").trimEnd().split("\n") };
}

test("two processes that run a job as often as they can never run it at the same time", async (t) => {
  const { directory, file, lines } = await prepared(t);
  const children = [1, 2].map(() =>
    spawn(process.execPath, [CHILD, directory, file, "15"], { stdio: ["ignore", "ignore", "inherit"] }),
  );
  const codes = await Promise.all(children.map(async (child) => ((await once(child, "exit")) as [number])[0]));
  assert.deepEqual(codes, [0, 0]);
  const log = lines();
  assert.equal(log.length, 60);
  for (let i = 0; i < log.length; i += 2) assert.equal(log[i], log[i + 1]!.replace("end", "start"), log.join("\n"));
});

test("a job whose process was killed is taken over when its lease has expired", async (t) => {
  const { directory, file } = await prepared(t);
  const child = spawn(process.execPath, [CHILD, directory, file, "hold"], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  const kindred = await openKindred({ directory, workers: 1 });
  t.after(() => kindred.close());
  const job = { name: "count", next: (started: number) => started + 3_600_000, run: async () => "counted here" };
  await kindred.jobs.register(job);
  await assert.rejects(kindred.jobs.run("count"), { code: "busy" });
  child.kill("SIGKILL");
  await once(child, "exit");
  await assert.rejects(kindred.jobs.run("count"), { code: "busy" }, "nobody knows yet that it was killed");

  const store = openStore(t, directory);
  // A minute later by the clock of this process.
  const clock = new TestClock(Date.now() + 61_000);
  const jobs = new Jobs(embeddedWriter(store), clock);
  const [killed] = store.jobs.all(clock.now());
  assert.deepEqual([killed!.running, killed!.failures], [false, 1]);
  assert.equal(killed!.outcome, "its process ended before it finished");
  await jobs.register(job);
  jobs.start(() => {});
  await clock.pass(1_000);
  const [taken] = store.jobs.all(clock.now());
  assert.deepEqual([taken!.outcome, taken!.failures], ["counted here", 0]);
  await jobs.stop();
});

test("a server runs jobs; the status, the metrics and the command line show them; and it stops them when it closes", async (t) => {
  const { directory } = await prepared(t);
  const kindred = await openKindred({ directory, workers: 1 });
  t.after(() => kindred.close());
  const logged: string[] = [];
  const log = createLogger("warn", { write: (line) => void logged.push((JSON.parse(line) as { msg: string }).msg) });
  const serving = await serve(kindred, { host: "127.0.0.1", port: 0, log });
  const next = (started: number) => started + 3_600_000;
  let stopped = false;
  const broken = new Promise<void>((done) => {
    void kindred.jobs.register({
      name: "broken",
      next,
      run: () => {
        done();
        return Promise.reject(new KindredError("unreachable", "example.org does not answer"));
      },
    });
  });
  await broken;
  await new Promise<void>((started) => {
    void kindred.jobs.register({
      name: "slow",
      next,
      run: (signal) =>
        new Promise((_, reject) => {
          started();
          signal.addEventListener("abort", () => {
            stopped = true;
            reject(new Error("stopped"));
          });
        }),
    });
  });
  const { jobs } = (await (await fetch(`${serving.url}api/status`)).json()) as { jobs: Record<string, unknown>[] };
  assert.deepEqual(
    jobs.map(({ name, outcome, failures, running }) => [name, outcome, failures, running]),
    [
      ["broken", "example.org does not answer", 1, false],
      ["slow", null, 0, true],
    ],
  );
  const metrics = await (await fetch(`${serving.url}metrics`)).text();
  assert.match(metrics, /^kindred_job_failures\{job="broken"\} 1$/m);
  assert.match(metrics, /^kindred_job_age_seconds\{job="broken"\} \d/m);
  await serving.close();
  assert.equal(stopped, true);
  assert.deepEqual(logged, ["broken failed: example.org does not answer"]);
  const { stdout } = await command(["status", "--directory", directory]);
  assert.match(stdout, /^broken: \S+: example\.org does not answer \(failed once\); next run 2\S+$/m);
  assert.match(stdout, /^slow: \S+: it was stopped before it finished; next run 2\S+$/m);
});
