/** More requests than the server can handle: some wait, the rest get 503, and none is lost. */
import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { type IncomingMessage, request, type Server } from "node:http";
import { test } from "node:test";
import { answerIn, jsonLines, problemIn, servedSample } from "./serving.js";

const served = servedSample();
/** All different, so that no answer is cached. */
let asked = 0;
const search = () => served.ask(`api/search?q=animals+that+count+to+${asked++}`);

test("of very many concurrent searches, as many as there is room for are answered, and the others get 503", async () => {
  const replies = await Promise.all(Array.from({ length: 600 }, () => search()));
  const refused = replies.filter(({ status }) => status !== 200);
  assert.ok(replies.length - refused.length >= 264, `${replies.length - refused.length} were answered`);
  assert.ok(refused.length > 0);
  for (const reply of refused) {
    assert.match(problemIn(reply, 503).detail, /which is the limit: try again soon/);
    assert.ok(Number(reply.headers.get("retry-after")) >= 1);
  }
  for (const reply of replies) if (reply.status === 200) answerIn(reply);
  answerIn(await search());
});

test("searches whose clients disconnect are dropped, so the next one does not wait for them", async () => {
  const gone = Array.from({ length: 200 }, (_, i) => {
    const asking = request(`${served.serving.url}api/search?q=animals+that+leave+${i}`).end();
    asking.on("error", () => {});
    return asking;
  });
  const left = Promise.all(gone.map((asking) => new Promise((resolve) => asking.on("close", resolve))));
  // Now the server has received them.
  await served.ask("api/health");
  for (const asking of gone) asking.destroy();
  await left;
  for (let i = 0; ; i++) {
    const { text } = await served.ask("metrics");
    if (/^kindred_lane_waiting\{lane="questions"\} 0$/m.test(text)) break;
    assert.ok(i < 100, "they still wait");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  answerIn(await search());
});

test("a silent connection is not closed while its request is processed", async (t) => {
  let server!: Server;
  const started = (message: unknown) => void ({ server } = message as { server: Server });
  subscribe("http.server.request.start", started);
  await served.ask("api/health");
  unsubscribe("http.server.request.start", started);
  // Applies to new connections.
  const silence = server.timeout;
  server.timeout = 200;
  t.after(() => (server.timeout = silence));
  const importing = request(`${served.serving.url}api/papers`, { method: "POST", agent: false });
  const answered = once(importing, "response") as Promise<[IncomingMessage]>;
  importing.write(`${jsonLines({ id: "slow 1", title: "Slow" })}\n`);
  await new Promise((resolve) => setTimeout(resolve, 800));
  importing.end(jsonLines({ id: "slow 2", title: "Slower" }));
  const [response] = await answered;
  response.resume();
  assert.equal(response.statusCode, 200);
});

test("of more concurrent imports than there is room for, some get 503, and all others are stored", async () => {
  const { papers } = await served.status();
  const imports = Array.from({ length: 12 }, (_, i) =>
    served.import(
      jsonLines(...Array.from({ length: 300 }, (__, j) => ({ id: `${i}-${j}`, title: `Paper ${j} of ${i}` }))),
    ),
  );
  const replies = await Promise.all(imports);
  const stored = replies.filter(({ status }) => status === 200).length;
  assert.ok(stored >= 4, `${stored} were stored`);
  for (const reply of replies) if (reply.status !== 200) problemIn(reply, 503);
  assert.equal((await served.status()).papers, papers + 300 * stored);
});
