import "../tiny.js";
import assert from "node:assert/strict";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { test } from "node:test";
import { importReportSchema } from "../../src/api.js";
import { answerIn, jsonLines, parsed, servedSample } from "./serving.js";

const served = servedSample();

/** Made-up abstracts of ten sentences, all different. */
const PAPERS = Array.from({ length: 2_000 }, (_, i) => ({
  id: `generated-${i}`,
  title: `On the ${i}th observation of garden wildlife`,
  abstract: Array.from(
    { length: 10 },
    (__, sentence) =>
      `In observation ${i}.${sentence} the animals of garden ${(i * 31 + sentence * 7) % 97} were quiet.`,
  ).join(" "),
}));

test("fifty concurrent searches during an import of 2,000 papers are all answered, and the serving thread stays responsive", async (t) => {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const queries = ["quiet animals", "does smoking cause cancer", "10.1086/260062", "garden wildlife", "x"];
  const importing = served.import(jsonLines(...PAPERS));
  const searches = Array.from({ length: 50 }, (_, i) =>
    served.ask(served.path("api/search", { q: `${queries[i % queries.length]} ${i}`, limit: 20 })),
  );
  for (const reply of await Promise.all(searches)) {
    const { hits, notice } = answerIn(reply);
    assert.ok(hits.length > 0 || notice !== null);
  }
  const report = parsed(importReportSchema, await importing);
  assert.deepEqual([report.added, report.rejected], [2_000, 0]);
  delay.disable();
  const milliseconds = (nanoseconds: number) => (nanoseconds / 1e6).toFixed(0);
  t.diagnostic(
    `event loop delay: 99th percentile ${milliseconds(delay.percentile(99))} ms, longest ${milliseconds(delay.max)} ms`,
  );
  assert.ok(delay.max < 1e9, `the serving thread stood still for ${milliseconds(delay.max)} ms`);
  assert.equal((await served.status()).papers, 2_154);
});

test("a client that disconnects during a search does not affect others", async () => {
  const gone = Array.from({ length: 20 }, async (_, i) => {
    const stop = new AbortController();
    const asked = served.ask(`api/search?q=animals+${i}`, { signal: stop.signal });
    setTimeout(() => stop.abort(), i);
    await asked.catch(() => {});
  });
  await Promise.all(gone);
  answerIn(await served.ask("api/search?q=animals"));
});
