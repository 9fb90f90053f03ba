import assert from "node:assert/strict";
import { test } from "node:test";
import { europepmc } from "../../src/sources/europepmc.js";
import { type Answers, complete, readKeys, allCome, Service, Shelf, TestClock, withNetwork } from "./service.js";

const RECORDS = Array.from({ length: 950 }, (_, i) => ({
  source: i % 3 === 0 ? "PPR" : "MED",
  id: String(1000 + i),
  title: `Record ${i}.`,
  isOpenAccess: "Y",
}));

/** The cursor of the last page comes back with an empty one; errors come with the status 200. */
const api =
  (lost = 0, expired: () => boolean = () => false): Answers =>
  ({ url, query }) => {
    assert.equal(url.pathname, "/search");
    assert.equal(query.get("resultType"), "core");
    const cursor = query.get("cursorMark")!;
    if (cursor !== "*" && expired()) return { body: { errCode: 404, errMsg: "Invalid cursor mark" } };
    const size = Number(query.get("pageSize"));
    if (size > 1000) return { body: { errCode: 404, errMsg: "Invalid page size provided." } };
    const at = cursor === "*" ? 0 : Number(cursor.slice(4).replace("==", ""));
    const result = RECORDS.slice(at, at + size).slice(0, RECORDS.length - lost - at);
    const nextCursorMark = result.length === 0 ? cursor : `AoI/${Math.min(at + size, RECORDS.length)}==`;
    return { body: { hitCount: RECORDS.length, nextCursorMark, resultList: { result } } };
  };
const options = { query: 'CRISPR AND SRC:"PPR"' };

test("all records come", async () => {
  await allCome({ kind: europepmc, options, answers: () => api(), read: readKeys }, 950);
});

test("the list ends when its cursor comes back", async () => {
  const { shelf, asked } = await complete({ kind: europepmc, options, answers: () => api(), read: readKeys });
  assert.equal(asked.length, 6);
  assert.deepEqual(shelf.remarks, []);
});

test("nothing found, an expired cursor, a lost record, an error in a 200", async () => {
  const none = await complete({
    kind: europepmc,
    options,
    answers: () => () => ({ body: { version: "6.9", hitCount: 0, resultList: { result: [] } } }),
    read: readKeys,
  });
  assert.equal(none.shelf.papers.size, 0);
  let cursors = 0;
  const again = await complete({
    kind: europepmc,
    options,
    answers: () => api(0, () => ++cursors === 3),
    read: readKeys,
  });
  assert.equal(again.shelf.papers.size, 950);
  assert.deepEqual(again.shelf.remarks, []);
  const short = await complete({ kind: europepmc, options, answers: () => api(1), read: readKeys });
  assert.deepEqual(short.shelf.remarks, ["127.0.0.1 sent 949 of the 950 records that it counts"]);
  await assert.rejects(
    complete({
      kind: europepmc,
      options,
      answers: () => () => ({ body: { errCode: 404, errMsg: "No" } }),
      read: readKeys,
    }),
    /answered without a list of records: No/,
  );
});

test("a second run asks for what was updated", async () => {
  const clock = new TestClock();
  const service = await Service.start(api(), clock);
  const shelf = new Shelf();
  const run = { options: { ...options, since: "2026-01-01", baseUrl: service.base, private: true } };
  try {
    await withNetwork({ clock }, async (network) => {
      await shelf.run(europepmc, { ...run, network }, readKeys);
      await shelf.run(europepmc, { ...run, network }, readKeys);
    });
    const first = '(CRISPR AND SRC:"PPR") AND (FIRST_IDATE:[2026-01-01 TO 3000-12-31])';
    assert.equal(service.asked[0]!.query.get("query"), first);
    assert.equal(service.asked.at(-1)!.query.get("query"), `${first} AND (UPDATE_DATE:[2026-11-28 TO 3000-12-31])`);
  } finally {
    await service.close();
  }
});
