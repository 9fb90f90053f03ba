import "../tiny.js";
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import type { AlertAnswer, AlertsAnswer } from "../../src/api.js";
import { temporaryDirectory } from "../sample.js";
import { Mailbox } from "../../scripts/common/mailbox.js";
import { Receiver } from "../../scripts/common/receiver.js";
import { kindred } from "./command.js";

const lines = (...papers: object[]): string => papers.map((paper) => `${JSON.stringify(paper)}\n`).join("");

/** A library with one paper. */
async function library(
  t: TestContext,
): Promise<{ alert: (...words: string[]) => ReturnType<typeof kindred>; add: (...papers: object[]) => Promise<void> }> {
  const where = ["-d", join(temporaryDirectory(t), "index")];
  const add = async (...papers: object[]) => {
    const { code, stderr } = await kindred(["import", "--no-index", "-", ...where], { input: lines(...papers) });
    assert.equal(code, 0, stderr);
  };
  await add({ id: "moon", title: "Tides of the moon", published: "2020" });
  return { add, alert: (...words) => kindred(["alert", ...words, ...where]) };
}

describe("alert", () => {
  test("is added, listed, previewed, run, shown, edited and removed", async (t) => {
    const { alert, add } = await library(t);
    const added = await alert("add", "tides", "--q", "tides", "--days", "mon-fri", "--zone", "UTC", "--at-most", "1");
    assert.equal(added.code, 0, added.stderr);
    assert.match(
      added.stdout,
      /^alert tides added; a server runs it every day \(mon-fri\) at 08:00 UTC, next 2.*08:00:00/,
    );
    await add({ id: "sun", title: "Tides of the sun" }, { id: "mars", title: "Tides, tides of Mars" });
    assert.match((await alert("preview", "tides")).stdout, /\(3 papers are not embedded yet\)\n$/);
    const run = await alert("run");
    assert.match(run.stdout, /^tides: 1 new papers\n {2}1\. Tides.*\n.*\n[^]*and 1 more\n$/);
    const listed = await alert("list");
    assert.match(listed.stdout, /^tides: 1 papers, 1 unread; ran 2.*; every day \(mon-fri\) at 08:00 UTC, next 2/);
    assert.match((await alert("show", "tides")).stdout, /\nasks \{"q":"tides"\}\n\n2.*\n {2}1\. Tides/);
    const edited = await alert("edit", "tides", "--name", "liked", "--like", "moon", "--every", "week", "--json");
    const { alert: one } = JSON.parse(edited.stdout) as AlertAnswer;
    assert.deepEqual(
      [one.name, one.every, one.days, one.ask],
      ["liked", "week", "mon-fri", { positive: [{ id: "moon" }] }],
    );
    assert.equal((await alert("pause", "liked")).code, 0);
    const paused = JSON.parse((await alert("list", "--json")).stdout) as AlertsAnswer;
    assert.equal(paused.alerts[0]?.next, null);
    assert.equal((await alert("resume", "liked")).code, 0);
    assert.deepEqual(JSON.parse((await alert("run", "liked", "--no-index", "--json")).stdout), {
      alerts: { liked: { papers: [], more: 0, error: null, waits: false } },
    });
    assert.equal((await alert("remove", "liked")).code, 0);
    assert.equal((await alert("list")).stdout, "");
  });

  test("every way to ask has its options", async (t) => {
    const { alert } = await library(t);
    let count = 0;
    for (const [words, ask] of [
      [["--like-list", "likes"], { basedOn: ["likes"] }],
      [
        ["--like-text", "tides", "--dislike", "sun", "--dislike-text", "stars"],
        { positive: [{ text: "tides" }], negative: [{ id: "sun" }, { text: "stars" }] },
      ],
      [["--daily", "--category", "cs", "--category", "bio"], { daily: true, category: ["cs", "bio"] }],
      [["--trending", "--from", "2020"], { trending: true, from: "2020" }],
      [
        ["--author", "Lovelace", "--venue", "Tides", "--to", "2030"],
        { author: ["Lovelace"], venue: ["Tides"], to: "2030" },
      ],
      [["--area", "0,0,1,1"], { area: "0,0,1,1" }],
      [["--q", "tides", "--mode", "semantic", "--at-least-similarity", "0.5"], { q: "tides", mode: "semantic" }],
    ] as const) {
      const { code, stdout, stderr } = await alert("add", `alert ${++count}`, ...words, "--json");
      assert.equal(code, 0, stderr);
      assert.deepEqual((JSON.parse(stdout) as AlertAnswer).alert.ask, ask);
    }
  });

  test("what is wrong is a usage error, and an alert that is not there is not found", async (t) => {
    const { alert } = await library(t);
    for (const [words, code, message] of [
      [["add", "a"], 2, /ask: expected a query; papers/],
      [["add", "a", "--q", "b", "--at", "8 o'clock"], 2, /at: expected a time such as 08:00/],
      [["add", "a", "--q", "b", "--every", "year"], 2, /Allowed choices are day, week, month/],
      [["add", "a", "--q", "b", "--at-most", "0"], 2, /whole number from 1 to 500/],
      [["add", "a", "--q", "b", "--at-least-similarity", "2"], 2, /number from 0 to 1, or none/],
      [["add", "a", "--region", "nowhere"], 3, /the map has no region called "nowhere"/],
      [["run", "none", "--no-index"], 3, /there is no alert called none/],
    ] as const) {
      const ended = await alert(...words);
      assert.equal(ended.code, code, ended.stderr);
      assert.match(ended.stderr, message);
    }
  });
});

