/** The questions of alerts, as views ask them and in words. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { askSchema, type Alert } from "../../src/api.js";
import { feedOf } from "../../src/web/alerts/feeds.js";
import { askInWords, askOf, followInWords, keyOfAsk, nameFor, viewOfAsk } from "../../src/web/alerts/question.js";
import {
  addressesIn,
  recipientInWords,
  scheduleInWords,
  stateInWords,
  webhookInWords,
} from "../../src/web/alerts/wording.js";
import { addressOf, browse, viewOf } from "../../src/web/navigation/address.js";

const askAt = (query: string) => askOf(viewOf(query));

describe("the question of a view", () => {
  const asked: [address: string, ask: object][] = [
    ["./?q=tides", { q: "tides" }],
    [
      "./?q=tides&mode=semantic&from=2020&category=cs.LG&area=0%2C1%2C2%2C3",
      { q: "tides", mode: "semantic", from: "2020", category: ["cs.LG"], area: "0,1,2,3" },
    ],
    ["./?author=Lovelace", { author: ["Lovelace"] }],
    ["./?sort=trending&venue=Nature", { trending: true, venue: ["Nature"] }],
    ["./?view=for-you&of=Tides&year=2020&year=2021", { basedOn: ["Tides"], year: [2020, 2021] }],
    ["./?view=for-you", { basedOn: ["likes"] }],
    ["./?view=daily", { daily: true }],
    ["./?view=daily&by=trending", { trending: true }],
  ];
  for (const [address, ask] of asked)
    test(`${address} is one that the server accepts, and leads back to the view`, () => {
      const found = askAt(address.slice(2))!;
      assert.deepEqual(found, ask);
      const stored = askSchema.parse(found);
      assert.equal(keyOfAsk(stored), keyOfAsk(found));
      assert.equal(addressOf(viewOfAsk(stored)!), address);
    });

  test("leaves out what an alert does not have, and is none where there is nothing to ask", () => {
    assert.deepEqual(askAt("?q=tides&addedAfter=5&sort=date"), { q: "tides" });
    for (const none of ["", "?addedAfter=5", "?sort=upvotes", "?paper=x", "?view=map&q=x", "?view=library&of=dislikes"])
      assert.equal(askAt(none), null, none);
    assert.deepEqual(askAt("?view=library&of=Tides"), askAt("?view=for-you&of=Tides"));
  });

  test("of an alert that no view can ask is none", () => {
    assert.equal(viewOfAsk({ positive: [{ id: "a" }] }), null);
    assert.equal(viewOfAsk({ basedOn: ["a", "b"] }), null);
  });

  test("is the same whatever its order and its defaults", () => {
    assert.equal(
      keyOfAsk({ q: "a", mode: "hybrid", category: ["x", "y"] }),
      keyOfAsk({ category: ["y", "x"], q: "a" }),
    );
    assert.equal(keyOfAsk({ basedOn: ["Likes"], negative: [] }), keyOfAsk({ basedOn: ["likes"] }));
    assert.notEqual(keyOfAsk({ q: "a" }), keyOfAsk({ q: "a", mode: "lexical" }));
    assert.notEqual(keyOfAsk({ category: ["x"] }), keyOfAsk({ venue: ["x"] }));
  });

  test("shows the papers added after a run", () => {
    assert.deepEqual(viewOfAsk({ q: "a" }, 7), { ...browse({ addedAfter: 7 }), q: "a" });
  });
});

describe("an alert in words", () => {
  const alert: Alert = {
    name: "tides",
    ask: {},
    every: "day",
    at: "08:00",
    zone: "Europe/Berlin",
    days: "mon-fri,sun",
    atMost: 1,
    atLeastSimilarity: null,
    evenIfNothing: false,
    to: [],
    webhooks: [],
    since: null,
    paused: false,
    created: "2026-11-29T11:00:00Z",
    next: "2026-12-01T12:00:00Z",
    ran: null,
    error: null,
    running: false,
    found: 0,
    unread: 0,
  };
  const now = Date.parse("2026-11-30T12:00:00Z");

  test("says what it asks", () => {
    assert.equal(askInWords({ q: "a", mode: "lexical", from: "2020" }), "Papers on “a”, words only; from 2020");
    assert.equal(askInWords({ basedOn: ["likes", "Sea"] }), "Papers like those in Likes, Sea");
    assert.equal(askInWords({ positive: [{ id: "a" }, { text: "b" }] }), "Papers like 2 papers or texts");
    assert.equal(askInWords({ author: ["Lovelace"] }), "All papers; author Lovelace");
    assert.equal(askInWords({ trending: true, venue: ["Nature"] }), "Trending papers; venue Nature");
  });

  test("is followed as what it is", () => {
    assert.equal(followInWords({ author: ["Lovelace"] }), "Follow this author");
    assert.equal(followInWords({ area: "0,1,2,3" }), "Follow this area of the map");
    for (const ask of [null, { q: "a" }, { author: ["a", "b"] }, { author: ["a"], venue: ["b"] }, { from: "2020" }])
      assert.equal(followInWords(ask), "Follow this search");
  });

  test("says what became of what it sends", () => {
    const to = { id: "x", address: "anna@example.org", state: "active", undelivered: 0, failure: null } as const;
    assert.equal(recipientInWords(to), "Active.");
    assert.equal(
      recipientInWords({ ...to, undelivered: 2, failure: "550 no such user" }),
      "Active; 2 papers not sent yet. The mail server said: 550 no such user",
    );
    assert.equal(recipientInWords({ ...to, state: "unconfirmed" }), "Asked; nothing is sent before it has confirmed.");
    assert.equal(recipientInWords({ ...to, state: "unsubscribed" }), "Unsubscribed; nothing is sent.");
    const webhook = { id: "x", url: "https://example.org/", undelivered: 0, failure: null, secret: null };
    assert.equal(webhookInWords(webhook), "");
    assert.equal(
      webhookInWords({ ...webhook, undelivered: 1, failure: "status 500" }),
      "1 paper not delivered yet. The last try failed: status 500",
    );
    assert.deepEqual(addressesIn(" anna@example.org,ben@example.org , "), ["anna@example.org", "ben@example.org"]);
  });

  test("says when it runs and what became of it", () => {
    assert.equal(
      scheduleInWords(alert, "Europe/Berlin"),
      "every day at 08:00, Monday to Friday, Sunday, at most 1 paper",
    );
    assert.equal(
      scheduleInWords({ ...alert, days: null, atLeastSimilarity: 0.5 }, "UTC"),
      "every day at 08:00 (Europe/Berlin), at most 1 paper, similarity at least 0.5",
    );
    assert.equal(stateInWords(alert, now), "It has not run yet. Next run in about 24 hours.");
    const ran = { ...alert, ran: "2026-11-30T09:00:00Z" };
    assert.equal(stateInWords({ ...ran, next: ran.ran }, now), "Ran about 3 hours ago. Due now.");
    const failed = { ...ran, error: "there is no list", paused: true, next: null };
    assert.equal(stateInWords(failed, now), "Paused. Failed about 3 hours ago: there is no list.");
  });

  test("has a name that the server accepts and no other alert has", () => {
    assert.equal(nameFor({ q: "“tides”: a *new* view?" }, new Set()), "tides a new view");
    assert.equal(nameFor({ q: "tides" }, new Set(["tides", "tides 2"])), "tides 3");
    assert.equal(nameFor({ q: "?" }, new Set()), "Alert");
    assert.equal(nameFor({ category: ["cs.LG"], from: "2020" }, new Set()), "2020 cs.LG");
    assert.equal(nameFor({ basedOn: ["likes"] }, new Set()), "For you");
    assert.equal(nameFor({ area: "0,1,2,3" }, new Set(), "black holes"), "black holes");
    assert.equal(nameFor({ basedOn: ["Sea"] }, new Set()), "Like Sea");
    assert.equal(nameFor({ q: `${"x".repeat(59)} y` }, new Set()), "x".repeat(59));
  });
});

describe("the feed of a view", () => {
  const feeds: [address: string, path: string | null][] = [
    ["", "search"],
    ["?q=tides&mode=lexical&category=physics&sort=date", "search?q=tides&mode=lexical&category=physics"],
    ["?addedAfter=5&author=Ada+Lovelace", "search?author=Ada+Lovelace"],
    ["?sort=trending&venue=Nature", "trending?venue=Nature"],
    ["?view=for-you&of=Tides&year=2020", "recommend?basedOn=Tides&year=2020"],
    ["?view=library&of=a%2Fb", "lists/base64url:YS9i"],
    ["?view=daily&by=week", "daily"],
    ["?view=daily&by=trending", "trending"],
    ["?view=alerts&alert=tides", "alerts/tides"],
    ["?view=alerts", null],
    ["?view=map", null],
    ["?paper=x", null],
  ];
  for (const [address, path] of feeds)
    test(`${address || "the first view"}: ${path ?? "none"}`, () =>
      assert.equal(feedOf(viewOf(address))?.path ?? null, path));
});
