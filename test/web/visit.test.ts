import assert from "node:assert/strict";
import { test } from "node:test";
import { nextVisit, parseVisit } from "../../src/web/search/visit.js";

const HOUR = 3_600_000;

test("nothing is new on the first visit", () => {
  assert.deepEqual(nextVisit(null, 5, 154), { at: 5, newest: 154, since: 154 });
});

test("papers added since the last visit are new for the whole visit", () => {
  const first = nextVisit(null, 0, 154);
  const second = nextVisit(first, HOUR, 160);
  assert.equal(second.since, 154);
  const reloaded = nextVisit(second, HOUR + 60_000, 165);
  assert.equal(reloaded.since, 154);
  assert.equal(reloaded.last, 0, "when the visit before was");
  assert.equal(nextVisit(reloaded, 3 * HOUR, 170).since, 165);
});

test("nothing is new in another directory with fewer papers", () => {
  assert.equal(nextVisit({ at: 0, newest: 1_000, since: 900 }, HOUR, 20).since, 20);
});

test("an invalid stored visit is ignored", () => {
  const visit = { at: 1, newest: 2, since: 3 };
  for (const one of [visit, { ...visit, last: 4 }]) assert.deepEqual(parseVisit(JSON.stringify(one)), one);
  for (const kept of [null, "", "{", "[]", "7", '{"at":"1","newest":2,"since":3}'])
    assert.equal(parseVisit(kept), null);
});
