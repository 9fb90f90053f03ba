/** What alerts find, as a real HTTP server receives it: each run once by its id, whatever the server does. */
import "../tiny.js";
import assert from "node:assert/strict";
import { createHmac, timingSafeEqual } from "node:crypto";
import type { LookupOptions } from "node:dns";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Alerts } from "../../src/alerts/alerts.js";
import { Recipients } from "../../src/alerts/recipients.js";
import { Webhooks } from "../../src/alerts/webhooks.js";
import { ROOT } from "../../src/core/root.js";
import { openKindred, type Kindred } from "../../src/kindred.js";
import { Network } from "../../src/sources/network.js";
import { Receiver, titlesIn, type Answer, type Posted } from "../../scripts/common/receiver.js";
import { temporaryDirectory } from "../sample.js";
import { bytesOf, jsonLines } from "../server/serving.js";
import { alertsOf } from "./library.js";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const MINUTE = 60_000;
const MONDAY = Date.UTC(2026, 10, 30, 8);

const cleaning: (() => unknown)[] = [];
const environment: NodeJS.ProcessEnv = { KINDRED_URL: "https://papers.lab.example/" };
const clock = { now: MONDAY };
let kindred: Kindred;
let alerts: Alerts;
let webhooks: Webhooks;
let receiver: Receiver;
let hook: string;

before(async () => {
  const t = { after: (work: () => unknown) => void cleaning.unshift(work) };
  kindred = await openKindred({ directory: temporaryDirectory(t), workers: 1 });
  t.after(() => kindred.close());
  receiver = await Receiver.start(t);
  hook = `${receiver.url}/hook`;
  const now = () => clock.now;
  const made = await alertsOf(kindred, now, environment);
  t.after(made.close);
  ({ alerts } = made);
  // Names that lead to this machine.
  const lookup = (_name: string, _options: LookupOptions, done: (error: null, found: object[]) => void) =>
    done(null, [{ address: "127.0.0.1", family: 4 }]);
  const network = Promise.resolve(new Network({ lookup: lookup as never }));
  webhooks = new Webhooks(kindred, alerts, { now, environment, timeout: 400, network });
  t.after(() => webhooks.close());
});
after(async () => {
  for (const clean of cleaning) await clean();
});
beforeEach(async () => {
  for (const { name } of (await alerts.list()).alerts) await alerts.remove(name);
  await kindred.removeOwned("mail");
  clock.now = MONDAY;
  receiver.received.length = receiver.asked.length = 0;
  receiver.onMessage = () => undefined;
});

let made = 0;
/** Adds papers of one category, and runs the alerts. */
async function bring(category: string, ...titles: string[]): Promise<void> {
  const records = titles.map((title) => ({ id: `p${made++}`, title, categories: [category] }));
  await kindred.import(bytesOf(jsonLines(...records)));
  await alerts.run();
}
const follow = (name: string, category: string, ...webhooks: string[]) =>
  alerts.add({ name, ask: { category: [category] }, zone: "UTC", webhooks });
const shown = async (name: string, local = true) => (await alerts.get(name, local)).alert.webhooks[0]!;

/** Runs the job as it does when it is due: what is not due is not posted. */
async function turn(): Promise<string> {
  await webhooks.look();
  return kindred.jobs.run("webhooks");
}

/** What docs/alerts.md tells receivers to do. */
const [, documented = ""] = /```js\n(?:import .*\n)*([^]*?)```/.exec(
  readFileSync(join(ROOT, "docs", "alerts.md"), "utf8"),
)!;
const isReal = ({ headers, body }: Pick<Posted, "headers" | "body">, secret: string): boolean => {
  // oxlint-disable-next-line typescript/no-implied-eval
  const verify = new Function("headers", "body", "secret", "createHmac", "timingSafeEqual", "Date", `${documented} return isReal;`); // prettier-ignore
  return verify(headers, body, secret, createHmac, timingSafeEqual, { now: () => clock.now }) as boolean;
};

