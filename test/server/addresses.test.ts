/** An address means the same whatever an id or a list's name contains, and whatever proxy is in between. */
import "../tiny.js";
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { listsAnswerSchema } from "../../src/api.js";
import { createLogger } from "../../src/server/log.js";
import { serve, type Serving } from "../../src/server/serve.js";
import { segmentOf } from "../../src/core/segment.js";
import { Lists } from "../../src/store/lists.js";
import { openDatabase } from "../../src/store/database.js";
import { HARD } from "../../scripts/fuzz/hard.js";
import { askPlainly } from "./plain.js";
import { decodingProxy } from "./proxy.js";
import { connected, raw } from "./raw.js";
import { bytesOf, jsonLines, parsed, problemIn, servedSample } from "./serving.js";

const JSON_TYPE = { "content-type": "application/json" };
let ids: string[] = [];
const served = servedSample(async (kindred) => {
  const records = HARD.map((id, i) => ({ id, title: `Address ${i}`, source: "hard" }));
  await kindred.import(bytesOf(jsonLines(...records)));
  ids = (await kindred.browse({ source: ["hard"], limit: 200 })).papers.map(({ id }) => id);
  assert.ok(ids.length > 40 && ids.includes("..") && ids.includes("../../mine"), String(ids.length));
  const database = openDatabase(kindred.directory);
  const lists = new Lists(database);
  // A library of an earlier version may have lists with such names.
  for (const name of HARD.filter((one) => one.length <= 200 && one.trim() !== "")) lists.create(name);
  database.close();
});
const lists = async () => parsed(listsAnswerSchema, await served.ask("api/lists")).lists;
const idsIn = async (name: string) => (await lists()).find((list) => list.name === name)?.ids;

/** Performs every operation on a paper by its id, and checks that it affects that paper only. */
async function everything(base: string, id: string): Promise<void> {
  const paper = `${base}api/papers/${segmentOf(id)}`;
  const entry = `${base}api/lists/mine/papers/${segmentOf(id)}`;
  const send = async (method: string, url: string, body?: string) => {
    const init = body === undefined ? { method } : { method, body, headers: JSON_TYPE };
    const response = await fetch(url, init);
    assert.equal(response.status, 204, `${method} ${url.slice(0, 200)}: ${await response.text()}`);
  };
  const before = await lists();
  assert.equal(((await (await fetch(paper)).json()) as { paper: { id: string } }).paper.id, id);
  for (const path of ["related", "neighbourhood", "cite"])
    assert.equal((await fetch(`${paper}/${path}`)).status, 200, path);
  await send("PUT", `${paper}/note`, '{"note":"seen"}');
  await send("PUT", entry);
  assert.deepEqual(await idsIn("mine"), [id]);
  await send("DELETE", entry);
  await send("PUT", `${paper}/note`, '{"note":""}');
  assert.deepEqual(await lists(), before);
}

describe("an id of any characters", () => {
  before(async () => void (await served.ask("api/lists/mine", { method: "PUT" })));

  test("works for reading, notes, and adding to and removing from a list", async () => {
    // The proxy test, which is harder, uses all of them.
    for (const id of ids.filter((one, i) => i % 4 === 0 || /^[./%]+$/.test(one.slice(0, 10))))
      await everything(served.serving.url, id);
  });

  test("works through a proxy that decodes and resolves addresses", async (t) => {
    const proxy = await decodingProxy(t, served.serving.url);
    for (const id of ids) await everything(proxy.url, id);
    assert.ok(proxy.passed.every((line) => /^\w+ \/api\/(papers|lists\/mine\/papers)\/[\w.:-]+(\/\w+)?$/.test(line)));
  });

  test("may be percent-encoded as in earlier versions, also with unencoded slashes", async () => {
    const url = new URL(served.serving.url);
    for (const id of ids.filter((one) => !one.startsWith("base64url:"))) {
      const encoded = encodeURIComponent(id);
      // fetch and URL would resolve the dots.
      const path = `/api/papers/${encoded}`;
      const { status, text } = await raw(
        served.serving.url,
        `GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`,
      );
      assert.equal(status, 200, id.slice(0, 100));
      assert.ok(text.includes(JSON.stringify(id)), id.slice(0, 100));
    }
    for (const id of ["arxiv:math/0409470", "DBLP:conf/nips/VasSPUJ17"])
      for (const path of ["", "/related", "/neighbourhood", "/cite"])
        assert.equal((await served.ask(`api/papers/${id}${path}`)).status, 200, id + path);
    const entry = "api/lists/mine/papers/DBLP:conf/nips/VasSPUJ17";
    assert.equal((await served.ask(entry, { method: "PUT" })).status, 204);
    assert.deepEqual(await idsIn("mine"), ["DBLP:conf/nips/VasSPUJ17"]);
    assert.equal((await served.ask(entry, { method: "DELETE" })).status, 204);
  });

  test("removes only its paper", async () => {
    const papers = (await served.status()).papers;
    for (const [i, id] of ids.entries()) {
      if ((i % 5 !== 0 && id !== "..") || id.length >= 2_000) continue;
      await served.import(jsonLines({ id: `${id}!`, title: `To be removed ${i}` }));
      assert.equal((await served.ask(`api/papers/${segmentOf(`${id}!`)}`, { method: "DELETE" })).status, 204);
      assert.equal((await served.status()).papers, papers);
    }
  });
});

