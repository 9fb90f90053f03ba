/** Alerts in a library: what they find, once, and what is stored; with the real store and model. */
import "../tiny.js";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Alerts } from "../../src/alerts/alerts.js";
import { KindredError, openKindred, type Kindred } from "../../src/kindred.js";
import { temporaryDirectory } from "../sample.js";
import { alertsOf, brought, foundBy } from "./library.js";

const CHILD = fileURLToPath(new URL("./run-child.js", import.meta.url));
const HOUR = 3_600_000;

type Opened = { kindred: Kindred; alerts: Alerts; clock: { now: number } };

let kindred: Kindred;
let alerts: Alerts;
const clock = { now: 0 };
const cleaning: (() => unknown)[] = [];
before(async () => {
  const directory = temporaryDirectory({ after: (work) => void cleaning.push(work) });
  kindred = await openKindred({ directory, workers: 1 });
  const made = await alertsOf(kindred, () => clock.now);
  ({ alerts } = made);
  cleaning.unshift(made.close, () => kindred.close());
});
after(async () => {
  for (const clean of cleaning) await clean();
});

/** The library with these papers only, without alerts and lists, and a clock that the test sets. */
async function opened(...records: object[]): Promise<Opened> {
  clock.now = Date.UTC(2026, 10, 30, 7);
  for (const { name } of (await alerts.list()).alerts) await alerts.remove(name);
  for (const { name } of (await kindred.lists()).lists.slice(2)) await kindred.deleteList(name);
  for (const { id } of (await kindred.browse({ limit: 500 })).papers) await kindred.remove(id);
  await brought(kindred, { id: "old", title: "Old tides of the moon", authors: ["Ada Lovelace"] }, ...records);
  await kindred.index();
  return { kindred, alerts, clock };
}

const utc = { zone: "UTC" };
const paper = (id: string, title: string, more: object = {}) => ({ id, title, authors: ["Ada Lovelace"], ...more });

/** Runs an alert that must not fail. @returns The ids it found. */
async function ran(alerts: Alerts, name: string): Promise<string[]> {
  const outcome = (await alerts.run([name])).get(name)!;
  assert.equal(outcome.error, null);
  assert.equal(outcome.waits, false);
  return outcome.papers.map(({ id }) => id);
}

test("a search finds what is added after it was made, once, and says why", async () => {
  const { kindred, alerts } = await opened();
  assert.equal(await alerts.add({ name: "Tides", ask: { q: "tides of the moon" }, ...utc }), "Tides");
  assert.deepEqual(await ran(alerts, "Tides"), [], "nothing that was here");
  const abstract = "Cats sleep. Tides of the moon are measured with a clock.";
  await brought(kindred, paper("new", "Tides of the moon again", { abstract }));
  await kindred.index();
  assert.deepEqual(await ran(alerts, "Tides"), ["new"]);
  assert.deepEqual(await ran(alerts, "Tides"), []);
  const { alert, runs } = await alerts.get("Tides");
  assert.deepEqual([alert.found, alert.unread, runs.length], [1, 1, 1]);
  const [found] = runs[0]!.papers;
  assert.match(found?.sentence ?? "", /Tides of the moon are measured/);
  assert.ok(found!.similarity! > 0.4);
});

