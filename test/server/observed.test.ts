/** Monitoring: health, metrics and log. */
import "../tiny.js";
import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import express from "express";
import { openKindred } from "../../src/kindred.js";
import { lanes } from "../../src/server/lanes.js";
import { createLogger, type Level } from "../../src/server/log.js";
import { Metrics } from "../../src/server/metrics.js";
import { serve } from "../../src/server/serve.js";
import { sampleDirectory } from "../sample.js";
import { askPlainly } from "./plain.js";

type Line = Record<string, unknown> & { level: string; msg: string };

async function watched(t: TestContext, level: Level) {
  const lines: Line[] = [];
  const kindred = await openKindred({ directory: await sampleDirectory(t), workers: 1 });
  const log = createLogger(level, { write: (line) => void lines.push(JSON.parse(line) as Line) });
  const serving = await serve(kindred, { host: "127.0.0.1", port: 0, log });
  t.after(async () => {
    await serving.close();
    await kindred.close();
  });
  const ask = (path: string, headers: Record<string, string> = {}, method?: string, body?: string) =>
    askPlainly(new URL(path, serving.url), headers, method, body);
  return { ask, lines, url: serving.url };
}

/** The values of a metric by its labels as written; "" without labels. */
function valuesOf(metrics: string, name: string): Record<string, number> {
  const lines = metrics.split("\n").filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return Object.fromEntries(
    lines.map((line) => {
      const [, labels = "", value = ""] = /^[^{ ]+(\{.*\})? (\S+)$/.exec(line) ?? [];
      return [labels, Number(value)];
    }),
  );
}

describe("health", () => {
  test("is reported at once, and readiness when questions can be answered", async (t) => {
    const { ask } = await watched(t, "error");
    assert.deepEqual(JSON.parse((await ask("api/health")).text), { status: "alive" });
    let ready = await ask("api/ready");
    for (let i = 0; i < 600 && ready.status === 503; i++) {
      assert.ok(Number(ready.headers.get("retry-after")) > 0);
      await new Promise((resolve) => setTimeout(resolve, 100));
      ready = await ask("api/ready");
    }
    assert.deepEqual(JSON.parse(ready.text), { status: "ready" });
  });
});

describe("metrics", () => {
  test("count requests by route, time the stages of an answer, and describe the index", async (t) => {
    const { ask } = await watched(t, "error");
    for (let i = 0; i < 3; i++) await ask(`api/search?q=peas${i}`);
    await ask("api/papers/doll-1950-smoking");
    await ask("api/papers/none");
    await ask("api/nothing");
    const { text, headers } = await ask("metrics");
    assert.match(headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    const counts = valuesOf(text, "kindred_request_seconds_count");
    assert.equal(counts['{route="/api/search",method="GET",status="200"}'], 3);
    assert.equal(counts['{route="/api/papers/:id",method="GET",status="200"}'], 1);
    assert.equal(counts['{route="/api/papers/:id",method="GET",status="404"}'], 1);
    assert.equal(counts['{route="none",method="GET",status="404"}'], 1);
    const stages = valuesOf(text, "kindred_stage_seconds_count");
    assert.equal(stages['{stage="embed"}'], 3);
    assert.ok(stages['{stage="answer"}']! >= 4);
    assert.deepEqual(valuesOf(text, "kindred_papers"), { "": 154 });
    assert.deepEqual(valuesOf(text, "kindred_up"), { "": 1 });
    assert.deepEqual(valuesOf(text, "kindred_snapshot_changes_behind"), { "": 0 });
    assert.ok(valuesOf(text, "kindred_snapshot_age_seconds")[""]! >= 0);
    assert.deepEqual(valuesOf(text, "kindred_pending"), {
      '{of="abstracts"}': 0,
      '{of="sentences"}': 0,
      '{of="points"}': 0,
    });
    assert.deepEqual(Object.keys(valuesOf(text, "kindred_lane_waiting")).length, 4);
    const recall = (of: string) => ["checked", "found"].map((what) => valuesOf(of, `kindred_recall_${what}_total`)[""]);
    assert.deepEqual(recall(text), [0, 0], "a scrape does not wait for it");
    let later = text;
    while (recall(later)[0] === 0) later = (await ask("metrics")).text;
    assert.deepEqual(recall(later), [10, 10], "few papers are compared exactly");
    for (let i = 0; i < 10; i++) later = (await ask("metrics")).text;
    assert.deepEqual(recall(later), [10, 10], "it is checked now and then, not at each scrape");
    assert.match(text, /^nodejs_eventloop_lag_seconds /m);
    assert.ok(!text.includes("peas"));
  });

  test("count embedded texts once", async (t) => {
    const { ask } = await watched(t, "error");
    const papers = Array.from({ length: 20 }, (_, i) =>
      JSON.stringify({ id: `p${i}`, title: `Otters and ${i} pebbles` }),
    );
    await ask("api/papers", {}, "POST", papers.join("\n"));
    for (let i = 0; i < 600; i++) {
      const { text } = await ask("metrics");
      const pending = Object.values(valuesOf(text, "kindred_pending"));
      const embedded = valuesOf(text, "kindred_embedded_texts_total");
      if (pending.every((count) => count === 0) && embedded['{of="sentences"}'] === 20) {
        assert.equal(embedded['{of="abstracts"}'], 20);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.fail("it was not embedded");
  });
});

test("metrics count texts once, whichever are embedded between two reads", async (t) => {
  const kindred = await openKindred({ directory: await sampleDirectory(t), workers: 1 });
  const metrics = new Metrics(kindred, lanes());
  const server = express().get("/metrics", metrics.serve).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    server.close();
    await kindred.close();
  });
  for (const run of [1, 2]) {
    const embedded = metrics.embedding();
    for (const done of [3, 8, 12])
      for (const phase of ["vectors", "sentences"] as const) embedded({ phase, done: done * run, total: 24 });
  }
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`);
  const counts = valuesOf((await askPlainly(url, {})).text, "kindred_embedded_texts_total");
  assert.deepEqual(counts, { '{of="abstracts"}': 36, '{of="sentences"}': 36 });
});

test("metrics distinguish clients that left before the answer", async (t) => {
  const { ask, url } = await watched(t, "error");
  const gone = new AbortController();
  await fetch(new URL("api/events", url), { signal: gone.signal });
  gone.abort();
  for (;;) {
    const counts = valuesOf((await ask("metrics")).text, "kindred_request_seconds_count");
    const ended = Object.keys(counts).filter((labels) => labels.includes('route="/api/events"'));
    if (ended.length === 0) continue;
    assert.deepEqual(ended, ['{route="/api/events",method="GET",status="499"}']);
    return;
  }
});

describe("the log", () => {
  test("records each request under the id in its answer, without its content", async (t) => {
    const { ask, lines } = await watched(t, "info");
    const { headers } = await ask("api/search?q=secret+peas");
    await ask("api/papers/doll-1950-smoking", { "x-request-id": "mine-1", authorization: "Bearer kindred_secret" });
    await ask("api/papers/none", { "x-request-id": "not an id" });
    await ask("api/search", { "content-type": "application/json" }, "POST", '{"q":"secret peas"}');
    await ask("secret");
    const told = lines.map(({ level, msg, method, route, status }) => [level, msg, method, route, status]);
    assert.deepEqual(told, [
      ["info", "request", "GET", "/api/search", 200],
      ["info", "request", "GET", "/api/papers/:id", 200],
      ["info", "request", "GET", "/api/papers/:id", 404],
      ["info", "request", "POST", "/api/search", 200],
      ["info", "request", "GET", "none", 404],
    ]);
    assert.equal(lines[0]!["id"], headers.get("x-request-id"));
    assert.equal(lines[1]!["id"], "mine-1");
    assert.match(String(lines[2]!["id"]), /^[\w-]{36}$/);
    assert.ok(lines.every(({ ms, time }) => typeof ms === "number" && !Number.isNaN(Date.parse(String(time)))));
    assert.ok(!/secret|peas|doll/.test(JSON.stringify(lines)));
  });

  test("contains request addresses only at level debug, and nothing about client errors at level error", async (t) => {
    const talking = await watched(t, "debug");
    await talking.ask("api/search?q=peas");
    assert.equal(talking.lines.at(-1)!["url"], "/api/search?q=peas");
    for (const path of ["mail/c.reader.alert.signature", "MAIL/c.reader.alert.signature?x"]) {
      await talking.ask(path);
      assert.match(String(talking.lines.at(-1)!["url"]), /^\/mail\/\.\.\.(\?x)?$/i, "a link that works");
    }
    const silent = await watched(t, "error");
    await silent.ask("api/search?q=peas");
    await silent.ask("api/papers/none");
    assert.deepEqual(silent.lines, []);
  });
});
