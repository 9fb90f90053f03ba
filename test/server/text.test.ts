/** Text sent to clients of different speeds. */
import assert from "node:assert/strict";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { sendText, Text } from "../../src/server/text.js";

/** A server that sends these pieces in answer to any request, and the outcome. */
async function sending(t: TestContext, pieces: () => AsyncIterable<string>) {
  const ended: Promise<void>[] = [];
  const server = createServer((_request, response) => {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    ended.push(sendText(response, new Text("text/plain", pieces(), "a.txt"), gone.signal));
    ended[0]?.catch(() => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const begun = new Promise<IncomingMessage>((resolve, reject) => {
    get({ port, host: "127.0.0.1", agent: false }, resolve).on("error", reject);
  });
  return { begun, ended };
}

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test("a client that reads nothing is sent no more than buffers hold; when it disconnects, the source is closed", async (t) => {
  let made = 0;
  let closed: () => void;
  const over = new Promise<void>((resolve) => (closed = resolve));
  const piece = "x".repeat(64 * 1024);
  const { begun, ended } = await sending(t, async function* () {
    try {
      for (;;) {
        made++;
        yield piece;
      }
    } finally {
      closed();
    }
  });
  const response = await begun;
  let before = -1;
  while (before !== made) {
    before = made;
    await wait(300);
  }
  assert.ok(made < 1_000, `${made} pieces of 64 KiB`);
  response.on("error", () => {});
  response.destroy();
  await over;
  await ended[0];
});

test("a failure before the first piece sends nothing, so that an error can be answered", async (t) => {
  const server = createServer((_request, response) => {
    const next = () => Promise.reject(new Error("no papers today"));
    const nothing: AsyncIterable<string> = { [Symbol.asyncIterator]: () => ({ next }) };
    const text = new Text("text/plain", nothing, "a.txt");
    sendText(response, text, new AbortController().signal).catch((thrown: Error) => {
      response.end(`${response.headersSent} ${thrown.message}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/`);
  assert.equal(await response.text(), "false no papers today");
  assert.equal(response.headers.get("content-disposition"), null);
});

test("a failure after the first piece is thrown, and the client can tell that the text is incomplete", async (t) => {
  const { begun, ended } = await sending(t, async function* () {
    yield "begun";
    await wait(20);
    throw new Error("the disk is gone");
  });
  const response = await begun;
  await assert.rejects(async () => {
    for await (const _ of response);
  }, /aborted/);
  await assert.rejects(ended[0] as Promise<void>, /the disk is gone/);
});