test("alerts of every kind find what is theirs", async () => {
  const { kindred, alerts, clock } = await opened(paper("liked", "Bees dance in the dark"));
  await kindred.createList("bees");
  await kindred.addToList("bees", "liked");
  await kindred.addToList("dislikes", "old");
  const asks = {
    words: { q: "bees dance", mode: "lexical" },
    likes: { positive: ["liked"] },
    text: { positive: [{ text: "bees dance in the sun" }] },
    list: { basedOn: ["bees"] },
    author: { author: ["Frisch"] },
    fielded: { q: "author:frisch" },
    venue: { venue: ["Bee World"] },
    daily: { daily: true },
    trending: { trending: true, category: ["bio"] },
  } as const;
  for (const [name, ask] of Object.entries(asks)) await alerts.add({ name, ask, ...utc } as never);
  await brought(
    kindred,
    paper("dance", "Bees dance in the light", { authors: ["Karl von Frisch"], venue: "Bee World" }),
    paper("rest", "Stars burn", { listed: "2026-12-01", upvotes: 3 }),
    paper("top", "Comets fall", { listed: "2026-12-01", upvotes: 9, categories: ["bio"] }),
  );
  await kindred.index();
  clock.now += 25 * HOUR;
  await alerts.run();
  assert.deepEqual(await foundBy(alerts, "words"), ["dance"]);
  assert.equal((await foundBy(alerts, "likes"))[0], "dance", "nearest first");
  const [first] = (await alerts.get("likes")).runs[0]!.papers;
  assert.equal(first?.like, "Bees dance in the dark");
  assert.equal((await foundBy(alerts, "text"))[0], "dance");
  assert.equal((await foundBy(alerts, "list"))[0], "dance");
  assert.ok(!(await foundBy(alerts, "list")).includes("liked"));
  for (const name of ["author", "fielded", "venue"]) assert.deepEqual(await foundBy(alerts, name), ["dance"], name);
  assert.deepEqual(await foundBy(alerts, "daily"), ["top", "rest"], "most upvoted first");
  assert.deepEqual(await foundBy(alerts, "trending"), ["top"]);
});

test("a paper that is listed later than it came is found by the daily alert", async () => {
  const { kindred, alerts, clock } = await opened();
  await alerts.add({ name: "daily", ask: { daily: true }, ...utc });
  await brought(kindred, paper("late", "Comets fall"));
  assert.deepEqual(await ran(alerts, "daily"), []);
  clock.now += 24 * HOUR;
  await brought(kindred, paper("late", "Comets fall", { listed: "2026-12-01" }));
  assert.deepEqual(await ran(alerts, "daily"), ["late"]);
  await brought(kindred, paper("late", "Comets fall", { upvotes: 7 }));
  assert.deepEqual(await ran(alerts, "daily"), []);
});

test("of more than it may report, the most relevant are found and the rest is counted, and does not come later", async () => {
  const { kindred, alerts } = await opened();
  await alerts.add({ name: "few", ask: { q: "tides", mode: "lexical" }, atMost: 2, ...utc });
  await alerts.add({ name: "filter", ask: { author: ["Lovelace"] }, atMost: 2, ...utc });
  await alerts.add({ name: "daily", ask: { daily: true }, atMost: 2, ...utc });
  const listed = { listed: "2026-12-01" };
  const titles = [
    "Tides tides tides",
    "Tides tides of the sun",
    "Tides of the moon and of all stars",
    "Tides and so on",
  ];
  await brought(kindred, ...titles.map((title, i) => paper(`p${i}`, title, listed)));
  await kindred.index();
  const outcomes = await alerts.run();
  for (const name of ["few", "filter", "daily"]) {
    const { papers, more } = outcomes.get(name)!;
    assert.deepEqual([papers.length, more], [2, 2], name);
    assert.deepEqual(await ran(alerts, name), [], name);
  }
  assert.equal((await foundBy(alerts, "few"))[0], "p0");
  const [run] = (await alerts.get("few")).runs;
  const { hits } = await kindred.search({ q: "tides", mode: "lexical", addedAfter: run!.after });
  assert.equal(hits.length, 4, "the question of the run can be asked again");
});

test("with since, it finds what is here already, if it was published then", async () => {
  const { kindred, alerts } = await opened(
    paper("a", "Tides one", { published: "2020-01-01" }),
    paper("b", "Tides two", { published: "2026-01-01" }),
  );
  await alerts.add({ name: "since", ask: { q: "tides" }, since: "2025", ...utc });
  assert.deepEqual(await ran(alerts, "since"), ["b"]);
  await brought(
    kindred,
    paper("c", "Tides three", { published: "2026" }),
    paper("d", "Tides 4", { published: "2024" }),
  );
  await kindred.index();
  assert.deepEqual(await ran(alerts, "since"), ["c"]);
});

