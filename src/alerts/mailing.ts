/**
 * Sends addresses what their alerts have found, each in one mail a day. What is sent is noted before it is (`outbox`), and again
 * when the server has accepted it. If this process ends in between, the same mail is sent again, under the same Message-ID: the
 * only case in which an address receives anything twice.
 */
import { randomBytes } from "node:crypto";
import { emailAddress } from "../core/email.js";
import { KindredError } from "../core/errors.js";
import { ServerFailure } from "../mail/failure.js";
import type { Mail, MailServer, Outcome, Patience } from "../mail/send.js";
import { mailSettings, type MailSettings } from "../mail/settings.js";
import type { Alerts } from "./alerts.js";
import { keysOf } from "./candidates.js";
import { written, type DigestAlert, type DigestPaper, type Written } from "./digest.js";
import {
  failureAfter,
  failuresOf,
  hasSomething,
  laterOf,
  paperFound,
  pauseAfter,
  readersOf,
  retryAt,
  type Reader,
  type SendLibrary,
} from "./readers.js";
import { MAIL, row, type Delivery, type Invitation } from "./recipients.js";
import { dayOf, nextAfter } from "./schedule.js";
import { Sending } from "./sending.js";
import type { Known } from "./stored.js";

const DAY = 86_400_000;
/** How long a digest waits for alerts that are due and have not run, in milliseconds. */
const HOLD = 2 * 3_600_000;
/** Papers of a mail; the others are counted. */
const MAX_PAPERS = 500;
/** After so many mails during which the connection was lost, the others wait. */
const MAX_LOST = 3;

/** What a digest says of an alert, and how many of its papers the mail has no room for; `more` includes them. */
type Section = DigestAlert & { beyond: number };

export type MailReport = { accepted: number; refused: { address: string; said: string }[] };

export class Mailing {
  readonly #library;
  readonly #alerts;
  readonly #now;
  readonly #environment;
  readonly #patience;
  readonly #sending;
  #report: MailReport = { accepted: 0, refused: [] };

  /** @param options.now Milliseconds since 1970. */
  constructor(
    library: SendLibrary,
    alerts: Alerts,
    options: { now?: () => number; environment?: NodeJS.ProcessEnv; patience?: Patience } = {},
  ) {
    this.#library = library;
    this.#alerts = alerts;
    this.#now = options.now ?? Date.now;
    this.#environment = options.environment ?? process.env;
    this.#patience = options.patience;
    this.#sending = new Sending(library.jobs, this.#now, {
      job: "mail",
      nextDue: async () => (mailSettings(this.#environment) === undefined ? null : this.#nextDue()),
      run: (signal, forced) => this.#run(signal, forced),
    });
  }

  /** Sends what is due from now on. Needs `jobs.start`. */
  start(failed: (thrown: unknown) => void): void {
    this.#sending.start(failed);
  }

  /** Stops looking for what is to be sent. */
  stop(): void {
    this.#sending.stop();
  }

  /** Makes the job due when the next mail is. */
  look(): Promise<void> {
    return this.#sending.look();
  }

