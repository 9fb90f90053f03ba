/** A read-only folder of papers, such as a lab's shared index or a container's mount. */
import "./tiny.js";
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import { ROOT } from "../src/core/root.js";
import { databasePath } from "../src/store/database.js";
import { MAIN } from "./cli/command.js";
import { SAMPLE, sampleDirectory, temporaryDirectory } from "./sample.js";
import { unprivileged } from "./unprivileged.js";

const as = unprivileged();
const skip = as === null ? "root cannot give up its rights here: setpriv is not installed" : false;
const [command, ...before] = [...(as ?? []), process.execPath, MAIN];
const ID = "shannon-1948-communication";

/** A folder that is read-only, with everything in it, until the test ends. */
async function locked(t: TestContext, make: () => string | Promise<string>): Promise<string> {
  let directory: string | undefined;
  // So that it can be removed.
  t.after(() => directory !== undefined && chmodSync(directory, 0o700));
  directory = await make();
  for (const name of readdirSync(directory)) chmodSync(join(directory, name), 0o400);
  chmodSync(directory, 0o500);
  return directory;
}

const filesOf = (directory: string) =>
  readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), "base64")]);

test(
  "commands that only read work in a read-only folder, and leave no files in it or anywhere else",
  { skip },
  async (t) => {
    const directory = await locked(t, () => sampleDirectory(t));
    const temporary = temporaryDirectory(t);
    const held = filesOf(directory);
    const run = (...words: string[]) => {
      const args = [...before, ...words, "--directory", directory];
      const { status, stdout, stderr } = spawnSync(command, args, {
        encoding: "utf8",
        env: { ...process.env, TMPDIR: temporary },
        maxBuffer: 1e8,
      });
      return { status, stdout, stderr };
    };
    for (const [words, found] of [
      [["search", "theory of communication"], /mathematical theory of communication/i],
      [["search", "theory of communication", "--mode", "lexical", "--json"], new RegExp(ID)],
      [["related", ID], /^ {2}1\. /m],
      [["recommend", "--like", ID], /^ {2}1\. /m],
      [["explain", ID, "communication"], /communication/i],
      [["export", "--format", "bibtex"], /@\w+\{/],
      [["status"], /154 papers in/],
      [["verify", "--texts", "1"], /All is well with 154 papers/],
      [["key", "list"], /^$/],
    ] as const) {
      const { status, stdout, stderr } = run(...words);
      assert.equal(status, 0, `${words.join(" ")}: ${stderr}`);
      assert.match(stdout, found, words.join(" "));
    }
    assert.match(
      run("search", "tides").stderr,
      /this user may not write to .*: reading a copy of papers\.db as it is now/,
    );
    for (const words of [
      ["import", SAMPLE],
      ["index"],
      ["verify", "--repair"],
      ["restore", SAMPLE],
      ["key", "add", "ann"],
    ]) {
      const { status, stderr } = run(...words);
      assert.equal(status, 1, words.join(" "));
      assert.match(stderr, /may not (be )?writ/, words.join(" "));
    }
    const file = join(temporary, "papers.backup");
    assert.equal(run("backup", file).status, 0);
    assert.deepEqual(filesOf(directory), held);
    assert.deepEqual(readdirSync(temporary), ["papers.backup"]);
  },
);

test("a server on a read-only folder answers, and refuses changes with a reason", { skip }, async (t) => {
  const directory = await locked(t, () => sampleDirectory(t));
  const held = filesOf(directory);
  const child = spawn(command, [...before, "serve", "--directory", directory, "--port", "0"]);
  t.after(() => child.kill("SIGKILL"));
  const said: string[] = [];
  let url = "";
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    url ||= /http:\S+/.exec(line)?.[0] ?? "";
    if (line.startsWith("It answers")) break;
  }
  assert.match(said.join("\n"), /refuses changes: .*may not be written by this user; "kindred backup FILE"/);
  const ask = async (method: string, path: string, body?: string) => {
    const response = await fetch(url + path, { method, ...(body === undefined ? {} : { body }) });
    return { status: response.status, text: await response.text() };
  };
  while ((await ask("GET", "api/ready")).status !== 200);
  assert.match((await ask("GET", "api/search?q=theory+of+communication")).text, new RegExp(ID));
  assert.equal((await ask("GET", "api/lists")).status, 200);
  for (const [method, path, body] of [
    ["PUT", "api/lists/mine"],
    ["PUT", `api/lists/likes/papers/${ID}`],
    ["DELETE", `api/papers/${ID}`],
    ["POST", "api/imports/1/undo"],
    ["POST", "api/papers", '{"title":"Crows"}'],
  ] as const) {
    const { status, text } = await ask(method, path, body);
    assert.deepEqual([status, /may not be written by this user/.test(text)], [507, true], `${method} ${path}: ${text}`);
  }
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.kill("SIGTERM");
  const [code] = (await once(child, "exit")) as [number];
  assert.deepEqual([code, stderr], [0, ""]);
  assert.deepEqual(filesOf(directory), held);
});

test("a read-only database of an earlier version is read, and stays unchanged", { skip }, async (t) => {
  const directory = await locked(t, () => {
    const made = temporaryDirectory(t);
    writeFileSync(databasePath(made), gunzipSync(readFileSync(join(ROOT, "test", "store", "version-3.db.gz"))));
    return made;
  });
  const held = filesOf(directory);
  const { status, stdout, stderr } = spawnSync(command, [...before, "search", "pier", "-d", directory], {
    encoding: "utf8",
  });
  assert.deepEqual([status, /tides/.test(stdout)], [0, true], stderr);
  assert.deepEqual(filesOf(directory), held);
});