describe("a list's name", () => {
  test("leads nowhere else: papers are added to and removed from the right list, also through a proxy", async (t) => {
    const proxy = await decodingProxy(t, served.serving.url);
    const own = (await lists()).map(({ name }) => name).filter((name) => name !== "likes" && name !== "dislikes");
    assert.ok(own.length > 40 && own.includes(".."));
    const entry = (base: string, name: string) =>
      `${base}api/lists/${segmentOf(name)}/papers/shannon-1948-communication`;
    const { papers } = await served.status();
    for (const name of own) {
      const before = await lists();
      assert.equal((await fetch(entry(proxy.url, name), { method: "PUT" })).status, 204, name);
      const inside = (await lists()).filter(({ ids }) => ids.includes("shannon-1948-communication"));
      assert.deepEqual(
        inside.map((list) => list.name),
        [name],
      );
      assert.equal((await fetch(entry(served.serving.url, name), { method: "DELETE" })).status, 204, name);
      assert.deepEqual(await lists(), before);
    }
    assert.equal((await served.status()).papers, papers);
  });

  test("of an earlier version can be changed, and the list deleted", async () => {
    for (const name of [".", "..", "a\r\nb"]) {
      const path = `api/lists/${segmentOf(name)}`;
      const patched = await served.ask(path, { method: "PATCH", body: '{"name":"better"}', headers: JSON_TYPE });
      assert.equal(patched.status, 204, patched.text);
      assert.equal((await served.ask("api/lists/better", { method: "DELETE" })).status, 204);
      assert.equal(await idsIn(name), undefined);
    }
  });

  test("is refused if it would lead elsewhere or has invisible characters", async () => {
    for (const name of [".", "..", " .. ", "a\0b", "a\r\nb", "a\u007f", "a\u2028b", "a\u202eb", "a\u2066b"]) {
      const made = await served.ask(`api/lists/${segmentOf(name)}`, { method: "PUT" });
      assert.match(problemIn(made, 400).detail, /^list: expected .*, got "/s, name);
    }
    await served.ask("api/lists/tmp", { method: "PUT" });
    for (const name of [".", "..", "a\0b", "\ud800"]) {
      const body = JSON.stringify({ name });
      assert.equal(
        problemIn(await served.ask("api/lists/tmp", { method: "PATCH", body, headers: JSON_TYPE }), 400).parameter,
        "name",
      );
    }
    const { status } = await raw(
      served.serving.url,
      `PUT /api/lists/%2e%2e HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`,
    );
    assert.equal(status, 400);
  });
});

test("an address that resolves to a parent path, or ends in a slash, does not reach another route", async () => {
  await served.ask("api/lists/safe", { method: "PUT" });
  const before = [await lists(), (await served.status()).papers];
  for (const [method, path] of [
    ["DELETE", "api/lists/safe/papers/.."],
    ["DELETE", "api/lists/safe/"],
    ["PUT", "api/lists/safe/papers/.."],
    ["PUT", "api/lists/safe/"],
    ["PUT", "api/lists/new/"],
    ["PUT", "api/lists/safe/papers/."],
    ["PUT", "api/lists/safe/papers/%2e%2e"],
    ["DELETE", "api/lists/safe/papers/"],
    ["GET", "api/papers/"],
    ["GET", "api/papers/."],
    ["GET", "api/status/"],
    ["GET", "api/lists/"],
    ["GET", "api/search/?q=a"],
    ["POST", "api/imports/1/undo/"],
    ["GET", "metrics/"],
  ] as const)
    problemIn(await served.ask(path, { method }), 404);
  assert.deepEqual([await lists(), (await served.status()).papers], before);
});

test("an import's number has only one spelling", async () => {
  await served.import(jsonLines({ id: "kept", title: "Kept" }));
  for (const number of ["1e0", "01", "+1", "-1", "0", "1.0", "0x1", "%201", "1%20", "", "1e999", "9".repeat(16)])
    assert.ok([400, 404].includes((await served.ask(`api/imports/${number}/undo`, { method: "POST" })).status), number);
  assert.equal((await served.ask("api/papers/kept")).status, 200);
  for (const query of ["limit=1e1", "limit=0x10", "limit=+5"])
    assert.equal(problemIn(await served.ask(`api/papers?${query}`), 400).parameter, "limit");
});

test("a segment with invalid base64url is refused with a reason", async () => {
  const { detail } = problemIn(await served.ask("api/papers/base64url:*"), 400);
  assert.match(detail, /got "base64url:\*", expected the UTF-8 bytes of an id or a name in base64url/);
});

describe("HTTP that few clients speak", () => {
  test("HEAD of events ends, and the next request on its connection is answered", async () => {
    const head = "HTTP/1.1\r\nHost: 127.0.0.1";
    const { status, headers, text } = await raw(
      served.serving.url,
      `HEAD /api/events ${head}\r\n\r\nGET /api/health ${head}\r\nConnection: close\r\n\r\n`,
    );
    assert.equal(status, 200);
    assert.match(headers.get("content-type") ?? "", /^text\/event-stream/);
    assert.match(text, /^HTTP\/1\.1 200 OK[^]*{"status":"alive"}$/);
  });

  test("events tell proxies not to buffer", async () => {
    const gone = new AbortController();
    const { headers } = await fetch(`${served.serving.url}api/events`, { signal: gone.signal });
    assert.equal(headers.get("x-accel-buffering"), "no");
    gone.abort();
  });

  test("a connection without a request that is never closed is dropped", async () => {
    const socket = await connected(served.serving.url, true);
    socket.write("what is no HTTP\r\n\r\n");
    let told = "";
    socket.on("data", (chunk) => (told += String(chunk)));
    // Until the other side has closed and reports it.
    const writing = setInterval(() => socket.write("x"), 50);
    await once(socket, "close").catch(() => {});
    clearInterval(writing);
    assert.match(told, /^HTTP\/1\.1 400 /);
    socket.destroy();
  });
});

describe("a page behind a proxy", () => {
  let behind: Serving;
  before(async () => {
    const log = createLogger("error", { write: (line) => assert.fail(line) });
    const options = { host: "127.0.0.1", port: 0, allowedHosts: ["lab.example"], protects: "nothing", log } as const;
    behind = await serve(served.kindred, options);
  });
  after(() => behind.close());

  test("can make changes although the proxy sends its own Host", async (t) => {
    const proxy = await decodingProxy(t, behind.url);
    const origin = { host: "lab.example", origin: "https://lab.example", "sec-fetch-site": "same-origin" };
    for (const path of ["api/lists/behind", "api/lists/behind/papers/DBLP:conf%2Fnips%2FVasSPUJ17"])
      assert.equal((await askPlainly(new URL(path, proxy.url), origin, "PUT")).status, 204, path);
    assert.deepEqual(await idsIn("behind"), ["DBLP:conf/nips/VasSPUJ17"]);
    const other = { ...origin, origin: "https://evil.example" };
    problemIn(await askPlainly(new URL("api/lists/behind", proxy.url), other, "DELETE"), 403);
  });
});
