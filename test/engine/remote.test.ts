/** A whole Kindred on an engine other than the embedded one: everything works through it, with the same answers. */
import "../tiny.js";
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { Readable } from "node:stream";
import { test, type TestContext } from "node:test";
import { openKindred, type Kindred, type OpenOptions, type Paper } from "../../src/kindred.js";
import { samplePapers, temporaryDirectory } from "../sample.js";
import { databasePath } from "../../src/store/database.js";

const sample = samplePapers().slice(0, 60);
const ids = sample.map(({ id }) => id);
const file = (papers: readonly unknown[]) =>
  Readable.from([Buffer.from(papers.map((paper) => JSON.stringify(paper)).join("\n"))]);

async function open(t: TestContext, options: OpenOptions): Promise<Kindred> {
  const kindred = await openKindred({ workers: 1, ...options });
  t.after(() => kindred.close());
  return kindred;
}

/** A Kindred whose papers are in another place than its directory. */
async function openRemote(t: TestContext, papers = temporaryDirectory(t)) {
  const directory = temporaryDirectory(t);
  const module = new URL("./remote.js", import.meta.url).href;
  return {
    kindred: await open(t, { directory, engine: { module, settings: { directory: papers } } }),
    directory,
    papers,
  };
}

async function titlesOf(papers: AsyncIterable<Paper>): Promise<string[]> {
  const titles: string[] = [];
  for await (const { title } of papers) titles.push(title);
  return titles;
}

/** What a person does with a library, and what they see. */
async function used(kindred: Kindred) {
  const { added } = await kindred.import(file(sample));
  const before = await kindred.search({ q: "gravitational waves" });
  const indexed = await kindred.index();
  await kindred.createList("to read");
  for (const id of ids.slice(20, 23)) await kindred.addToList("to read", id);
  await kindred.addToList("likes", ids[3]!);
  await kindred.note(ids[4]!, "A note.");
  const other = { title: "On the age of gravitational waves", abstract: "They are old." };
  const second = await kindred.import(file([other]), { name: "more.jsonl" });
  await kindred.index();
  const points = await kindred.mapPoints();
  const seen = {
    imported: added,
    indexed,
    before,
    search: await kindred.search({ q: "gravitational waves", explain: true, facets: true }),
    filtered: await kindred.search({ q: "learning from:1990", limit: 5, sort: "date" }),
    found: await kindred.find("1706.03762"),
    explained: await kindred.explain({ q: "the human genome", id: ids[40]! }),
    related: await kindred.related({ id: ids[1]!, explain: true }),
    neighbourhood: await kindred.neighbourhood({ id: ids[1]! }),
    recommended: await kindred.recommend({ positive: ids.slice(0, 5), negative: [ids[7]!], explain: true }),
    fromList: await kindred.recommend({ basedOn: ["to read"] }),
    browsed: await kindred.browse({ sort: "date", limit: 20, facets: true }),
    listed: await titlesOf(kindred.papersIn("to read")),
    map: { ...(await kindred.map()), version: null },
    points: Buffer.from(points.bytes).toString("base64"),
    onMap: await kindred.mapMatches({ q: "deep learning" }),
    lists: (await kindred.lists()).lists.map(({ name, papers }) => [name, papers]),
    notes: (await kindred.lists()).notes,
    recall: await kindred.checkRecall(),
    undone: await kindred.undo(second.import!),
    removed: await kindred.remove(ids[10]!),
    all: await titlesOf(kindred.papers()),
  };
  const { papers, embedded, pending, pendingSentences, pendingPoints, index, readOnly } = {
    ...(await kindred.status()),
    readOnly: kindred.readOnly,
  };
  const status = { papers, embedded, pending, pendingSentences, pendingPoints, readOnly, state: index.state };
  await assert.rejects(kindred.undo(second.import!), { code: "invalid" });
  await assert.rejects(kindred.undo(1_000), { code: "not-found" });
  await assert.rejects(kindred.renameList("none", "other"), { name: "KindredError", code: "not-found" });
  await assert.rejects(kindred.related({ id: "none" }), { name: "KindredError", code: "not-found" });
  await assert.rejects(kindred.recommend({ basedOn: ["none"] }), { name: "KindredError", code: "not-found" });
  return { ...seen, status };
}

test("every question and every change works through another engine, with the same answers", async (t) => {
  const { kindred, directory, papers } = await openRemote(t);
  const through = await used(kindred);
  const direct = await used(await open(t, { directory: temporaryDirectory(t) }));
  assert.deepEqual(comparable(through), comparable(direct));
  assert.deepEqual(through.status, {
    papers: ids.length - 1,
    embedded: ids.length - 1,
    pending: 0,
    pendingSentences: 0,
    pendingPoints: 0,
    readOnly: null,
    state: "ready",
  });
  assert.ok(existsSync(databasePath(papers)));
  assert.deepEqual(readdirSync(directory), [], "nothing is kept elsewhere");
});

/** Without times. */
const comparable = (seen: Awaited<ReturnType<typeof used>>) =>
  JSON.parse(
    JSON.stringify(seen, (key, value: unknown) => (key === "added" || key === "changed" ? null : value)),
  ) as unknown;

test("a module that does not exist is an error of opening", async (t) => {
  const directory = temporaryDirectory(t);
  const module = new URL("./none.js", import.meta.url).href;
  await assert.rejects(openKindred({ directory, engine: { module } }), { code: "ERR_MODULE_NOT_FOUND" });
});
