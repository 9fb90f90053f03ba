/** When alerts are due, with time zones and clocks that change. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { nextAfter, type Schedule } from "../../src/alerts/schedule.js";

const DAILY: Schedule = { every: "day", at: "08:00", zone: "UTC", days: null };

/** What a schedule makes of a time, as times in UTC. */
const TABLE: [what: string, schedule: Partial<Schedule>, after: string, due: string][] = [
  ["later on the same day", {}, "2026-11-30T07:59:59Z", "2026-11-30T08:00Z"],
  ["not at the moment itself, but on the next day", {}, "2026-11-30T08:00Z", "2026-12-01T08:00Z"],
  ["over the end of the year", {}, "2026-12-31T09:00Z", "2027-01-01T08:00Z"],
  ["in a zone that nobody knows, as in UTC", { zone: "Etc/Unknown" }, "2026-11-30T00:00Z", "2026-11-30T08:00Z"],
  ["at midnight", { at: "00:00" }, "2026-11-30T12:00Z", "2026-12-01T00:00Z"],

  ["in winter in Berlin", { zone: "Europe/Berlin" }, "2026-11-30T00:00Z", "2026-11-30T07:00Z"],
  ["in summer in Berlin", { zone: "Europe/Berlin" }, "2026-07-01T00:00Z", "2026-07-01T06:00Z"],
  ["where it is tomorrow already", { zone: "Pacific/Auckland" }, "2026-07-01T19:00Z", "2026-07-01T20:00Z"],
  ["where it is still yesterday", { zone: "Pacific/Honolulu" }, "2026-07-01T05:00Z", "2026-07-01T18:00Z"],
  ["in a zone of half an hour", { zone: "Asia/Kolkata" }, "2026-07-01T00:00Z", "2026-07-01T02:30Z"],
  ["in a zone of three quarters", { zone: "Asia/Kathmandu" }, "2026-07-01T00:00Z", "2026-07-01T02:15Z"],

  ["the day before clocks go forward", { zone: "Europe/Berlin" }, "2026-03-28T00:00Z", "2026-03-28T07:00Z"],
  ["the day that clocks go forward", { zone: "Europe/Berlin" }, "2026-03-28T12:00Z", "2026-03-29T06:00Z"],
  ["at a time that is skipped", { zone: "Europe/Berlin", at: "02:30" }, "2026-03-28T12:00Z", "2026-03-29T01:30Z"],
  ["once on that day", { zone: "Europe/Berlin", at: "02:30" }, "2026-03-29T01:30Z", "2026-03-30T00:30Z"],
  ["at a time that comes twice", { zone: "Europe/Berlin", at: "02:30" }, "2026-10-24T12:00Z", "2026-10-25T00:30Z"],
  ["once of the two", { zone: "Europe/Berlin", at: "02:30" }, "2026-10-25T00:30Z", "2026-10-26T01:30Z"],
  [
    "where clocks change by half an hour",
    { zone: "Australia/Lord_Howe", at: "02:15" },
    "2026-10-03T00:00Z",
    "2026-10-03T15:45Z",
  ],
  ["where midnight is skipped", { zone: "America/Santiago", at: "00:00" }, "2026-09-05T12:00Z", "2026-09-06T04:00Z"],

  ["Monday to Friday, on a Friday", { days: "mon-fri" }, "2026-11-27T09:00Z", "2026-11-30T08:00Z"],
  ["Monday to Friday, on a Sunday", { days: "mon-fri" }, "2026-11-29T07:00Z", "2026-11-30T08:00Z"],
  ["some days", { days: "tue,thu" }, "2026-12-01T08:00Z", "2026-12-03T08:00Z"],
  ["days over the weekend", { days: "sat-mon" }, "2026-11-29T08:00Z", "2026-11-30T08:00Z"],
  ["days over the weekend, on a Tuesday", { days: "sat-mon" }, "2026-12-01T00:00Z", "2026-12-05T08:00Z"],
  ["weekdays of the zone", { days: "mon", zone: "Pacific/Auckland" }, "2026-11-29T00:00Z", "2026-11-29T19:00Z"],

  ["weekly, on Mondays", { every: "week" }, "2026-11-30T08:00Z", "2026-12-07T08:00Z"],
  ["weekly, on another day", { every: "week", days: "fri" }, "2026-11-30T08:00Z", "2026-12-04T08:00Z"],
  ["weekly, on the first of some days", { every: "week", days: "thu,wed" }, "2026-12-02T08:00Z", "2026-12-09T08:00Z"],
  ["monthly, on the first", { every: "month" }, "2026-11-30T08:00Z", "2026-12-01T08:00Z"],
  ["monthly, on the first working day", { every: "month", days: "mon-fri" }, "2026-12-01T08:00Z", "2027-01-01T08:00Z"],
  [
    "monthly, when the first is a Saturday",
    { every: "month", days: "mon-fri" },
    "2027-04-15T00:00Z",
    "2027-05-03T08:00Z",
  ],
];

describe("an alert is due", () => {
  for (const [what, schedule, after, due] of TABLE)
    test(what, () => {
      const next = nextAfter(Date.parse(after), { ...DAILY, ...schedule });
      assert.equal(new Date(next).toISOString(), new Date(due).toISOString());
    });
});

test("times are later, and a day apart but for an hour or two, in every zone of a year", () => {
  const zones = ["UTC", "Europe/London", "America/New_York", "Africa/Casablanca", "Asia/Tehran", "Pacific/Apia"];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 59 }),
      fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2027, 0, 1) }),
      (zone, hour, minute, time) => {
        const at = [hour, minute].map((number) => String(number).padStart(2, "0")).join(":");
        const first = nextAfter(time, { ...DAILY, zone, at });
        const second = nextAfter(first, { ...DAILY, zone, at });
        assert.ok(first > time && first <= time + 26 * 3_600_000);
        assert.ok(Math.abs(second - first - 24 * 3_600_000) <= 2 * 3_600_000);
        const shown = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
        const skipped = nextAfter(second, { ...DAILY, zone, at });
        // A time that is skipped on one day is shown on the next.
        assert.ok([first, second, skipped].some((one) => shown.format(one) === at));
      },
    ),
    { numRuns: 300 },
  );
});
