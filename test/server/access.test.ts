/** A server that others can reach: names it answers to, what needs a key, and rate limits. */
import "../tiny.js";
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { once } from "node:events";
import { hostname, networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Status } from "../../src/api.js";
import { KindredError } from "../../src/core/errors.js";
import { addKey, removeKey } from "../../src/server/keys.js";
import { openKindred } from "../../src/kindred.js";
import { createLogger } from "../../src/server/log.js";
import { serve, type ServeOptions } from "../../src/server/serve.js";
import { sampleDirectory } from "../sample.js";
import { askPlainly } from "./plain.js";
import { connected } from "./raw.js";
import { jsonLines, problemIn, type Reply } from "./serving.js";

type Ask = (path: string, headers?: Record<string, string>, method?: string, body?: string) => Promise<Reply>;

/** Tests that have ended: their folders are removed before their servers close, and the servers report that. */
const over = new WeakSet<TestContext>();

async function reachable(
  t: TestContext,
  options: Partial<ServeOptions> = {},
  existing?: string,
): Promise<{ ask: Ask; directory: string; url: string }> {
  t.after(() => over.add(t));
  const directory = existing ?? (await sampleDirectory(t));
  const kindred = await openKindred({ directory, workers: 1 });
  const log = createLogger("error", { write: (line) => over.has(t) || assert.fail(line) });
  const serving = await serve(kindred, { host: "0.0.0.0", port: 0, log, ...options });
  t.after(async () => {
    await serving.close();
    await kindred.close();
  });
  const url = serving.url.replace("0.0.0.0", "127.0.0.1");
  const ask: Ask = (path, headers = {}, method, body) => askPlainly(new URL(path, url), headers, method, body);
  return { ask, directory, url };
}

const JSON_BODY = { "content-type": "application/json" };
const WRITES: [method: string, path: string, headers?: Record<string, string>, body?: string][] = [
  ["POST", "api/papers", {}, jsonLines({ id: "new", title: "A new one" })],
  ["DELETE", "api/papers/new"],
  ["PUT", "api/papers/doll-1950-smoking/note", JSON_BODY, '{"note":"peas"}'],
  ["PUT", "api/lists/peas"],
  ["PUT", "api/lists/peas/papers/doll-1950-smoking"],
  ["PATCH", "api/lists/peas", JSON_BODY, '{"name":"beans"}'],
  ["DELETE", "api/lists/beans/papers/doll-1950-smoking"],
  ["DELETE", "api/lists/beans"],
  ["POST", "api/imports/999/undo"],
  ["POST", "api/source-kinds/openalex/preview", JSON_BODY, '{"options":{}}'],
  ["POST", "api/sources", JSON_BODY, '{"kind":"openalex","options":{}}'],
  ["PATCH", "api/sources/none", JSON_BODY, '{"paused":true}'],
  ["POST", "api/sources/none/run"],
  ["DELETE", "api/sources/none"],
];
const READS: [method: string, path: string, headers?: Record<string, string>, body?: string][] = [
  ["GET", "api/search?q=peas"],
  ["POST", "api/search", JSON_BODY, '{"q":"peas"}'],
  ["POST", "api/related", JSON_BODY, '{"text":"peas"}'],
  ["POST", "api/recommend", JSON_BODY, "{}"],
  ["POST", "api/explain", JSON_BODY, '{"q":"peas","id":"doll-1950-smoking"}'],
  ["POST", "api/find", JSON_BODY, '{"text":"10.1000/x"}'],
  ["GET", "api/papers"],
  ["GET", "api/export"],
  ["GET", "api/lists"],
  ["GET", "api/imports"],
  ["GET", "api/sources"],
  ["GET", "api/source-kinds"],
  ["GET", "api/map"],
  ["GET", "api/status"],
  ["GET", "metrics"],
  ["GET", "unapi?id=vaswani-2017-attention&format=ris"],
];
/** Routes that need no key, because they return no data about papers. */
const OPEN = ["", "api/health", "api/openapi.json", "opensearch.xml", "manifest.webmanifest"];

