import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { KindredError } from "../../src/core/errors.js";
import { mailSettings, publicUrl } from "../../src/mail/settings.js";
import { temporaryDirectory } from "../sample.js";

const from = { KINDRED_MAIL_FROM: "kindred@example.org" };
const serverOf = (KINDRED_SMTP: string) => mailSettings({ ...from, KINDRED_SMTP })?.server;

test("the server: with TLS, with STARTTLS, with and without a login, or sendmail", () => {
  assert.deepEqual(serverOf("smtps://anna%40x:p%3Aw%2F%25@mail.example.org"), {
    kind: "smtp",
    host: "mail.example.org",
    port: 465,
    secure: true,
    login: { user: "anna@x", pass: "p:w/%" },
  });
  assert.deepEqual(serverOf(" smtp://mail.example.org\n"), {
    kind: "smtp",
    host: "mail.example.org",
    port: 587,
    secure: false,
    login: null,
  });
  assert.deepEqual(serverOf("smtp://[::1]:2525/"), {
    kind: "smtp",
    host: "::1",
    port: 2525,
    secure: false,
    login: null,
  });
  assert.deepEqual(serverOf("sendmail"), { kind: "sendmail", path: "sendmail" });
  assert.deepEqual(serverOf("sendmail:/usr/sbin/sendmail"), { kind: "sendmail", path: "/usr/sbin/sendmail" });
});

test("none, or an empty one: mail is not set up; a file has it", (t) => {
  assert.equal(mailSettings({}), undefined);
  assert.equal(mailSettings({ KINDRED_SMTP: " " }), undefined);
  const file = join(temporaryDirectory(t), "smtp");
  writeFileSync(file, "sendmail\n");
  assert.equal(mailSettings({ ...from, KINDRED_SMTP_FILE: file })?.server.kind, "sendmail");
  assert.throws(
    () => mailSettings({ ...from, KINDRED_SMTP_FILE: `${file}x` }),
    /KINDRED_SMTP_FILE names cannot be read \(ENOENT\)$/,
  );
});

test("what is wrong is said, and no password", () => {
  for (const [value, said] of [
    ["mail.example.org", /expected smtps:\/\/USER/],
    ["https://u:s3cret@mail.example.org", /starts with https:/],
    ["smtps://u@mail.example.org", /a user without a password/],
    ["smtps://u:s3cret@mail.example.org/inbox", /more than a host/],
    ["smtps://u:s3cret%zz@mail.example.org", /written as %25/],
    ["smtps://u:s3cret@", /no address|no host/],
    ["sendmail -t", /expected/],
  ] as const)
    assert.throws(
      () => serverOf(value),
      (thrown: unknown) =>
        thrown instanceof KindredError &&
        thrown.code === "invalid" &&
        said.test(thrown.message) &&
        !thrown.message.includes("s3cret"),
      value,
    );
  const KINDRED_SMTP = "sendmail";
  assert.throws(() => mailSettings({ KINDRED_SMTP }), /KINDRED_MAIL_FROM: it is missing/);
  assert.throws(
    () => mailSettings({ KINDRED_SMTP, KINDRED_MAIL_FROM: "a@b.example\nBcc: c@d.example" }),
    /KINDRED_MAIL_FROM/,
  );
});

test("the public address ends in a slash, and has no password", () => {
  assert.equal(publicUrl({ KINDRED_URL: "https://lab.example/papers" }), "https://lab.example/papers/");
  assert.equal(publicUrl({}), null);
  for (const KINDRED_URL of [
    "lab.example",
    "ftp://lab.example",
    "https://u:p@lab.example",
    "https://lab.example/?x=1",
    "javascript:alert(1)",
  ])
    assert.throws(() => publicUrl({ KINDRED_URL }), /KINDRED_URL: got/);
});
