/** `kindred doctor` on machines that are whole and broken: real files, ports, limits and modules. */
import "../tiny.js";
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Mailbox } from "../../scripts/common/mailbox.js";
import { enough, node, type Finding } from "../../src/cli/doctor.js";
import { ROOT } from "../../src/core/root.js";
import { KindredError, openKindred } from "../../src/kindred.js";
import { serve } from "../../src/server/serve.js";
import { openSample, sampleDirectory, temporaryDirectory } from "../sample.js";
import { unprivileged } from "../unprivileged.js";
import { collect, kindred, MAIN } from "./command.js";

type Examined = { code: number | null; state: (about: string) => string; line: (about: string) => string };

async function examined(ended: Promise<{ code: number | null; stdout: string; stderr: string }>): Promise<Examined> {
  const { code, stdout, stderr } = await ended;
  assert.equal(stderr, "");
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  const named = (name: string): Finding => {
    const finding = findings.find(({ about }) => about === name);
    assert.ok(finding !== undefined, stdout);
    return finding;
  };
  return {
    code,
    state: (about) => named(about).state,
    line: (about) => {
      const { state, found, todo } = named(about);
      return `${state}: ${found} -> ${todo}`;
    },
  };
}
const doctor = (words: string[], env: Record<string, string> = {}) =>
  examined(kindred(["doctor", "--json", ...words], { env }));

/** A port that another program has taken. */
async function takenPort(t: TestContext): Promise<string> {
  const server = createServer((socket) => socket.end("no HTTP\r\n"));
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return String((server.address() as AddressInfo).port);
}

test("where all is well it says so, also of a server that runs and of a mail server, and exits with 0", async (t) => {
  const box = await Mailbox.start(t);
  const library = await openSample(t);
  const server = await serve(library, { host: "127.0.0.1", port: 0 });
  t.after(() => server.close());
  const env = {
    KINDRED_SMTP: `smtp://127.0.0.1:${box.port}`,
    KINDRED_MAIL_FROM: "kindred@lab.example",
    KINDRED_URL: "https://lab.example/papers/",
    TZ: "Europe/Berlin",
  };
  const { port } = new URL(server.url);
  const { code, line, state } = await doctor(["-d", library.directory, "--port", port, "--smtp"], env);
  assert.equal(code, 0);
  for (const about of ["Node", "SQLite", "HNSW", "Folder", "Keys", "Disk", "Jobs", "Memory"])
    assert.equal(state(about), "ok", about);
  assert.match(line("Model"), /^ok: tiny .*all files are as published -> null$/);
  assert.match(line("Papers"), /^ok: 154, in a database without damage/);
  assert.match(line("Clock"), /^ok: .*time zone Europe\/Berlin/);
  assert.match(line("Address"), /^ok: a Kindred is served at/);
  assert.match(line("Public address"), /^ok: https:\/\/lab\.example\/papers\//);
  assert.match(line("Mail"), /^ok: 127\.0\.0\.1:\d+ answers/);
  assert.deepEqual(box.asked, []);
});

test("what is broken is named with what to do, in one run, and exits with 1", async (t) => {
  const directory = temporaryDirectory(t);
  const library = await openKindred({ directory, workers: 1 });
  await library.jobs.register({
    name: "source feeds",
    next: () => Date.now(),
    run: async () => {
      throw new KindredError("unreachable", "feeds.example does not answer");
    },
  });
  await assert.rejects(library.jobs.run("source feeds"));
  await library.close();
  const models = temporaryDirectory(t);
  cpSync(process.env["KINDRED_MODEL"]!, join(models, "tiny"), { recursive: true });
  writeFileSync(join(models, "tiny", "tokenizer.json"), "{}");
  const future = new Date(Date.now() + 48 * 3_600_000);
  utimesSync(join(directory, "papers.db"), future, future);
  const closed = await takenPort(t);
  const words = ["doctor", "--json", "-d", directory, "--smtp", "--port", closed];
  const child = spawn("sh", ["-c", 'ulimit -n 200; exec "$0" "$@"', process.execPath, MAIN, ...words], {
    env: {
      ...process.env,
      KINDRED_MODEL: join(models, "tiny"),
      KINDRED_SMTP: "smtp://127.0.0.1:1",
      KINDRED_MAIL_FROM: "kindred@lab.example",
      KINDRED_BASE_PATH: "papers",
    },
  });
  const { code, line } = await examined(collect(child));
  assert.equal(code, 1);
  assert.match(line("Model"), /^problem: .*tokenizer\.json is not the published file of the model .*restore it/);
  assert.match(line("Jobs"), /^warning: source feeds: feeds\.example does not answer -> see "kindred status"/);
  assert.match(line("Open files"), /^problem: at most 200 -> raise the limit/);
  assert.match(line("Clock"), /^problem: it is 20.*but papers\.db was written on .*set the clock/);
  assert.match(line("Address"), /^problem: port \d+ is taken: .*--port/);
  assert.match(line("Public address"), /^problem: the base path: got "papers\/", expected/);
  assert.match(line("Mail"), /^problem: the mail server 127\.0\.0\.1:1 cannot be reached/);
});

test("a damaged database, a small disk and an unknown time zone are found, and nothing is changed", async (t) => {
  const directory = temporaryDirectory(t);
  const small = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", directory]).status === 0;
  try {
    writeFileSync(
      join(directory, "papers.db"),
      "no database at all, but as long as the header of one would be".repeat(4),
    );
    const before = readdirSync(directory);
    const env = { TZ: "Mars/Phobos", KINDRED_SMTP: "no address", KINDRED_MAIL_FROM: "kindred@lab.example" };
    const { code, line } = await doctor(["-d", directory, "--host", "192.0.2.1"], env);
    assert.equal(code, 1);
    assert.match(line("Papers"), /^problem: .*papers\.db/);
    if (small) assert.match(line("Disk"), /^problem: 1 MB free -> make room/);
    assert.match(line("Clock"), /^warning: TZ is "Mars\/Phobos", .* -> set it to a name such as/);
    assert.match(line("Mail"), /^problem: KINDRED_SMTP: it is no address of a mail server, expected/);
    assert.match(line("Address"), /^problem: 192\.0\.2\.1 is not an address of this machine/);
    assert.deepEqual(readdirSync(directory), before);
  } finally {
    if (small) spawnSync("umount", [directory]);
  }
});

test("a folder that this user may not write, and a file in its place", async (t) => {
  const as = unprivileged();
  if (as === null) return t.skip("file permissions do not apply here");
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, "file"), "");
  chmodSync(directory, 0o500);
  const [command, ...rest] = [...as, process.execPath];
  const { line } = await examined(
    collect(spawn(command, [...rest, MAIN, "doctor", "--json", "--port", "0", "-d", join(directory, "new")])),
  );
  chmodSync(directory, 0o700);
  assert.match(line("Folder"), /^problem: this user may not write to .* -> let this user \(number \d+\) write to/);
  writeFileSync(join(directory, "keys.json"), "{");
  const keys = await doctor(["--port", "0", "-d", directory]);
  assert.match(keys.line("Keys"), /^problem: .*keys\.json is not a valid list of keys: remove it, and make new keys/);
  const file = await doctor(["--port", "0", "-d", join(directory, "file")]);
  assert.match(file.line("Folder"), /^problem: .*file is a file -> name a folder/);
});