describe("a server that others can reach", () => {
  test("needs a key for changes, and for nothing else", async (t) => {
    const { ask, directory } = await reachable(t);
    for (const [method, path, headers, body] of WRITES) {
      const problem = problemIn(await ask(path, headers, method, body), 401);
      assert.match(problem.detail, /^this needs a key: send one that "kindred key add NAME"/);
    }
    const authorization = `Bearer ${await addKey(directory, "Ada")}`;
    for (const [method, path, headers, body] of WRITES) {
      const { status, text } = await ask(path, { ...headers, authorization }, method, body);
      // There is no such import, and none of these sources would ask a service.
      const refused = path.endsWith("undo") || path.startsWith("api/source");
      assert.ok(
        status === 200 || status === 204 || (refused && [400, 404].includes(status)),
        `${method} ${path}: ${status} ${text}`,
      );
    }
    for (const [method, path, headers, body] of READS)
      assert.equal((await ask(path, headers, method, body)).status, 200, path);
    for (const path of OPEN) assert.equal((await ask(path)).status, 200, path);
    await removeKey(directory, "Ada");
    problemIn(await ask("api/lists/peas", { authorization }, "PUT"), 401);
  });

  test("needs a key for reading too if configured so", async (t) => {
    const { ask, directory } = await reachable(t, { protects: "all" });
    const authorization = `Bearer ${await addKey(directory, "Ada")}`;
    for (const [method, path, headers, body] of READS) {
      problemIn(await ask(path, headers, method, body), 401);
      assert.equal((await ask(path, { ...headers, authorization }, method, body)).status, 200, path);
    }
    problemIn(await ask("api/events"), 401);
    for (const path of OPEN) assert.equal((await ask(path)).status, 200, path);
  });

  test("accepts a session cookie that reveals nothing about the key", async (t) => {
    const { ask, directory } = await reachable(t, { protects: "all" });
    const key = await addKey(directory, "Ada");
    problemIn(await ask("api/session", {}, "POST"), 401);
    problemIn(await ask("api/session", { authorization: "Bearer kindred_no" }, "POST"), 401);
    const kept = await ask("api/session", { authorization: `Bearer ${key}` }, "POST");
    assert.equal(kept.status, 204);
    const cookie = kept.headers.get("set-cookie") ?? "";
    assert.match(cookie, /^kindred_[0-9a-f]{16}=[\w-]{43}; Max-Age=\d+; Path=\/;[^,]*, [^,]*HttpOnly; SameSite=Strict/);
    assert.doesNotMatch(cookie, /Secure/);
    assert.ok(!cookie.includes(key), "the key itself is in no cookie");
    const own = cookie.split(";")[0]!;
    const name = own.split("=")[0]!;
    for (const shown of [own, `a=b; ${own}; c=d`, `kindred_0123456789abcdef=other; ${own}`, `${name}=x; ${own}`])
      assert.equal((await ask("api/status", { cookie: shown })).status, 200, shown);
    for (const shown of [`${name}=x`, `kindred_key=${key}`, `${name}=${key}`, `${name}=`, `x${own}`, `${own}x`])
      problemIn(await ask("api/status", { cookie: shown }), 401);
    const forgotten = await ask("api/session", { cookie: own }, "DELETE");
    assert.ok((forgotten.headers.get("set-cookie") ?? "").startsWith(`${name}=; Path=/; Expires=Thu, 01 Jan 1970`));
    problemIn(await ask("api/status", { cookie: own }), 401);
  });

  test("keeps a session as long as the key exists, also across restarts", async (t) => {
    const first = await reachable(t, { protects: "all" });
    const key = await addKey(first.directory, "Ada");
    const begin = async (path = "/", headers: Record<string, string> = {}) => {
      const shown = { authorization: `Bearer ${key}`, "kindred-path": path, ...headers };
      const reply = await first.ask("api/session", shown, "POST");
      return (reply.headers.get("set-cookie") ?? "").split(";")[0]!;
    };
    const cookie = await begin();
    const second = await reachable(t, { protects: "all" }, first.directory);
    assert.equal((await second.ask("api/status", { cookie })).status, 200);
    const others = await Promise.all(["/a/", "/b/"].map((path) => begin(path)));
    for (const other of others) assert.equal((await first.ask("api/status", { cookie: other })).status, 200);
    await addKey(first.directory, "Bob");
    assert.equal((await first.ask("api/status", { cookie })).status, 200);
    // A new session replaces the previous one at the same path.
    await begin("/", { cookie });
    problemIn(await first.ask("api/status", { cookie }), 401);
    await removeKey(first.directory, "Ada");
    for (const other of others) problemIn(await first.ask("api/status", { cookie: other }), 401);
    await addKey(first.directory, "Ada");
    problemIn(await first.ask("api/status", { cookie: others[0]! }), 401);
  });

  test("uses different cookie names and paths for pages at other ports and paths of the same host", async (t) => {
    const { ask, directory } = await reachable(t);
    const authorization = `Bearer ${await addKey(directory, "Ada")}`;
    const cookieOf = async (origin: string, path: string) => {
      const host = new URL(origin).host;
      const reply = await ask("api/session", { authorization, host, origin, "kindred-path": path }, "POST");
      assert.equal(reply.status, 204, reply.text);
      return reply.headers.get("set-cookie") ?? "";
    };
    const places: [origin: string, path: string][] = [
      ["http://localhost:3000", "/"],
      ["http://localhost:3001", "/"],
      ["http://localhost:3000", "/kindred/"],
      ["https://localhost", "/kindred/"],
      ["https://localhost", "/%C3%A9%20a/"],
    ];
    const cookies = await Promise.all(places.map(([origin, path]) => cookieOf(origin, path)));
    assert.equal(new Set(cookies.map((cookie) => cookie.split("=")[0])).size, places.length);
    for (const [i, [origin, path]] of places.entries()) {
      assert.ok(cookies[i]!.includes(`; Path=${path};`), cookies[i]);
      assert.equal(/; Secure/.test(cookies[i]!.split("kindred_key")[0]!), origin.startsWith("https:"), cookies[i]);
    }
    const proxied = await ask("api/session", { authorization, "x-forwarded-proto": "https" }, "POST");
    assert.match(proxied.headers.get("set-cookie") ?? "", /^kindred_[0-9a-f]{16}=.*; Secure/);
    for (const path of ["a", "/a", "/a;b/", "/a b/", `/${"a".repeat(2_000)}/`]) {
      const reply = await ask("api/session", { authorization, "kindred-path": path }, "POST");
      assert.equal(problemIn(reply, 400).parameter, "Kindred-Path");
    }
  });

  test("ends running requests when their key is removed", async (t) => {
    const { ask, directory, url } = await reachable(t, { protects: "all" });
    const headers = { authorization: `Bearer ${await addKey(directory, "Bob")}` };
    const key = await addKey(directory, "Ada");
    const session = await ask("api/session", { authorization: `Bearer ${key}` }, "POST");
    const cookie = (session.headers.get("set-cookie") ?? "").split(";")[0]!;
    const texts = [headers, { cookie }].map(async (shown) => {
      const response = await fetch(`${url}api/events`, { headers: shown });
      assert.equal(response.status, 200);
      return response;
    });
    const [streams, stays] = [
      await Promise.all(texts),
      await fetch(`${url}api/events`, { headers: { authorization: `Bearer ${await addKey(directory, "Eve")}` } }),
    ];
    let more = (_line: string): void => {};
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => (more = (line) => controller.enqueue(new TextEncoder().encode(line))),
    });
    more(jsonLines({ id: "before", title: "Sent with a key" }));
    const uploading = fetch(`${url}api/papers`, { method: "POST", body, headers, duplex: "half" });
    const importing = async () =>
      (JSON.parse((await ask("api/status", { authorization: `Bearer ${key}` })).text) as Status).importing.length;
    while ((await importing()) === 0) await sleep(20);
    await removeKey(directory, "Bob");
    const refused = await uploading;
    assert.equal(refused.status, 401);
    assert.match(await refused.text(), /the key was removed, or its session ended, during the request/);
    await streams[0]!.text();
    while ((await importing()) > 0) await sleep(20);
    await removeKey(directory, "Ada");
    await streams[1]!.text();
    const reader = stays.body!.getReader();
    assert.equal((await reader.read()).done, false, "another key's goes on");
    await reader.cancel();
  });

  test("does not start without any key", async (t) => {
    const kindred = await openKindred({ directory: await sampleDirectory(t) });
    t.after(() => kindred.close());
    await assert.rejects(
      serve(kindred, { host: "0.0.0.0", port: 0, protects: "nothing" }),
      (error) => error instanceof KindredError && /could change papers/.test(error.message),
    );
  });

  test("answers to addresses, its own name and allowed names, and to no others", async (t) => {
    const { ask } = await reachable(t, { allowedHosts: ["Papers.example"] });
    for (const host of ["10.1.2.3", "192.168.0.7:3000", "[fe80::1]:80", "localhost", "papers.EXAMPLE:443", hostname()])
      assert.equal((await ask("api/status", { host })).status, 200, host);
    for (const host of ["evil.example", "papers.example.evil.example", "1.2.3.4.evil.example", "[evil]", "x"])
      assert.match(problemIn(await ask("api/status", { host }), 403).detail, /--allow-host/);
  });

  test("limits the rate of requests and says when to retry, but not for health checks", async (t) => {
    const { ask } = await reachable(t, { perMinute: 5 });
    const another = (i: number) => ({ "x-forwarded-for": `10.0.0.${i}`, forwarded: `for=10.0.0.${i}` });
    for (let i = 0; i < 5; i++) assert.equal((await ask("api/status", another(i))).status, 200);
    const refused = await ask("api/status", another(6));
    assert.match(problemIn(refused, 429).detail, /more than 5 requests in a minute/);
    assert.ok(Number(refused.headers.get("retry-after")) > 0);
    for (let i = 0; i < 5; i++) assert.equal((await ask("api/health")).status, 200);
  });

  test("makes a client wait after twenty invalid keys in a minute, and still accepts a valid one", async (t) => {
    const { ask, directory } = await reachable(t);
    const authorization = `Bearer ${await addKey(directory, "Ada")}`;
    const guesses = await Promise.all(
      Array.from({ length: 60 }, (_, i) => ask("api/lists/x", { authorization: `Bearer guess${i}` }, "PUT")),
    );
    assert.equal(guesses.filter(({ status }) => status === 401).length, 20, "also when all come at once");
    const waiting = guesses.find(({ status }) => status === 429)!;
    assert.match(problemIn(waiting, 429).detail, /more than 20 wrong keys in a minute/);
    assert.equal(waiting.headers.get("retry-after"), "60");
    assert.equal((await ask("api/lists/x", { authorization }, "PUT")).status, 204);
    assert.equal((await ask("api/search?q=peas")).status, 200, "what needs no key is not in question");
  });

  test("reveals file paths in its log, but not to clients", async (t) => {
    const lines: string[] = [];
    const log = createLogger("error", { write: (line) => void lines.push(line) });
    const { ask, directory } = await reachable(t, { protects: "all", log });
    await addKey(directory, "Ada");
    const spoiled: [spoil: () => void, words: RegExp][] = [
      [() => writeFileSync(join(directory, "keys.json"), "{"), /keys\.json is not a valid list of keys/],
      [
        () => (rmSync(join(directory, "keys.json")), mkdirSync(join(directory, "keys.json"))),
        /keys\.json could not be read/,
      ],
    ];
    for (const [spoil, words] of spoiled) {
      spoil();
      const reply = await ask("api/status", { authorization: "Bearer x" });
      assert.match(reply.text, words);
      assert.ok(!reply.text.includes(directory) && !reply.text.includes(tmpdir()), reply.text);
    }
    assert.equal(lines.length, 2);
    assert.ok(lines.every((line) => line.includes(join(directory, "keys.json"))));
  });

  test("keeps room for others, however many connections one client opens", async (t) => {
    const { url } = await reachable(t);
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((one) => one?.internal === false && one.family === "IPv4");
    if (outside === undefined) return t.skip("this machine has no address that others could use");
    const { port } = new URL(url);
    const sockets = Array.from({ length: 300 }, () => connect(Number(port), outside.address).on("error", () => {}));
    const closed = new Promise<void>((done) => {
      let count = 0;
      for (const socket of sockets) socket.on("close", () => ++count === 50 && done());
    });
    t.after(() => sockets.forEach((socket) => socket.destroy()));
    await closed;
    assert.equal((await fetch(`${url}api/health`)).status, 200);
    for (const socket of sockets) socket.destroy();
    // Closed connections no longer count.
    for (;;) {
      const reply = await fetch(`http://${outside.address}:${port}/api/health`).catch(() => null);
      if (reply?.status === 200) break;
      await sleep(20);
    }
  });

  test("counts only invalid keys as guesses, not clients that leave early or stay long", async (t) => {
    const { ask, directory, url } = await reachable(t, { protects: "all" });
    const authorization = `Bearer ${await addKey(directory, "Ada")}`;
    for (let i = 0; i < 25; i++) {
      const gone = new AbortController();
      await fetch(`${url}api/events`, { headers: { authorization }, signal: gone.signal });
      gone.abort();
    }
    for (let i = 0; i < 25; i++) problemIn(await ask("api/status"), 401);
    assert.equal((await ask("api/status", { authorization })).status, 200);
  });
});

