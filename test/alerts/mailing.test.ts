/** Digests, as a real SMTP server receives them: each paper once for each reader, whatever the server does. */
import "../tiny.js";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Alerts } from "../../src/alerts/alerts.js";
import { Mailing } from "../../src/alerts/mailing.js";
import { openKindred, type Job, type Kindred } from "../../src/kindred.js";
import { temporaryDirectory } from "../sample.js";
import { bytesOf, jsonLines } from "../server/serving.js";
import { alertsOf } from "./library.js";
import { Mailbox, titlesOf } from "../../scripts/common/mailbox.js";
import { Receiver, titlesIn } from "../../scripts/common/receiver.js";

const CHILD = fileURLToPath(new URL("../../scripts/torture/send-child.js", import.meta.url));
const DAY = 86_400_000;
const HOUR = 3_600_000;
const MONDAY = Date.UTC(2026, 10, 30, 8);

const cleaning: (() => unknown)[] = [];
let kindred: Kindred;
let box: Mailbox;
let alerts: Alerts;
let mailing: Mailing;
const clock = { now: MONDAY };
const environment: NodeJS.ProcessEnv = {};

before(async () => {
  const t = { after: (work: () => unknown) => void cleaning.unshift(work) };
  const directory = temporaryDirectory(t);
  kindred = await openKindred({ directory, workers: 1 });
  t.after(() => kindred.close());
  box = await Mailbox.start(t);
  const now = () => clock.now;
  const made = await alertsOf(kindred, now, environment);
  t.after(made.close);
  ({ alerts } = made);
  mailing = new Mailing(kindred, alerts, { now, environment, patience: { connect: 2_000, answer: 700 } });
});
after(async () => {
  for (const clean of cleaning) await clean();
});

beforeEach(async () => {
  for (const { name } of (await alerts.list()).alerts) await alerts.remove(name);
  await kindred.removeOwned("mail");
  Object.assign(environment, {
    KINDRED_SMTP: `smtp://127.0.0.1:${box.port}`,
    KINDRED_MAIL_FROM: "kindred@lab.example",
    KINDRED_URL: "https://papers.lab.example/",
  });
  clock.now = MONDAY;
  box.received.length = 0;
  box.asked.length = 0;
  box.onAddress = box.onMail = box.afterMail = box.onSender = () => undefined;
});

let made = 0;
/** Adds papers of one category. @returns Their titles. */
async function bring(category: string, ...titles: string[]): Promise<void> {
  const records = titles.map((title) => ({
    id: `p${made++}`,
    title,
    authors: ["Ada Lovelace"],
    categories: [category],
    published: "2026-11-29",
  }));
  await kindred.import(bytesOf(jsonLines(...records)));
}
const follow = (name: string, category: string, ...to: string[]) =>
  alerts.add({ name, ask: { category: [category] }, zone: "UTC", at: "08:00", to });

/** Runs the job as it does when it is due: what is not due is not sent. */
async function turn(): Promise<string> {
  await mailing.look();
  return kindred.jobs.run("mail").catch((thrown: Error) => thrown.message);
}

test("one mail for each reader, each paper once, with the alerts that found it", async () => {
  await follow("cats", "cat", "anna@lab.example", "ben@lab.example");
  await follow("animals", "cat", "anna@lab.example");
  await bring("cat", "Cats sleep", "Cats wake");
  await alerts.run();
  assert.equal(await turn(), "2 mails were accepted");
  assert.deepEqual(box.received.map(({ to }) => to).toSorted(), ["anna@lab.example", "ben@lab.example"]);
  for (const one of box.received) assert.deepEqual(titlesOf(one).toSorted(), ["Cats sleep", "Cats wake"]);
  const anna = box.received.find(({ to }) => to === "anna@lab.example")!.mail;
  assert.match(anna.subject!, /^2 new papers \(.*animals.*\): Cats \w+ and 1 more$/);
  assert.match(anna.text!, /Also found by (cats|animals)/);
  assert.equal(anna.from!.text, '"Kindred" <kindred@lab.example>');
  assert.doesNotMatch(anna.text!, /ben@/);
  assert.equal(await turn(), "0 mails were accepted");
  assert.equal(box.received.length, 2);
});

