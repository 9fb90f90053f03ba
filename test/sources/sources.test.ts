/** Sources in a library: stored, run, resumed after a kill, shown and removed, with the real store and a local service. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { KindredError, openKindred, type Kindred } from "../../src/kindred.js";
import { temporaryDirectory } from "../sample.js";
import { type Answers, Service } from "./service.js";

const CHILD = fileURLToPath(new URL("./update-child.js", import.meta.url));

type Work = { id: string; title: string; publication_date: string; doi: string | null };

const works = (count: number, prefix = "Work"): Work[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `https://openalex.org/W${i}`,
    title: `${prefix} ${i} on tides`,
    publication_date: "2026-11-20",
    doi: `https://doi.org/10.1000/${prefix}${i}`,
  }));

/** OpenAlex: pages by a cursor. @param size Works on a page. */
const openalex =
  (all: () => Work[], size = 20): Answers =>
  ({ query }) => {
    const cursor = query.get("cursor")!;
    const at = cursor === "*" ? 0 : Number(cursor);
    const results = all().slice(at, at + size);
    return { body: { meta: { next_cursor: results.length === 0 ? null : String(at + size) }, results } };
  };

async function served(t: TestContext, answers: Answers): Promise<Service> {
  const service = await Service.start(answers);
  t.after(() => service.close());
  return service;
}

async function open(t: TestContext, directory = temporaryDirectory(t)): Promise<Kindred> {
  const kindred = await openKindred({ directory, workers: 1 });
  t.after(() => kindred.close());
  return kindred;
}

const optionsOf = (service: Service) => ({ filter: "type:article", baseUrl: service.base, private: true });

test("what a source brings is here, once, and belongs to a list; its runs are listed", async (t) => {
  const all = works(45);
  const service = await served(
    t,
    openalex(() => all),
  );
  const kindred = await open(t);
  const name = await kindred.sources.add({ kind: "openalex", options: optionsOf(service), list: "tides", every: "6h" });
  assert.equal(name, "openalex");
  assert.equal(service.asked.length, 0, "nothing is asked before it runs");
  assert.equal(await kindred.sources.update("openalex"), "45 added, 0 updated, 0 unchanged");
  all.push({ ...works(1, "New")[0]!, id: "https://openalex.org/W99" });
  assert.equal(await kindred.sources.update("openalex"), "1 added, 0 updated, 45 unchanged");
  const { source, runs } = await kindred.sources.get("openalex");
  assert.deepEqual(
    [source.kind, source.every, source.list, source.papers, source.running],
    ["openalex", "6h", "tides", 46, false],
  );
  assert.deepEqual(
    runs.map(({ added, error }) => [added, error]),
    [
      [1, null],
      [45, null],
    ],
  );
  const { lists } = await kindred.lists();
  assert.equal(lists.find(({ name }) => name === "tides")?.papers, 46);
  const { imports } = await kindred.imports();
  assert.deepEqual(
    imports.map(({ name, added }) => [name, added]),
    [
      ["openalex", 1],
      ["openalex", 45],
    ],
    "a run is one import, which can be undone",
  );
  const next = Date.parse(source.next!) - Date.parse(source.last!.started);
  assert.ok(next >= 6 * 3_600_000 && next < 6.5 * 3_600_000, `${next}`);
});

test("a run that fails keeps what came, says why, and the next goes on from there", async (t) => {
  const all = works(60);
  let broken = true;
  const answers = openalex(() => all);
  const service = await served(t, (asked) =>
    broken && asked.query.get("cursor") === "40" ? { status: 404, body: { message: "no such page" } } : answers(asked),
  );
  const kindred = await open(t);
  await kindred.sources.add({ kind: "openalex", options: optionsOf(service) });
  await assert.rejects(
    kindred.sources.update("openalex"),
    (thrown) =>
      thrown instanceof KindredError && thrown.code === "unreachable" && /127\.0\.0\.1.*404/.test(thrown.message),
  );
  assert.equal((await kindred.status()).papers, 40);
  const [failed] = (await kindred.sources.get("openalex")).runs;
  assert.deepEqual([failed?.added, /404/.test(failed?.error ?? "")], [40, true]);
  broken = false;
  service.asked.length = 0;
  assert.equal(await kindred.sources.update("openalex"), "20 added, 0 updated, 0 unchanged");
  assert.equal(service.asked[0]?.query.get("cursor"), "40", "pages that came are not asked for again");
});

