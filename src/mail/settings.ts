/** How mail is sent: from the environment, or from a file that it names. Stored nowhere, and shown nowhere. */
import { readFileSync } from "node:fs";
import { emailAddress } from "../core/email.js";
import { KindredError } from "../core/errors.js";

export type Server =
  | { kind: "sendmail"; path: string }
  | {
      kind: "smtp";
      host: string;
      port: number;
      /** TLS from the first byte; otherwise STARTTLS where the server offers it. */
      secure: boolean;
      login: { user: string; pass: string } | null;
    };

export type MailSettings = {
  server: Server;
  from: string;
  /** Where readers reach this Kindred, with a slash at the end; null if it has no public address. */
  url: string | null;
};

const EXPECTED = "smtps://USER:PASSWORD@HOST, smtp://HOST:587, or sendmail";

/**
 * The settings; undefined if mail is not set up.
 *
 * @throws KindredError `invalid` if one cannot be understood. The message does not contain the value of a secret.
 */
export function mailSettings(environment: NodeJS.ProcessEnv): MailSettings | undefined {
  const server = secretOf(environment);
  if (server === undefined) return undefined;
  const given = environment["KINDRED_MAIL_FROM"]?.trim() ?? "";
  const from = emailAddress(given);
  if (from === undefined)
    throw new KindredError(
      "invalid",
      `KINDRED_MAIL_FROM: ${given === "" ? "it is missing" : `got "${given.slice(0, 100)}"`}, expected the address that mail comes from, such as kindred@example.org`,
    );
  return { server: serverOf(server), from, url: publicUrl(environment) };
}

/** Where readers reach this Kindred, with a slash at the end. @throws KindredError `invalid`. */
export function publicUrl(environment: NodeJS.ProcessEnv): string | null {
  const given = environment["KINDRED_URL"]?.trim() ?? "";
  if (given === "") return null;
  let url: URL | undefined;
  try {
    url = new URL(given);
  } catch {
    // Reported below.
  }
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search + url.hash !== "")
    throw new KindredError(
      "invalid",
      `KINDRED_URL: got "${given.slice(0, 200)}", expected where readers reach this Kindred, such as https://papers.example.org/`,
    );
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}

function secretOf(environment: NodeJS.ProcessEnv): string | undefined {
  const file = environment["KINDRED_SMTP_FILE"];
  let given = environment["KINDRED_SMTP"];
  if (given === undefined && file !== undefined) {
    try {
      given = readFileSync(file, "utf8");
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? "";
      // Everybody may read it, so it does not say where the file is.
      throw new KindredError("invalid", `the file that KINDRED_SMTP_FILE names cannot be read (${code})`, {
        cause,
      });
    }
  }
  const plain = given?.trim();
  return plain === "" ? undefined : plain;
}

function serverOf(text: string): Server {
  const sendmail = /^sendmail(?::(\/.*))?$/.exec(text);
  if (sendmail !== null) return { kind: "sendmail", path: sendmail[1] ?? "sendmail" };
  const refuse = (why: string): never => {
    // The text may contain a password.
    throw new KindredError("invalid", `KINDRED_SMTP: ${why}, expected ${EXPECTED}`);
  };
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return refuse("it is no address of a mail server");
  }
  const secure = url.protocol === "smtps:";
  if (!secure && url.protocol !== "smtp:") refuse(`it starts with ${url.protocol.slice(0, 20)}`);
  if (url.hostname === "") refuse("it has no host");
  if (!/^\/?$/.test(url.pathname) || url.search + url.hash !== "")
    refuse("it has more than a host and a port (write / ? # @ : % in a password as %2F %3F %23 %40 %3A %25)");
  if ((url.username === "") !== (url.password === "")) refuse("it has a user without a password, or the reverse");
  return {
    kind: "smtp",
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? (secure ? 465 : 587) : Number(url.port),
    secure,
    login: url.username === "" ? null : { user: decoded(url.username), pass: decoded(url.password) },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new KindredError("invalid", `KINDRED_SMTP: a % in the user name or the password must be written as %25`);
  }
}
