/** Sources in a library: stored, run, resumed after a kill, shown and removed, with the real store and a local service. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
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
    /^\d+ added.*stopped after \d+ records, the limit of this source \(30\) for one run: the next run goes on from here; raise it/,
  );
  assert.ok((await kindred.status()).papers < 60);
  // As when it is due.
  for (let runs = 0; (await kindred.status()).papers < 60; runs++) {
    assert.ok(runs < 2);
    await kindred.sources.update("openalex");
  }
  assert.equal(service.asked.filter(({ query }) => query.get("cursor") === "*").length, 1, "no page comes twice");
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
  const service = await served(t, ({ headers }) => {
    const etag = broken ? "v0" : "v1";
    if (headers["if-none-match"] === etag) return { status: 304, headers: { etag } };
    const body = broken ? { error: "Quota exceeded" } : "TY  - JOUR\nTI  - Tides\nER  - \n";
    return { headers: { etag }, body };
  });
  const kindred = await open(t);
  await kindred.sources.add({ kind: "url", options: { url: `${service.base}/papers.ris` } });
  // Also when the file is the same as before.
  for (let i = 0; i < 2; i++)
    await assert.rejects(
      kindred.sources.update("url"),
      (thrown) =>
        thrown instanceof KindredError && thrown.code === "unreachable" && /Quota exceeded/.test(thrown.message),
    );
  broken = false;
  assert.equal(await kindred.sources.update("url"), "1 added, 0 updated, 0 unchanged");
  assert.equal(await kindred.sources.update("url"), "0 added, 0 updated, 0 unchanged");
  assert.equal(service.asked.at(-1)!.headers["if-none-match"], "v1");
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

test("what a person imports, likes, lists or writes about stays when its source goes, and its own list does not count", async (t) => {
  const service = await served(
    t,
    openalex(() => works(6)),
  );
  const kindred = await open(t);
  await kindred.sources.add({ kind: "openalex", options: optionsOf(service), list: "tides" });
  await kindred.sources.update("openalex");
  const { papers } = await kindred.browse({ sort: "added" });
  const [one, two, three, four] = papers.toReversed();
  await kindred.addToList("likes", one!.id);
  await kindred.note(two!.id, "read this");
  await kindred.createList("mine");
  await kindred.addToList("mine", three!.id);
  for (let i = 0; i < 2; i++) {
    const { added, updated, unchanged } = await kindred.import(
      Readable.from([JSON.stringify({ id: four!.id, title: four!.title, doi: four!.doi })]),
    );
    assert.deepEqual([added, updated, unchanged], [0, 0, 1]);
  }
  assert.equal(await kindred.sources.remove("openalex", true), 2);
  assert.deepEqual(
    (await kindred.browse({ sort: "added" })).papers.toReversed().map(({ id }) => id),
    [one, two, three, four].map((paper) => paper!.id),
  );
});

test("a removal that is interrupted can be repeated, and leaves nothing behind", async (t) => {
  const service = await served(
    t,
    openalex(() => works(300), 100),
  );
  const kindred = await open(t);
  await kindred.sources.add({ kind: "openalex", options: optionsOf(service) });
  await kindred.sources.update("openalex");
  const release = kindred.release.bind(kindred);
  let calls = 0;
  kindred.release = (change) => (++calls === 2 ? Promise.reject(new Error("killed")) : release(change));
  await assert.rejects(kindred.sources.remove("openalex", true), /killed/);
  const { source } = await kindred.sources.get("openalex");
  assert.deepEqual([source.papers, source.paused, (await kindred.status()).papers], [44, true, 44]);
  assert.equal(await kindred.sources.remove("openalex", true), 44);
  assert.equal((await kindred.status()).papers, 0);
  assert.deepEqual(await kindred.owned("sources"), []);
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
  const { papers } = await kindred.browse({ sort: "added" });
  assert.deepEqual(
    await Promise.all(papers.toReversed().map(async ({ id, title }) => [title, await kindred.sources.of(id)])),
    [
      ["Work 0 on tides", ["one", "two"]],
      ["Work 1 on tides", ["one", "two"]],
      ["Work 2 on tides", ["one"]],
    ],
  );
  assert.deepEqual(await kindred.sources.of("none"), []);
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
  const nextOf = async () => (await kindred.status()).jobs.find(({ name }) => name === "source slept")?.next;
  assert.equal(await nextOf(), null, "a paused source is not overdue");
  assert.equal(await kindred.sources.update("slept"), "2 added, 0 updated, 0 unchanged");
  await kindred.sources.change("slept", { paused: false, every: "6h" });
  const { source: resumed } = await kindred.sources.get("slept");
  assert.deepEqual([resumed.paused, resumed.every, resumed.next !== null], [false, "6h", true]);
  assert.equal(await nextOf(), resumed.next);
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

test("a server imports files of a folder when they are there, also after the folder was away, unless the source is paused", async (t) => {
  const folder = join(temporaryDirectory(t), "papers");
  mkdirSync(folder);
  const put = (name: string, title: string) => {
    // Written elsewhere, long ago, as files that are moved are.
    const path = join(folder, "..", name);
    writeFileSync(path, `TY  - JOUR\nTI  - ${title}\nER  - \n`);
    utimesSync(path, 1_000, 1_000);
    renameSync(path, join(folder, name));
  };
  const kindred = await open(t);
  const titles = async () => (await kindred.browse({})).papers.map(({ title }) => title).toSorted();
  const until = async (...expected: string[]) => {
    while (JSON.stringify(await titles()) !== JSON.stringify(expected))
      await new Promise((resolve) => setTimeout(resolve, 20));
  };
  put("a.ris", "A tide");
  await kindred.sources.add({ name: "files", kind: "folder", options: { path: folder } });
  kindred.jobs.start((message) => assert.fail(message));
  const start = () => kindred.sources.start((thrown) => assert.fail(String(thrown)), 50);
  start();
  await until("A tide");
  put("b.ris", "Beaches");
  await until("A tide", "Beaches");
  renameSync(folder, `${folder}-away`);
  kindred.sources.stop();
  renameSync(`${folder}-away`, folder);
  put("c.ris", "Currents");
  // A server that starts reads what came meanwhile, although the source is not due.
  start();
  await until("A tide", "Beaches", "Currents");
  kindred.sources.stop();
  // Papers are found before their run has ended.
  const ended = async () => {
    const { source, runs } = await kindred.sources.get("files");
    return !source.running && runs.reduce((sum, { added }) => sum + added, 0) === 3;
  };
  while (!(await ended())) await new Promise((resolve) => setTimeout(resolve, 20));
  await kindred.sources.change("files", { paused: true });
  const { runs } = await kindred.sources.get("files");
  start();
  put("d.ris", "Dunes");
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal((await kindred.sources.get("files")).runs.length, runs.length);
  assert.deepEqual(await titles(), ["A tide", "Beaches", "Currents"]);
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

test("papers that arXiv has deleted are marked if the source has brought them, and the run can be undone", async (t) => {
  const day = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);
  const record = (id: string, rest: string, status = "") =>
    `<record><header${status}><identifier>oai:arXiv.org:${id}</identifier><datestamp>${day(1)}</datestamp></header>${rest}</record>`;
  const paper = (id: string, title: string) =>
    record(
      id,
      `<metadata><arXiv><id>${id}</id><created>${day(1)}</created><title>${title}</title><abstract>We see.</abstract></arXiv></metadata>`,
    );
  const deleted = (id: string) => record(id, "", ' status="deleted"');
  let records = [paper("2611.00001", "On \\alpha-otters"), paper("2611.00002", "On seals")];
  const service = await served(t, () => ({
    type: "text/xml",
    body: `<OAI-PMH><responseDate>${day(0)}T00:00:00Z</responseDate><ListRecords>${records.join("")}</ListRecords></OAI-PMH>`,
  }));
  const kindred = await open(t);
  const own = { id: "mine", title: "On whales", arxiv: "2611.00003", doi: "10.1000/whales" };
  await kindred.import(Readable.from([JSON.stringify(own)]), { name: "mine.jsonl" });
  const options = { category: ["q-bio"], since: day(1), baseUrl: service.base, private: true };
  await kindred.sources.add({ kind: "arxiv", options });
  assert.equal(await kindred.sources.update("arxiv"), "2 added, 0 updated, 0 unchanged");
  const before = await kindred.paper("2611.00001");
  records = [deleted("2611.00001"), deleted("2611.00003"), deleted("2611.00004"), paper("2611.00005", "On eels")];
  assert.match(await kindred.sources.update("arxiv"), /^1 added, 1 updated, 0 unchanged; the service has deleted /);
  assert.deepEqual(await kindred.paper("2611.00001"), { ...before, notice: "deleted" });
  const notice = async (id: string) => (await kindred.paper(id)).notice;
  assert.deepEqual([await notice("2611.00002"), await notice("mine")], [null, null]);
  const { source } = await kindred.sources.get("arxiv");
  assert.equal(source.papers, 3);
  const [run] = (await kindred.imports()).imports;
  assert.deepEqual([run?.added, run?.updated], [1, 1]);
  assert.deepEqual(await kindred.undo(run!.import), { removed: 1, restored: 1, kept: 0 });
  assert.deepEqual(await kindred.paper("2611.00001"), before);
  // A service that only has them deleted.
  records = [deleted("2611.00001")];
  assert.match(await kindred.sources.update("arxiv"), /^0 added, 1 updated, 0 unchanged; the service has deleted /);
  assert.match(await kindred.sources.update("arxiv"), /^0 added, 0 updated, 0 unchanged; the service has deleted /);
  assert.equal(await notice("2611.00001"), "deleted");
});
