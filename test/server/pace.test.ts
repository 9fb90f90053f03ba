/** Real connections that are deliberately slow. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type AddressInfo, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import compression from "compression";
import express, { type Express } from "express";
import { KindredError } from "../../src/core/errors.js";
import { createLogger } from "../../src/server/log.js";
import { arrivesWithin, arriving, leaving, leavesWithin } from "../../src/server/pace.js";
import { onError } from "../../src/server/problems.js";
import { sendText, Text } from "../../src/server/text.js";

/** More bytes than the buffers between two programs hold. */
const SIZE = 50_000_000;

/** A connection to an application, and a function that waits until the data received matches an expression. */
async function connected(
  t: TestContext,
  app: Express,
): Promise<{ socket: Socket; told: (what: RegExp) => Promise<void> }> {
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  t.after(() => {
    socket.destroy();
    server.close();
  });
  socket.on("error", () => {});
  let text = "";
  socket.on("data", (chunk) => (text += String(chunk)));
  const told = async (what: RegExp) => {
    while (!what.test(text)) await sleep(10);
  };
  return { socket, told };
}

async function lengthOf(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of chunks) bytes += chunk.length;
  return bytes;
}

test("a stalled body gets an error, and a slow but steady one is read", async (t) => {
  const app = express();
  app.post("/", (request, response, next) => {
    lengthOf(arriving(request, 300)).then((bytes) => response.json(bytes), next);
  });
  app.use(onError(createLogger("error")));
  const { socket, told } = await connected(t, app);
  socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n");
  for (let i = 0; i < 10; i++) {
    socket.write("x".repeat(200));
    // Half a second in total, which is allowed for this many bytes.
    await sleep(50);
  }
  await told(/200 OK[^]*2000$/);
  socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\nxx");
  await told(/408 Request Timeout[^]*slower than 1 kB a second/);
});

test("time spent on processing a body does not count against the client", async () => {
  async function* two(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("a");
    yield Buffer.from("b");
  }
  let bytes = 0;
  for await (const chunk of arriving(two(), 50)) {
    bytes += chunk.length;
    await sleep(100);
  }
  assert.equal(bytes, 2);
  async function* stuck(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("a");
    await new Promise(() => {});
  }
  await assert.rejects(
    async () => {
      for await (const _ of arriving(stuck(), 50));
    },
    (error) => error instanceof KindredError && error.code === "too-slow",
  );
});

test("a response that is no longer read is cut off, and its source is closed", async () => {
  let [cut, ended] = [0, false];
  async function* pieces(): AsyncGenerator<string> {
    try {
      for (let i = 0; ; i++) yield `${i}`;
    } finally {
      ended = true;
    }
  }
  const left = leaving(pieces(), () => cut++, 50);
  for (let i = 0; i < 100; i++) assert.equal((await left.next()).value, `${i}`);
  assert.equal(cut, 0);
  await sleep(300);
  assert.equal(cut, 1);
  await left.return(undefined);
  assert.ok(ended);
});

test("a JSON body that is incomplete in time gets an answer, and its connection is closed", async (t) => {
  const app = express();
  app.post("/", arrivesWithin(100), express.json(), (request, response) => void response.json(request.body));
  app.use(onError(createLogger("error")));
  const { socket, told } = await connected(t, app);
  const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n";
  socket.write(`${head}{"a":1}`);
  await told(/200 OK[^]*{"a":1}$/);
  socket.write(`${head}{"a"`);
  await Promise.all([once(socket, "close"), told(/408 Request Timeout[^]*did not arrive within 0.1 seconds/)]);
});

test("the connection of a body that is incomplete in time is closed also if the handler does not wait for it", async (t) => {
  const app = express();
  app.post("/", arrivesWithin(100), express.json(), (_request, response) => void response.end("answered"));
  const { socket, told } = await connected(t, app);
  socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 70\r\n\r\n{");
  await Promise.all([once(socket, "close"), told(/200 OK[^]*answered/)]);
});

for (const encoding of ["identity", "gzip"])
  test(`the server does not wait for a client that does not read: ${encoding}`, async (t) => {
    const app = express();
    app.use(compression({ level: 1 }));
    const closed = new Promise<void>((resolve) => {
      app.get("/", leavesWithin(100), (_request, response) => {
        response.on("close", () => resolve());
        // Random base64, which gzip only compresses to three quarters.
        response.type("text").send(randomBytes(SIZE / 2).toString("base64"));
      });
    });
    const { socket } = await connected(t, app);
    // On a busy machine it may be closed before anything was sent.
    const gone = new Promise<void>((resolve) => void socket.once("close", () => resolve()));
    socket.pause();
    socket.write(`GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${encoding}\r\n\r\n`);
    await closed;
    let bytes = 0;
    socket.on("data", (chunk: Buffer) => (bytes += chunk.length));
    socket.resume();
    await gone;
    assert.ok(bytes < SIZE / 2, `${bytes} came`);
  });

test("a text is sent completely to a client that reads", async (t) => {
  const app = express();
  async function* pieces(): AsyncGenerator<string> {
    for (let i = 0; i < 1_000; i++) yield "0123456789";
  }
  app.get("/", (_request, response) =>
    sendText(response, new Text("text/plain", pieces()), new AbortController().signal),
  );
  const { socket, told } = await connected(t, app);
  socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  await told(/(0123456789[^0-9]*){1000}/);
});

test("an answer that ends when its client has gone leaves no timer that keeps the process running", async (t) => {
  const app = express();
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const counted = new Promise<[number, number]>((resolve) => {
    app.get("/", leavesWithin(60_000), (_request, response) => {
      response.on("close", () => {
        const before = timers();
        response.end("too late");
        resolve([before, timers()]);
      });
      response.flushHeaders();
    });
  });
  const { socket, told } = await connected(t, app);
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await told(/200 OK/);
  socket.destroy();
  const [before, then] = await counted;
  assert.equal(then, before);
});
