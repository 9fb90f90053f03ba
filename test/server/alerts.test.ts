/** Alerts over HTTP: every route, its schema and its errors; with the real model, whose "close" they go by. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { alertAnswerSchema, alertPreviewSchema, alertsAnswerSchema } from "../../src/api.js";
import { servedSample, jsonLines, parsed, problemIn, type Reply } from "./serving.js";

const served = servedSample(async (kindred) => {
  await kindred.alerts.add({ name: "slept", ask: { author: ["Hinton"] }, since: "2000", zone: "UTC" });
  const [row] = await kindred.owned("alerts", "state/");
  const state = JSON.parse(row!.value!) as object;
  await kindred.putOwned([{ ...row!, value: JSON.stringify({ ...state, ran: "2026-01-01T08:00:00.000Z" }) }]);
});

const send = (method: string, path: string, body?: object): Promise<Reply> =>
  served.ask(path, {
    method,
    ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });

const NEW = [
  {
    id: "new-models",
    title: "How large language models forget",
    abstract:
      "Language models are trained on text and forget facts. We measure how large models of language forget what they were taught.",
    authors: ["Grace Hopper"],
  },
  {
    id: "new-octopus",
    title: "The arms of the octopus",
    abstract:
      "An octopus tastes with its suckers. We describe nerves in the arms of the common octopus, which decide alone.",
    authors: ["Grace Hopper"],
  },
];

test("a server that starts runs what was due meanwhile, once", async () => {
  const get = async () => parsed(alertAnswerSchema, await send("GET", "api/alerts/slept"));
  while ((await get()).alert.found === 0) await setTimeout(50);
  const { alert, runs } = await get();
  assert.equal(runs.length, 1);
  assert.ok(Date.parse(alert.next!) > Date.now());
  const { jobs } = await served.status();
  assert.match(jobs.find(({ name }) => name === "alerts")!.outcome ?? "", /^1 alerts ran, and found \d+ papers$/);
  assert.equal((await send("DELETE", "api/alerts/slept")).status, 204);
});

test("an alert is added, previewed, run, read, marked as seen, changed and removed", async () => {
  const added = parsed(
    alertAnswerSchema,
    await send("POST", "api/alerts", { name: "my models", ask: { q: "large language models" }, zone: "UTC" }),
  );
  const { alert } = added;
  assert.deepEqual(
    [alert.every, alert.at, alert.days, alert.atMost, alert.paused, alert.ran, alert.unread, added.runs],
    ["day", "08:00", null, 20, false, null, 0, []],
  );
  assert.match(alert.next!, /T08:00:00\.000Z$/);
  parsed(alertAnswerSchema, await send("POST", "api/alerts", { name: "hopper", ask: { author: ["Hopper"] } }));
  const { alerts } = parsed(alertsAnswerSchema, await send("GET", "api/alerts"));
  assert.deepEqual(
    alerts.map(({ name }) => name),
    ["hopper", "my models"],
  );

  const ask = { author: ["Hinton"] };
  const proposed = parsed(
    alertPreviewSchema,
    await send("POST", "api/alert-preview", { ask, since: "2000", atMost: 1 }),
  );
  assert.deepEqual([proposed.papers.length, proposed.after], [1, 0]);
  assert.ok(proposed.more > 0);

  await served.import(jsonLines(...NEW));
  await served.embedded();
  const at = "api/alerts/my%20models";
  const preview = parsed(alertPreviewSchema, await send("GET", `${at}/preview`));
  assert.deepEqual(
    preview.papers.map(({ id }) => id),
    ["new-models"],
    "the octopus is not close to the query",
  );
  assert.deepEqual([preview.more, preview.pending, preview.after], [0, 0, 154]);
  for (const path of [at, "api/alerts/hopper"]) assert.equal((await send("POST", `${path}/run`)).status, 204);
  const get = async (path: string) => parsed(alertAnswerSchema, await send("GET", path));
  while ((await get(at)).alert.ran === null) await setTimeout(50);
  while ((await get("api/alerts/hopper")).alert.ran === null) await setTimeout(50);
  const { runs } = await get(at);
  assert.deepEqual(
    runs.map(({ papers, more, after }) => [papers.map(({ id }) => id), more, after]),
    [[["new-models"], 0, 154]],
  );
  assert.equal((await get("api/alerts/hopper")).alert.unread, 2);

  const seen = parsed(alertAnswerSchema, await send("PATCH", at, { seen: true }));
  assert.deepEqual([seen.alert.found, seen.alert.unread], [1, 0]);
  assert.equal(parsed(alertsAnswerSchema, await send("GET", "api/alerts")).unread, 2);
  assert.equal((await send("PATCH", "api/alerts", { seen: true })).status, 204);
  assert.equal(parsed(alertsAnswerSchema, await send("GET", "api/alerts")).unread, 0);

  const changes = {
    name: "renamed",
    paused: true,
    ask: { positive: ["new-models"], basedOn: ["likes"] },
    days: "sat,sun",
  };
  const changed = parsed(alertAnswerSchema, await send("PATCH", at, changes)).alert;
  assert.deepEqual(
    [changed.name, changed.paused, changed.next, changed.days, changed.ask],
    ["renamed", true, null, "sat,sun", { positive: [{ id: "new-models" }], basedOn: ["likes"] }],
  );
  for (const name of ["renamed", "hopper"]) assert.equal((await send("DELETE", `api/alerts/${name}`)).status, 204);
  assert.deepEqual(parsed(alertsAnswerSchema, await send("GET", "api/alerts")), {
    alerts: [],
    unread: 0,
    mail: "no-server",
  });
});

test("a client that comes through a proxy is not the person at this machine", async () => {
  const webhooks = ["http://127.0.0.1:9/?token=1"];
  await send("POST", "api/alerts", { name: "posted", ask: { author: ["Hopper"] }, webhooks });
  const seenBy = async (headers: Record<string, string>) => {
    const answer = parsed(alertAnswerSchema, await served.ask("api/alerts/posted", { headers }));
    const { url, secret } = answer.alert.webhooks[0]!;
    return [url, secret === null];
  };
  assert.deepEqual(await seenBy({}), [webhooks[0], false]);
  for (const header of ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
    assert.deepEqual(await seenBy({ [header]: "10.1.2.3" }), ["http://127.0.0.1:9", true], header);
  assert.equal((await send("DELETE", "api/alerts/posted")).status, 204);
});

test("what is wrong is said", async () => {
  for (const [method, path, body, status, words] of [
    ["POST", "api/alerts", { name: "a" }, 400, /ask/],
    ["POST", "api/alerts", { name: "a", ask: {} }, 400, /ask: expected a query/],
    ["POST", "api/alerts", { name: "../etc", ask: { q: "a" } }, 400, /name: expected up to 100 letters/],
    ["POST", "api/alerts", { name: "a", ask: { q: "a" }, every: "hour" }, 400, /every/],
    ["POST", "api/alerts", { name: "a", ask: { q: "a" }, zone: "Nowhere" }, 400, /expected a time zone/],
    ["POST", "api/alerts", { name: "a", ask: { q: "a" }, more: 1 }, 400, /unknown parameter "more"/],
    ["PATCH", "api/alerts", {}, 400, /seen/],
    ["PATCH", "api/alerts/none", { paused: true }, 404, /there is no alert called none/],
    ["PATCH", "api/alerts/none", { since: "2020" }, 400, /unknown parameter "since"/],
    ["GET", "api/alerts/none", undefined, 404, /there is no alert called none/],
    ["GET", "api/alerts/none/preview", undefined, 404, /there is no alert called none/],
    ["POST", "api/alerts/none/run", undefined, 404, /there is no alert called none/],
    ["DELETE", "api/alerts/none", undefined, 404, /there is no alert called none/],
    ["PUT", "api/alerts/none", undefined, 405, /GET, HEAD, PATCH, DELETE|expected/],
  ] as const)
    assert.match(problemIn(await send(method, path, body), status).detail, words, `${method} ${path}`);
});
