import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { advance } from "../../src/web/progress.js";
import { count, dateInWords, familyName, periodInWords } from "../../src/web/wording.js";

describe("wording", () => {
  test("says a date as precisely as it is known", () => {
    assert.equal(dateInWords("2017"), "2017");
    assert.equal(dateInWords("2017-06"), "June 2017");
    assert.equal(dateInWords("2017-06-02"), "2 June 2017");
    assert.equal(dateInWords("0999-12-31"), "31 December 0999");
  });

  test("says of a period what both its ends share once", () => {
    assert.equal(periodInWords("2024-05-01"), "1 May 2024");
    assert.equal(periodInWords("2024-05"), "May 2024");
    assert.equal(periodInWords("2017-W24"), "12 to 18 June 2017");
    assert.equal(periodInWords("2024-W18"), "29 April to 5 May 2024");
    assert.equal(periodInWords("2019-W01"), "31 December 2018 to 6 January 2019");
  });

  test("counts in the singular and the plural", () => {
    assert.equal(count(1, "paper"), "1 paper");
    assert.equal(count(0, "paper"), "0 papers");
    assert.equal(count(10_000, "paper"), "10,000 papers");
    assert.equal(count(2, "record could", "records could"), "2 records could");
  });

  test("calls people by the name they are cited by", () => {
    for (const [name, family] of [
      ["Whitfield Diffie", "Diffie"],
      ["Émilie du Châtelet", "du Châtelet"],
      ["Johannes Diderik van der Waals", "van der Waals"],
      ["Martin Luther King, Jr.", "King"],
      ["du Bois, W. E. B.", "du Bois"],
      ["Aristotle", "Aristotle"],
      ["山田太郎", "山田太郎"],
      ["bell hooks", "bell hooks"],
      ["The Event Horizon Telescope Collaboration", "Event Horizon Telescope Collaboration"],
      [" ", " "],
    ] as const)
      assert.equal(familyName(name), family);
  });
});

describe("the progress of embedding", () => {
  test("starts with the first look and ends when nothing is pending", () => {
    assert.deepEqual(advance(null, 500), { done: 0, total: 500 });
    assert.deepEqual(advance({ done: 0, total: 500 }, 380), { done: 120, total: 500 });
    assert.equal(advance({ done: 120, total: 500 }, 0), null);
    assert.equal(advance(null, 0), null);
  });

  test("grows its total by what comes in meanwhile, and never loses what is done", () => {
    assert.deepEqual(advance({ done: 400, total: 500 }, 600), { done: 400, total: 1_000 });
    assert.deepEqual(advance({ done: 400, total: 1_000 }, 590), { done: 410, total: 1_000 });
  });
});
