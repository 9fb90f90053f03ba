import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  addressOf,
  browse,
  isDate,
  sortOf,
  type PageFilters,
  type View,
  viewOf,
  wholeMap,
  withoutValue,
  withValue,
} from "../../src/web/navigation/address.js";

const viewAt = (address: string): View => viewOf(address.slice("./".length));

const value = fc
  .string({ minLength: 1, unit: "grapheme" })
  .filter((text) => text.trim() !== "" && text === text.trim());
const list = fc.uniqueArray(value, { minLength: 1, maxLength: 3 });
const coordinate = fc.integer({ min: -5_000, max: 5_000 }).map((hundredths) => hundredths / 100);
const area = fc
  .tuple(coordinate, coordinate, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
  .map(([x0, y0, wide, high]) => ({ x0, y0, x1: x0 + wide, y1: y0 + high }));
const filters: fc.Arbitrary<PageFilters> = fc.record(
  {
    from: fc.constantFrom("2017", "2017-06", "2017-06-12"),
    to: fc.constantFrom("2020", "2021-12"),
    year: fc.uniqueArray(fc.integer({ min: 1000, max: 9999 }), { minLength: 1, maxLength: 3 }),
    category: list,
    venue: list,
    author: list,
    source: list,
    list,
    listed: fc.constantFrom("2024-05-01", "2024-W18", "2024-05", "2024"),
    addedAfter: fc.nat(),
    area,
  },
  { requiredKeys: [], noNullPrototype: true },
);
const view: fc.Arbitrary<View> = fc.oneof(
  fc.record({
    view: fc.constant("search" as const),
    q: fc.oneof(fc.constant(""), value),
    mode: fc.constantFrom("hybrid" as const, "semantic" as const, "lexical" as const),
    sort: fc.constantFrom("relevance", "date", "upvotes", "trending", "added"),
    filters,
  }),
  fc.record({
    view: fc.constant("paper" as const),
    id: value,
    aspect: fc.constantFrom(null, "background" as const, "method" as const, "result" as const),
  }),
  fc.record({ view: fc.constant("for-you" as const), list: value, filters }),
  fc.record({ view: fc.constant("library" as const), list: value }),
  fc.record({ view: fc.constant("sources" as const) }),
  fc.record({
    view: fc.constant("open" as const),
    text: fc.oneof(fc.constant(""), value),
    title: fc.oneof(fc.constant(""), value),
  }),
  fc.record({ view: fc.constant("alerts" as const), alert: fc.option(value) }),
  fc.record({
    view: fc.constant("map" as const),
    q: fc.oneof(fc.constant(""), value),
    filters,
    colour: fc.oneof(
      fc.constantFrom(null, "category" as const, "year" as const),
      value.map((name) => `list:${name}` as const),
    ),
    at: fc.option(
      fc.record({ x: coordinate, y: coordinate, zoom: fc.integer({ min: -8, max: 20 }) }, { noNullPrototype: true }),
    ),
  }),
  fc.record({
    view: fc.constant("daily" as const),
    by: fc.constantFrom("day" as const, "week" as const, "month" as const, "trending" as const),
    period: fc.constantFrom(null, "2024-05-01", "2024-W18", "2024-05"),
  }),
);

describe("the address of a view", () => {
  test("leads back to the same view, for any view", () => {
    fc.assert(fc.property(view, (one) => assert.deepEqual(viewAt(addressOf(one)), { ...one })));
  });

  test("is the bare page for browsing all papers", () => {
    assert.equal(addressOf(browse()), "./");
  });

  test("leaves defaults out", () => {
    assert.equal(addressOf({ ...browse(), q: "graph kernels" }), "./?q=graph+kernels");
  });

  test("escapes a paper's id", () => {
    assert.equal(addressOf({ view: "paper", id: "a/b?c=d&e#f", aspect: null }), "./?paper=a%2Fb%3Fc%3Dd%26e%23f");
  });

  test("with unknown parts is understood as far as possible", () => {
    assert.deepEqual(viewOf("?q=+x+&mode=psychic&sort=luck&from=yesterday&to=2020-13&year=soon&venue=&utm=1"), {
      ...browse(),
      q: "x",
    });
  });

  test("of an unmoved map without matches contains only the view", () => {
    assert.equal(addressOf(wholeMap("", {})), "./?view=map");
    assert.deepEqual(viewOf("?view=map&colour=luck&at=here&area=1,2,3"), wholeMap("", {}));
    assert.deepEqual(viewOf("?view=map&colour=list:"), wholeMap("", {}));
  });

  test("keeps an order that the view does not support, and the view uses its default", () => {
    assert.equal(sortOf({ ...browse(), sort: "trending" }), "trending");
    assert.equal(sortOf({ ...browse(), sort: "relevance" }), "date");
    assert.equal(sortOf({ ...browse(), q: "x", sort: "added" }), "relevance");
    assert.equal(sortOf({ ...browse(), q: "x", sort: "upvotes" }), "upvotes");
  });

  test("with a repeated value has it once", () => {
    assert.deepEqual(viewOf("?category=cs&category=cs"), browse({ category: ["cs"] }));
  });
});

describe("filters", () => {
  test("hold a value once", () => {
    const once = withValue({ from: "2017" }, "author", "Lovelace");
    assert.deepEqual(once, { from: "2017", author: ["Lovelace"] });
    assert.equal(withValue(once, "author", "Lovelace"), once);
    assert.deepEqual(withValue(once, "author", "Noether").author, ["Lovelace", "Noether"]);
  });

  test("drop a list with its last value", () => {
    assert.deepEqual(withoutValue({ venue: ["A", "B"] }, "venue", "A"), { venue: ["B"] });
    assert.deepEqual(withoutValue({ venue: ["B"], to: "2020" }, "venue", "B"), { to: "2020" });
  });

  test("accept a date of any precision, and nothing else", () => {
    for (const date of ["2017", "2017-06", "2017-06-12"]) assert.ok(isDate(date), date);
    for (const text of ["", "17", "2017-6", "2017-13", "2017-06-32", "2017-06-12T00:00", "June"])
      assert.ok(!isDate(text), text);
  });
});
