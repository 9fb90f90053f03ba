/** A server that others can reach: by which names it is asked, what needs a key, and how often one may ask. */
import assert from "node:assert/strict";
import { hostname } from "node:os";
import { describe, test, type TestContext } from "node:test";
import { KindredError } from "../../src/errors.js";
import { addKey, removeKey } from "../../src/keys.js";
import { openKindred } from "../../src/kindred.js";
import { createLogger } from "../../src/server/log.js";
import { serve, type ServeOptions } from "../../src/server/serve.js";
import { sampleDirectory } from "../sample.js";
import { askPlainly } from "./plain.js";
import { jsonLines, problemIn, type Reply } from "./serving.js";

type Ask = (path: string, headers?: Record<string, string>, method?: string, body?: string) => Promise<Reply>;

async function reachable(
  t: TestContext,
  options: Partial<ServeOptions> = {},
): Promise<{ ask: Ask; directory: string; url: string }> {
  const directory = await sampleDirectory(t);
  const kindred = await openKindred({ directory, workers: 1 });
  const log = createLogger("error", { write: (line) => assert.fail(line) });
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
  ["GET", "api/map"],
  ["GET", "api/status"],
  ["GET", "metrics"],
];
/** What nobody needs a key for: nothing of the papers is in it. */
const OPEN = ["", "api/health", "api/openapi.json"];

describe("a server that others can reach", () => {
  test("needs a key for whatever changes something, and for nothing else", async (t) => {
    const { ask, directory } = await reachable(t);
    for (const [method, path, headers, body] of WRITES) {
      const problem = problemIn(await ask(path, headers, method, body), 401);
      assert.match(problem.detail, /^this needs a key: send one that "kindred key add NAME"/);
    }
    const authorization = `Bearer ${await addKey(directory, "Ada")}`;
    for (const [method, path, headers, body] of WRITES) {
      const { status, text } = await ask(path, { ...headers, authorization }, method, body);
      // There is no such import.
      assert.ok(status === 200 || status === 204 || path.endsWith("undo"), `${method} ${path}: ${status} ${text}`);
    }
    for (const [method, path, headers, body] of READS)
      assert.equal((await ask(path, headers, method, body)).status, 200, path);
    for (const path of OPEN) assert.equal((await ask(path)).status, 200, path);
    await removeKey(directory, "Ada");
    problemIn(await ask("api/lists/peas", { authorization }, "PUT"), 401);
  });

  test("needs one for reading too where it is told so", async (t) => {
    const { ask, directory } = await reachable(t, { protects: "all" });
    const authorization = `Bearer ${await addKey(directory, "Ada")}`;
    for (const [method, path, headers, body] of READS) {
      problemIn(await ask(path, headers, method, body), 401);
      assert.equal((await ask(path, { ...headers, authorization }, method, body)).status, 200, path);
    }
    problemIn(await ask("api/events"), 401);
    for (const path of OPEN) assert.equal((await ask(path)).status, 200, path);
  });

  test("shows a browser nothing of a key that it keeps, but takes it", async (t) => {
    const { ask, directory } = await reachable(t, { protects: "all" });
    const key = await addKey(directory, "Ada");
    problemIn(await ask("api/session", {}, "POST"), 401);
    problemIn(await ask("api/session", { authorization: "Bearer kindred_no" }, "POST"), 401);
    const kept = await ask("api/session", { authorization: `Bearer ${key}` }, "POST");
    assert.equal(kept.status, 204);
    const cookie = kept.headers.get("set-cookie") ?? "";
    assert.match(cookie, /^kindred_key=kindred_[\w-]+; .*Path=\/;.*HttpOnly; SameSite=Strict/);
    assert.equal((await ask("api/status", { cookie: cookie.split(";")[0]! })).status, 200);
    assert.equal((await ask("api/status", { cookie: `a=b; ${cookie.split(";")[0]}; c=d` })).status, 200);
    problemIn(await ask("api/status", { cookie: "kindred_key=kindred_no" }), 401);
    const forgotten = await ask("api/session", {}, "DELETE");
    assert.match(forgotten.headers.get("set-cookie") ?? "", /^kindred_key=;.*Expires=Thu, 01 Jan 1970/);
  });

  test("is not to be had without any", async (t) => {
    const kindred = await openKindred({ directory: await sampleDirectory(t) });
    t.after(() => kindred.close());
    await assert.rejects(
      serve(kindred, { host: "0.0.0.0", port: 0, protects: "nothing" }),
      (error) => error instanceof KindredError && /could change papers/.test(error.message),
    );
  });

  test("answers to addresses, its own name and those that are allowed, and to no other", async (t) => {
    const { ask } = await reachable(t, { allowedHosts: ["Papers.example"] });
    for (const host of ["10.1.2.3", "192.168.0.7:3000", "[fe80::1]:80", "localhost", "papers.EXAMPLE:443", hostname()])
      assert.equal((await ask("api/status", { host })).status, 200, host);
    for (const host of ["evil.example", "papers.example.evil.example", "1.2.3.4.evil.example", "[evil]", "x"])
      assert.match(problemIn(await ask("api/status", { host }), 403).detail, /--allow-host/);
  });

  test("tells who asks too often when to ask again, but not who looks whether it is alive", async (t) => {
    const { ask } = await reachable(t, { perMinute: 5 });
    const another = (i: number) => ({ "x-forwarded-for": `10.0.0.${i}`, forwarded: `for=10.0.0.${i}` });
    for (let i = 0; i < 5; i++) assert.equal((await ask("api/status", another(i))).status, 200);
    const refused = await ask("api/status", another(6));
    assert.match(problemIn(refused, 429).detail, /more than 5 requests in a minute/);
    assert.ok(Number(refused.headers.get("retry-after")) > 0);
    for (let i = 0; i < 5; i++) assert.equal((await ask("api/health")).status, 200);
  });

  test("takes no more guesses of a key after twenty in a minute, right or wrong", async (t) => {
    const { ask, directory } = await reachable(t);
    const authorization = `Bearer ${await addKey(directory, "Ada")}`;
    for (let i = 0; i < 20; i++) problemIn(await ask("api/lists/x", { authorization: `Bearer guess${i}` }, "PUT"), 401);
    problemIn(await ask("api/lists/x", { authorization }, "PUT"), 429);
    assert.equal((await ask("api/search?q=peas")).status, 200, "what needs no key is not in question");
  });

  test("takes nothing for a guess but a key that is none, whoever leaves or stays long", async (t) => {
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

test("this machine alone needs no key, unless the server is told so", async (t) => {
  const free = await reachable(t, { host: "127.0.0.1" });
  assert.equal((await free.ask("api/lists/peas", {}, "PUT")).status, 204);
  const { ask } = await reachable(t, { host: "127.0.0.1", protects: "writes" });
  problemIn(await ask("api/lists/peas", {}, "PUT"), 401);
});
