/** What protects /mcp, and what happens when a client goes away. */
import "../tiny.js";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { commandLine } from "../../src/cli/program.js";
import { ROOT } from "../../src/core/root.js";
import { openKindred, type Kindred, type OpenOptions } from "../../src/kindred.js";
import { addKey } from "../../src/server/keys.js";
import { createLogger } from "../../src/server/log.js";
import { serve, type ServeOptions } from "../../src/server/serve.js";
import { collect, start } from "../cli/command.js";
import { sampleDirectory, temporaryDirectory } from "../sample.js";
import { askPlainly } from "../server/plain.js";
import { Everywhere, feedOf } from "../sources/services.js";
import { call, overHttp } from "../../scripts/common/assistant.js";

/** Tests that have ended: their folders are removed before their servers close, and the servers report that. */
const over = new WeakSet<TestContext>();

async function served(t: TestContext, options: Partial<ServeOptions>, opening: OpenOptions = {}) {
  t.after(() => over.add(t));
  const directory = opening.directory ?? (await sampleDirectory(t));
  const kindred: Kindred = await openKindred({ workers: 1, ...opening, directory });
  const log = createLogger("error", { write: (line) => over.has(t) || assert.fail(line) });
  const serving = await serve(kindred, { host: "127.0.0.1", port: 0, log, ...options });
  t.after(async () => {
    await serving.close();
    await kindred.close();
  });
  return { kindred, directory, url: serving.url.replace("0.0.0.0", "127.0.0.1") };
}

const JSON_HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const LIST = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} });

describe("a request at /mcp", () => {
  test("passes the checks of every request", async (t) => {
    const { url } = await served(t, { perMinute: 9 });
    const post = (headers: Record<string, string>, body = LIST) =>
      askPlainly(new URL("mcp", url), { ...JSON_HEADERS, ...headers }, "POST", body);
    const right = await post({});
    assert.equal(right.status, 200, right.text);
    assert.match(right.text, /search_papers/);
    for (const [name, value, status] of [
      ["host", "evil.example", 403],
      ["origin", "https://evil.example", 403],
      ["sec-fetch-site", "cross-site", 403],
      ["content-type", "text/plain", 415],
      ["accept", "text/html", 406],
    ] as const)
      assert.equal((await post({ [name]: value })).status, status, name);
    const batch = await post({}, `[${LIST}]`);
    assert.equal(batch.status, 400);
    assert.match(batch.text, /several messages, expected one/);
    assert.equal((await post({}, "{")).status, 400);
    assert.equal((await post({}, "[".repeat(10_000))).status, 400);
    const get = await askPlainly(new URL("mcp", url), JSON_HEADERS);
    assert.deepEqual([get.status, get.headers.get("allow")], [405, "POST"]);
    const statuses: number[] = [];
    for (let i = 0; i < 9; i++) statuses.push((await post({})).status);
    assert.equal(statuses.at(-1), 429);
  });

  test("needs a key where others can reach the server: for changes, or for everything", async (t) => {
    const writes = await served(t, { host: "0.0.0.0", protects: "writes" });
    const { directory } = writes;
    const key = await addKey(directory, "assistant");
    const names = async (client: Awaited<ReturnType<typeof overHttp>>) =>
      (await client.listTools()).tools.map(({ name }) => name);
    const [with_, wrong] = [key, "wrong"].map((one) => ({ headers: { authorization: `Bearer ${one}` } }));
    const reader = await overHttp(writes.url);
    assert.ok(!(await names(reader)).includes("add_to_list"));
    assert.match(reader.getInstructions() ?? "", /may only read/);
    await assert.rejects(call(reader, "add_to_list", { list: "x", ids: ["doll-1950-smoking"] }), /unknown tool/);
    const writer = await overHttp(writes.url, with_);
    assert.ok((await names(writer)).includes("add_papers"));
    const added = await call(writer, "add_to_list", { list: "thesis", ids: ["doll-1950-smoking"] });
    assert.ok(!added.isError, added.text);
    await assert.rejects(overHttp(writes.url, { version: "legacy", ...wrong }), /401|Unauthorized|unknown key/);
    const all = await served(t, { host: "0.0.0.0", protects: "all" }, { directory });
    const refused = await askPlainly(new URL("mcp", all.url), JSON_HEADERS, "POST", LIST);
    assert.deepEqual([refused.status, /kindred key add/.test(refused.text)], [401, true]);
    assert.ok((await names(await overHttp(all.url, with_))).includes("search_papers"));
  });
});