test("each run that found something is posted once to each webhook, signed, with why and links", async () => {
  await follow("cats", "cat", hook, `${receiver.url}/other?token=1`);
  await follow("animals", "cat", hook);
  await kindred.import(
    bytesOf(
      jsonLines({
        id: "tom",
        title: "Cats <i>sleep</i> & \\emph{wake}\n",
        authors: Array.from({ length: 60 }, (_, i) => `Ada ${i}`),
        categories: ["cat"],
        published: "2026-11-29",
        venue: "Felidae",
        doi: "10.1000/tom",
      }),
    ),
  );
  await alerts.run();
  assert.equal(await turn(), "3 messages were accepted");
  assert.deepEqual(receiver.received.map(({ path, message }) => `${path} ${message.alert}`).toSorted(), [
    "/hook animals",
    "/hook cats",
    "/other?token=1 cats",
  ]);
  const posted = receiver.received.find(({ path, message }) => path === "/hook" && message.alert === "cats")!;
  const [paper] = posted.message.papers;
  assert.deepEqual(
    { ...posted.message, papers: [{ ...paper!, authors: paper!.authors.length }] },
    {
      type: "alert.found",
      version: 1,
      alert: "cats",
      run: { number: 1, at: "2026-11-30T08:00:00.000Z", after: posted.message.run.after },
      papers: [
        {
          id: "tom",
          title: paper!.title,
          authors: 50,
          published: "2026-11-29",
          venue: "Felidae",
          doi: "10.1000/tom",
          arxiv: null,
          notice: null,
          why: { similarity: null, sentence: null, like: null },
          links: { paper: "https://doi.org/10.1000/tom", kindred: "https://papers.lab.example/?paper=tom" },
        },
      ],
      more: 0,
    },
  );
  assert.equal(paper!.title, (await kindred.paper("tom")).title, "as it is, not as HTML");
  const { secret } = (await alerts.get("cats")).alert.webhooks.find(({ url }) => url === hook)!;
  assert.match(secret!, /^whsec_[\w+/]{43}=$/);
  assert.ok(isReal(posted, secret!));
  assert.ok(!isReal({ ...posted, body: `${posted.body} ` }, secret!));
  assert.ok(
    !isReal(
      receiver.received.find(({ path }) => path !== "/hook")!,
      secret!,
    ),
    "each has a secret of its own",
  );
  clock.now += HOUR;
  assert.ok(!isReal(posted, secret!), "an old message is not accepted again");
  assert.equal(new Set(receiver.received.map(({ id }) => id)).size, 3);
  assert.equal(await turn(), "0 messages were accepted");
  await bring("cat", "A cat that comes later the same day");
  assert.equal(await turn(), "3 messages were accepted");
});

test("what is found right after a message was posted is due at once, and not on the next day", async () => {
  await follow("cats", "cat", hook);
  await bring("cat", "Cat that was found first");
  await turn();
  await bring("cat", "Cat that was found a second later");
  await webhooks.look();
  const { next } = (await kindred.status()).jobs.find(({ name }) => name === "webhooks")!;
  assert.equal(next, new Date(0).toISOString());
});

test("a run that was asked for also posts what was refused, although another run is under way", async () => {
  await follow("cats", "cat", hook, `${receiver.url}/slow`);
  receiver.onMessage = ({ path }) => (path === "/hook" ? { status: 500 } : undefined);
  await bring("cat", "Cat that was refused");
  await turn();
  await bring("cat", "Another cat");
  // It begins while /slow is being posted to.
  let asked: Promise<unknown> | undefined;
  receiver.onMessage = ({ path }) => {
    if (path === "/slow") asked ??= webhooks.send();
    return undefined;
  };
  await turn();
  await asked;
  const late = receiver.received.filter(({ path }) => path === "/hook");
  assert.deepEqual(titlesIn(late), ["Cat that was refused", "Another cat"]);
});

test("a webhook that was given up, removed and added again is tried again", async () => {
  await follow("cats", "cat", hook);
  receiver.onMessage = () => ({ status: 410 });
  for (let day = 0; day < 3; day++) {
    await bring("cat", `Unwanted cat ${day}`);
    await turn();
    clock.now += DAY;
  }
  assert.match((await shown("cats")).failure!, /given up/);
  receiver.onMessage = () => undefined;
  await alerts.change("cats", { webhooks: [] });
  await alerts.change("cats", { webhooks: [hook] });
  assert.equal((await shown("cats")).failure, null);
  await bring("cat", "Wanted cat");
  await turn();
  assert.deepEqual(titlesIn(receiver.received), ["Wanted cat"], "without what was found before it was added");
});

