/** Addresses over HTTP, on a server that others reach: they confirm, they unsubscribe, and nobody else sees them. */
import "../tiny.js";
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import axe, { type AxeResults } from "axe-core";
import type { Browser } from "playwright-core";
import { alertAnswerSchema, alertsAnswerSchema } from "../../src/api.js";
import { openKindred } from "../../src/kindred.js";
import { createLogger } from "../../src/server/log.js";
import { serve } from "../../src/server/serve.js";
import { Mailbox } from "../../scripts/common/mailbox.js";
import { Receiver } from "../../scripts/common/receiver.js";
import { temporaryDirectory } from "../sample.js";
import { closeBrowser, openBrowser } from "../web/browser.js";
import { Asking, bytesOf, jsonLines, parsed, problemIn, type Reply } from "./serving.js";

const asking = new Asking();
const cleaning: (() => unknown)[] = [];
let box: Mailbox;
let browser: Browser;

before(async () => {
  const t = { after: (work: () => unknown) => void cleaning.unshift(work) };
  box = await Mailbox.start(t);
  Object.assign(process.env, {
    KINDRED_SMTP: `smtp://127.0.0.1:${box.port}`,
    KINDRED_MAIL_FROM: "kindred@lab.example",
    KINDRED_URL: "https://papers.lab.example/kindred/",
  });
  asking.directory = temporaryDirectory(t);
  asking.kindred = await openKindred({ directory: asking.directory, workers: 1 });
  t.after(() => asking.kindred.close());
  asking.serving = await serve(asking.kindred, {
    host: "127.0.0.1",
    port: 0,
    protects: "nothing",
    log: createLogger("error", { write: (line) => void asking.logged.push(line) }),
  });
  t.after(() => asking.serving.close());
  browser = await openBrowser();
  t.after(closeBrowser);
});
after(async () => {
  for (const clean of cleaning) await clean();
  for (const name of ["KINDRED_SMTP", "KINDRED_MAIL_FROM", "KINDRED_URL"]) delete process.env[name];
  assert.deepEqual(asking.logged, [], "the server logged a defect");
});
beforeEach(async () => {
  for (const { name } of (await asking.kindred.alerts.list()).alerts) await asking.kindred.alerts.remove(name);
  await asking.kindred.removeOwned("mail");
  box.received.length = 0;
});

