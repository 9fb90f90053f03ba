/** Hands mails to a server. The only importer of nodemailer. */
import { spawn } from "node:child_process";
import MailComposer from "nodemailer/lib/mail-composer";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { messageOf } from "../core/errors.js";
import { ServerFailure } from "./failure.js";
import type { Server } from "./settings.js";

export type Mail = {
  from: string;
  to: string;
  subject: string;
  text: string;
  html?: string;
  /** The part of the Message-ID before the @: a mail that is sent again has the same. */
  id: string;
  date: Date;
  /** Addresses that end these mails; `oneClick` if a POST to the first does so by itself (RFC 8058). */
  unsubscribe?: { url: string; oneClick: boolean };
};

export type Outcome =
  /** What the server said. */
  { kind: "accepted"; said: string } | Refused;

/** What was said is for the owner: it may contain addresses, and where the server is. `brief` is for everybody. */
type Refused = {
  /**
   * It may be accepted later, or never will; or that is not known, because the connection was lost before the server had
   * answered, or sendmail was ended.
   */
  kind: "temporary" | "permanent" | "unknown";
  said: string;
  brief: string;
};

/** How long a server may take to connect and to answer, in milliseconds. RFC 5321 allows it minutes. */
export type Patience = { connect: number; answer: number };
const PATIENCE: Patience = { connect: 30_000, answer: 120_000 };

/** Longest words of a server that are kept, in characters. */
const WORDS = 300;

/** A connection to a mail server that has accepted the login. `close` it when done. */
export class MailServer {
  readonly #server;
  readonly #patience;
  #connection: SMTPConnection | undefined;
  /** Why the connection was lost. */
  #lost: Error | undefined;

  private constructor(server: Server, patience: Patience) {
    this.#server = server;
    this.#patience = patience;
  }

  /** @throws KindredError `unreachable` when there is no such server, or it refuses the connection or the login. */
  static async open(server: Server, patience: Patience = PATIENCE): Promise<MailServer> {
    const opened = new MailServer(server, patience);
    await opened.#connect();
    return opened;
  }

  /**
   * Sends one mail to one address.
   *
   * @throws KindredError `unreachable` when the server refuses the sender, which is so for all mails; or cannot be reached any
   *   more.
   */
  async send(mail: Mail): Promise<Outcome> {
    const raw = await rawOf(mail);
    if (this.#server.kind === "sendmail") return viaSendmail(this.#server.path, mail, raw, this.#patience);
    if (this.#lost !== undefined) await this.#connect();
    const connection = this.#connection!;
    try {
      const { response } = await new Promise<{ response: string }>((done, failed) => {
        const fail = (error: Error) => failed(error);
        connection.once("error", fail);
        connection.send({ from: mail.from, to: [mail.to] }, raw, (error, info) => {
          connection.off("error", fail);
          if (error) failed(error);
          else done(info);
        });
      });
      return { kind: "accepted", said: words(response) };
    } catch (thrown) {
      const { responseCode, response, command } = thrown as SmtpError;
      if (responseCode === undefined || this.#lost !== undefined) {
        this.#lost ??= thrown as Error;
        if (responseCode === undefined)
          return {
            kind: "unknown",
            said: `the connection was lost: ${words(messageOf(thrown))}`,
            brief: "the connection was lost",
          };
      }
      const said = words(response ?? messageOf(thrown));
      if (command === "MAIL FROM")
        throw new ServerFailure(
          "the mail server refuses the sender",
          `${this.#name} refuses mail from ${mail.from}: ${said}`,
        );
      await this.#reset();
      // The code alone, such as 550 or 550 5.1.1.
      const [brief = String(responseCode)] = /^\d{3}( \d\.\d{1,3}\.\d{1,3})?(?![\d.])/.exec(said) ?? [];
      return { kind: responseCode >= 500 ? "permanent" : "temporary", said, brief };
    }
  }

  close(): void {
    this.#connection?.quit();
    this.#connection = undefined;
  }

  async #connect(): Promise<void> {
    if (this.#server.kind === "sendmail") return;
    const { host, port, secure, login } = this.#server;
    const isHere = /^(localhost|127\.[\d.]+|::1)$/i.test(host);
    this.#connection?.close();
    const connection = new SMTPConnection({
      host,
      port,
      secure,
      // A password is only sent encrypted, except within this machine.
      requireTLS: login !== null && !secure && !isHere,
      // Without a password, encryption is better than none, as between mail servers. A bridge on this machine signs its own.
      tls: { rejectUnauthorized: !isHere && (secure || login !== null) },
      connectionTimeout: this.#patience.connect,
      dnsTimeout: this.#patience.connect,
      greetingTimeout: this.#patience.connect,
      socketTimeout: this.#patience.answer,
    });
    this.#connection = connection;
    this.#lost = undefined;
    const lost = (error?: Error) => {
      if (this.#connection === connection) this.#lost ??= error ?? new Error("the server closed the connection");
    };
    connection.on("error", lost);
    connection.once("end", () => lost());
    try {
      await new Promise<void>((done, failed) => {
        connection.once("error", failed);
        connection.connect((error) => (error ? failed(error) : done()));
      });
      if (login !== null)
        await new Promise<void>((done, failed) => {
          connection.once("error", failed);
          connection.login({ credentials: login }, (error) => (error ? failed(error) : done()));
        });
    } catch (thrown) {
      connection.close();
      throw this.#explained(thrown as SmtpError);
    }
  }

  /** Ends the mail that was refused. A server that does not is asked again with the next. */
  async #reset(): Promise<void> {
    const connection = this.#connection!;
    await new Promise<void>((done) => {
      const end = () => {
        connection.off("error", end).off("end", end);
        done();
      };
      connection.on("error", end).on("end", end);
      connection.reset((error) => {
        if (error) this.#lost ??= error;
        end();
      });
    });
  }

  get #name(): string {
    return this.#server.kind === "sendmail" ? this.#server.path : `${this.#server.host}:${this.#server.port}`;
  }

  #explained(cause: SmtpError): ServerFailure {
    const { code, message, response } = cause;
    const [before, after] = REASONS[code ?? ""] ?? ["the mail server", "cannot be reached"];
    const said = words(response ?? message);
    return new ServerFailure(`${before} ${after}`, `${before} ${this.#name} ${after}: ${said}`, { cause });
  }
}

