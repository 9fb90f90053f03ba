/** Nothing leaves the machine: without a source, no process of Kindred connects to another, or asks for a name. */
import "./tiny.js";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { ROOT } from "../src/core/root.js";
import { collect, kindred, start } from "./cli/command.js";
import { SAMPLE, temporaryDirectory } from "./sample.js";

/** The environment in which connections are refused, and a way to see which were tried. */
function refusing(t: TestContext): { env: { NODE_OPTIONS: string }; tried: () => string[] } {
  const log = join(temporaryDirectory(t), "connections");
  const guard = pathToFileURL(join(ROOT, "dist", "test", "no-network.js"));
  guard.searchParams.set("log", log);
  return {
    env: { NODE_OPTIONS: `--import ${guard.href}` },
    tried: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []),
  };
}

test("connections and lookups are noticed, also in threads", async (t) => {
  const { env, tried } = refusing(t);
  const program = `
    import { lookup } from "node:dns";
    import net from "node:net";
    import { Worker } from "node:worker_threads";
    const swallow = (work) => { try { work()?.on?.("error", () => {}); } catch {} };
    swallow(() => net.connect(80, "192.0.2.1"));
    swallow(() => net.connect({ host: "192.0.2.2", port: 80 }));
    swallow(() => lookup("one.example", () => {}));
    await fetch("http://two.example").catch(() => {});
    const thread = new Worker(new URL("data:text/javascript,import net from 'node:net'; net.connect(80, '192.0.2.3')"));
    await new Promise((ended) => thread.on("error", ended));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { env: { ...process.env, ...env } });
  assert.deepEqual((await collect(child)).code, 0);
  const all = tried().join("\n");
  for (const what of ["192.0.2.1", "192.0.2.2", "192.0.2.3", "one.example", "two.example"])
    assert.ok(all.includes(what), `${what} in ${all}`);
});

test("importing, embedding, searching and serving connect to no other machine", async (t) => {
  const { env, tried } = refusing(t);
  const directory = temporaryDirectory(t);
  for (const words of [
    ["import", SAMPLE, "--workers", "1"],
    ["search", "neural networks", "--json"],
    ["add", "10.1109/TIT.1976.1055638", "arXiv:1706.03762", "--json"],
    ["status", "--json"],
    ["verify"],
  ])
    assert.equal((await kindred([...words, "-d", directory], { env })).code, 0, words.join(" "));
  const server = start(["serve", "--port", "0", "-d", directory], { env });
  t.after(() => server.kill("SIGKILL"));
  const ended = collect(server);
  const address = await new Promise<string>((resolve) => {
    let said = "";
    const hear = (text: string): void => {
      said += text;
      const found = /http:\/\/[\w.:[\]]+/.exec(said)?.[0];
      if (found !== undefined) resolve(found);
    };
    server.stdout?.on("data", hear);
    server.stderr?.on("data", hear);
  });
  for (const path of ["/", "/api/search?q=attention", "/api/status"])
    assert.equal((await fetch(new URL(path, address))).status, 200, path);
  server.kill("SIGTERM");
  await ended;
  assert.deepEqual(tried(), []);
});

test("a paper that is not here is asked of the services for its identifier, and of no other host", async (t) => {
  const { env, tried } = refusing(t);
  const directory = temporaryDirectory(t);
  const { code, stdout } = await kindred(["add", "10.1000/tides", "--json", "-d", directory], { env });
  const [{ outcome, reason }] = (JSON.parse(stdout) as { identifiers: [{ outcome: string; reason: string }] })
    .identifiers;
  assert.deepEqual([code, outcome], [1, "failed"]);
  assert.match(reason, /^api\.crossref\.org .*given up after 3 tries/);
  const all = tried();
  assert.ok(all.length > 0 && all.every((one) => one.includes("api.crossref.org")), all.join(", "));
});