test("a new version, a repeated and an undone import, and a copy are not found again", async () => {
  const { kindred, alerts } = await opened();
  await alerts.add({ name: "tides", ask: { q: "tides" }, ...utc });
  await alerts.add({ name: "all", ask: { author: ["Lovelace"] }, ...utc });
  const abstract = "We measure tides of the moon with clocks and rulers, every day for a year, in ten harbours.";
  const preprint = paper("x", "Tides in ten harbours", { abstract, arxiv: "2601.00001" });
  const number = await brought(kindred, preprint);
  await kindred.index();
  for (const name of ["tides", "all"]) assert.deepEqual(await ran(alerts, name), ["x"]);
  const again = async (what: string, ...records: object[]) => {
    await brought(kindred, ...records);
    await kindred.index();
    for (const name of ["tides", "all"]) assert.deepEqual(await ran(alerts, name), [], `${name}: ${what}`);
  };
  await again("a new version", { ...preprint, abstract: `${abstract} And a second sentence.` });
  await again("a repeated import", preprint);
  await again("a copy", { ...preprint, id: "journal", arxiv: undefined, doi: "10.1000/tides", venue: "Tides" });
  await kindred.remove("x");
  await again("a paper that was removed, under another id", { ...preprint, id: "y", title: "Tides in 10 harbours" });
  const { papers } = await kindred.browse();
  assert.ok(
    papers.some(({ arxiv }) => arxiv === "2601.00001"),
    "it is here again",
  );
  await kindred.undo(number).catch(() => {});
});

test("papers wait until they are embedded, unless the alert compares none", async () => {
  const { kindred, alerts } = await opened();
  await alerts.add({ name: "meaning", ask: { q: "tides" }, ...utc });
  await alerts.add({ name: "likes", ask: { positive: ["old"] }, ...utc });
  await alerts.add({ name: "words", ask: { q: "tides", mode: "lexical" }, ...utc });
  await brought(kindred, paper("new", "Tides of the sun"));
  const outcomes = await alerts.run();
  assert.deepEqual(
    [...outcomes].map(([name, { papers, waits }]) => [name, papers.length, waits]),
    [
      ["likes", 0, true],
      ["meaning", 0, true],
      ["words", 1, false],
    ],
  );
  assert.equal((await alerts.preview("meaning")).pending, 1);
  await kindred.index();
  assert.deepEqual(await ran(alerts, "meaning"), ["new"]);
  assert.deepEqual(await ran(alerts, "likes"), ["new"]);
});

test("a preview stores nothing", async () => {
  const { kindred, alerts } = await opened();
  await alerts.add({ name: "tides", ask: { q: "tides" }, ...utc });
  await brought(kindred, paper("new", "Tides of the sun"));
  await kindred.index();
  for (let i = 0; i < 2; i++)
    assert.deepEqual(
      (await alerts.preview("tides")).papers.map(({ id }) => id),
      ["new"],
    );
  assert.deepEqual(await ran(alerts, "tides"), ["new"]);
  assert.deepEqual((await alerts.preview("tides")).papers, []);
});

test("an alert is previewed before it is added, among the papers that are here", async () => {
  const { kindred, alerts } = await opened(paper("sun", "Tides of the sun", { published: "2020-05-01" }));
  const previewed = async (asked: Parameters<Alerts["preview"]>[0]) => {
    const { papers, more, after } = await alerts.preview(asked);
    return { ids: papers.map(({ id }) => id).toSorted(), more, after };
  };
  const ask = { q: "tides", mode: "lexical" } as const;
  assert.deepEqual(await previewed({ ask }), { ids: ["old", "sun"], more: 0, after: 0 });
  assert.deepEqual((await previewed({ ask, since: "2020" })).ids, ["sun"]);
  const first = await previewed({ ask, atMost: 1 });
  assert.deepEqual([first.ids.length, first.more], [1, 1]);
  await kindred.createList("seen");
  await assert.rejects(alerts.preview({ ask: { basedOn: ["none"] } }), /none/);
  await assert.rejects(alerts.preview({ ask, atLeastSimilarity: 0.5 }), /atLeastSimilarity: expected none/);
  assert.deepEqual((await alerts.list()).alerts, []);
  assert.deepEqual(await kindred.owned("alerts"), []);
});

