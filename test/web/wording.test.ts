import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fieldsOf, optionsOf } from "../../src/web/sources/fields.js";
import { stateInWords } from "../../src/web/sources/wording.js";
import {
  count,
  dateInWords,
  dayInWords,
  distanceInWords,
  familyName,
  intervalInWords,
  periodInWords,
  speedInWords,
  timeInWords,
} from "../../src/web/ui/wording.js";

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

  test("says on which day a moment was", () => {
    const at = (day: number, hour = 9) => new Date(2026, 10, day, hour).getTime();
    assert.equal(dayInWords(at(30, 0), at(30)), "today");
    assert.equal(dayInWords(at(29, 23), at(30, 1)), "yesterday");
    assert.equal(dayInWords(at(27), at(30)), "on Friday");
    assert.equal(dayInWords(at(24), at(30)), "on Tuesday");
    assert.equal(dayInWords(at(23), at(30)), "on 23 November");
  });

  test("says how far a moment is away, and how often something runs", () => {
    const now = Date.parse("2026-11-30T12:00:00Z");
    assert.equal(distanceInWords("2026-11-30T09:00:00Z", now), "about 3 hours ago");
    assert.equal(distanceInWords("2026-12-01T12:00:00Z", now), "in about 24 hours");
    assert.equal(distanceInWords("2026-11-30T12:00:00Z", now), "a few seconds ago");
    assert.equal(intervalInWords("1d"), "every day");
    assert.equal(intervalInWords("6h"), "every 6 hours");
    assert.equal(intervalInWords("30m"), "every 30 minutes");
  });

  test("says what a source does", () => {
    const now = Date.parse("2026-11-30T12:00:00Z");
    const last = {
      started: "2026-11-30T10:59:00Z",
      ended: "2026-11-30T11:00:00Z",
      added: 12,
      updated: 1,
      unchanged: 5,
      rejected: 0,
      error: null,
      remarks: [],
    };
    const source = {
      name: "tides",
      kind: "openalex",
      options: {},
      every: "1d",
      list: null,
      created: "2026-11-29T11:00:00Z",
      paused: false,
      papers: 12,
      running: false,
      waiting: null,
      next: "2026-11-30T17:00:00Z",
      last,
    };
    const state = (more: object) => stateInWords({ ...source, ...more }, now);
    assert.equal(state({}), "Ran about an hour ago: 12 added, 1 updated. Next run in about 5 hours.");
    assert.equal(state({ paused: true, next: null }), "Paused. Ran about an hour ago: 12 added, 1 updated.");
    assert.equal(state({ last: null, next: "2026-11-30T11:59:00Z" }), "It has not run yet. Due now.");
    assert.equal(state({ running: true, last: null }).trim(), "Running now.");
    const waiting = "api.example answered with status 503; try 2 of 6 in 4 seconds";
    assert.equal(state({ running: true, waiting }), `Running now: ${waiting}.`);
    assert.match(
      state({ last: { ...last, added: 0, updated: 0, error: "example.org is down" } }),
      /^Failed about an hour ago: example\.org is down\. Next run/,
    );
  });

  test("makes a form of a JSON Schema, and options of the form", () => {
    const fields = fieldsOf({
      properties: {
        baseUrl: { type: "string", description: "A mirror." },
        max: { type: "integer", default: 10_000 },
        minCitations: { type: "integer" },
        since: { type: "string", format: "date" },
        open: { type: "boolean" },
        server: { enum: ["biorxiv", "medrxiv"], default: "biorxiv" },
        category: { type: "array", description: "Such as `cs.CL`." },
      },
      required: ["category", "server", "max"],
    });
    assert.deepEqual(
      fields.map(({ label, type, required, common }) => [label, type, required, common]),
      [
        ["Category", "several", true, false],
        ["Min citations", "number", false, false],
        ["Since", "date", false, false],
        ["Open", "checkbox", false, false],
        ["Server", "choice", false, false],
        ["Base URL", "text", false, true],
        ["Max", "number", false, true],
      ],
    );
    assert.equal(fields[0]?.hint, "Such as cs.CL.");
    assert.deepEqual(
      optionsOf(fields, { category: "cs.CL, cs.LG", minCitations: "3", since: " ", open: "yes", server: "medrxiv" }),
      { category: ["cs.CL", "cs.LG"], minCitations: 3, open: true, server: "medrxiv" },
    );
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