test("papers are added with progress; when the client goes away, its question ends, and nothing is imported", async (t) => {
  const waiting: ServerResponse[] = [];
  const services = await Everywhere.start(t, {
    arxiv: ({ query }) =>
      query.get("id_list") === "2401.00001"
        ? { body: feedOf([{ id: "2401.00001", title: "Tides" }]) }
        : (response) => void waiting.push(response),
  });
  const { kindred, url } = await served(t, {}, { directory: temporaryDirectory(t), services: services.bases });
  for (const version of ["legacy", "auto"] as const) {
    const client = await overHttp(url, { version });
    const steps: number[] = [];
    const first = await client.callTool(
      { name: "add_papers", arguments: { identifiers: ["2401.00001"] } },
      { onprogress: ({ progress }) => void steps.push(progress) },
    );
    assert.equal((first.structuredContent as { added: number }).added, version === "legacy" ? 1 : 0);
    assert.equal(steps.at(-1), version === "legacy" ? 1 : undefined);
    const stop = new AbortController();
    const second = client.callTool(
      { name: "add_papers", arguments: { identifiers: ["2401.00002"] } },
      { signal: stop.signal },
    );
    for (let i = 0; i < 600 && waiting.length === 0; i++) await sleep(20);
    const response = waiting.pop();
    assert.ok(response !== undefined, "the service was not asked");
    stop.abort();
    await assert.rejects(second);
    // The service sees that nobody waits for its answer any more.
    if (!response.closed) await once(response, "close");
    assert.equal((await kindred.status()).papers, 1);
  }
});

describe("kindred mcp", () => {
  test("writes nothing but the protocol to standard output, and ends with its input", async (t) => {
    const child = start(["mcp", "--directory", await sampleDirectory(t)]);
    const ended = collect(child);
    const answers = createInterface({ input: child.stdout! });
    const initialize = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } };
    const ask = { name: "search_papers", arguments: { query: "tides" } };
    child.stdin!.write(
      [
        "this is no JSON",
        JSON.stringify({ jsonrpc: "1.0" }),
        JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: initialize }),
        JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }),
        JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/call", params: ask }),
        "",
      ].join("\n"),
    );
    for await (const line of answers) if ((JSON.parse(line) as { id?: number }).id === 2) break;
    child.stdin!.end();
    const { code, stdout, stderr } = await ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^kindred: .{10,300}\n$/);
    for (const line of stdout.trimEnd().split("\n"))
      assert.equal((JSON.parse(line) as { jsonrpc: string }).jsonrpc, "2.0", line);
  });

  test("ends when the assistant that started it is killed", async (t) => {
    const parent = spawn(process.execPath, [
      join(ROOT, "dist", "test", "mcp", "parent-child.js"),
      await sampleDirectory(t),
    ]);
    const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as [string];
    const pid = Number(line);
    t.after(() => {
      if (runs(pid)) process.kill(pid, "SIGKILL");
    });
    assert.ok(runs(pid));
    parent.kill("SIGKILL");
    for (let i = 0; i < 600 && runs(pid); i++) await sleep(50);
    assert.ok(!runs(pid), "it still runs");
  });

  test("refuses a directory without papers, unless it may add some", async (t) => {
    const directory = temporaryDirectory(t);
    await assert.rejects(commandLine().parseAsync(["node", "kindred", "mcp", "--directory", directory]), {
      code: "not-found",
    });
  });
});

/** Whether a process exists. */
function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