  /**
   * Sends what waits now: also what is not due yet, was refused before, or goes to a reader who had a mail today.
   *
   * @throws KindredError `unreachable` when the mail server cannot be reached; `busy` when another process is sending.
   */
  async send(signal?: AbortSignal): Promise<MailReport> {
    const nothing = { accepted: 0, refused: [] };
    if (mailSettings(this.#environment) === undefined) return nothing;
    const invitations = await this.#alerts.recipients.invitations();
    if (invitations.length === 0 && !(await this.#readers()).some(hasSomething)) return nothing;
    try {
      await this.#sending.send(signal);
    } catch (thrown) {
      // The owner asks, who is told everything.
      throw thrown instanceof KindredError && thrown.cause instanceof ServerFailure ? thrown.cause : thrown;
    }
    return this.#report;
  }

  /** The mail about one alert that would be sent if it ran now. @throws KindredError `not-found`. */
  async preview(name: string): Promise<Written> {
    const preview = await this.#alerts.preview(name);
    const known = (await this.#alerts.known()).find((one) => one.name === name)!;
    const run = { ...preview, number: 1, at: new Date(this.#now()).toISOString() };
    const { beyond: _, ...alert } = await this.#section(known, [run], new Map(), { left: MAX_PAPERS });
    // Unless mail is set up, as far as it is.
    const url = mailSettings(this.#environment)?.url ?? null;
    return written({ alerts: [{ ...alert, nothing: alert.papers.length === 0 }], url, end: null });
  }

  /** When the next mail is due, 0 for at once, Infinity if none is; null if no alert has an address. */
  async #nextDue(): Promise<number | null> {
    if ((await this.#library.owned(MAIL, "to/", 1)).length === 0) return null;
    const due = (await this.#readers()).flatMap((reader) => this.#dueAt(reader) ?? []);
    const invited = (await this.#alerts.recipients.invitations()).map((one) => laterOf(one.due, this.#now()));
    const first = Math.min(...due, ...invited);
    return first <= this.#now() ? 0 : first;
  }

  async #run(signal: AbortSignal, forced: boolean): Promise<string> {
    this.#report = { accepted: 0, refused: [] };
    const settings = settingsOf(this.#environment);
    const { recipients } = this.#alerts;
    const expired = await recipients.expired();
    if (expired.length > 0) await this.#library.putOwned(expired);
    const now = this.#now();
    const due = (await this.#readers()).filter((one) => {
      const at = this.#dueAt(one);
      return (at !== null && at <= now) || (forced && hasSomething(one));
    });
    const invitations = (await recipients.invitations()).filter((one) => forced || laterOf(one.due, now) <= now);
    const failures: unknown[] = [];
    if (due.length + invitations.length > 0) {
      const server = await connected(settings, this.#patience).catch((thrown: unknown) => {
        throw briefOf(thrown);
      });
      try {
        const alerts = new Map((await this.#alerts.known()).map((known) => [known.alert.id, known]));
        let lost = 0;
        // A server that breaks off at one reader's mail has got those of others before.
        for (const one of [...due.toSorted((a, b) => failuresOf(a) - failuresOf(b)), ...invitations]) {
          signal.throwIfAborted();
          const deliver =
            "delivery" in one ? this.#deliver(server, settings, one, alerts) : this.#invite(server, settings, one);
          let outcome: Outcome | undefined;
          try {
            outcome = await deliver;
          } catch (thrown) {
            const code = thrown instanceof KindredError ? thrown.code : undefined;
            if (signal.aborted || code === "cancelled" || code === "unreachable") throw thrown;
            // The mails of others may not fail.
            failures.push(thrown);
            continue;
          }
          const { kind, said } = outcome ?? { kind: "accepted", said: "" };
          if (kind === "unknown" && ++lost === MAX_LOST)
            throw new ServerFailure(
              `the mail server was lost ${lost} times`,
              `the mail server was lost ${lost} times: ${said}`,
            );
        }
      } catch (thrown) {
        throw briefOf(thrown);
      } finally {
        server.close();
      }
    }
    if (failures.length > 0) throw failures[0];
    const { accepted, refused } = this.#report;
    // Everybody can read it: what the server says may contain addresses.
    const words = refused.length === 0 ? "" : `, ${refused.length} ${refused.length === 1 ? "was" : "were"} refused`;
    return `${accepted} mails were accepted${words}`;
  }

  /** The readers with a confirmed address, and what waits for each. */
  async #readers(): Promise<Reader[]> {
    const subscriptions = await this.#alerts.recipients.all();
    return readersOf(
      this.#alerts,
      subscriptions.filter(({ state }) => state === "active"),
      true,
    );
  }

  /** When a reader's mail is due, 0 for at once; null if nothing waits, or it is not tried again by itself. */
  #dueAt(reader: Reader): number | null {
    const {
      delivery: { last, outbox },
      waiting,
      alerts,
    } = reader;
    const now = this.#now();
    let due = retryAt(reader, now);
    if (due === null || outbox !== null) return due;
    if (waiting.length === 0) return null;
    // A mail in the future was sent before the clock was set back.
    if (last !== null && Date.parse(last) < now + DAY) {
      // The next time of day at which the first of the reader's alerts runs, on another day than the last mail.
      const first = alerts.toSorted((a, b) => (a.alert.at < b.alert.at ? -1 : 1))[0]!.alert;
      const daily = { at: first.at, zone: first.zone, every: "day", days: null } as const;
      const before = Date.parse(last);
      let next = nextAfter(before, daily);
      if (dayOf(next, first.zone) === dayOf(before, first.zone)) next = nextAfter(next, daily);
      due = Math.max(due, next);
    }
    const late = alerts.filter((one) => !one.alert.paused && one.due <= now).map((one) => one.due + HOLD);
    return Math.max(due, ...late);
  }

  /** Sends a reader's mail. @returns What became of it; undefined if there was nothing to say. */
  async #deliver(
    server: MailServer,
    settings: MailSettings,
    reader: Reader,
    known: ReadonlyMap<string, Known>,
  ): Promise<Outcome | undefined> {
    const { id, address, delivery, waiting } = reader;
    const now = new Date(this.#now()).toISOString();
    const outbox = delivery.outbox ?? {
      id: newId(),
      at: now,
      alerts: waiting,
    };
    const mail = await this.#mailOf(outbox, await this.#asItIsNow(reader), settings, known);
    const noted = outbox.alerts.map(({ alert, upTo }) => row(`sent/${alert}/${id}`, upTo));
    if (mail === null) {
      // Its papers were removed.
      await this.#library.putOwned([row(`delivery/${id}`, { ...delivery, outbox: null }), ...noted]);
      return undefined;
    }
    await this.#library.putOwned([row(`delivery/${id}`, { ...delivery, outbox })]);
    const outcome = await server.send(mail);
    if (outcome.kind === "accepted") {
      this.#report.accepted++;
      await this.#library.putOwned([row(`delivery/${id}`, { last: now, outbox: null, failure: null }), ...noted]);
      return outcome;
    }
    this.#report.refused.push({ address, said: outcome.said });
    const { kind, said, brief } = outcome;
    // A mail that may have been accepted is not given up.
    const refusal = { permanent: kind === "permanent", said, brief };
    const failure = failureAfter(reader, refusal, kind === "temporary", this.#now());
    // What was refused goes into the next mail, with what is found until then.
    await this.#library.putOwned([
      row(`delivery/${id}`, { ...delivery, outbox: kind === "unknown" ? outbox : null, failure }),
    ]);
    return outcome;
  }

  /** A reader without the alerts that have ended for it while others were sent their mails. */
  async #asItIsNow(reader: Reader): Promise<Reader> {
    const alerts: Reader["alerts"][number][] = [];
    for (const one of reader.alerts) {
      const subscriptions = await this.#alerts.recipients.all(one.alert.id);
      if (subscriptions.some(({ reader: id, state }) => id === reader.id && state === "active")) alerts.push(one);
    }
    return { ...reader, alerts };
  }

  /** The digest for a reader; null if there is nothing to say. */
  async #mailOf(
    outbox: NonNullable<Delivery["outbox"]>,
    { id, address, alerts: own }: Reader,
    settings: MailSettings,
    all: ReadonlyMap<string, Known>,
  ): Promise<Mail | null> {
    const { recipients } = this.#alerts;
    const link = async (does: "unsubscribe", alert: string | null) =>
      settings.url === null ? null : `${settings.url}mail/${await recipients.token({ does, reader: id, alert })}`;
    const seen = new Map<string, DigestPaper>();
    const room = { left: MAX_PAPERS };
    const alerts: Section[] = [];
    for (const { alert, before, upTo } of outbox.alerts) {
      const known = all.get(alert);
      // Removed, or ended by the reader.
      if (known === undefined || !own.some((one) => one.alert.id === alert)) continue;
      const runs = upTo.found > before.found ? await this.#alerts.runs(alert, before.number, upTo.number) : [];
      const section = await this.#section(known, runs, seen, room);
      // Of runs that are not kept any more only the number of papers is known.
      section.more += upTo.found - before.found - runs.reduce((sum, { papers }) => sum + papers.length, 0);
      const nothing = runs.length === 0 && known.alert.evenIfNothing;
      if (section.papers.length > 0 || nothing || runs.length > 0)
        alerts.push({ ...section, nothing, end: await link("unsubscribe", alert) });
    }
    const said = alerts.filter(
      ({ papers, beyond, nothing, name }) => papers.length + beyond > 0 || nothing || isNamed(seen, name),
    );
    if (said.length === 0) return null;
    const end = await link("unsubscribe", null);
    const { subject, text, html } = written({ alerts: said, url: settings.url, end });
    const unsubscribe = end === null ? {} : { unsubscribe: { url: end, oneClick: end.startsWith("https:") } };
    return {
      from: settings.from,
      to: address,
      subject,
      text,
      html,
      id: outbox.id,
      date: new Date(outbox.at),
      ...unsubscribe,
    };
  }

  /**
   * What an alert has found, newest run first.
   *
   * @param seen Papers that are in the digest already, by what they are recognised by: they gain the alert. It is added to.
   * @param room How many papers still go into the digest. It is lowered.
   */
  async #section(
    { name, alert }: Known,
    runs: Awaited<ReturnType<Alerts["runs"]>>,
    seen: Map<string, DigestPaper>,
    room: { left: number },
  ): Promise<Section> {
    const papers: DigestPaper[] = [];
    let beyond = 0;
    for (const run of runs.toReversed())
      for (const why of run.papers) {
        if (room.left === 0) {
          beyond++;
          continue;
        }
        const paper = await paperFound(this.#library, why);
        if (paper === null) continue;
        const keys = keysOf(paper);
        const before = keys.map((key) => seen.get(key)).find((one) => one !== undefined);
        if (before === undefined) {
          papers.push({ paper, found: [{ alert: name, why }] });
          room.left--;
        } else if (before.found.every((one) => one.alert !== name)) before.found.push({ alert: name, why });
        for (const key of keys) seen.set(key, before ?? papers.at(-1)!);
      }
    const more = runs.reduce((sum, run) => sum + run.more, beyond);
    return { name, ask: alert.ask, papers, beyond, more, after: runs[0]?.after ?? 0, nothing: false, end: null };
  }

  /** Asks an address whether it wants the mails of an alert. What others wrote, such as its name, is only on the page. */
  async #invite(
    server: MailServer,
    { from, url }: MailSettings,
    { alert, reader, address, asked, count }: Invitation,
  ): Promise<Outcome | undefined> {
    const { recipients } = this.#alerts;
    const key = `invite/${alert}/${reader}`;
    const again = row(key, { due: new Date(this.#now() + pauseAfter(count + 1)).toISOString(), count: count + 1 });
    if (url === null) {
      await this.#library.putOwned([again]);
      return undefined;
    }
    const confirm = `${url}mail/${await recipients.token({ does: "confirm", reader, alert })}`;
    const refuse = `${url}mail/${await recipients.token({ does: "unsubscribe", reader, alert: null })}`;
    const text = [
      `Someone has asked Kindred at ${url} to send you new papers.`,
      `If you want them, open this page, which says more, and confirm within 7 days:\n${confirm}`,
      `If you do not, do nothing: you receive no more mail about it. So that nobody can ask you again:\n${refuse}`,
    ].join("\n\n");
    // The same mail again if this process ends before it is noted.
    const id = `${alert}.${reader}.${Date.parse(asked ?? "")}`;
    const mail = { from, to: address, subject: "Do you want new papers from Kindred?", text: `${text}\n`, id };
    const outcome = await server.send({ ...mail, date: new Date(asked ?? "") });
    if (outcome.kind === "accepted") this.#report.accepted++;
    else this.#report.refused.push({ address, said: outcome.said });
    const isDone = outcome.kind === "accepted" || outcome.kind === "permanent";
    await this.#library.putOwned([isDone ? { owner: MAIL, key, value: null } : again]);
    return outcome;
  }
}

/** An error that everybody may read, because the status shows why a job failed. */
const briefOf = (thrown: unknown): unknown =>
  thrown instanceof ServerFailure ? new KindredError("unreachable", thrown.brief, { cause: thrown }) : thrown;

/** Whether an alert is named at a paper that another found first. */
const isNamed = (seen: Map<string, DigestPaper>, name: string): boolean =>
  [...seen.values()].some(({ found }) => found.some(({ alert }) => alert === name));

const newId = (): string => randomBytes(15).toString("base64url");

/** Mail is only loaded when one is sent. */
async function connected({ server }: MailSettings, patience?: Patience): Promise<MailServer> {
  const { MailServer } = await import("../mail/send.js");
  return MailServer.open(server, patience);
}

function settingsOf(environment: NodeJS.ProcessEnv): MailSettings {
  const settings = mailSettings(environment);
  if (settings === undefined)
    throw new KindredError("invalid", "mail is not set up: set KINDRED_SMTP and KINDRED_MAIL_FROM, see docs/alerts.md");
  return settings;
}

/**
 * Sends a mail that says that mail works.
 *
 * @returns What the server said.
 * @throws KindredError `invalid` when mail is not set up, or it is no address; `unreachable` when the server does not accept it.
 */
export async function sendTest(to: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const settings = settingsOf(environment);
  const { from } = settings;
  const address = emailAddress(to);
  if (address === undefined)
    throw new KindredError(
      "invalid",
      `got "${to.slice(0, 100)}", expected one e-mail address, such as anna@example.org`,
    );
  const server = await connected(settings);
  try {
    const text = "This is a test: Kindred can send mail to you.\n";
    const subject = "Kindred can send mail";
    const outcome = await server.send({ from, to: address, subject, text, id: newId(), date: new Date() });
    if (outcome.kind === "accepted") return outcome.said;
    const why = { temporary: "refuses it for now", permanent: "refuses it", unknown: "did not answer" }[outcome.kind];
    throw new KindredError("unreachable", `the mail server ${why}: ${outcome.said}`);
  } finally {
    server.close();
  }
}
