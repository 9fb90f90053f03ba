import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { count, dateInWords, familyName, periodInWords, speedInWords, timeInWords } from "../../src/web/ui/wording.js";

describe("wording", () => {
  test("formats a date with its precision", () => {
    assert.equal(dateInWords("2017"), "2017");
    assert.equal(dateInWords("2017-06"), "June 2017");
    assert.equal(dateInWords("2017-06-02"), "2 June 2017");
    assert.equal(dateInWords("0999-12-31"), "31 December 0999");
  });

  test("gives the common part of a period's ends once", () => {
    assert.equal(periodInWords("2024-05-01"), "1 May 2024");
    assert.equal(periodInWords("2024-05"), "May 2024");
    assert.equal(periodInWords("2017-W24"), "12 to 18 June 2017");
    assert.equal(periodInWords("2024-W18"), "29 April to 5 May 2024");
    assert.equal(periodInWords("2019-W01"), "31 December 2018 to 6 January 2019");
  });

  test("uses singular and plural", () => {
    assert.equal(count(1, "paper"), "1 paper");
    assert.equal(count(0, "paper"), "0 papers");
    assert.equal(count(10_000, "paper"), "10,000 papers");
    assert.equal(count(2, "record could", "records could"), "2 records could");
  });

  test("names people as they are cited", () => {
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

  test("gives a rate per second, or per minute if it is slow", () => {
    assert.deepEqual([1_234.4, 42, 1, 0.5, 0.001].map(speedInWords), [
      "1,234 a second",
      "42 a second",
      "1 a second",
      "30 a minute",
      "1 a minute",
    ]);
  });

  test("rounds a duration to its precision", () => {
    const minute = 60;
    const hour = 3_600;
    const TABLE: [seconds: number, words: string][] = [
      [0, "a few seconds"],
      [14, "a few seconds"],
      [31, "half a minute"],
      [75, "a minute"],
      [5.4 * minute, "5 minutes"],
      [18 * minute, "about 20 minutes"],
      [52 * minute, "about 50 minutes"],
      [53 * minute, "about an hour"],
      [89 * minute, "about an hour"],
      [100 * minute, "about 2 hours"],
      [30 * hour, "about 30 hours"],
      [50 * hour, "about 2 days"],
    ];
    for (const [seconds, words] of TABLE) assert.equal(timeInWords(seconds), words);
  });
});