test("a source that reaches its limit stops, and goes on when the limit allows", async (t) => {
  const service = await served(
    t,
    openalex(() => works(60)),
  );
  const kindred = await open(t);
  await kindred.sources.add({ kind: "openalex", options: { ...optionsOf(service), max: 30 } });
  assert.match(
    await kindred.sources.update("openalex"),
    /^\d+ added.*stopped after \d+ records, the limit of this source \(30\)/,
  );
  assert.ok((await kindred.status()).papers < 60);
});

test("an answer that is no list of papers is an error, and the position stays", async (t) => {
  const service = await served(t, () => ({ body: { meta: {}, results: "none" } }));
  const kindred = await open(t);
  await kindred.sources.add({ kind: "openalex", options: optionsOf(service) });
  await assert.rejects(kindred.sources.update("openalex"), /127\.0\.0\.1/);
  assert.equal((await kindred.status()).papers, 0);
});

test("a file that is an error of the service is an error of the run", async (t) => {
  let broken = true;
  const service = await served(t, () => ({
    headers: { etag: "v1" },
    body: broken ? { error: "Quota exceeded" } : "TY  - JOUR\nTI  - Tides\nER  - \n",
  }));
  const kindred = await open(t);
  await kindred.sources.add({ kind: "url", options: { url: `${service.base}/papers.ris` } });
  await assert.rejects(
    kindred.sources.update("url"),
    (thrown) =>
      thrown instanceof KindredError && thrown.code === "unreachable" && /Quota exceeded/.test(thrown.message),
  );
  broken = false;
  assert.equal(await kindred.sources.update("url"), "1 added, 0 updated, 0 unchanged");
});

test("papers that were here before a source brought them stay when it goes", async (t) => {
  const service = await served(
    t,
    openalex(() => works(3)),
  );
  const kindred = await open(t);
  const mine = JSON.stringify({ id: "mine", title: "Work 1 on tides", doi: "10.1000/Work1" });
  await kindred.import((async function* () { yield await Promise.resolve(Buffer.from(mine)); })()); // prettier-ignore
  await kindred.sources.add({ kind: "openalex", options: optionsOf(service) });
  await kindred.sources.update("openalex");
  assert.equal(await kindred.sources.remove("openalex", true), 2);
  assert.equal((await kindred.browse({})).papers[0]?.id, "mine");
});

test("two sources bring one paper: it stays until both are gone", async (t) => {
  const [one, two] = [
    await served(
      t,
      openalex(() => works(3)),
    ),
    await served(
      t,
      openalex(() => works(2)),
    ),
  ];
  const kindred = await open(t);
  await kindred.sources.add({ name: "one", kind: "openalex", options: optionsOf(one) });
  await kindred.sources.add({ name: "two", kind: "openalex", options: optionsOf(two) });
  await kindred.sources.update("one");
  assert.equal(await kindred.sources.update("two"), "0 added, 0 updated, 2 unchanged");
  assert.equal(await kindred.sources.remove("one", true), 1);
  assert.equal((await kindred.status()).papers, 2);
  assert.equal(await kindred.sources.remove("two"), 0);
  assert.equal((await kindred.status()).papers, 2, "without being asked to, none is removed");
  assert.deepEqual(await kindred.sources.list(), { sources: [] });
  assert.deepEqual((await kindred.status()).jobs, []);
});

test("what is wrong with a new source is said, and nothing is stored", async (t) => {
  const kindred = await open(t);
  const add = (more: object) => kindred.sources.add({ kind: "openalex", options: { filter: "a:b" }, ...more });
  for (const [more, message] of [
    [{ kind: "myspace" }, /kind: got "myspace", expected one of arxiv, /],
    [{ options: {} }, /expected a filter, or words to search for/],
    [{ options: { filter: "a:b", max: 0 } }, /max/],
    [{ options: { filter: "a:b", nonsense: 1 } }, /nonsense/],
    [{ every: "1s" }, /such as 6h, 1d or 1w/],
    [{ every: "5m" }, /ten minutes or more/],
    [{ name: "a/b" }, /letters, digits/],
    [{ list: ".." }, /expected a name other than/],
  ] as const)
    await assert.rejects(
      add(more),
      (thrown) => thrown instanceof KindredError && thrown.code === "invalid" && message.test(thrown.message),
    );
  await add({});
  await assert.rejects(add({}), /there is a source called openalex: choose another name/);
  await assert.rejects(kindred.sources.get("other"), /there is no source called other: the sources are openalex/);
  assert.equal((await kindred.sources.list()).sources.length, 1);
});

