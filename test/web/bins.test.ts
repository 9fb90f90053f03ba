import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { binsOf, papersIn, spanOf, withSpan, yearsInWords } from "../../src/web/search/bins.js";

const years = fc
  .uniqueArray(
    fc.record({ year: fc.integer({ min: 1_000, max: 9_999 }), papers: fc.integer({ min: 1, max: 5_000 }) }),
    {
      minLength: 1,
      maxLength: 40,
      selector: ({ year }) => year,
    },
  )
  .map((counted) =>
    counted.toSorted((a, b) => a.year - b.year).map(({ year, papers }) => ({ value: String(year), papers })),
  );

describe("the bars of a histogram", () => {
  test("count every paper once, in its year, without gaps or overlaps, and are at most sixty", () => {
    fc.assert(
      fc.property(years, (counted) => {
        const bins = binsOf(counted);
        assert.ok(bins.length <= 60);
        assert.equal(bins[0]!.first, Number(counted[0]!.value));
        assert.equal(bins.at(-1)!.last, Number(counted.at(-1)!.value));
        for (const [i, bin] of bins.entries()) {
          if (i > 0) assert.equal(bin.first, bins[i - 1]!.last + 1);
          const inside = counted.filter(({ value }) => Number(value) >= bin.first && Number(value) <= bin.last);
          assert.equal(
            bin.papers,
            inside.reduce((sum, { papers }) => sum + papers, 0),
          );
        }
      }),
    );
  });

  test("convert between a selection and its years", () => {
    const chosen = years.chain((counted) => {
      const bins = binsOf(counted);
      const bar = fc.nat(bins.length - 1);
      return fc.tuple(fc.constant(bins), bar, bar);
    });
    fc.assert(
      fc.property(chosen, ([bins, one, other]) => {
        const span = [Math.min(one, other), Math.max(one, other)] as const;
        const filters = withSpan({ category: ["cs"], year: [2017] }, bins, span);
        assert.deepEqual(filters.category, ["cs"]);
        assert.equal(filters.year, undefined);
        const all = span[0] === 0 && span[1] === bins.length - 1;
        assert.deepEqual(spanOf(bins, filters), all ? null : span);
      }),
    );
  });

  test("cover one year each while there is room, then two, five, ten", () => {
    const widths = [60, 61, 121, 301].map((span) => {
      const bins = binsOf([
        { value: "1000", papers: 1 },
        { value: String(999 + span), papers: 1 },
      ]);
      return bins[1]!.last - bins[1]!.first + 1;
    });
    assert.deepEqual(widths, [1, 2, 5, 10]);
  });

  test("are selected by months and days too, and not by dates outside of them", () => {
    const bins = binsOf(["2015", "2016", "2017"].map((value) => ({ value, papers: 1 })));
    assert.deepEqual(spanOf(bins, { from: "2016-03-01" }), [1, 2]);
    assert.deepEqual(spanOf(bins, { to: "2016-03" }), [0, 1]);
    assert.equal(spanOf(bins, { from: "2018" }), null);
    assert.equal(spanOf(bins, { year: [2016] }), null);
    assert.equal(papersIn(bins, [1, 2]), 2);
    assert.deepEqual([yearsInWords(2015, 2015), yearsInWords(2015, 2019)], ["2015", "2015 to 2019"]);
    assert.deepEqual(binsOf([]), []);
  });
});