test("native modules that were not compiled are named with the command that does, and Kindred works without hnswlib", async (t) => {
  const root = temporaryDirectory(t);
  for (const name of ["package.json", "models"]) symlinkSync(join(ROOT, name), join(root, name));
  cpSync(join(ROOT, "dist", "src"), join(root, "dist", "src"), {
    recursive: true,
    filter: (path) => !/\.(d\.ts|map)$/.test(path),
  });
  const modules = join(root, "node_modules");
  mkdirSync(modules);
  const broken = ["better-sqlite3", "hnswlib-node", "onnxruntime-node"];
  for (const name of readdirSync(join(ROOT, "node_modules")))
    if (!name.startsWith(".") && !broken.includes(name))
      symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  for (const name of broken.slice(0, 2))
    cpSync(join(ROOT, "node_modules", name), join(modules, name), {
      recursive: true,
      filter: (path) => !/\/(build|deps|prebuilds)$/.test(path),
    });
  const run = (...words: string[]) =>
    collect(spawn(process.execPath, [join(root, "dist", "src", "cli", "main.js"), ...words]));
  const { code, line } = await examined(run("doctor", "--json", "--port", "0", "-d", join(root, "index")));
  assert.equal(code, 1);
  assert.match(line("SQLite"), /^problem: better-sqlite3 cannot be loaded: .*run "npm rebuild better-sqlite3" in /);
  assert.match(line("HNSW"), /^ok: hnswlib-node is not installed, .*run "npm install --no-save hnswlib-node" in /);
  assert.match(line("Model"), /^problem: its runtime, onnxruntime-node, cannot be loaded: .* -> install Kindred again/);

  // With all but the optional one.
  rmSync(join(modules, "better-sqlite3"), { recursive: true });
  for (const name of ["better-sqlite3", "onnxruntime-node"])
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  const search = await run("search", "smoking and lung cancer", "--json", "-d", await sampleDirectory(t));
  assert.equal(search.code, 0, search.stderr);
  assert.match(search.stdout, /"id": "doll-1950-smoking"/);
});

test("an old Node and little memory", () => {
  assert.match(node("20.9.0").found, /^20\.9\.0, expected 20\.19\.0 or later$|^20\.9\.0, expected 20\.19 or later$/);
  for (const [version, state] of [
    ["18.20.0", "problem"],
    ["20.18.3", "problem"],
    ["20.19.0", "ok"],
    ["22.1.0", "ok"],
    ["100.0.0", "ok"],
  ] as const)
    assert.equal(node(version).state, state, version);
  assert.equal(enough(512e6, 154).state, "ok");
  assert.match(enough(512e6, 100_000).todo!, /more memory, or embed with --workers 1/);
});