test("a server runs sources that are due, also those that another process adds", async (t) => {
  const directory = temporaryDirectory(t);
  const service = await served(
    t,
    openalex(() => works(5)),
  );
  const serving = await open(t, directory);
  const other = await open(t, directory);
  await other.sources.add({ kind: "openalex", options: optionsOf(service) });
  serving.jobs.start((message) => assert.fail(message));
  serving.sources.start((thrown) => assert.fail(String(thrown)));
  while ((await serving.status()).papers < 5) await new Promise((resolve) => setTimeout(resolve, 50));
  while ((await other.sources.get("openalex")).runs.length === 0)
    await new Promise((resolve) => setTimeout(resolve, 50));
});

test("a paused source is not run when it is due, runs when asked to, and catches up when it is resumed", async (t) => {
  const all = works(2);
  const [slept, awake] = [
    await served(
      t,
      openalex(() => all),
    ),
    await served(
      t,
      openalex(() => works(1, "Other")),
    ),
  ];
  const kindred = await open(t);
  await kindred.sources.add({ name: "slept", kind: "openalex", options: optionsOf(slept) });
  await kindred.sources.change("slept", { paused: true });
  await kindred.sources.add({ name: "awake", kind: "openalex", options: optionsOf(awake) });
  kindred.jobs.start((message) => assert.fail(message));
  kindred.sources.start((thrown) => assert.fail(String(thrown)));
  const ran = async (name: string) => {
    while ((await kindred.sources.get(name)).runs.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  // Both were due, this one later.
  await ran("awake");
  assert.equal(slept.asked.length, 0);
  const { source } = await kindred.sources.get("slept");
  assert.deepEqual([source.paused, source.next, source.last], [true, null, null]);
  assert.equal(await kindred.sources.update("slept"), "2 added, 0 updated, 0 unchanged");
  await kindred.sources.change("slept", { paused: false, every: "6h" });
  const { source: resumed } = await kindred.sources.get("slept");
  assert.deepEqual([resumed.paused, resumed.every, resumed.next !== null], [false, "6h", true]);
  await assert.rejects(kindred.sources.change("slept", { max: 0 }), /max/);
  await assert.rejects(kindred.sources.change("none", { paused: true }), /there is no source called none/);
});

test("a folder's files come once, and again when they change; a file that is no list of papers is reported", async (t) => {
  const folder = join(temporaryDirectory(t), "papers");
  mkdirSync(folder);
  const write = (name: string, text: string, at: number) => {
    writeFileSync(join(folder, name), text);
    utimesSync(join(folder, name), at, at);
  };
  write("one.bib", "@article{one, title={Tides of the moon}, doi={10.1/one}}", 1_000);
  write("broken.json", "no JSON", 1_000);
  const kindred = await open(t);
  await kindred.sources.add({ name: "my files", kind: "folder", options: { path: folder } });
  assert.match(
    await kindred.sources.update("my files"),
    /^1 added, 0 updated, 0 unchanged, 1 not imported; broken\.json:1: /,
  );
  write("one.bib", "@article{one, title={Tides of the moon}, doi={10.1/one}, journal={Nature}}", 2_000);
  write("two.ris", "TY  - JOUR\nTI  - Otters\nER  - \n", 2_000);
  assert.match(await kindred.sources.update("my files"), /^1 added, 1 updated, 0 unchanged/);
});

test("whenever a run is killed, no page is lost: the next run completes the library", async (t) => {
  const directory = temporaryDirectory(t);
  const all = works(200);
  const service = await served(
    t,
    openalex(() => all, 10),
  );
  const adding = await openKindred({ directory, workers: 1 });
  await adding.sources.add({ kind: "openalex", options: optionsOf(service) });
  await adding.close();
  for (let kill = 0; kill < 5; kill++) {
    const before = service.asked.length;
    const child = spawn(process.execPath, [CHILD, directory], { stdio: ["ignore", "ignore", "inherit"] });
    const exited = once(child, "exit");
    // In the middle of different pages.
    while (service.asked.length < before + 3) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 7 * kill));
    child.kill("SIGKILL");
    await exited;
  }
  const kindred = await open(t, directory);
  // The killed process had taken the job, and another may take it when its lease has expired.
  await kindred.jobs.remove("source openalex");
  await kindred.sources.update("openalex");
  assert.equal((await kindred.status()).papers, 200);
  assert.equal((await kindred.sources.get("openalex")).source.papers, 200);
  const asked = service.asked.map(({ query }) => query.get("cursor"));
  assert.ok(asked.filter((cursor) => cursor === "0" || cursor === "*").length <= 6);
});
