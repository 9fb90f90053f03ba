import assert from "node:assert/strict";
import { get } from "node:http";
import { test } from "node:test";
import { mapMatchesAnswerSchema, mapPapersAnswerSchema, mapSchema } from "../../src/api.js";
import { idsOf, jsonLines, parsed, problemIn, servedSample, type Query } from "./serving.js";

const served = servedSample();

const map = async () => parsed(mapSchema, await served.ask("api/map"));
const lit = async (query: Query) =>
  parsed(mapMatchesAnswerSchema, await served.ask(served.path("api/map/matches", query))).labels;
const papers = async (label: readonly number[]) =>
  parsed(mapPapersAnswerSchema, await served.ask(served.path("api/map/papers", { label }))).papers;

async function points() {
  const response = await fetch(`${served.serving.url}api/map/points`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/octet-stream");
  const view = new DataView(await response.arrayBuffer());
  assert.equal(view.byteLength % 16, 0);
  const all = Array.from({ length: view.byteLength / 16 }, (_, i) => ({
    label: view.getUint32(16 * i, true),
    x: view.getFloat32(16 * i + 4, true),
    y: view.getFloat32(16 * i + 8, true),
    year: view.getUint16(16 * i + 12, true),
    category: view.getUint8(16 * i + 14),
    nothing: view.getUint8(16 * i + 15),
  }));
  return { all, etag: response.headers.get("etag") };
}

test("every paper is a point with its year and first category, in ascending order of labels, within the bounds", async () => {
  const [{ all, etag }, { version, points: count, pending, bounds, categories, years, regions }] = [
    await points(),
    await map(),
  ];
  assert.deepEqual([etag, count, pending, all.length], [`"${version}"`, 154, 0, 154]);
  const labels = all.map(({ label }) => label);
  assert.deepEqual(
    labels,
    labels.toSorted((a, b) => a - b),
  );
  const told = new Map(
    (await Promise.all([0, 50, 100, 150].map((i) => papers(labels.slice(i, i + 50)))))
      .flat()
      .map(({ label, paper }) => [label, paper]),
  );
  assert.equal(told.size, 154);
  for (const { label, x, y, year, category, nothing } of all) {
    const { published, categories: own } = told.get(label)!;
    assert.equal(year, published === null ? 0 : Number(published.slice(0, 4)));
    assert.equal(categories[category], categories.includes(own[0] ?? "") ? own[0] : undefined);
    if (category >= categories.length) assert.equal(category, 255);
    assert.equal(nothing, 0);
    assert.ok(x >= bounds.x0 && x <= bounds.x1 && y >= bounds.y0 && y <= bounds.y1);
  }
  const dated = all.map(({ year }) => year).filter((year) => year > 0);
  assert.deepEqual(years, { from: Math.min(...dated), to: Math.max(...dated) });
  assert.ok(regions.length >= 5 && regions.every(({ name }) => name.length > 2), "it has regions, and they have names");
});

/** Without `fetch`, which disables caching if it is given a version. */
const statusFor = (version: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    get(`${served.serving.url}api/map/points`, { headers: { "if-none-match": version } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });

test("a client that has the current points gets 304", async () => {
  const { etag } = await points();
  assert.deepEqual([await statusFor(etag ?? ""), await statusFor('"another"')], [304, 200]);
});

test("the matches of a search are its hits, best first", async () => {
  const query = { q: "why do people make irrational choices" };
  const { hits } = await served.answer({ ...query, limit: 500 });
  const labels = await lit({ ...query, limit: 500 });
  const told = new Map(
    (
      await Promise.all(
        Array.from({ length: 10 }, (_, i) => labels.slice(50 * i, 50 * i + 50))
          .filter((some) => some.length > 0)
          .map(papers),
      )
    )
      .flat()
      .map(({ label, paper }) => [label, paper.id]),
  );
  assert.deepEqual(
    labels.map((label) => told.get(label)),
    hits.map(({ paper }) => paper.id),
  );
  assert.deepEqual(await lit({ ...query, limit: 7 }), labels.slice(0, 7));
  assert.equal((await lit({ q: "the", mode: "lexical", category: "no such category" })).length, 0);
  assert.deepEqual(await lit({ q: "..." }), [], "a query that says nothing lights nothing");
});

test("the matches of filters alone are all papers that pass; without filters, all papers", async () => {
  const labels = (await points()).all.map(({ label }) => label);
  assert.deepEqual(await lit({}), labels);
  const { papers: physics } = await served.browse({ category: "Physics", limit: 500 });
  assert.equal((await lit({ category: "Physics" })).length, physics.length);
  assert.ok(physics.length > 5 && physics.length < labels.length);
});

test("a filter by area passes the papers in it, in a list and in a search", async () => {
  const { all } = await points();
  const area = "-500,-200,50,100";
  const inside = all.filter(({ x, y }) => x >= -500 && x <= 50 && y >= -200 && y <= 100).map(({ label }) => label);
  assert.ok(inside.length > 10 && inside.length < 140);
  assert.deepEqual(await lit({ area }), inside);
  assert.deepEqual(await lit({ area: "50,100,-500,-200" }), inside, "any two opposite corners");
  const listed = await served.browse({ area, limit: 500 });
  assert.equal(listed.total, inside.length);
  for (const mode of ["hybrid", "semantic"]) {
    const found = await served.answer({ q: "how do machines learn", mode, area, limit: 500 });
    assert.deepEqual(idsOf(found).toSorted(), listed.papers.map(({ id }) => id).toSorted(), mode);
  }
  const one = all[3]!;
  assert.deepEqual(await lit({ area: [one.x, one.y, one.x, one.y].join(",") }), [one.label], "a point is an area");
});

for (const area of ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1,2,,4", "1,2,3,Infinity", "NaN,0,1,1"])
  test(`the area ${JSON.stringify(area)} is refused with what was expected`, async () => {
    const problem = problemIn(await served.ask(served.path("api/map/matches", { area })), 400);
    assert.equal(problem.parameter, "area");
    assert.match(problem.detail, /expected four numbers separated by commas, x0,y0,x1,y1.*got/);
  });

test("papers are returned by label, in the order requested, without unknown ones", async () => {
  const told = await papers([9, 1, 77_777, 4]);
  assert.deepEqual(
    told.map(({ label }) => label),
    [9, 1, 4],
  );
  for (const { paper } of told) assert.equal((await served.kindred.paper(paper.id)).title, paper.title);
});

test("invalid labels, and too many, are refused", async () => {
  const many = Array.from({ length: 51 }, (_, i) => i);
  for (const label of [[], ["x"], [-1], [1.5], many])
    assert.match(
      problemIn(await served.ask(served.path("api/map/papers", { label })), 400).parameter ?? "",
      /^label(\.0)?$/,
    );
});

test("an added paper gets a point, a removed one loses it, and no other paper moves", async () => {
  const before = await points();
  await served.import(jsonLines({ id: "kites", title: "How kites stay in the air", published: "2031" }));
  const { pending } = await map();
  assert.ok(pending <= 1);
  for (let i = 0; (await map()).pending > 0; i++) {
    assert.ok(i < 300, "it is on the map after half a minute");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const after = await points();
  const [kites] = after.all.filter(({ year }) => year === 2031);
  assert.deepEqual(
    after.all.filter((point) => point !== kites),
    before.all,
  );
  assert.notEqual(after.etag, before.etag);
  assert.deepEqual(
    (await papers([kites!.label])).map(({ paper }) => paper.id),
    ["kites"],
  );
  await served.ask("api/papers/kites", { method: "DELETE" });
  assert.deepEqual((await points()).all, before.all);
});