test("one mail a day: what comes later waits for the next day; after a week away there is one", async () => {
  await follow("cats", "cat", "anna@lab.example");
  await bring("cat", "Monday cat");
  await alerts.run();
  await turn();
  clock.now += 3 * HOUR;
  await bring("cat", "Noon cat");
  await alerts.run();
  await turn();
  assert.equal(box.received.length, 1);
  clock.now = MONDAY + DAY;
  await bring("cat", "Tuesday cat");
  await turn();
  assert.equal(box.received.length, 1, "it waits for the alert that is due");
  await alerts.run();
  await turn();
  assert.deepEqual(titlesOf(box.received[1]!).toSorted(), ["Noon cat", "Tuesday cat"]);
  for (let day = 2; day < 9; day++) await bring("cat", `Cat of day ${day}`);
  clock.now = MONDAY + 9 * DAY;
  await alerts.run();
  await turn();
  assert.equal(box.received.length, 3);
  assert.equal(titlesOf(box.received[2]!).length, 7);
});

test("an alert that is asked to says that it found nothing; others are silent", async () => {
  await alerts.add({ name: "quiet", ask: { category: ["none"] }, zone: "UTC", to: ["anna@lab.example"] });
  await alerts.add({
    name: "honest",
    ask: { category: ["none"] },
    zone: "UTC",
    to: ["ben@lab.example"],
    evenIfNothing: true,
  });
  await alerts.run();
  await turn();
  assert.deepEqual(
    box.received.map(({ to, mail }) => [to, mail.subject]),
    [["ben@lab.example", "Nothing new: honest"]],
  );
  await turn();
  assert.equal(box.received.length, 1);
});

test("papers that were removed are left out, unless they are here under another id", async () => {
  await follow("cats", "cat", "anna@lab.example");
  await follow("only", "gone", "ben@lab.example");
  await bring("cat", "Kept cat", "Removed cat", "Moved cat");
  await bring("gone", "Gone");
  await alerts.run();
  for (const { id, title } of (await kindred.browse({ limit: 500 })).papers)
    if (["Removed cat", "Moved cat", "Gone"].includes(title)) await kindred.remove(id);
  await kindred.import(bytesOf(jsonLines({ id: "moved", title: "Moved cat", doi: "10.1000/moved" })));
  await turn();
  assert.deepEqual(
    box.received.map(({ to }) => to),
    ["anna@lab.example"],
  );
  assert.deepEqual(titlesOf(box.received[0]!).toSorted(), ["Kept cat", "Moved cat"]);
  assert.match(box.received[0]!.mail.text!, /https:\/\/doi\.org\/10\.1000\/moved/);
  assert.equal((await alerts.get("only")).alert.to[0]!.undelivered, 0, "there is nothing left to send");
});