test("an alert that was begun is running until it has run, or waits", async () => {
  const { kindred, alerts } = await opened();
  await alerts.add({ name: "words", ask: { q: "tides", mode: "lexical" }, ...utc });
  await alerts.add({ name: "meaning", ask: { q: "tides" }, ...utc });
  await brought(kindred, paper("new", "Tides of the sun"));
  // While another job runs, they cannot end before they are looked at.
  let release = (): void => {};
  const held = new Promise<string>((resolve) => (release = () => resolve("done")));
  let taken = (): void => {};
  const started = new Promise<void>((resolve) => (taken = resolve));
  await kindred.jobs.register({ name: "other", next: (now) => now + HOUR, run: () => (taken(), held) });
  const other = kindred.jobs.run("other");
  await started;
  for (const name of ["words", "meaning"]) await alerts.begin(name);
  const isRunning = async (name: string) => (await alerts.get(name)).alert.running;
  assert.deepEqual([await isRunning("words"), await isRunning("meaning")], [true, true]);
  release();
  await other;
  while (await isRunning("words")) await setTimeout(10);
  assert.equal((await alerts.get("words")).alert.found, 1);
  while (await isRunning("meaning")) await setTimeout(10);
  assert.equal((await alerts.get("meaning")).alert.ran, null, "the paper is not embedded");
  await kindred.jobs.remove("other");
});

test("what is due runs once, however long nothing ran it, and not while it is paused", async () => {
  const { kindred, alerts, clock } = await opened();
  await alerts.add({ name: "tides", ask: { q: "tides", mode: "lexical" }, at: "08:00", ...utc });
  await alerts.add({ name: "paused", ask: { q: "tides", mode: "lexical" }, ...utc });
  await alerts.change("paused", { paused: true });
  const due = async () => (await alerts.list()).alerts.map(({ next }) => next);
  assert.deepEqual(await due(), [null, "2026-11-30T08:00:00.000Z"]);
  await brought(kindred, paper("one", "Tides one"));
  assert.match(await kindred.jobs.run("alerts"), /^0 alerts ran/, "it is seven o'clock");
  clock.now += 7 * 24 * HOUR + 2 * HOUR;
  await brought(kindred, paper("two", "Tides two"));
  assert.match(await kindred.jobs.run("alerts"), /^1 alerts ran, and found 2 papers/);
  assert.match(await kindred.jobs.run("alerts"), /^0 alerts ran/);
  assert.equal((await alerts.get("tides")).runs.length, 1);
  assert.deepEqual(await due(), [null, "2026-12-08T08:00:00.000Z"]);
  // The clock was wrong by a year, and is set back.
  clock.now += 365 * 24 * HOUR;
  await kindred.jobs.run("alerts");
  clock.now -= 365 * 24 * HOUR;
  assert.deepEqual(await due(), [null, "2026-12-08T08:00:00.000Z"]);
  clock.now += 24 * HOUR;
  assert.match(await kindred.jobs.run("alerts"), /^1 alerts ran/, "and not only when that year has passed");
  await alerts.change("paused", { paused: false });
  assert.match(await kindred.jobs.run("alerts"), /^1 alerts ran, and found 2 papers/, "nothing was lost meanwhile");
});

test("an alert whose list was removed says so, loses nothing, and does not stop the others", async () => {
  const { kindred, alerts } = await opened();
  await kindred.createList("mine");
  await kindred.addToList("mine", "old");
  await alerts.add({ name: "list", ask: { basedOn: ["mine"] }, ...utc });
  await alerts.add({ name: "tides", ask: { q: "tides" }, ...utc });
  await alerts.add({ name: "filter", ask: { list: ["mine"] }, ...utc });
  await kindred.deleteList("mine");
  await brought(kindred, paper("new", "Tides of the sun"));
  await kindred.index();
  const outcomes = await alerts.run();
  for (const name of ["list", "filter"])
    assert.match(outcomes.get(name)!.error!.message, /there is no list "mine"/, name);
  assert.equal(outcomes.get("tides")!.papers.length, 1);
  assert.match((await alerts.get("list")).alert.error!, /there is no list "mine"/);
  await kindred.createList("mine");
  assert.deepEqual(await ran(alerts, "list"), [], "an empty list is like nothing");
  await kindred.addToList("mine", "old");
  await brought(kindred, paper("newer", "Tides of Mars"));
  await kindred.index();
  assert.deepEqual(await ran(alerts, "list"), ["newer"]);
  assert.equal((await alerts.get("list")).alert.error, null);
});

