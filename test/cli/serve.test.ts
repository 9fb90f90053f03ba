import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test, type TestContext } from "node:test";
import { answerSchema, statusSchema } from "../../src/api.js";
import { sampleDirectory, temporaryDirectory } from "../sample.js";
import { collect, kindred, start, type Ended } from "./command.js";

type Running = { url: string; stop: (signal: NodeJS.Signals) => Promise<Ended> };

/** Starts a server and waits until it has printed its address. */
async function serving(t: TestContext, words: string[], env: Record<string, string> = {}): Promise<Running> {
  const child = start(["serve", ...words], { env });
  const ended = collect(child);
  t.after(() => child.kill("SIGKILL"));
  assert.ok(child.stdout !== null);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Kindred is at (\S+) \(Ctrl-C stops it\)$/.exec(line)?.[1];
    if (url === undefined) continue;
    const stop = (signal: NodeJS.Signals) => {
      child.kill(signal);
      return ended;
    };
    return { url, stop };
  }
  throw new Error(`it printed no address: ${JSON.stringify(await ended)}`);
}

async function statusAt(url: string) {
  return statusSchema.parse(await (await fetch(`${url}api/status`)).json());
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

describe("serve", () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    test(`prints its address, answers there, and exits with code 0 on ${signal}`, async (t) => {
      const { url, stop } = await serving(t, ["--port", "0", "-d", await sampleDirectory(t)]);
      assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
      assert.equal((await statusAt(url)).papers, 154);
      const { hits } = answerSchema.parse(await (await fetch(`${url}api/search?q=smoking`)).json());
      assert.equal(hits[0]?.paper.id, "doll-1950-smoking");
      const { code, stderr } = await stop(signal);
      assert.deepEqual([code, stderr], [0, ""]);
    });

  test("embeds the same with and without --workers and --polite", async (t) => {
    const { url, stop } = await serving(t, ["--port", "0", "-d", temporaryDirectory(t), "--workers", "1", "--polite"]);
    const body = JSON.stringify({ id: "a", title: "Otters juggling pebbles" });
    assert.ok((await fetch(`${url}api/papers`, { method: "POST", body })).ok);
    while ((await statusAt(url)).embedded === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal((await stop("SIGTERM")).code, 0);
  });

  test("reads KINDRED_HOST, KINDRED_PORT, KINDRED_BASE_PATH and KINDRED_DIRECTORY", async (t) => {
    const port = await freePort();
    const directory = await sampleDirectory(t);
    const env = {
      KINDRED_HOST: "localhost",
      KINDRED_PORT: String(port),
      KINDRED_BASE_PATH: "/papers",
      KINDRED_DIRECTORY: directory,
    };
    const { url } = await serving(t, [], env);
    assert.equal(url, `http://localhost:${port}/papers/`);
    assert.equal((await statusAt(url)).papers, 154);
  });

  test("reads neither HOST nor PORT, which shells set", async (t) => {
    const { url } = await serving(t, ["-d", await sampleDirectory(t)], {
      HOST: "no.such.host.invalid",
      PORT: "1",
      KINDRED_PORT: "0",
    });
    assert.match(url, /^http:\/\/127\.0\.0\.1:/);
  });

  test("prefers its options to the environment", async (t) => {
    const directory = await sampleDirectory(t);
    const env = {
      KINDRED_HOST: "no.such.host.invalid",
      KINDRED_PORT: "1",
      KINDRED_DIRECTORY: join(directory, "elsewhere"),
    };
    const { url } = await serving(t, ["--host", "127.0.0.1", "--port", "0", "--directory", directory], env);
    assert.equal((await statusAt(url)).papers, 154);
  });

  test("names a port in use and how to choose another, and exits with code 2", async (t) => {
    const taken = createServer().listen(0, "127.0.0.1");
    t.after(() => taken.close());
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const { code, stderr } = await kindred(["serve", "--port", String(port), "-d", await sampleDirectory(t)]);
    assert.equal(code, 2);
    assert.match(stderr, new RegExp(`^kindred: port ${port} is taken: .*--port\\n$`));
  });

  test("names an invalid KINDRED_PORT and an invalid host", async (t) => {
    const directory = temporaryDirectory(t);
    const wrong = await kindred(["serve", "-d", directory], { env: { KINDRED_PORT: "http" } });
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /KINDRED_PORT.*"http", expected a whole number from 0 to 65535/);
    const host = await kindred(["serve", "--host", "192.0.2.1", "--port", "0", "-d", directory]);
    assert.equal(host.code, 2);
    assert.match(host.stderr, /^kindred: 192\.0\.2\.1 is not an address of this machine: name another with --host\n$/);
  });

  test("says so when other machines can reach it", async (t) => {
    const { stop } = await serving(t, ["--host", "0.0.0.0", "--port", "0", "-d", await sampleDirectory(t)]);
    assert.match((await stop("SIGTERM")).stdout, /Every client that can reach this address/);
  });

  test("says what needs a key, and that there is no key yet, also behind a proxy", async (t) => {
    const words = ["--port", "0", "-d", await sampleDirectory(t)];
    const kept = await serving(t, [...words, "--require-key", "all"]);
    assert.match((await kept.stop("SIGTERM")).stdout, /Clients with a key can read.*; there is none yet\.$/m);
    const alone = await serving(t, words);
    assert.doesNotMatch((await alone.stop("SIGTERM")).stdout, /Whoever/);
  });

  test("--sample fills a new folder only", async (t) => {
    const directory = join(temporaryDirectory(t), "new");
    const first = await serving(t, ["--sample", "--port", "0", "-d", directory]);
    assert.equal((await statusAt(first.url)).papers, 154);
    await fetch(`${first.url}api/papers/doll-1950-smoking`, { method: "DELETE" });
    // It must also shut down properly during embedding.
    const { code, stdout } = await first.stop("SIGTERM");
    assert.equal(code, 0);
    assert.match(stdout, /with 154 landmark papers/);
    const second = await serving(t, ["--sample", "--port", "0", "-d", directory]);
    assert.equal((await statusAt(second.url)).papers, 153);
    assert.doesNotMatch((await second.stop("SIGTERM")).stdout, /landmark/);
  });

  test("--sample leaves a folder alone that ever had papers", async (t) => {
    const directory = temporaryDirectory(t);
    await kindred(["import", "--no-index", "-", "-d", directory], { input: '{"id":"only","title":"Only one"}' });
    const { url } = await serving(t, ["--sample", "--port", "0", "-d", directory]);
    await fetch(`${url}api/papers/only`, { method: "DELETE" });
    assert.equal((await statusAt(url)).papers, 0);
    const again = await serving(t, ["--sample", "--port", "0", "-d", directory]);
    assert.equal((await statusAt(again.url)).papers, 0);
  });
});

test("the command line works while a server runs: imports and removals show in the server's answers", async (t) => {
  const directory = await sampleDirectory(t);
  const { url, stop } = await serving(t, ["--port", "0", "-d", directory]);
  const file = join(temporaryDirectory(t), "otters.jsonl");
  writeFileSync(file, `${JSON.stringify({ id: "otters", title: "Otters juggling pebbles" })}\n`);
  assert.equal((await kindred(["import", file, "-d", directory])).code, 0);
  const ask = async (query: string) =>
    answerSchema.parse(await (await fetch(`${url}api/search?${new URLSearchParams(query).toString()}`)).json());
  assert.equal((await ask("q=juggling&mode=lexical")).hits[0]?.paper.id, "otters");
  for (let i = 0; i < 300 && (await statusAt(url)).pendingSentences > 0; i++)
    await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal((await ask("q=playful animals with stones&mode=semantic")).hits[0]?.paper.id, "otters");

  const removed = await fetch(`${url}api/papers/otters`, { method: "DELETE" });
  assert.equal(removed.status, 204);
  assert.equal((await kindred(["related", "otters", "-d", directory])).code, 3);
  assert.equal((await stop("SIGTERM")).code, 0);
});