describe("mail and webhooks", () => {
  test("what an alert finds is sent, what is refused is shown, and a test says what the server said", async (t) => {
    const box = await Mailbox.start(t);
    const receiver = await Receiver.start(t);
    const env = { KINDRED_SMTP: `smtp://127.0.0.1:${box.port}`, KINDRED_MAIL_FROM: "kindred@lab.example" };
    const where = ["-d", join(temporaryDirectory(t), "index")];
    const run = (words: string[], input = "") => kindred([...words, ...where], { input, env });
    await run(["import", "--no-index", "-"], lines({ id: "moon", title: "Tides of the moon" }));
    const added = await run([
      "alert",
      "add",
      "tides",
      "--q",
      "tides",
      "--mode",
      "lexical",
      "--to",
      "anna@lab.example",
      "--to",
      "ben@lab.example",
      "--webhook",
      `${receiver.url}/token`,
      "--webhook",
      `${receiver.url}/broken`,
    ]);
    assert.equal(added.code, 0, added.stderr);
    await run(["import", "--no-index", "-"], lines({ id: "sun", title: "Tides of the sun" }));
    assert.match(
      (await run(["alert", "preview", "tides", "--mail"])).stdout,
      /^Subject: 1 new paper \(tides\): Tides of the sun\n/,
    );
    box.onAddress = (address) => (address.startsWith("ben") ? { code: 550, text: "No such user" } : undefined);
    receiver.onMessage = ({ path }) => (path === "/broken" ? { status: 500, body: "out of order" } : undefined);
    const ran = await run(["alert", "run", "--no-index"]);
    assert.match(ran.stdout, /\n1 mails were accepted\n1 messages to webhooks were accepted\n$/);
    assert.match(ran.stderr, /a webhook at http:\/\/127\.0\.0\.1:\d+ failed: status 500: out of order\n/);
    assert.deepEqual(receiver.received.map(({ path, message }) => `${path} ${message.papers[0]!.title}`), ["/token Tides of the sun"]); // prettier-ignore
    assert.match(ran.stderr, /the mail to ben@lab\.example was refused: 550 No such user/);
    assert.equal(ran.code, 1);
    assert.match(box.received[0]!.mail.text!, /^1\. Tides of the sun$/m);
    assert.match(
      (await run(["alert", "list"])).stdout,
      /; mail to ben@lab\.example: 1 papers not sent yet: refused: 550 No such user; webhook at http:\/\/[\d.:]+: 1 papers not sent yet: failed: status 500: out of order\n$/,
    );
    const shown = (await run(["alert", "show", "tides"])).stdout;
    assert.match(
      shown,
      /\nto anna@lab\.example\nto ben@lab\.example: 1 papers not sent yet: refused: 550 No such user\n/,
    );
    assert.match(shown, /\nwebhook http:\S+\/token \(secret whsec_\S{44}\)\n/);
    assert.match(shown, /\/broken \(secret whsec_\S+\): 1 papers not sent yet: failed: status 500: out of order\n/);
    const edited = await run([
      "alert",
      "edit",
      "tides",
      "--to",
      "none",
      "--webhook",
      "none",
      "--if-nothing",
      "mail",
      "--json",
    ]);
    const { alert } = JSON.parse(edited.stdout) as AlertAnswer;
    assert.deepEqual([alert.to, alert.webhooks], [[], []]);
    assert.deepEqual([alert.evenIfNothing, alert.ask], [true, { q: "tides", mode: "lexical" }]);

    const tried = await kindred(["alert", "test-mail", "anna@lab.example"], { env });
    assert.match(tried.stdout, /^the mail server has accepted it: 250/);
    const refused = await kindred(["alert", "test-mail", "ben@lab.example"], { env });
    assert.match(refused.stderr, /the mail server refuses it: 550 No such user/);
    assert.equal(refused.code, 1);
    assert.equal((await kindred(["alert", "test-mail", "a\nb@lab.example"], { env })).code, 2);
    assert.match(
      (await kindred(["alert", "test-mail", "anna@lab.example"])).stderr,
      /mail is not set up: set KINDRED_SMTP/,
    );
  });
});