test("an alert follows a list that is renamed, and the list keeps its name if it cannot be", async () => {
  const { kindred, alerts } = await opened();
  for (const name of ["Bees", "wasps"]) await kindred.createList(name);
  await alerts.add({ name: "liked", ask: { basedOn: ["bees", "wasps"] }, ...utc });
  await alerts.add({ name: "listed", ask: { q: "tides", list: ["BEES"] }, ...utc });
  await alerts.add({ name: "other", ask: { basedOn: ["wasps"] }, ...utc });
  const asks = async () => (await alerts.list()).alerts.map(({ ask }) => ask);
  await assert.rejects(kindred.renameList("bees", "wasps"), { code: "invalid" });
  assert.deepEqual((await asks())[0], { basedOn: ["bees", "wasps"] });
  // The library's own alerts rename the list; those of the test are as in another process.
  await Promise.all([kindred.renameList("bees", "Honey bees"), alerts.change("liked", { atMost: 5 })]);
  assert.deepEqual(await asks(), [
    { basedOn: ["Honey bees", "wasps"] },
    { q: "tides", list: ["Honey bees"] },
    { basedOn: ["wasps"] },
  ]);
  assert.equal((await alerts.get("liked")).alert.atMost, 5);
});

test("an alert is renamed, changed, marked as seen and removed with everything of it", async () => {
  const { kindred, alerts } = await opened();
  await alerts.add({ name: "a", ask: { q: "tides" }, ...utc });
  await brought(kindred, paper("new", "Tides of the sun"), paper("bee", "Bees dance"));
  await kindred.index();
  await alerts.change("a", { name: "b", ask: { author: ["Lovelace"] }, every: "week", days: "TUE,thu", atMost: 1 });
  const { alert } = await alerts.get("b");
  assert.deepEqual([alert.every, alert.days, alert.atMost, alert.ask["q"]], ["week", "tue,thu", 1, undefined]);
  assert.equal((await ran(alerts, "b")).length, 1);
  assert.equal((await alerts.list()).unread, 1);
  await alerts.change("b", { seen: true });
  assert.equal((await alerts.list()).unread, 0);
  await brought(kindred, paper("newer", "Tides of Mars"));
  await ran(alerts, "b");
  assert.equal((await alerts.list()).unread, 1);
  await alerts.see();
  assert.equal((await alerts.list()).unread, 0);
  await assert.rejects(alerts.get("a"), /there is no alert called a: "kindred alert list"/);
  await alerts.remove("b");
  assert.deepEqual(await alerts.list(), { alerts: [], unread: 0, mail: "no-server" });
  assert.deepEqual(await kindred.owned("alerts"), []);
  assert.deepEqual((await kindred.status()).jobs, []);
});

test("what is stored of an alert is bounded, and still nothing comes twice", async () => {
  const { kindred, alerts } = await opened();
  await alerts.add({ name: "all", ask: { author: ["Lovelace"] }, ...utc });
  const first = await brought(kindred, paper("p0", "Tides number 0"));
  await ran(alerts, "all");
  for (let i = 1; i <= 101; i++) {
    await brought(kindred, paper(`p${i}`, `Tides number ${i}`));
    await ran(alerts, "all");
  }
  const { alert, runs } = await alerts.get("all");
  assert.deepEqual([alert.found, runs.length, runs[0]!.number, runs.at(-1)!.number], [102, 100, 102, 3]);
  assert.ok(first > 0);
  await kindred.remove("p0");
  await brought(kindred, paper("p0", "Tides number 0"));
  assert.deepEqual(await ran(alerts, "all"), [], "papers are remembered longer than runs");
});

