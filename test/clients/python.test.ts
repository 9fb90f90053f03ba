/** The Python client: its generated part is up to date, and its own tests pass against a real server. */
import "../tiny.js";
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { GENERATED, pythonClient } from "../../scripts/build/python-client.js";
import { ROOT } from "../../src/core/root.js";
import { VERSION } from "../../src/core/version.js";
import { openApi } from "../../src/server/openapi.js";
import { addKey } from "../../src/server/keys.js";
import { serve } from "../../src/server/serve.js";
import { collect } from "../cli/command.js";
import { temporaryDirectory } from "../sample.js";
import { decodingProxy } from "../server/proxy.js";
import { servedSample } from "../server/serving.js";

const CLIENT = join(ROOT, "clients", "python");
const served = servedSample();

test("its types and methods are those of the OpenAPI document", () => {
  assert.equal(
    readFileSync(GENERATED, "utf8"),
    pythonClient(openApi()),
    `stale: run "node dist/scripts/build/python-client.js" and commit what it writes`,
  );
});

test("it has the version of Kindred", () => {
  assert.match(readFileSync(join(CLIENT, "pyproject.toml"), "utf8"), new RegExp(`^version = "${VERSION}"$`, "m"));
});

/**
 * The Python of a virtual environment with the client, as pip installs it from its folder, pandas and mypy. Kept until the client or
 * the Python changes.
 *
 * @returns A sentence where that is not possible on this machine.
 */
function installed(): { python: string } | { missing: string } {
  const run = (command: string, ...words: string[]): string | null => {
    const { status, stdout, stderr } = spawnSync(command, words, {
      encoding: "utf8",
      env: { ...process.env, PYTHONPATH: "" },
    });
    if (status === 0) return stdout;
    why = `${command} ${words.slice(0, 3).join(" ")} failed: ${stderr ?? "no such program"}`;
    return null;
  };
  let why = "";
  const version = run("python3", "-c", "import sys; print(sys.version); assert sys.version_info >= (3, 10)");
  if (version === null) return { missing: `Python 3.10 or later is needed: ${why}` };
  const sources = join(CLIENT, "src", "kindred_client");
  const hash = createHash("sha256").update(version);
  for (const path of [
    join(CLIENT, "pyproject.toml"),
    ...readdirSync(sources)
      .filter((name) => /\.(py|typed)$/.test(name))
      .map((name) => join(sources, name)),
  ])
    hash.update(path).update(readFileSync(path));
  const environment = join(ROOT, "node_modules", ".cache", "python-client");
  const python = join(environment, "bin", "python");
  const stamp = join(environment, "stamp");
  const wanted = hash.digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return { python };
  rmSync(environment, { recursive: true, force: true });
  const pip = "-m pip --quiet --no-input --disable-pip-version-check --retries 0".split(" ");
  const ready =
    run("python3", "-m", "venv", "--without-pip", environment) !== null &&
    run(
      "python3",
      ...pip,
      "--python",
      python,
      "install",
      "--no-compile",
      "--only-binary=numpy,pandas,mypy",
      `${CLIENT}[pandas]`,
      "mypy",
    ) !== null;
  if (!ready) return { missing: why };
  writeFileSync(stamp, wanted);
  return { python };
}

/** A server in front of Kindred that answers as busy servers, proxies and wrong addresses do. */
async function front(t: TestContext, upstream: string): Promise<string> {
  /** When each busy path has room. */
  const free = new Map<string, number>();
  const freeAt = (name: string): number => free.get(name) ?? free.set(name, performance.now() + 950).get(name)!;
  const refuse = (response: ServerResponse, status: number, seconds: number, detail: string): void =>
    void response
      .writeHead(status, { "content-type": "application/problem+json; charset=utf-8", "retry-after": String(seconds) })
      .end(JSON.stringify({ type: "about:blank", title: "Refused", status, detail }));
  const server = createServer((request, response) => {
    const [, name = "", rest = ""] = /^\/([\w-]+)\/(.*)$/.exec(request.url ?? "") ?? [];
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      if (name === "full") refuse(response, 429, 3_600, "got more than 5 requests in a minute: wait");
      else if (name === "page") response.writeHead(200, { "content-type": "text/html" }).end("<p>Welcome");
      else if (name === "moved") response.writeHead(301, { location: "https://lab.example/" }).end();
      else if (name === "broken") response.writeHead(502, { "content-type": "text/html" }).end("<p>Bad gateway");
      else if (name === "silent") return;
      else if (name.startsWith("busy") && performance.now() < freeAt(name)) refuse(response, 503, 1, "no room");
      else
        void fetch(upstream + rest, {
          method: request.method ?? "GET",
          headers: { "content-type": request.headers["content-type"] ?? "application/x-ndjson" },
          ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
        }).then(async (answer) => {
          const text = await answer.text();
          response
            .writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" })
            .end(name === "unfinished" ? text.replace(/"pending":\d+/, '"pending":7') : text);
        });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test("its tests pass, and its types hold", async (t) => {
  const client = installed();
  if ("missing" in client) {
    t.diagnostic(`THE PYTHON CLIENT IS NOT TESTED. ${client.missing}`);
    t.skip(client.missing);
    return;
  }
  const key = await addKey(served.directory, "python");
  const guarded = await serve(served.kindred, { host: "127.0.0.1", port: 0, protects: "all" });
  t.after(() => guarded.close());
  const unused = createServer().listen(0, "127.0.0.1");
  await once(unused, "listening");
  const { port } = unused.address() as AddressInfo;
  unused.close();
  const addresses = {
    plain: served.serving.url,
    prefixed: (await decodingProxy(t, served.serving.url)).url,
    front: await front(t, served.serving.url),
    protected: guarded.url,
    key,
    nobody: `http://127.0.0.1:${port}/`,
  };
  const env = { ...process.env, PYTHONPATH: "", ADDRESSES: JSON.stringify(addresses), SCRATCH: temporaryDirectory(t) };
  const run = (...words: string[]) => collect(spawn(client.python, words, { cwd: CLIENT, env }));
  const tested = await run("-m", "unittest", "discover", "--start-directory", "tests");
  assert.equal(tested.code, 0, tested.stdout + tested.stderr);
  assert.match(tested.stderr, /^Ran \d\d tests/m);
  const cache = join(ROOT, "node_modules", ".cache", "mypy-python-client");
  const typed = await run("-m", "mypy", "--cache-dir", cache, "src", "tests");
  assert.equal(typed.code, 0, typed.stdout + typed.stderr);
});
