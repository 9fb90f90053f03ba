/**
 * Sends readers what their alerts have found. Nothing is queued: a reader is sent the runs of alerts after those that were
 * noted as sent, so a run and what is to be sent of it are stored together. What is sent is noted before it is (`outbox`), and
 * again when the server has accepted it. If this process ends in between, the same mail is sent again, under the same
 * Message-ID: the only case in which a reader receives anything twice.
 */
import { randomBytes } from "node:crypto";
import { emailAddress } from "../core/email.js";
import { KindredError, messageOf } from "../core/errors.js";
import type { Paper } from "../core/paper.js";
import { titleKey } from "../core/text.js";
import { ServerFailure } from "../mail/failure.js";
import type { Mail, MailServer, Outcome, Patience } from "../mail/send.js";
import { mailSettings, type MailSettings } from "../mail/settings.js";
import type { Alerts, Known, Library } from "./alerts.js";
import { keysOf } from "./candidates.js";
import { written, type DigestAlert, type DigestPaper, type Written } from "./digest.js";
import { MAIL, row, type Delivery, type Invitation, type Sent, type Subscription } from "./recipients.js";
import { dayOf, nextAfter } from "./schedule.js";

const JOB = "mail";
/** How often a server looks for what is to be sent, in milliseconds. */
const LOOK_EVERY = 15_000;
const LATER = 86_400_000;
/** How long a digest waits for alerts that are due and have not run, in milliseconds. */
const HOLD = 2 * 3_600_000;
/**
 * Pauses after a mail was refused for now, doubled each time, and how long it is tried, in milliseconds; and the pause before an
 * address that was given up is tried again: less than a day, so that a daily alert does.
 */
const PAUSE = { first: 5 * 60_000, longest: 6 * 3_600_000, stop: 5 * 86_400_000, stopped: 20 * 3_600_000 };
/** After so many refusals for good, an address is only tried when it is asked for. */
const MAX_REFUSALS = 3;
/** Papers of a mail; the others are counted. */
const MAX_PAPERS = 500;
/** After so many mails during which the connection was lost, the others wait. */
const MAX_LOST = 3;

/** What it needs of a `Kindred`. */
export type MailLibrary = Pick<Library, "search" | "owned" | "putOwned" | "jobs"> & {
  paper: (id: string) => Promise<Paper>;
};

type Reader = {
  id: string;
  address: string;
  delivery: Delivery;
  /** The ids of the reader's alerts. */
  alerts: ReadonlySet<string>;
  /** Of each alert with something to send, its state at the last mail and now. */
  waiting: { alert: string; before: Sent; upTo: Sent }[];
  /** Papers found by all of the reader's alerts, sent or not. */
  found: number;
  /** When the mail is due, 0 for at once; null if nothing waits, or it is not tried again by itself. */
  due: number | null;
};

/** What a digest says of an alert, and how many of its papers the mail has no room for; `more` includes them. */
type Section = DigestAlert & { beyond: number };

export type MailReport = { accepted: number; refused: { address: string; said: string }[] };

export class Mailing {
  readonly #library;
  readonly #alerts;
  readonly #now;
  readonly #environment;
  readonly #patience;
  /** When the job was last said to be due. */
  #registered: number | null | undefined;
  #next: number | null = null;
  /** Whether to send at once also what is not due. */
  #forced = false;
  #report: MailReport = { accepted: 0, refused: [] };
  #looking: NodeJS.Timeout | undefined;

  /** @param options.now Milliseconds since 1970. */
  constructor(
    library: MailLibrary,
    alerts: Alerts,
    options: { now?: () => number; environment?: NodeJS.ProcessEnv; patience?: Patience } = {},
  ) {
    this.#library = library;
    this.#alerts = alerts;
    this.#now = options.now ?? Date.now;
    this.#environment = options.environment ?? process.env;
    this.#patience = options.patience;
  }