test("requests from this machine need no key, unless configured so", async (t) => {
  const free = await reachable(t, { host: "127.0.0.1" });
  assert.equal((await free.ask("api/lists/peas", {}, "PUT")).status, 204);
  const { ask } = await reachable(t, { host: "127.0.0.1", protects: "writes" });
  problemIn(await ask("api/lists/peas", {}, "PUT"), 401);
});

test("a running export ends when its key is removed", async (t) => {
  const { ask, directory, url } = await reachable(t, { host: "127.0.0.1", protects: "all" });
  const headers = { authorization: `Bearer ${await addKey(directory, "Ada")}` };
  // More than the buffers between two programs hold.
  const papers = Array.from({ length: 80 }, (_, i) => ({
    id: `long ${i}`,
    title: "Long",
    abstract: "x".repeat(199_000),
  }));
  assert.equal((await ask("api/papers", headers, "POST", jsonLines(...papers))).status, 200);
  const socket = await connected(url);
  socket.on("error", () => {});
  socket.write(`GET /api/export HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${headers.authorization}\r\n\r\n`);
  await once(socket, "readable");
  await removeKey(directory, "Ada");
  const other = { authorization: `Bearer ${await addKey(directory, "Bob")}` };
  const running = async () =>
    /^kindred_lane_running\{lane="exports"\} (\d+)$/m.exec((await ask("metrics", other)).text)?.[1];
  while ((await running()) !== "0") await sleep(50);
  let text = "";
  socket.on("data", (chunk) => (text += String(chunk)));
  await once(socket, "close");
  assert.match(text, /^HTTP\/1\.1 200 /);
  assert.doesNotMatch(text, /\r\n0\r\n\r\n$/, "nobody takes the half for the whole");
});
