/** Server-sent events. */
import "../tiny.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { statusSchema, type Status } from "../../src/api.js";
import { jsonLines, problemIn, servedSample } from "./serving.js";

const served = servedSample();

/** The statuses sent, up to the first that satisfies a condition. */
async function listen(until: (status: Status) => boolean, meanwhile: () => Promise<unknown> = async () => {}) {
  const leave = new AbortController();
  const signal = AbortSignal.any([leave.signal, AbortSignal.timeout(60_000)]);
  const response = await fetch(`${served.serving.url}api/events`, { signal });
  assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  assert.equal(response.headers.get("content-encoding"), null);
  const statuses: Status[] = [];
  let text = "";
  for await (const chunk of response.body!) {
    text += Buffer.from(chunk).toString();
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events.filter((one) => !one.startsWith(":"))) {
      const [, data] = /^event: status\ndata: (.+)$/.exec(event) ?? [];
      statuses.push(statusSchema.parse(JSON.parse(data ?? "")));
    }
    if (statuses.length === 1) await meanwhile();
    if (statuses.some(until)) break;
  }
  leave.abort();
  return statuses;
}

test("the status is sent at once, and again after an import and after embedding", async () => {
  const papers = Array.from({ length: 5 }, (_, i) => ({ id: `crow${i}`, title: `Crows on antenna ${i}` }));
  const statuses = await listen(
    ({ papers: count, pending, pendingSentences }) => count === 159 && pending + pendingSentences === 0,
    () => served.import(jsonLines(...papers)),
  );
  assert.equal(statuses[0]?.papers, 154);
  assert.equal(
    new Set(statuses.map((status) => JSON.stringify(status))).size,
    statuses.length,
    "nothing is told twice",
  );
});

test("the progress of an import is sent", async () => {
  let finish = (): void => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      // The format of less than 64 kB is only detected at the end.
      const abstract = "Rooks nest in the same trees year after year. ".repeat(8);
      const some = Array.from({ length: 300 }, (_, i) => ({ id: `rook${i}`, title: `Rooks, part ${i}`, abstract }));
      controller.enqueue(new TextEncoder().encode(jsonLines(...some)));
      finish = () => controller.close();
    },
  });
  const importing = served.ask("api/papers?name=rooks.jsonl", { method: "POST", body, duplex: "half" });
  const statuses = await listen(({ importing: [first] }) => (first?.papers ?? 0) > 0);
  const [told] = statuses.at(-1)?.importing ?? [];
  assert.deepEqual([told?.name, told?.papers], ["rooks.jsonl", 256]);
  finish();
  await importing;
  await listen((status) => status.importing.length === 0);
});

test("beyond the limit of listeners, pages are told to poll instead", async () => {
  const leave = new AbortController();
  const listening = await Promise.all(
    Array.from({ length: 100 }, () => fetch(`${served.serving.url}api/events`, { signal: leave.signal })),
  );
  assert.ok(listening.every(({ status }) => status === 200));
  const reply = await served.ask("api/events");
  problemIn(reply, 503);
  assert.equal(reply.headers.get("retry-after"), "10");
  leave.abort();
});