  /** Sends what is due from now on. Needs `jobs.start`. */
  start(failed: (thrown: unknown) => void): void {
    let last = "";
    const look = () =>
      void this.look().then(
        () => (last = ""),
        (thrown: unknown) => {
          // Until it is mended, it would be the same every time.
          if (messageOf(thrown) !== last) failed(thrown);
          last = messageOf(thrown);
        },
      );
    look();
    this.#looking = setInterval(look, LOOK_EVERY).unref();
  }

  /** Stops looking for what is to be sent. */
  stop(): void {
    clearInterval(this.#looking);
  }

  /** Makes the job due when the next mail is. */
  async look(): Promise<void> {
    const settings = mailSettings(this.#environment);
    const next = settings === undefined ? null : await this.#nextDue();
    if (this.#registered === next || (next === null && this.#registered === undefined)) return;
    this.#registered = next;
    await this.#register(next);
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
    if (invitations.length === 0 && !(await this.#readers()).some(hasMail)) return nothing;
    await this.#register(this.#now());
    this.#forced = true;
    try {
      await this.#library.jobs.run(JOB, signal);
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

  async #register(next: number | null): Promise<void> {
    this.#next = next;
    await this.#library.jobs.register({
      name: JOB,
      next: () => Math.min(this.#next ?? Infinity, this.#now() + LATER),
      paused: next === null,
      run: (signal) => this.#run(signal),
    });
  }

  /** When the next mail is due, 0 for at once, Infinity if none is; null if no alert has an address. */
  async #nextDue(): Promise<number | null> {
    if ((await this.#library.owned(MAIL, "to/", 1)).length === 0) return null;
    const due = (await this.#readers()).flatMap((reader) => reader.due ?? []);
    const invited = (await this.#alerts.recipients.invitations()).map((one) => laterOf(one.due, this.#now()));
    const first = Math.min(...due, ...invited);
    return first <= this.#now() ? 0 : first;
  }

  async #run(signal: AbortSignal): Promise<string> {
    const forced = this.#forced;
    this.#forced = false;
    this.#report = { accepted: 0, refused: [] };
    const settings = settingsOf(this.#environment);
    const { recipients } = this.#alerts;
    const expired = await recipients.expired();
    if (expired.length > 0) await this.#library.putOwned(expired);
    const now = this.#now();
    const due = (await this.#readers()).filter(
      (one) => (one.due !== null && one.due <= now) || (forced && hasMail(one)),
    );
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
    this.#next = await this.#nextDue();
    if (failures.length > 0) throw failures[0];
    const { accepted, refused } = this.#report;
    // Everybody can read it: what the server says may contain addresses.
    const words = refused.length === 0 ? "" : `, ${refused.length} ${refused.length === 1 ? "was" : "were"} refused`;
    return `${accepted} mails were accepted${words}`;
  }

  /** The readers with a confirmed address, and what waits for each. */
  async #readers(): Promise<Reader[]> {
    const { recipients } = this.#alerts;
    const subscriptions = (await recipients.all()).filter(({ state }) => state === "active");
    if (subscriptions.length === 0) return [];
    const alerts = new Map((await this.#alerts.known()).map((known) => [known.alert.id, known]));
    const sent = await recipients.sent();
    const deliveries = await recipients.deliveries();
    const byReader = new Map<string, Subscription[]>();
    for (const one of subscriptions) byReader.set(one.reader, [...(byReader.get(one.reader) ?? []), one]);
    return [...byReader].map(([id, own]) => {
      const delivery = deliveries.get(id) ?? { last: null, outbox: null, failure: null };
      const known = own.flatMap(({ alert }) => alerts.get(alert) ?? []);
      const waiting = known.flatMap((one) => {
        const { number, ran, found, error } = one.state;
        const before = sent.get(`${one.alert.id}/${id}`) ?? { number, ran, found };
        const ranSince = one.alert.evenIfNothing && error === null && ran !== null && ran !== before.ran;
        return found > before.found || ranSince ? [{ alert: one.alert.id, before, upTo: { number, ran, found } }] : [];
      });
      const found = known.reduce((sum, { state }) => sum + state.found, 0);
      const ids = new Set(known.map(({ alert }) => alert.id));
      const reader = { id, address: own[0]!.address, alerts: ids, delivery, waiting, found };
      return { ...reader, due: this.#dueAt(reader, known) };
    });
  }

  #dueAt(
    { delivery: { last, outbox, failure }, waiting, found }: Omit<Reader, "due">,
    alerts: readonly (Known & { due: number })[],
  ): number | null {
    const now = this.#now();
    let due = 0;
    if (failure !== null) {
      if (failure.permanent && failure.count >= MAX_REFUSALS) return null;
      // It may also be less, when an alert of the reader has ended.
      if (found === failure.found) return null;
      due = laterOf(failure.next, now);
    }
    if (outbox !== null) return due;
    if (waiting.length === 0) return null;
    if (last !== null) {
      // The next time of day at which the first of the reader's alerts runs, on another day than the last mail.
      const first = alerts.toSorted((a, b) => (a.alert.at < b.alert.at ? -1 : 1))[0]!.alert;
      const daily = { at: first.at, zone: first.zone, every: "day", days: null } as const;
      const before = Math.min(Date.parse(last), now);
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
    const { id, address, delivery, waiting, found } = reader;
    const now = new Date(this.#now()).toISOString();
    const outbox = delivery.outbox ?? {
      id: newId(),
      at: now,
      alerts: waiting,
    };
    const mail = await this.#mailOf(outbox, reader, settings, known);
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
    const failure = this.#failureOf(outcome, delivery.failure, found);
    // What was refused goes into the next mail, with what is found until then.
    await this.#library.putOwned([
      row(`delivery/${id}`, { ...delivery, outbox: outcome.kind === "unknown" ? outbox : null, failure }),
    ]);
    return outcome;
  }

  #failureOf(
    { kind, said }: Exclude<Outcome, { kind: "accepted" }>,
    before: Delivery["failure"],
    found: number,
  ): Delivery["failure"] {
    const now = this.#now();
    const count = (before?.count ?? 0) + 1;
    const first = before?.first ?? new Date(now).toISOString();
    const permanent = kind === "permanent";
    const stops = permanent || (kind === "temporary" && now - Date.parse(first) >= PAUSE.stop);
    const next = new Date(now + (stops ? PAUSE.stopped : pauseAfter(count))).toISOString();
    return { first, count, permanent, message: said, next, found: stops ? found : null };
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
      if (known === undefined || !own.has(alert)) continue;
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
        const paper = await this.#paper(why);
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

  /** A paper that was found; if it was removed, its copy of the same title; otherwise null. */
  async #paper({ id, title }: { id: string; title: string }): Promise<Paper | null> {
    try {
      return await this.#library.paper(id);
    } catch (thrown) {
      if (!(thrown instanceof KindredError && thrown.code === "not-found")) throw thrown;
    }
    const signal = new AbortController().signal;
    const { hits } = await this.#library.search({ q: title, mode: "lexical", limit: 3 }, { signal });
    return hits.map(({ paper }) => paper).find((paper) => titleKey(paper.title) === titleKey(title)) ?? null;
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

/** When something is tried again, or 0 if that is so far away that the clock must have been set back. */
const laterOf = (next: string, now: number): number =>
  Date.parse(next) > now + PAUSE.stopped + 60_000 ? 0 : Date.parse(next);

const hasMail = ({ waiting, delivery }: Reader): boolean => waiting.length > 0 || delivery.outbox !== null;

/** The pause after so many refusals in a row, in milliseconds. */
const pauseAfter = (count: number): number => Math.min(PAUSE.longest, PAUSE.first * 2 ** (count - 1));

const failuresOf = ({ delivery }: Reader): number => delivery.failure?.count ?? 0;

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
