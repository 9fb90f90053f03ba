/** How a server is spoken to: encrypted, with a login, or through sendmail; and the bytes of a mail. */
import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { simpleParser } from "mailparser";
import type { SMTPServerOptions } from "smtp-server";
import { KindredError } from "../../src/core/errors.js";
import { MailServer, rawOf, type Mail } from "../../src/mail/send.js";
import { Mailbox } from "../../scripts/common/mailbox.js";
import { temporaryDirectory } from "../sample.js";

const mail: Mail = {
  from: "kindred@lab.example",
  to: "anna@lab.example",
  subject: "Größe",
  text: "Text\n.\n..dots\n",
  html: "<p>Text</p>",
  id: "abc",
  date: new Date(0),
};
const patience = { connect: 2_000, answer: 2_000 };
const login = { user: "anna", pass: "pässword" };
const withLogin: SMTPServerOptions = {
  authOptional: false,
  onAuth: ({ username, password }, _session, done) => {
    if (username === login.user && password === login.pass) done(null, { user: username });
    else done(new Error("Invalid login"));
  },
};

for (const [name, secure, disabledCommands] of [
  ["STARTTLS", false, []],
  ["TLS from the start", true, []],
  ["no encryption, within this machine", false, ["STARTTLS"]],
] as const)
  test(`a login with ${name}`, async (t) => {
    const box = await Mailbox.start(t, {
      ...withLogin,
      secure,
      disabledCommands: [...disabledCommands],
      allowInsecureAuth: true,
    });
    const server = { kind: "smtp", host: "127.0.0.1", port: box.port, secure } as const;
    const opened = await MailServer.open({ ...server, login }, patience);
    assert.equal((await opened.send(mail)).kind, "accepted");
    opened.close();
    assert.equal(box.received[0]!.mail.subject, "Größe");
    assert.equal(box.received[0]!.mail.text!.trim(), "Text\n.\n..dots");
    await assert.rejects(
      MailServer.open({ ...server, login: { ...login, pass: "s3cret" } }, patience),
      (thrown: unknown) =>
        thrown instanceof KindredError &&
        /refuses the user name or the password: 535/.test(thrown.message) &&
        !thrown.message.includes("s3cret"),
    );
  });

test("a server that is lost between two mails is connected to again", async (t) => {
  const box = await Mailbox.start(t);
  const opened = await MailServer.open(
    { kind: "smtp", host: "127.0.0.1", port: box.port, secure: false, login: null },
    patience,
  );
  t.after(() => opened.close());
  box.onAddress = () => "hang up";
  assert.equal((await opened.send(mail)).kind, "unknown");
  box.onAddress = () => ({ code: 421, text: "too many" });
  assert.equal((await opened.send(mail)).kind, "temporary");
  box.onAddress = () => undefined;
  assert.equal((await opened.send(mail)).kind, "accepted");
});

test("a silent server is waited for only so long", async (t) => {
  const box = await Mailbox.start(t, { onConnect: () => {} });
  await assert.rejects(
    MailServer.open(
      { kind: "smtp", host: "127.0.0.1", port: box.port, secure: false, login: null },
      { connect: 200, answer: 200 },
    ),
    /does not answer/,
  );
});

test("sendmail is given the mail, the sender and the address; a program that is not there is named", async (t) => {
  const folder = temporaryDirectory(t);
  const path = join(folder, "sendmail");
  writeFileSync(path, `#!/bin/sh\necho "$@" > ${folder}/words\ncat > ${folder}/mail\n`);
  chmodSync(path, 0o755);
  const opened = await MailServer.open({ kind: "sendmail", path });
  assert.equal((await opened.send(mail)).kind, "accepted");
  assert.equal(readFileSync(join(folder, "words"), "utf8"), "-i -f kindred@lab.example anna@lab.example\n");
  assert.equal((await simpleParser(readFileSync(join(folder, "mail")))).subject, "Größe");
  assert.ok(!readFileSync(join(folder, "mail")).includes("\r"), "sendmail expects the line breaks of Unix");
  writeFileSync(path, "#!/bin/sh\ncat > /dev/null\nexit 75\n");
  assert.equal((await opened.send(mail)).kind, "temporary");
  const none = await MailServer.open({ kind: "sendmail", path: join(folder, "none") });
  await assert.rejects(none.send(mail), /none cannot be run \(ENOENT\)/);
});

test("a sendmail that hangs is ended, and nobody knows what became of the mail", { timeout: 20_000 }, async (t) => {
  const path = join(temporaryDirectory(t), "sendmail");
  writeFileSync(path, "#!/bin/sh\nexec sleep 60\n");
  chmodSync(path, 0o755);
  const opened = await MailServer.open({ kind: "sendmail", path }, { connect: 2_000, answer: 300 });
  const { kind, said } = await opened.send({ ...mail, text: "Much text. ".repeat(100_000) });
  assert.equal(kind, "unknown");
  assert.match(said, /did not end within 0\.3 seconds/);
  writeFileSync(path, "#!/bin/sh\nkill -9 $$\n");
  assert.match((await opened.send(mail)).said, /was ended by SIGKILL/);
});

test("the same mail has the same bytes, and nothing in it becomes a header", async () => {
  const evil = "New\r\nBcc: eve@evil.example\r\n\r\nbody";
  const unsubscribe = { url: "https://lab.example/mail/x", oneClick: true };
  const raw = await rawOf({ ...mail, subject: evil, text: evil, unsubscribe });
  assert.deepEqual(raw, await rawOf({ ...mail, subject: evil, text: evil, unsubscribe }));
  const { headers, messageId, bcc } = await simpleParser(raw);
  assert.equal(bcc, undefined);
  assert.equal(messageId, "<abc@lab.example>");
  assert.doesNotMatch(raw.toString().split("\r\n\r\n")[0]!, /^bcc:/im);
  assert.equal(headers.get("auto-submitted"), "auto-generated");
  assert.match(raw.toString(), /^List-Unsubscribe: <https:\/\/lab\.example\/mail\/x>\r\n/m);
  assert.match(raw.toString(), /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n/m);
});
