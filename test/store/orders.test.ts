import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Order } from "../../src/api.js";
import { record } from "./records.js";
import { Store } from "../../src/store/store.js";
import { MODEL } from "./store.js";

const SORTS: Order[] = ["date", "upvotes", "trending"];

/** Every page in memory must be the page that SQL finds. */
function agree(store: Store): void {
  const half = store.papers.labels({ addedAfter: 10 })!;
  const allowed = new Uint8Array(store.papers.newest() + 1);
  for (const label of half) allowed[label] = 1;
  for (const sort of SORTS)
    for (const [filters, passing] of [
      [{}, null],
      [{ addedAfter: 10 }, allowed],
    ] as const)
      for (let expected = store.papers.browse(filters, sort, 7), after = undefined; ;) {
        const labels = store.orders.page(sort, () => passing, 7, after);
        assert.deepEqual(
          labels,
          expected.map(({ label }) => label),
          sort,
        );
        for (const { paper, label, key } of expected) assert.equal(store.orders.keyOf(paper, label, sort), key);
        after = expected.at(-1);
        if (after === undefined) break;
        expected = store.papers.browse(filters, sort, 7, after);
      }
}

test("pages in memory are those of SQL, also after papers were added, changed and removed", () => {
  const { store } = Store.inMemory(MODEL);
  const put = (count: number, seed: number) =>
    store.write(() => fc.sample(record, { numRuns: count, seed }).forEach((one) => store.papers.put(one)));
  put(150, 1);
  agree(store);
  for (let round = 0; round < 6; round++) {
    store.write(() => {
      for (const { paper } of store.papers.export(20 * round, 3)) store.papers.remove(paper.id);
      for (const [i, { paper }] of store.papers.export(20 * round + 5, 4).entries()) {
        store.papers.put({ id: paper.id, title: paper.title, upvotes: 10 * i + round, published: "2031-05" });
      }
    });
    agree(store);
  }
  put(150, 2);
  agree(store);
  store.close();
});

test("SQL answers while much is unread, and papers are read in slices", () => {
  const { store } = Store.inMemory(MODEL);
  store.write(() => {
    for (let i = 0; i < 2_001; i++) store.papers.put({ title: `Paper ${i}`, published: String(1990 + (i % 30)) });
  });
  const page = () => store.orders.page("date", () => null, 5);
  assert.equal(store.orders.catchUp(Infinity), false, "nothing is read before the first use");
  assert.equal(page(), null);
  let slices = 1;
  while (store.orders.catchUp(0)) slices++;
  assert.ok(slices > 10, `${slices}`);
  assert.deepEqual(
    page(),
    store.papers.browse({}, "date", 5).map(({ label }) => label),
  );
  store.close();
});

test("papers of a category are those of its parts and their other filters", () => {
  const { store } = Store.inMemory(MODEL);
  const categories = [["cs.LG"], ["CS.cl", "cs.LG"], ["cs"], ["math.CO"], [], ["csx"]];
  store.write(() =>
    categories.forEach((each, i) =>
      store.papers.put({ title: `On ${i}`, categories: each, published: String(2000 + i) }),
    ),
  );
  const labels = (category: string[], from?: string) =>
    Array.from(store.papers.labels({ category, ...(from === undefined ? {} : { from }) })!);
  assert.deepEqual(labels(["cs"]), [1, 2, 3]);
  assert.deepEqual(labels(["cs", "math.co"]), [1, 2, 3, 4]);
  assert.deepEqual(labels(["cs", "cs.lg"], "2001"), [2, 3]);
  assert.deepEqual(labels(["none"]), []);
  store.close();
});