test("a webhook that is added while rows of removed ones are looked for loses nothing", async () => {
  await follow("cats", "cat");
  const owned: typeof kindred.owned = async (owner, prefix, ...more) => {
    if (prefix === "sent/") await alerts.change("cats", { webhooks: [hook] });
    return kindred.owned(owner, prefix, ...more);
  };
  const putOwned: typeof kindred.putOwned = (rows) => kindred.putOwned(rows);
  const recipients = new Recipients(
    { owned, putOwned, replaceOwned: () => assert.fail() },
    () => clock.now,
    environment,
  );
  await kindred.putOwned(await recipients.expired());
  await bring("cat", "Cat that is not lost");
  await turn();
  assert.deepEqual(titlesIn(receiver.received), ["Cat that is not lost"]);
});

test("papers that were removed are left out; what is not kept any more is counted", async () => {
  await follow("cats", "cat", hook);
  await bring("cat", "Forgotten cat", "Another forgotten cat");
  await bring("cat", "Removed cat");
  await bring("cat", "Kept cat", "Removed cat of two");
  for (const { id, title } of (await kindred.browse({ limit: 500 })).papers)
    if (title.startsWith("Removed")) await kindred.remove(id);
  const [first] = await kindred.owned("alerts", "run/");
  await kindred.putOwned([{ ...first!, value: null }]);
  assert.equal((await shown("cats")).undelivered, 5);
  assert.equal(await turn(), "1 messages were accepted");
  assert.deepEqual(titlesIn(receiver.received), ["Kept cat"]);
  assert.equal((await shown("cats")).undelivered, 0);
});