const change = (method: string, path: string, body: object): Promise<Reply> =>
  asking.ask(path, { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
const add = (name: string, ...to: string[]) => asking.post("api/alerts", { name, ask: { category: [name] }, to });
const recipients = async (name: string) => parsed(alertAnswerSchema, await asking.ask(`api/alerts/${name}`)).alert.to;
let made = 0;
const bring = (category: string) =>
  asking.kindred.import(bytesOf(jsonLines({ id: `p${made++}`, title: `Paper ${made}`, categories: [category] })));

/** The path of a link in the last mail, as the proxy at the public address passes it on. */
function linkIn(pattern: RegExp): string {
  const { text } = box.received.at(-1)!.mail;
  const url = pattern.exec(text!)?.[1] ?? "";
  assert.match(url, /^https:\/\/papers\.lab\.example\/kindred\/mail\/[\w.-]+$/);
  return url.slice("https://papers.lab.example/kindred/".length);
}
const CONFIRM = /confirm within 7 days:\n(\S+)/;
const END = /No more mails at all: (\S+)/;

test("an address confirms, is sent what is found, and unsubscribes with one click", async () => {
  const { alert } = parsed(alertAnswerSchema, await add("cats", "anna@lab.example"));
  assert.deepEqual(
    alert.to.map(({ address, state }) => [address, state]),
    [["a…@lab.example", "unconfirmed"]],
  );
  await asking.kindred.mail.send();
  assert.match(box.received[0]!.mail.subject!, /^Do you want new papers from Kindred\?$/);
  assert.doesNotMatch(box.received[0]!.mail.text!, /cats/, "no words of a stranger are sent");
  await bring("cats");
  await asking.kindred.alerts.run();
  await asking.kindred.mail.send();
  assert.equal(box.received.length, 1, "not confirmed, not sent, and not asked again");

  const confirm = linkIn(CONFIRM);
  const page = await asking.ask(confirm);
  assert.match(page.text, /“cats”.*a…@lab\.example/);
  assert.equal((await recipients("cats"))[0]!.state, "unconfirmed", "opening the link does nothing");
  assert.match((await asking.ask(confirm, { method: "POST" })).text, /Thank you/);
  assert.match((await asking.ask(confirm, { method: "POST" })).text, /Thank you/, "twice does no harm");
  assert.equal((await recipients("cats"))[0]!.state, "active");
  await asking.kindred.mail.send();
  const { headers, text } = box.received[1]!.mail;
  assert.match(text!, /Paper 1/, "also what was found until then");

  const end = linkIn(END);
  const { unsubscribe } = headers.get("list") as unknown as { unsubscribe: { url: string } };
  assert.equal(unsubscribe.url, `https://papers.lab.example/kindred/${end}`);
  assert.match(box.received[1]!.raw.toString(), /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n/m);
  // As a mail program does: from no page, and to the public name.
  const clicked = await asking.ask(end, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", host: "papers.lab.example" },
    body: "List-Unsubscribe=One-Click",
  });
  assert.equal(clicked.status, 200);
  assert.equal((await recipients("cats"))[0]!.state, "unsubscribed");
  await bring("cats");
  await asking.kindred.alerts.run();
  await asking.kindred.mail.send();
  assert.equal(box.received.length, 2);
  assert.match(problemIn(await add("dogs", "Anna@lab.example"), 400).detail, /has asked not to be sent mail/);
});

test("mails about one alert can be ended, and a removed one answers kindly", async () => {
  for (const name of ["cats", "dogs"])
    await asking.kindred.alerts.add({ name, ask: { category: [name] }, to: ["ben@lab.example"] });
  await bring("cats");
  await bring("dogs");
  await asking.kindred.alerts.run();
  await asking.kindred.mail.send();
  const cats = linkIn(/No more mails about cats: (\S+)/);
  const dogs = linkIn(/No more mails about dogs: (\S+)/);
  assert.match((await asking.ask(cats)).text, /“cats” finds to b…@lab\.example any more/);
  assert.equal((await asking.ask(cats, { method: "POST" })).status, 200);
  assert.deepEqual(
    [(await recipients("cats"))[0]!.state, (await recipients("dogs"))[0]!.state],
    ["unsubscribed", "active"],
  );
  await asking.kindred.alerts.remove("dogs");
  for (const method of ["GET", "POST"]) {
    const gone = await asking.ask(dogs, { method });
    assert.equal(gone.status, 200);
    assert.match(gone.text, method === "GET" ? /nothing left to do/ : /You are unsubscribed/);
  }
});

test("a link that was changed, or of another directory, does nothing", async () => {
  await asking.kindred.alerts.add({ name: "cats", ask: { category: ["cats"] }, to: ["ben@lab.example"] });
  const { id } = (await asking.kindred.alerts.get("cats")).alert.to[0]!;
  const token = await asking.kindred.alerts.recipients.token({ does: "unsubscribe", reader: id, alert: null });
  const [does, reader, alert, mac] = token.split(".");
  for (const wrong of [
    `c.${reader}.${alert}.${mac}`,
    `${does}.${reader}..${mac!.slice(1)}A`,
    `${does}.${reader}..`,
    "x",
    `${token}x`,
    "x".repeat(10_000),
  ]) {
    const { status, text } = await asking.ask(`mail/${wrong}`, { method: "POST" });
    assert.equal(status, 404, wrong);
    assert.match(text, /This link does not work/);
  }
  assert.equal((await recipients("cats"))[0]!.state, "active");
  assert.equal((await asking.ask(`mail/${token}`, { method: "DELETE" })).status, 405);
  const foreign = await asking.ask(`mail/${token}`, { method: "POST", headers: { "sec-fetch-site": "cross-site" } });
  assert.equal(foreign.status, 403, "no page of another site may do it");
});

test("a stranger who subscribes many is stopped: per address, and in all", async () => {
  for (const name of ["one", "two", "three"]) assert.equal((await add(name, "victim@lab.example")).status, 200);
  assert.match(problemIn(await add("four", "victim@lab.example"), 503).detail, /was asked 3 times this week/);
  const others = Array.from({ length: 99 }, (_, i) => `v${i}@lab.example`);
  assert.equal((await add("many", ...others.slice(0, 50))).status, 200);
  assert.equal((await add("more", ...others.slice(50))).status, 200);
  await asking.kindred.alerts.remove("many");
  assert.match(problemIn(await add("again", "v100@lab.example"), 503).detail, /100 addresses were asked this week/);
  assert.equal(
    problemIn(await add("list", ...Array.from({ length: 51 }, (_, i) => `w${i}@lab.example`)), 400).parameter,
    "to",
  );
});

test("addresses stay when an alert is changed by those who see only their ids; what is no address is refused", async () => {
  await asking.kindred.alerts.add({
    name: "cats",
    ask: { category: ["cats"] },
    to: ["ben@lab.example", "eva@lab.example"],
  });
  const [ben] = (await recipients("cats")).filter(({ address }) => address.startsWith("b"));
  parsed(alertAnswerSchema, await change("PATCH", "api/alerts/cats", { to: [ben!.id] }));
  assert.deepEqual(
    (await asking.kindred.alerts.get("cats")).alert.to.map(({ address, state }) => [address, state]),
    [["ben@lab.example", "active"]],
  );
  for (const to of [
    "ben@lab.example\nBcc: eve@evil.example",
    "Ben <ben@lab.example>",
    "ben",
    "a@b.example,c@d.example",
  ])
    assert.equal(problemIn(await change("PATCH", "api/alerts/cats", { to: [to] }), 400).parameter, "to.0");
  assert.equal(problemIn(await change("PATCH", "api/alerts/cats", { to: ["x".repeat(16)] }), 404).parameter, "to");
  assert.doesNotMatch((await asking.ask("api/alerts")).text, /ben@/);
  parsed(alertsAnswerSchema, await asking.ask("api/alerts"));
});

test("a webhook over HTTP is public, its secret is in the answer to who writes it, and its address is shown to nobody else", async () => {
  const secret = "https://hooks.lab.example/services/T0KEN";
  const post = (name: string, webhooks: string[]) =>
    asking.post("api/alerts", { name, ask: { category: ["cats"] }, webhooks });
  const { alert } = parsed(alertAnswerSchema, await post("cats", [secret]));
  const [hook] = alert.webhooks;
  assert.deepEqual([hook!.url, hook!.undelivered, hook!.failure], ["https://hooks.lab.example", 0, null]);
  assert.equal(hook!.secret, (await asking.kindred.alerts.get("cats")).alert.webhooks[0]!.secret);
  const seen = `${(await asking.ask("api/alerts/cats")).text}${(await asking.ask("api/alerts")).text}`;
  assert.doesNotMatch(seen, /T0KEN|whsec_/);
  const kept = parsed(alertAnswerSchema, await change("PATCH", "api/alerts/cats", { webhooks: [hook!.id] }));
  assert.deepEqual(kept.alert.webhooks, [{ ...hook!, secret: null }]);
  for (const url of ["http://127.0.0.1:1/", "https://192.168.0.1/", "http://hooks.lab.example/"]) {
    const { detail } = problemIn(await post("dogs", [url]), 400);
    assert.match(detail, /^webhooks: an address .* can only be added on the command line/);
    assert.doesNotMatch(detail, /192|127|lab/);
  }
  assert.equal(problemIn(await change("PATCH", "api/alerts/cats", { webhooks: ["mailto:a@b.example"] }), 400).parameter, "webhooks.0"); // prettier-ignore
  const { alert: none } = parsed(alertAnswerSchema, await change("PATCH", "api/alerts/cats", { webhooks: [] }));
  assert.deepEqual(none.webhooks, []);
});

test("a running server posts to webhooks by itself", async (t) => {
  const receiver = await Receiver.start(t);
  await asking.kindred.alerts.add({ name: "cats", ask: { category: ["cats"] }, webhooks: [receiver.url] });
  await bring("cats");
  await asking.kindred.alerts.run();
  // As it does every 15 seconds.
  await asking.kindred.webhooks.look();
  while ((await asking.kindred.alerts.get("cats")).alert.webhooks[0]!.undelivered > 0) await setTimeout(20);
  const [posted] = receiver.received;
  assert.match(posted!.message.papers[0]!.links.kindred!, /^https:\/\/papers\.lab\.example\/kindred\/\?paper=p\d+$/);
  const { jobs } = await asking.kindred.status();
  assert.ok(jobs.some(({ name }) => name === "webhooks"));
});

test("an address that must confirm cannot be added where no link would lead anywhere", async () => {
  const url = process.env["KINDRED_URL"];
  delete process.env["KINDRED_URL"];
  try {
    assert.match(problemIn(await add("cats", "anna@lab.example"), 400).detail, /needs KINDRED_URL/);
  } finally {
    process.env["KINDRED_URL"] = url;
  }
});

test("the page of a link works without scripts, and has no accessibility violation in either colour scheme", async () => {
  await asking.kindred.alerts.add({ name: "cats", ask: { category: ["cats"] }, to: ["ben@lab.example"] });
  const { id } = (await asking.kindred.alerts.get("cats")).alert.to[0]!;
  const token = await asking.kindred.alerts.recipients.token({ does: "unsubscribe", reader: id, alert: null });
  const context = await browser.newContext({ viewport: { width: 320, height: 640 }, bypassCSP: true });
  const page = await context.newPage();
  await page.goto(`${asking.serving.url}mail/${token}`);
  await page.evaluate(axe.source);
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations }: AxeResults = await page.evaluate("axe.run({ resultTypes: ['violations'] })");
    assert.deepEqual(
      violations.map(({ help }) => help),
      [],
    );
  }
  await context.close();
  const plain = await browser.newContext({ javaScriptEnabled: false });
  const form = await plain.newPage();
  await form.goto(`${asking.serving.url}mail/${token}`);
  await form.getByRole("button", { name: "Unsubscribe from everything" }).click();
  await form.getByRole("heading", { name: "You are unsubscribed" }).waitFor();
  assert.equal((await recipients("cats"))[0]!.state, "unsubscribed");
  await plain.close();
});