test("a region of the map finds papers there, and says when the map was laid out anew", async () => {
  const { kindred, alerts } = await opened(
    ...Array.from({ length: 60 }, (_, i) => paper(`p${i}`, `Tides ${i} of sea ${i % 7}`)),
  );
  const { bounds } = await kindred.map();
  const area = [bounds.x0 - 1, bounds.y0 - 1, bounds.x1 + 1, bounds.y1 + 1].join(",");
  await alerts.add({ name: "everywhere", ask: { area }, ...utc });
  await brought(kindred, paper("new", "Tides 3 of sea 3 and 4"));
  assert.equal((await alerts.run()).get("everywhere")!.waits, true, "it is not on the map yet");
  await kindred.index();
  assert.deepEqual(await ran(alerts, "everywhere"), ["new"]);
  const rows = await kindred.owned("alerts", "alert/");
  const moved = rows.map((one) => ({ ...one, value: one.value!.replace(area, "900,900,901,901") }));
  await kindred.putOwned(moved);
  const outcome = (await alerts.run()).get("everywhere")!;
  assert.match(outcome.error!.message, /the map was laid out anew/);
});

test("wrong alerts are refused, in words", async () => {
  const { alerts } = await opened();
  await alerts.add({ name: "taken", ask: { q: "a" } });
  for (const [given, words] of [
    [{ name: "taken", ask: { q: "a" } }, /there is an alert called taken/],
    [{ name: "", ask: { q: "a" } }, /name: expected up to 100 letters/],
    [{ name: "a/b", ask: { q: "a" } }, /name/],
    [{ name: "a", ask: {} }, /ask: expected a query; papers/],
    [{ name: "a", ask: { q: "a", daily: true } }, /ask: expected one of: a query/],
    [{ name: "a", ask: { mode: "lexical", author: ["x"] } }, /ask.mode: expected none without a query/],
    [{ name: "a", ask: { negative: ["x"], author: ["x"] } }, /ask.negative: expected none without/],
    [{ name: "a", ask: { q: "a", addedAfter: 3 } }, /addedAfter/],
    [{ name: "a", ask: { daily: true, listed: "2026" } }, /ask.listed: expected none/],
    [{ name: "a", ask: { q: "a" }, at: "8" }, /at: expected a time such as 08:00/],
    [{ name: "a", ask: { q: "a" }, at: "24:00" }, /at: expected a time/],
    [{ name: "a", ask: { q: "a" }, zone: "Mars/Olympus" }, /zone: expected a time zone such as Europe\/Berlin/],
    [{ name: "a", ask: { q: "a" }, days: "monday" }, /days: expected days such as mon-fri/],
    [{ name: "a", ask: { q: "a" }, every: "year" }, /every/],
    [{ name: "a", ask: { q: "a" }, atMost: 0 }, /atMost/],
    [{ name: "a", ask: { q: "a", mode: "lexical" }, atLeastSimilarity: 0.5 }, /atLeastSimilarity: expected none/],
    [{ name: "a", ask: { q: "a" }, since: "yesterday" }, /since: expected a date/],
  ] as const)
    await assert.rejects(
      alerts.add(given as never),
      (thrown) => thrown instanceof KindredError && thrown.code === "invalid" && words.test(thrown.message),
      JSON.stringify(given),
    );
  await assert.rejects(alerts.change("taken", { atLeastSimilarity: 2 }), /atLeastSimilarity/);
  for (const work of [
    () => alerts.remove("none"),
    () => alerts.preview("none"),
    () => alerts.run(["none"]),
    () => alerts.begin("none"),
  ])
    await assert.rejects(work, (thrown) => thrown instanceof KindredError && thrown.code === "not-found");
});