describe("what a webhook does not accept is posted again under the same id", () => {
  test("500: pauses grow, nothing overtakes, others are not held up, and the alert says so", async () => {
    await follow("cats", "cat", hook, `${receiver.url}/healthy`);
    receiver.onMessage = ({ path }) =>
      path === "/hook" ? { status: 500, body: JSON.stringify({ error: "db-7.lab.example is down" }) } : undefined;
    await bring("cat", "First cat");
    const tries: number[] = [];
    for (const minute of [0, 1, 4, 5, 14, 15, 34, 35]) {
      clock.now = MONDAY + minute * MINUTE;
      const before = receiver.asked.length;
      await turn();
      if (receiver.asked.length > before) tries.push(minute);
    }
    assert.deepEqual(tries, [0, 5, 15, 35]);
    assert.deepEqual(titlesIn(receiver.received), ["First cat"], "the other webhook has it");
    await bring("cat", "Second cat", "Third cat");
    const failing = (await alerts.get("cats")).alert.webhooks.find(({ url }) => url === hook)!;
    assert.deepEqual([failing.undelivered, failing.failure], [3, "status 500: db-7.lab.example is down"]);
    const forOthers = JSON.stringify(await alerts.list(false));
    assert.match(forOthers, /"failure":"status 500"/);
    assert.doesNotMatch(forOthers + JSON.stringify((await kindred.status()).jobs), /db-7|\/hook|whsec_/);
    receiver.onMessage = () => undefined;
    receiver.received.length = 0;
    assert.deepEqual(await webhooks.send(), { accepted: 3, refused: [] });
    const late = receiver.received.filter(({ path }) => path === "/hook");
    assert.deepEqual(late.map((one) => titlesIn([one]).length), [1, 2]); // prettier-ignore
    assert.equal(new Set(receiver.asked.filter((one) => one.startsWith("/hook"))).size, 2, "one id a run");
    assert.equal((await shown("cats")).failure, null);
  });

  test("429 with Retry-After is tried when it asks for it, and one that asks for a year within a day", async () => {
    await follow("cats", "cat", hook);
    receiver.onMessage = () => ({ status: 429, headers: { "retry-after": "7200" } });
    await bring("cat", "Patient cat");
    await turn();
    clock.now += 2 * HOUR - MINUTE;
    await turn();
    assert.equal(receiver.asked.length, 1);
    clock.now += 2 * MINUTE;
    receiver.onMessage = () => ({ status: 503, headers: { "retry-after": "31536000" } });
    await turn();
    assert.equal(receiver.asked.length, 2);
    clock.now += DAY;
    receiver.onMessage = () => undefined;
    await turn();
    assert.deepEqual(titlesIn(receiver.received), ["Patient cat"]);
  });

  test("a connection that is cut, silence, a redirect, a host that is not there: each has its words", async () => {
    await follow("cats", "cat", hook);
    await bring("cat", "Unlucky cat");
    const answers: [Answer, RegExp][] = [
      ["hang up", /^the host cut the connection$/],
      ["silence", /^no answer within 0\.4 seconds$/],
      [{ status: 302, headers: { location: `${receiver.url}/elsewhere` } }, /^status 302: redirects are not followed$/],
      [{ status: 404, body: "<html><body>nginx</body></html>" }, /^status 404$/],
    ];
    for (const [answer, words] of answers) {
      receiver.onMessage = () => answer;
      assert.match((await webhooks.send()).refused[0]!.said, words);
    }
    assert.ok(
      receiver.asked.every((one) => one.startsWith("/hook ")),
      "the redirect was not followed",
    );
    await alerts.change("cats", { webhooks: [hook, "http://127.0.0.1:1/"] });
    await bring("cat", "Unluckier cat");
    const { refused } = await webhooks.send();
    assert.match(refused.find(({ url }) => url.endsWith(":1/"))!.said, /^the host refuses the connection/);
  });

  test("an endless answer is not read: with 200 it is accepted, with 500 only its start is kept", async () => {
    await follow("cats", "cat", hook);
    await bring("cat", "Endless cat");
    receiver.onMessage = () => "endless";
    assert.deepEqual(await webhooks.send(), { accepted: 1, refused: [] });
    await bring("cat", "Huge cat");
    receiver.onMessage = () => ({ status: 500, body: "x".repeat(5_000_000) });
    assert.ok((await webhooks.send()).refused[0]!.said.length < 300);
  });

  test("accepted without a word: the same message again, to the byte", async () => {
    await follow("cats", "cat", hook);
    await bring("cat", "Cat on a bad line");
    receiver.onMessage = () => "keep and hang up";
    await turn();
    receiver.onMessage = () => undefined;
    clock.now += HOUR;
    await turn();
    const [one, two] = receiver.received;
    assert.deepEqual([one!.id, one!.body], [two!.id, two!.body]);
    assert.notEqual(one!.headers["webhook-timestamp"], two!.headers["webhook-timestamp"]);
    assert.equal(receiver.different.length, 1);
  });

  test("after five days it is given up, in words, until something new is found; 410 means it for good", async () => {
    await follow("cats", "cat", hook);
    receiver.onMessage = () => ({ status: 500 });
    await bring("cat", "Lost cat");
    for (let hour = 0; hour < 6 * 24; hour += 8) {
      await turn();
      clock.now += 8 * HOUR;
    }
    const { failure } = await shown("cats", false);
    assert.equal(failure, "status 500; given up after 5 days, until something new is found");
    const { length } = receiver.asked;
    clock.now += 30 * DAY;
    await turn();
    assert.equal(receiver.asked.length, length, "nothing new, no new try");
    receiver.onMessage = () => ({ status: 410 });
    for (let day = 0; day < 5; day++) {
      await bring("cat", `Cat ${day} that nobody wants`);
      await turn();
      clock.now += DAY;
    }
    assert.equal((await shown("cats")).failure, "status 410; given up: only kindred alert run tries it again");
    const { length: still } = receiver.asked;
    await bring("cat", "One more cat");
    await turn();
    assert.equal(receiver.asked.length, still);
    receiver.onMessage = () => undefined;
    await webhooks.send();
    assert.equal(titlesIn(receiver.received).length, 7, "nothing is lost");
  });

  test("a clock that was years ahead keeps nothing waiting", async () => {
    clock.now = MONDAY + 1_000 * DAY;
    await follow("cats", "cat", hook);
    receiver.onMessage = () => ({ status: 500 });
    await bring("cat", "Cat of the future");
    await turn();
    clock.now = MONDAY;
    receiver.onMessage = () => undefined;
    await turn();
    assert.deepEqual(titlesIn(receiver.received), ["Cat of the future"]);
  });
});