describe("what the server does not take is sent later", () => {
  test("one of five addresses is refused: the others have their mail, and the alert says so", async () => {
    const addresses = ["a", "b", "c", "d", "e"].map((name) => `${name}@lab.example`);
    await follow("cats", "cat", ...addresses);
    await bring("cat", "A cat for five");
    box.onAddress = (address) => (address === "c@lab.example" ? { code: 550, text: "5.1.1 No such user" } : undefined);
    await alerts.run();
    assert.equal(await turn(), "4 mails were accepted, 1 was refused");
    assert.equal(box.received.length, 4);
    const { to } = (await alerts.get("cats")).alert;
    assert.deepEqual(to.map(({ undelivered, failure }) => `${undelivered} ${failure}`).toSorted(), [
      ...Array<string>(4).fill("0 null"),
      "1 550 5.1.1 No such user",
    ]);
    clock.now += DAY;
    await turn();
    assert.equal(box.asked.filter((address) => address === "c@lab.example").length, 1, "nothing new, no new try");
    await mailing.send();
    assert.equal(box.asked.filter((address) => address === "c@lab.example").length, 2, "asked for, it is tried");
    box.onAddress = () => undefined;
    await mailing.send();
    assert.deepEqual(titlesOf(box.received[4]!), ["A cat for five"]);
  });

  test("what the server said is for the owner: others see a code, and no address or host", async () => {
    await follow("cats", "cat", "Anna@lab.example");
    await bring("cat", "A cat for Anna");
    box.onAddress = () => ({ code: 550, text: "5.1.1 <Anna@lab.example>: no anna at mx.lab.example [10.1.2.3]" });
    await alerts.run();
    await turn();
    assert.match((await alerts.get("cats")).alert.to[0]!.failure!, /<Anna@lab\.example>/);
    const [stranger] = (await alerts.get("cats", false)).alert.to;
    assert.deepEqual([stranger!.failure, stranger!.address], ["550 5.1.1", "A…@lab.example"]);
    const seenByOthers = async () => JSON.stringify([await alerts.list(false), (await kindred.status()).jobs]);
    assert.doesNotMatch(await seenByOthers(), /anna|mx\.|10\.1|127\./i);
    box.onAddress = () => "hang up";
    await mailing.send();
    assert.equal((await alerts.get("cats", false)).alert.to[0]!.failure, "the connection was lost");
    assert.doesNotMatch(await seenByOthers(), /anna|mx\.|10\.1|127\./i);
    // As an older version stored it.
    const [kept] = await kindred.owned("mail", "delivery/");
    await kindred.putOwned([{ ...kept!, value: kept!.value!.replace(/"brief":"[^"]*",/, "") }]);
    assert.equal((await alerts.get("cats", false)).alert.to[0]!.failure, "it was refused");
  });

  test("a reader whose mail cannot be written does not keep others waiting", async (t) => {
    await follow("cats", "cat", "anna@lab.example");
    await follow("dogs", "dog", "ben@lab.example");
    await bring("cat", "Cat that is unreadable");
    await bring("dog", "Dog that is unreadable");
    await alerts.run();
    const paper = kindred.paper.bind(kindred);
    let wrong = /^/;
    t.mock.method(kindred, "paper", async (id: string) => {
      const found = await paper(id);
      if (wrong.test(found.title)) throw new Error("the row is damaged");
      return found;
    });
    for (const [animal, other] of [
      [/^Cat/, "ben@lab.example"],
      [/^Dog/, "anna@lab.example"],
    ] as const) {
      wrong = animal;
      await kindred.removeOwned("mail", "delivery/");
      await kindred.putOwned(
        (await kindred.owned("mail", "sent/")).map((row) => ({
          ...row,
          value: JSON.stringify({ number: 0, ran: null, found: 0 }),
        })),
      );
      box.received.length = 0;
      assert.equal(await turn(), "the row is damaged");
      assert.deepEqual(
        box.received.map(({ to }) => to),
        [other],
      );
    }
  });

  test("an alert that ends after a refusal does not keep what others find", async () => {
    await follow("cats", "cat", "anna@lab.example");
    await follow("dogs", "dog", "anna@lab.example");
    await bring("cat", "First cat that is refused");
    await bring("dog", "First dog", "Second dog", "Third dog");
    box.onAddress = () => ({ code: 550, text: "No such user" });
    await alerts.run();
    await turn();
    await alerts.remove("dogs");
    box.onAddress = () => undefined;
    clock.now += DAY;
    await bring("cat", "Second cat that is not");
    await alerts.run();
    await turn();
    assert.deepEqual(box.received.flatMap(titlesOf).toSorted(), [
      "First cat that is refused",
      "Second cat that is not",
    ]);
  });

  test("an address that does not exist is given up after three refusals, until it is asked for", async () => {
    await follow("cats", "cat", "a@lab.example");
    box.onAddress = () => ({ code: 550, text: "No such user" });
    for (let day = 0; day < 6; day++) {
      clock.now = MONDAY + day * DAY;
      await bring("cat", `Cat ${day} of a lost address`);
      await alerts.run();
      await turn();
    }
    assert.equal(box.asked.length, 3);
    assert.equal(
      (await alerts.get("cats")).alert.to[0]!.failure,
      "550 No such user; given up: only kindred alert run tries it again",
    );
    box.onAddress = () => undefined;
    assert.deepEqual(await mailing.send(), { accepted: 1, refused: [] });
    assert.equal(titlesOf(box.received[0]!).length, 6);
  });

  test("greylisting: pauses grow, what is found meanwhile goes into the same mail, and nothing is lost", async () => {
    await follow("cats", "cat", "anna@lab.example");
    box.onAddress = () => ({ code: 451, text: "4.7.1 Greylisted, try again" });
    await bring("cat", "Grey cat");
    await alerts.run();
    const tries: number[] = [];
    for (let minute = 0; minute < 120; minute++) {
      const before = box.asked.length;
      await turn();
      if (box.asked.length > before) tries.push(minute);
      clock.now += 60_000;
    }
    assert.deepEqual(tries, [0, 5, 15, 35, 75]);
    assert.match((await alerts.get("cats")).alert.to[0]!.failure!, /^451 4\.7\.1 Greylisted/);
    box.onAddress = () => undefined;
    clock.now = MONDAY + DAY;
    await bring("cat", "White cat");
    await alerts.run();
    await turn();
    assert.deepEqual(titlesOf(box.received[0]!).toSorted(), ["Grey cat", "White cat"]);
    assert.equal((await alerts.get("cats")).alert.to[0]!.failure, null);
  });

  test("a server that is not there, or is silent: the failure says so, and the mail comes later", async () => {
    await follow("cats", "cat", "anna@lab.example");
    await bring("cat", "Late cat");
    await alerts.run();
    environment["KINDRED_SMTP"] = "smtp://127.0.0.1:1";
    assert.equal(await turn(), "the mail server cannot be reached", "everybody may read it");
    await assert.rejects(
      mailing.send(),
      /^KindredError: the mail server 127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED/,
    );
    environment["KINDRED_SMTP"] = `smtp://127.0.0.1:${box.port}`;
    box.onMail = () => "silence";
    assert.equal(await turn(), "0 mails were accepted, 1 was refused");
    assert.match((await alerts.get("cats")).alert.to[0]!.failure!, /^the connection was lost: /);
    box.onMail = () => "hang up";
    clock.now += HOUR;
    assert.equal(await turn(), "0 mails were accepted, 1 was refused");
    box.onMail = () => undefined;
    clock.now += HOUR;
    await turn();
    assert.deepEqual(box.received.map(titlesOf), [["Late cat"]]);
  });

  test("a server that breaks off at one reader's mail takes those of others; one that always does is left alone", async () => {
    const addresses = ["a", "b", "c", "d", "e"].map((name) => `${name}@lab.example`);
    await follow("cats", "cat", ...addresses);
    await bring("cat", "Cat on a bad line");
    await alerts.run();
    box.onMail = (address) => (address.startsWith("a") ? "hang up" : undefined);
    await turn();
    assert.deepEqual(box.received.map(({ to }) => to).toSorted(), addresses.slice(1));
    box.onMail = () => "hang up";
    clock.now = MONDAY + DAY;
    await bring("cat", "Cat on no line");
    await alerts.run();
    assert.equal(await turn(), "the mail server was lost 3 times");
    box.onMail = () => undefined;
    clock.now += HOUR;
    await turn();
    for (let day = 2; day < 4; day++) {
      clock.now = MONDAY + day * DAY;
      await alerts.run();
      await turn();
    }
    for (const address of addresses)
      assert.deepEqual(
        box.received.filter(({ to }) => to === address).flatMap(titlesOf),
        ["Cat on a bad line", "Cat on no line"],
        address,
      );
  });

  test("a mail that was accepted without a word is sent again as it was, and what is new later", async () => {
    await follow("cats", "cat", "anna@lab.example");
    await bring("cat", "First cat");
    await alerts.run();
    box.afterMail = () => "hang up";
    await turn();
    await bring("cat", "Second cat");
    await alerts.run();
    box.afterMail = () => undefined;
    clock.now += HOUR;
    await turn();
    const [one, two] = box.received;
    assert.equal(one!.mail.messageId, two!.mail.messageId);
    assert.deepEqual(one!.raw, two!.raw);
    clock.now = MONDAY + DAY;
    await alerts.run();
    await turn();
    assert.deepEqual(box.different.map(titlesOf), [["First cat"], ["Second cat"]]);
  });

  test("a clock that was years ahead does not keep a refused mail waiting", async () => {
    clock.now = MONDAY + 1_000 * DAY;
    await follow("cats", "cat", "anna@lab.example");
    await bring("cat", "Cat of the future");
    await alerts.run();
    box.onAddress = () => ({ code: 451, text: "later" });
    await turn();
    clock.now = MONDAY;
    box.onAddress = () => undefined;
    await turn();
    assert.deepEqual(box.received.map(titlesOf), [["Cat of the future"]]);
  });

  test("a mail that was sent while the clock was years ahead does not hold up the next", async () => {
    clock.now = MONDAY + 1_000 * DAY;
    await follow("cats", "cat", "anna@lab.example");
    await bring("cat", "Cat of the future");
    await alerts.run();
    await turn();
    clock.now = MONDAY;
    await bring("cat", "Cat of the present");
    await alerts.run();
    await turn();
    assert.deepEqual(box.received.map(titlesOf), [["Cat of the future"], ["Cat of the present"]]);
  });

  test("a sender that is refused stops all mails, with words", async () => {
    await follow("cats", "cat", "anna@lab.example", "ben@lab.example");
    await bring("cat", "Cat without a sender");
    await alerts.run();
    box.onSender = () => ({ code: 553, text: "not your address" });
    assert.equal(await turn(), "the mail server refuses the sender");
    await assert.rejects(mailing.send(), /refuses mail from kindred@lab\.example: 553 not your address$/);
    assert.equal((await alerts.get("cats")).alert.to[0]!.failure, null, "it is not the reader's fault");
  });
});

describe("consent", () => {
  const stranger = (name: string, ...to: string[]) =>
    alerts.add({ name, ask: { category: ["cat"] }, zone: "UTC", to }, false);

  const anna = async () => (await alerts.get("cats")).alert.to.find(({ address }) => address.startsWith("anna"))!.id;

  test("requests at the same time, also of two processes, pass no limit, and take no name twice", async (t) => {
    const other = await alertsOf(kindred, () => clock.now, environment);
    t.after(other.close);
    const wanted = { ask: { category: ["cat"] }, zone: "UTC" };
    const both = (count: number, name: (i: number) => string, to: string, local: boolean) =>
      Promise.allSettled(
        Array.from({ length: count }, (_, i) =>
          [alerts, other.alerts][i % 2]!.add({ name: name(i), ...wanted, to: [to] }, local),
        ),
      );
    const asked = await both(6, (i) => `victim ${i}`, "victim@lab.example", false);
    assert.equal(asked.filter(({ status }) => status === "fulfilled").length, 3);
    const named = await both(4, () => "one", "a@lab.example", true);
    assert.equal(named.filter(({ status }) => status === "fulfilled").length, 1);
    await kindred.removeOwned("mail", "secret");
    const secrets = await Promise.all(
      [alerts, other.alerts, alerts, other.alerts].map((one) => one.recipients.secret()),
    );
    assert.equal(new Set(secrets).size, 1);
  });

  test("everybody is told what becomes of an address that they add", async () => {
    const both = async () => [(await alerts.list()).mail, (await alerts.list(false)).mail];
    assert.deepEqual(await both(), ["active", "confirm"]);
    delete environment["KINDRED_URL"];
    assert.deepEqual(await both(), ["active", "no-url"]);
    environment["KINDRED_MAIL_FROM"] = "nobody";
    assert.deepEqual(await both(), ["no-server", "no-server"], "the settings are wrong");
    delete environment["KINDRED_SMTP"];
    assert.deepEqual(await both(), ["no-server", "no-server"]);
  });

  test("the owner can confirm an address that a stranger has written", async () => {
    await stranger("cats", "anna@lab.example");
    await alerts.change("cats", { to: [await anna()] });
    assert.equal((await alerts.get("cats")).alert.to[0]!.state, "unconfirmed", "an id is not an address");
    await alerts.change("cats", { to: ["anna@lab.example"] }, false);
    assert.equal((await alerts.get("cats")).alert.to[0]!.state, "unconfirmed", "a stranger cannot");
    await alerts.change("cats", { to: ["anna@lab.example"] });
    assert.equal((await alerts.get("cats")).alert.to[0]!.state, "active");
    assert.deepEqual(await kindred.owned("mail", "invite/"), []);
  });

  test("a greylisted question comes later; a week without an answer, and the address is forgotten", async () => {
    await stranger("cats", "anna@lab.example");
    box.onAddress = () => ({ code: 451, text: "later" });
    await turn();
    await turn();
    assert.equal(box.asked.length, 1);
    box.onAddress = () => undefined;
    clock.now += HOUR;
    await turn();
    assert.match(box.received[0]!.mail.text!, /confirm within 7 days/);
    clock.now = MONDAY + 7 * DAY;
    assert.deepEqual((await alerts.get("cats")).alert.to, []);
    await mailing.look();
    await follow("others", "cat", "ben@lab.example");
    await turn();
    assert.deepEqual(
      (await kindred.owned("mail")).map(({ key }) => key.split("/")[0]).join(" "),
      "asks secret sent to",
      "nothing of the stranger is kept",
    );
  });

  test("who unsubscribes while others are sent their mails is sent none", async () => {
    await follow("cats", "cat", "anna@lab.example", "ben@lab.example");
    await bring("cat", "Cat that comes between");
    await alerts.run();
    const all = await alerts.recipients.all();
    const putOwned: typeof kindred.putOwned = async (rows) => {
      await kindred.putOwned(rows);
      const sent = rows.find(({ key }) => key.startsWith("sent/"))?.key.split("/")[2];
      for (const { reader, alert } of all)
        if (sent !== undefined && reader !== sent)
          await alerts.recipients.follow({ does: "unsubscribe", reader, alert });
    };
    const name = "mail in between";
    const library = {
      jobs: {
        register: (job: Job) => kindred.jobs.register({ ...job, name }),
        run: (_: string, signal?: AbortSignal) => kindred.jobs.run(name, signal),
        remove: () => kindred.jobs.remove(name),
      },
      putOwned,
      owned: kindred.owned.bind(kindred),
      search: kindred.search.bind(kindred),
      paper: kindred.paper.bind(kindred),
    };
    await new Mailing(library, alerts, { now: () => clock.now, environment }).send();
    assert.equal(box.received.length, 1);
    await library.jobs.remove();
  });

  test("who has unsubscribed is asked again, even by the owner, and not while the list stays as it is", async () => {
    await follow("cats", "cat", "anna@lab.example", "ben@lab.example");
    const reader = await anna();
    const alert = (await alerts.known())[0]!.alert.id;
    await alerts.recipients.follow({ does: "unsubscribe", reader, alert });
    const states = async () =>
      new Map((await alerts.get("cats")).alert.to.map(({ address, state }) => [address, state]));
    await alerts.change("cats", { to: [reader, "ben@lab.example"] });
    assert.equal((await states()).get("anna@lab.example"), "unsubscribed");
    await bring("cat", "Cat that nobody wanted");
    await alerts.run();
    await alerts.change("cats", { to: ["Anna@lab.example"] });
    assert.deepEqual([...(await states())], [["anna@lab.example", "unconfirmed"]]);
    await alerts.change("cats", { to: ["anna@lab.example"] });
    assert.equal((await states()).get("anna@lab.example"), "unconfirmed", "only she can end that");
    assert.equal((await alerts.get("cats")).alert.found, 1);
    await alerts.recipients.follow({ does: "confirm", reader, alert });
    await bring("cat", "Confirmed cat");
    await alerts.run();
    await mailing.send();
    assert.deepEqual(titlesOf(box.received.at(-1)!), ["Confirmed cat"]);
  });

  test("an end to all mails ends those of every alert, and confirming one brings back only that one", async () => {
    for (const name of ["cats", "animals"]) await follow(name, "cat", "anna@lab.example");
    const reader = await anna();
    await alerts.recipients.follow({ does: "unsubscribe", reader, alert: null });
    await follow("more", "cat", "anna@lab.example");
    await assert.rejects(stranger("strange", "anna@lab.example"), /has asked not to be sent mail/);
    const { alert } = (await alerts.known()).find(({ name }) => name === "more")!;
    await alerts.recipients.follow({ does: "confirm", reader, alert: alert.id });
    assert.deepEqual(
      (await alerts.list()).alerts.map(({ name, to }) => [name, to[0]!.state]),
      [
        ["animals", "unsubscribed"],
        ["cats", "unsubscribed"],
        ["more", "active"],
      ],
    );
  });
});

test(
  "a process that is killed at any moment: each reader's mails, and the messages to a webhook, hold each paper once",
  { timeout: 300_000 },
  async (t) => {
    const receiver = await Receiver.start(t);
    const readers = ["a", "b", "c"].map((name) => `${name}@lab.example`);
    await follow("all", "kill", ...readers);
    await follow("some", "kill", readers[0]!);
    await alerts.change("all", { webhooks: [receiver.url] });
    const env = { ...process.env, ...environment };
    let seed = 17;
    const draw = (below: number) => (seed = (seed * 16_807) % 2_147_483_647) % below;
    let found = 0;
    for (let round = 0; round < 10; round++) {
      await bring("kill", `Killed cat ${found++}`, `Killed cat ${found++}`);
      const child = spawn(process.execPath, [CHILD, kindred.directory], { env, stdio: ["ignore", "pipe", "inherit"] });
      const ended = once(child, "exit");
      // A moment of the conversation with the server, counted from the start; then some milliseconds of what follows.
      // The first moment is the webhook's.
      let moments = round % 5 === 0 ? 0 : draw(10);
      const wait = draw(3) * 4;
      const silent = round % 5 === 0 || draw(2) === 0;
      const kill = () => {
        if (moments-- !== 0) return undefined;
        setTimeout(() => child.kill("SIGKILL"), wait);
        // The server has kept the mail, and nobody hears of it.
        return silent ? ("silence" as const) : undefined;
      };
      box.onAddress = box.onMail = box.afterMail = kill;
      receiver.onMessage = () => (kill() === undefined ? undefined : "keep and hang up");
      await ended;
    }
    box.onAddress = box.onMail = box.afterMail = receiver.onMessage = () => undefined;
    for (let i = 0; i < 2; i++) {
      const [code] = (await once(
        spawn(process.execPath, [CHILD, kindred.directory], { env, stdio: "inherit" }),
        "exit",
      )) as [number];
      assert.equal(code, 0);
    }
    assert.ok(box.received.length > box.different.length, "some were sent twice");
    const all = Array.from({ length: found }, (_, i) => `Killed cat ${i}`).toSorted();
    assert.deepEqual(titlesIn(receiver.different).toSorted(), all);
    assert.ok(receiver.received.length > receiver.different.length, "some messages were sent twice");
    for (const again of receiver.received)
      assert.equal(again.body, receiver.different.find(({ id }) => id === again.id)!.body);
    for (const reader of readers) {
      const mails = box.different.filter(({ to }) => to === reader);
      assert.deepEqual(mails.flatMap(titlesOf).toSorted(), all, reader);
      for (const again of box.received.filter(({ to }) => to === reader))
        assert.deepEqual(again.raw, mails.find(({ mail }) => mail.messageId === again.mail.messageId)!.raw);
    }
  },
);

test("of thousands that match at once, a run has the most relevant and a mail 500 papers, and the others are counted", async () => {
  await alerts.add({ name: "search", ask: { q: "many", mode: "lexical" } });
  for (const category of ["cat", "dog"]) {
    await alerts.add({
      name: `${category}s`,
      ask: { category: [category] },
      zone: "UTC",
      atMost: 300,
      to: ["anna@lab.example"],
    });
    await bring(category, ...Array.from({ length: 1_000 }, (_, i) => `Of many ${category} ${i}`));
  }
  const { papers, more } = (await alerts.run()).get("search")!;
  assert.deepEqual([papers.length, more >= 50], [20, true]);
  await turn();
  assert.equal(box.received.length, 1);
  assert.equal(titlesOf(box.received[0]!).length, 500);
  const { text } = box.received[0]!.mail;
  assert.match(text!, /^700 more found by (cat|dog)s: https:\S+category=\1&addedAfter=\d+$/m);
  assert.match(text!, /^800 more found by (cat|dog)s: https:\S+category=\1&addedAfter=\d+$/m);
  assert.deepEqual(
    (await alerts.list()).alerts.flatMap(({ to }) => to.map(({ undelivered }) => undelivered)),
    [0, 0],
  );
});