test("a machine without a known time zone uses UTC, and a stored alert that is wrong stops no other", async () => {
  const { kindred, alerts } = await opened();
  const before = process.env["TZ"];
  try {
    for (const [name, zone] of [
      ["empty", ""],
      ["file", ":/etc/localtime"],
    ] as const) {
      process.env["TZ"] = zone;
      await alerts.add({ name, ask: { q: "tides" } });
      assert.equal((await alerts.get(name)).alert.zone, "UTC");
    }
  } finally {
    if (before === undefined) delete process.env["TZ"];
    else process.env["TZ"] = before;
  }
  for (const { owner, key, value } of await kindred.owned("alerts", "alert/")) {
    const wrong = { ...JSON.parse(value!), zone: "Etc/Unknown", days: "sometimes" };
    await kindred.putOwned([{ owner, key, value: JSON.stringify(wrong) }]);
  }
  await alerts.add({ name: "right", ask: { author: ["Lovelace"] }, ...utc });
  await brought(kindred, paper("new", "New"));
  const shown = (await alerts.list()).alerts.map(({ name, zone, days }) => [name, zone, days]);
  assert.deepEqual(shown, [
    ["empty", "UTC", null],
    ["file", "UTC", null],
    ["right", "UTC", null],
  ]);
  assert.deepEqual(await ran(alerts, "right"), ["new"]);
});

test("an alert that fails does not stop the others, and a run that cannot be read is left out", async () => {
  const { kindred, alerts } = await opened();
  for (const name of ["a bad one", "good", "some bad one"])
    await alerts.add({ name, ask: { author: ["Lovelace"] }, ...utc });
  for (const { name, alert } of await alerts.known())
    if (name !== "good") await kindred.putOwned([{ owner: "alerts", key: `keys/${alert.id}/000000000`, value: "{}" }]);
    else
      await kindred.putOwned(
        ["[]", "no JSON"].map((value, i) => ({ owner: "alerts", key: `run/${alert.id}/${900_000_000 + i}`, value })),
      );
  await brought(kindred, paper("new", "New"));
  await assert.rejects(alerts.run(), /expected array/);
  assert.deepEqual(await foundBy(alerts, "good"), ["new"]);
});

test("a similarity limits what a search finds, and what is like a like", async () => {
  const { kindred, alerts } = await opened();
  await alerts.add({ name: "none", ask: { q: "old tides of the moon" }, atLeastSimilarity: 1, ...utc });
  await alerts.add({ name: "near", ask: { positive: ["old"] }, atLeastSimilarity: 0.9, ...utc });
  await brought(kindred, paper("near", "Old tides of the moon, again"), paper("far", "Bees dance"));
  await kindred.index();
  assert.deepEqual(await ran(alerts, "none"), []);
  for (const found of (await alerts.run(["near"])).get("near")!.papers) assert.ok(found.similarity! >= 0.9);
  assert.ok(!(await foundBy(alerts, "near")).includes("far"));
});

test("a process that is killed while alerts run loses nothing, and finds nothing twice", async (t) => {
  const { kindred, alerts } = await opened();
  const names = Array.from({ length: 20 }, (_, i) => `alert ${i}`);
  for (const name of names) await alerts.add({ name, ask: { q: "tides", mode: "lexical" }, atMost: 500, ...utc });
  const expected: string[] = [];
  const foundInAll = async () => (await alerts.list()).unread;
  let cut = 0;
  for (let round = 0; round < 4; round++) {
    const ids = Array.from({ length: 3 }, (_, i) => `p${round}-${i}`);
    expected.push(...ids);
    await brought(kindred, ...ids.map((id) => paper(id, `Tides of ${id}`)));
    const already = await foundInAll();
    const child = spawn(process.execPath, [CHILD, kindred.directory], { stdio: "inherit" });
    const ended = once(child, "close");
    while ((await foundInAll()) < already + 3 + 12 * round && child.exitCode === null) await setTimeout(2);
    child.kill("SIGKILL");
    await ended;
    if ((await foundInAll()) < names.length * expected.length) cut++;
  }
  t.diagnostic(`${cut} of 4 runs were cut off`);
  // The lease of the process that was killed.
  await kindred.jobs.remove("alerts");
  await alertsOf(kindred, () => clock.now).then(async ({ alerts, close }) => {
    await alerts.run();
    close();
  });
  for (const name of names) assert.deepEqual((await foundBy(alerts, name)).toSorted(), expected.toSorted());
});