describe("who may name which address", () => {
  const add = (webhooks: string[], local: boolean) =>
    alerts.add({ name: "cats", ask: { category: ["cat"] }, zone: "UTC", webhooks }, local);

  test("others only public ones with https, also by a name that leads elsewhere; the owner any", async () => {
    for (const url of [
      "http://hooks.lab.example/",
      "https://127.0.0.1/",
      "https://[::ffff:10.0.0.1]/",
      "https://0x7f.1/",
      "https://localhost/",
      "https://169.254.169.254/latest",
    ])
      // prettier-ignore
      await assert.rejects(add([url], false), { code: "invalid", parameter: "webhooks" }, url);
    const port = new URL(hook).port;
    await add([`https://public.example:${port}/secret`], false);
    await follow("dogs", "dog", `https://public.example:${port}/secret`);
    await bring("cat", "Cat at home");
    const { refused } = await webhooks.send();
    assert.match(refused[0]!.said, /^it is on this machine or a private network/);
    await alerts.change("cats", { webhooks: [`https://public.example:${port}/secret`] });
    assert.match((await webhooks.send()).refused[0]!.said, /TLS|certificate/, "the owner has written it: it is asked");
    await alerts.change("cats", { webhooks: [] });
    assert.deepEqual(receiver.asked, []);
  });

  test("what others are refused does not hold up the owner's messages to the same address, nor show its secret", async () => {
    const { port } = new URL(hook);
    const url = `https://public.example:${port}/hook`;
    await add([url], false);
    await bring("cat", "Cat of others");
    assert.match((await webhooks.send()).refused[0]!.said, /private network/);
    await follow("mine", "cat", url);
    assert.equal((await shown("mine")).failure, null);
    const [theirs, own] = [await shown("cats"), await shown("mine")];
    assert.notEqual(theirs.secret, own.secret);
    await alerts.change("cats", { webhooks: [theirs.id, url] });
    const { webhooks: taken } = (await alerts.get("cats")).alert;
    assert.deepEqual(
      taken.map(({ secret, undelivered }) => [secret, undelivered]),
      [[own.secret, 1]],
      "the owner takes it over, once, and loses nothing",
    );
    await alerts.change("cats", { webhooks: [url] }, false);
    assert.equal((await alerts.get("cats", false, [url])).alert.webhooks[0]!.secret, null);
    assert.equal((await shown("cats")).secret, own.secret, "others keep it");
  });

  test("others see neither the address nor the secret, except of what they write, and keep it by its id", async () => {
    await add([`${hook}?token=1#part`], true);
    const { id, url, secret } = await shown("cats", false);
    assert.deepEqual([url, secret], [receiver.url, null]);
    await alerts.change("cats", { webhooks: [id, "https://hooks.lab.example/mine"] }, false);
    const written = (await alerts.get("cats", false, ["https://hooks.lab.example/mine"])).alert.webhooks;
    assert.deepEqual(
      written.map((one) => [one.url, one.secret !== null]),
      [
        [receiver.url, false],
        ["https://hooks.lab.example", true],
      ],
    );
    await bring("cat", "Cat that is kept");
    await webhooks.send();
    assert.deepEqual(receiver.received.map(({ path }) => path), ["/hook?token=1"]); // prettier-ignore
    await assert.rejects(alerts.change("cats", { webhooks: ["x".repeat(16)] }), { code: "not-found" });
    await alerts.change("cats", { webhooks: [] });
    assert.deepEqual((await alerts.get("cats")).alert.webhooks, []);
    await alerts.remove("cats");
    assert.deepEqual(
      (await kindred.owned("mail")).map(({ key }) => key.split("/")[0]).filter((key) => key !== "delivery"),
      ["secret"],
    );
  });

  test("what is no address is refused", async () => {
    for (const url of [
      "ftp://lab.example/",
      "lab.example",
      "https://anna:secret@lab.example/",
      "https://",
      "javascript:1",
    ])
      await assert.rejects(add([url], true), { code: "invalid", parameter: "webhooks.0" }, url);
    const many = Array.from({ length: 11 }, (_, i) => `https://lab.example/${i}`);
    await assert.rejects(add(many, true), { code: "invalid", parameter: "webhooks" });
  });
});