/** What is said before and after the server's name. */
const REASONS: Record<string, readonly [string, string]> = {
  EAUTH: ["the mail server", "refuses the user name or the password"],
  EDNS: ["the mail server", "is not known"],
  ETIMEDOUT: ["the mail server", "does not answer"],
  ETLS: ["the connection to the mail server", "could not be encrypted"],
};

type SmtpError = Error & { code?: string; responseCode?: number; response?: string; command?: string };

/** Hands a mail to a program that takes the words of sendmail, and waits for its end. */
async function viaSendmail(path: string, { from, to }: Mail, raw: Buffer, { answer }: Patience): Promise<Outcome> {
  const unix = Buffer.from(raw.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
  return new Promise((done, failed) => {
    const child = spawn(path, ["-i", "-f", from, to], { stdio: ["pipe", "ignore", "ignore"] });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, answer);
    child.once("error", (cause: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const { code = "" } = cause;
      if (code === "ENOENT" || code === "EACCES")
        failed(
          new ServerFailure(
            `sendmail cannot be run (${code})`,
            `${path} cannot be run (${code}): name the program, as in sendmail:/usr/sbin/sendmail`,
            { cause },
          ),
        );
      else done({ kind: "temporary", said: words(messageOf(cause)), brief: `sendmail cannot be run (${code})` });
    });
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      child.stdin.destroy();
      if (code === 0) done({ kind: "accepted", said: `${path} has queued it` });
      else if (late) done(ended("unknown", `sendmail did not end within ${answer / 1_000} seconds`));
      else if (signal !== null) done(ended("unknown", `sendmail was ended by ${signal}`));
      else done(ended("temporary", `sendmail ended with code ${code}`));
    });
    // A program that does not read says why by its code.
    child.stdin.on("error", () => {});
    child.stdin.end(unix);
  });
}

const ended = (kind: Refused["kind"], said: string): Refused => ({ kind, said, brief: said });

/** A mail as it is sent. The same mail gives the same bytes. */
export async function rawOf({ id, from, to, subject, text, html, date, unsubscribe }: Mail): Promise<Buffer> {
  const composer = new MailComposer({
    from: { name: "Kindred", address: from },
    to,
    subject,
    text,
    ...(html !== undefined && { html }),
    date,
    messageId: `<${id}@${from.slice(from.lastIndexOf("@") + 1)}>`,
    // Files and addresses are never read: there are no attachments.
    disableFileAccess: true,
    disableUrlAccess: true,
    headers: {
      "Auto-Submitted": "auto-generated",
      ...(unsubscribe !== undefined && { "List-Unsubscribe": `<${unsubscribe.url}>` }),
      ...(unsubscribe?.oneClick === true && { "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" }),
    },
    baseBoundary: id,
  });
  return composer.compile().build();
}

/** What a server said, in one line. */
const words = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .trim()
    .slice(0, WORDS);
