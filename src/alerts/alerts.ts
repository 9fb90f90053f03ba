/** The alerts of a directory: what is stored of them, when they are due, and what they find. */
import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { maskedAddress } from "../core/email.js";
import { KindredError } from "../core/errors.js";
import { listKey } from "../core/list.js";
import { validate } from "../core/validate.js";
import type { OwnedRow, Replacement } from "../engine/writer.js";
import {
  addAlertSchema,
  alertRunSchema,
  changeAlertSchema,
  isZone,
  previewNewAlertSchema,
  type Alert,
  type AlertAnswer,
  type AlertChanges,
  type AlertPreview,
  type AlertRun,
  type AlertsAnswer,
  type FoundPaper,
  type NewAlert,
  type NewAlertPreview,
} from "../operations/alerts.js";
import { comparesOf } from "./candidates.js";
import { anchorsOf, Batch, type Asks, type Finding } from "./finding.js";
import { givenUp } from "./readers.js";
import { jsonOf, Recipients, type Delivery } from "./recipients.js";
import { nextAfter } from "./schedule.js";
import {
  OWNER,
  PAGE,
  row,
  stateSchema,
  storedSchema,
  type Known,
  type Library,
  type State,
  type Stored,
} from "./stored.js";

const JOB = "alerts";
export const MAX_ALERTS = 10_000;
/** Runs kept of each alert, of those that found something. */
const RUNS = 100;
/** How often a change is made again because another process has changed what it read. */
const TRIES = 20;
/** How often a server looks for alerts that another process has changed, in milliseconds. */
const LOOK_EVERY = 15_000;
/** When the job is due if no alert is, in milliseconds from now. */
const LATER = 86_400_000;

/** Errors of one alert that all others would have as well. */
const ENDING: ReadonlySet<string> = new Set(["cancelled", "unreachable"]);

/** What a run of one alert did. */
export type AlertOutcome = {
  papers: FoundPaper[];
  more: number;
  /** Why it failed; null if it did not. */
  error: KindredError | null;
  /** Whether it waits until papers are embedded. */
  waits: boolean;
};

export class Alerts {
  readonly #library;
  readonly #now;
  readonly recipients: Recipients;
  /** When it was noticed that the clock had been set back to before an alert's last run, by the alert's id. */
  readonly #setBack = new Map<string, number>();
  /** When each alert that is not paused is due, by its id. */
  #due = new Map<string, number>();
  /** What was registered last. */
  #registered = "";
  /** Alerts to run although they may not be due, by their ids, and what became of them. */
  readonly #wanted = new Set<string>();
  /** Alerts that are being run, or are next. */
  readonly #running = new Set<string>();
  readonly #outcomes = new Map<string, AlertOutcome>();
  #looking: NodeJS.Timeout | undefined;
  /** The last change, which the next waits for. */
  #last: Promise<unknown> = Promise.resolve();
  /** Parsed rows by their text: most do not change between two looks. */
  #parsed = new Map<string, unknown>();

  /** @param now Milliseconds since 1970. */
  constructor(library: Library, now: () => number = Date.now, environment: NodeJS.ProcessEnv = process.env) {
    this.#library = library;
    this.#now = now;
    this.recipients = new Recipients(library, now, environment);
  }

  /**
   * Adds an alert.
   *
   * @param local Whether the owner of this directory asks: then addresses need not confirm.
   * @returns Its name.
   * @throws KindredError `invalid` when a value is wrong, or the name is taken; `too-large` when there are too many;
   *   `overloaded` when too many addresses have not confirmed yet.
   */
  add(given: NewAlert, local = true): Promise<string> {
    return this.#inTurn(() => this.#add(given, local));
  }

  async #add(given: NewAlert, local: boolean): Promise<string> {
    const { name, zone, to, webhooks, ...alert } = validate(addAlertSchema, given);
    checkSimilarity(alert);
    if ((await this.#library.countOwned(OWNER, "alert/")) >= MAX_ALERTS)
      throw new KindredError("too-large", `there are ${MAX_ALERTS} alerts, which is the limit: remove some`);
    const start = alert.since === null ? (await this.#library.status()).newest : 0;
    const stored: Stored = {
      ...alert,
      id: randomBytes(9).toString("base64url"),
      zone: zone ?? localZone(),
      paused: false,
      created: this.#time(),
      start,
      ...(await anchorsOf(this.#library, alert.ask)),
    };
    const state: State = { number: 0, after: start, ran: null, error: null, found: 0 };
    await this.#unlessChanged(this.#library.replaceOwned, async () => {
      const free = await this.#free(name);
      const mail = await this.recipients.rowsFor(stored.id, to, state, local);
      const hooks = await this.recipients.rowsForHooks(stored.id, webhooks, state, local);
      const rows = [row(`alert/${name}`, stored), row(`state/${stored.id}`, state), ...mail.rows, ...hooks];
      return { read: [free, ...mail.read], rows };
    });
    this.#due.set(stored.id, this.#dueAt({ alert: stored, state }));
    await this.#enlist(true);
    return name;
  }

  /** All alerts by name. @param local Whether whole addresses are shown. */
  async list(local = true): Promise<AlertsAnswer> {
    const running = this.#runningNow();
    const readers = await this.#readers(local);
    const alerts = (await this.#all()).map((known) => ({ ...this.#described(known, running), ...readers(known) }));
    const unread = alerts.reduce((sum, alert) => sum + alert.unread, 0);
    return { alerts, unread, mail: this.recipients.mailFor(local) };
  }

  /**
   * An alert with its runs that found something, newest first.
   *
   * @param written Webhooks that the client has just written, whose secrets it may see.
   * @throws KindredError `not-found`.
   */
  async get(name: string, local = true, written: readonly string[] = []): Promise<AlertAnswer> {
    const running = this.#runningNow();
    const known = await this.#get(name);
    const readers = await this.#readers(local, written);
    const rows = await this.#library.owned(OWNER, `run/${known.alert.id}/`, PAGE);
    return { alert: { ...this.#described(known, running), ...readers(known) }, runs: runsIn(rows).toReversed() };
  }

  /** The addresses and webhooks of an alert, as they are shown. */
  async #readers(
    local: boolean,
    written: readonly string[] = [],
  ): Promise<(known: Known) => Pick<Alert, "to" | "webhooks">> {
    const { recipients } = this;
    const [all, hooks] = [await recipients.all(), await recipients.hooks()];
    const sent = await recipients.sent();
    const deliveries = await recipients.deliveries();
    const shown = hooks.filter(({ address, anywhere }) => local || (!anywhere && written.includes(address)));
    const secrets = new Map(
      await Promise.all(shown.map(async ({ reader }) => [reader, await recipients.hookSecret(reader)] as const)),
    );
    return ({ alert, state }) => {
      const own = <T extends { alert: string; address: string }>(readers: readonly T[]) =>
        readers.filter((one) => one.alert === alert.id).toSorted((a, b) => (a.address < b.address ? -1 : 1));
      const waiting = (reader: string) => state.found - (sent.get(`${alert.id}/${reader}`)?.found ?? state.found);
      const failure = (reader: string) => failureShown(deliveries.get(reader), local);
      return {
        to: own(all).map((one) => ({
          id: one.reader,
          address: local ? one.address : maskedAddress(one.address),
          state: one.state,
          undelivered: one.state === "active" ? waiting(one.reader) : 0,
          failure: failure(one.reader),
        })),
        webhooks: own(hooks).map(({ reader, address }) => ({
          id: reader,
          url: local ? address : new URL(address).origin,
          undelivered: waiting(reader),
          failure: failure(reader),
          secret: secrets.get(reader) ?? null,
        })),
      };
    };
  }

  /** All alerts with what sending needs: whether they are due, and what they have found. */
  async known(): Promise<(Known & { due: number })[]> {
    return (await this.#all()).map((known) => ({ ...known, due: this.#dueAt(known) }));
  }

  /** Runs of an alert after a number, up to another; runs that are too old are not kept. */
  async runs(id: string, after: number, to: number): Promise<AlertRun[]> {
    const rows = await this.#library.owned(OWNER, `run/${id}/`, to - after, `run/${id}/${padded(after)}`);
    return runsIn(rows).filter(({ number }) => number <= to);
  }

  /**
   * Changes an alert, or marks what it has found as seen. A new question is asked about papers that were not looked at yet.
   *
   * @throws KindredError `not-found`; `invalid` when a value is wrong, or the name is taken.
   */
  change(name: string, changes: AlertChanges, local = true): Promise<void> {
    return this.#inTurn(() => this.#change(name, changes, local));
  }

  async #change(name: string, changes: AlertChanges, local: boolean): Promise<void> {
    const {
      alert: _,
      name: renamed,
      seen,
      to,
      webhooks,
      ...given
    } = validate(changeAlertSchema, { ...changes, alert: name });
    const changed = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    await this.#unlessChanged(this.#library.replaceOwned, async () => {
      const read = [await this.#row(`alert/${name}`)];
      const { alert: before, state } = await this.#get(name);
      const alert: Stored = { ...before, ...changed };
      checkSimilarity(alert);
      if (given.ask !== undefined) {
        delete alert.anchors;
        Object.assign(alert, await anchorsOf(this.#library, given.ask));
      }
      const rows = [row(`alert/${renamed ?? name}`, alert)];
      if (renamed !== undefined && renamed !== name) {
        read.push(await this.#free(renamed));
        rows.push({ owner: OWNER, key: `alert/${name}`, value: null });
      }
      if (seen === true) rows.push(row(`seen/${alert.id}`, state.found));
      if (to !== undefined) {
        const mail = await this.recipients.rowsFor(alert.id, to, state, local);
        read.push(...mail.read);
        rows.push(...mail.rows);
      }
      if (webhooks !== undefined) rows.push(...(await this.recipients.rowsForHooks(alert.id, webhooks, state, local)));
      return { read, rows };
    });
    await this.#look();
  }

  /** Marks what all alerts have found as seen. */
  async see(): Promise<void> {
    const unread = (await this.#all()).filter(({ state, seen }) => state.found > seen);
    await this.#library.putOwned(unread.map(({ alert, state }) => row(`seen/${alert.id}`, state.found)));
  }

  /**
   * Renames a list, and names it so in the questions of alerts.
   *
   * @throws KindredError `not-found`; `invalid` when the name is taken, or the list is built in.
   */
  renameList(name: string, to: string): Promise<void> {
    const renamed = (lists: string[]) => lists.map((list) => (listKey(list) === listKey(name) ? to : list));
    return this.#inTurn(() =>
      this.#unlessChanged(
        (own) => this.#library.renameList({ name, to, own }),
        async () => {
          const read = await this.#library.owned(OWNER, "alert/", PAGE);
          const rows = (await this.#all()).flatMap(({ name: alert, alert: stored }) => {
            const { basedOn, list } = stored.ask;
            const ask = {
              ...stored.ask,
              ...(basedOn && { basedOn: renamed(basedOn) }),
              ...(list && { list: renamed(list) }),
            };
            return isDeepStrictEqual(ask, stored.ask) ? [] : [row(`alert/${alert}`, { ...stored, ask })];
          });
          return { read: read.filter(({ key }) => rows.some((one) => one.key === key)), rows };
        },
      ),
    );
  }

  /** Removes an alert, and what it has found. @throws KindredError `not-found`. */
  remove(name: string): Promise<void> {
    return this.#inTurn(() => this.#remove(name));
  }

  async #remove(name: string): Promise<void> {
    const { id } = (await this.#get(name)).alert;
    await this.#library.putOwned([
      ...[`alert/${name}`, `state/${id}`, `seen/${id}`].map((key) => ({ owner: OWNER, key, value: null })),
      ...(await this.recipients.rowsWithout(id)),
    ]);
    for (const part of ["run", "keys"]) await this.#library.removeOwned(OWNER, `${part}/${id}/`);
    await this.#look();
  }

  /**
   * What an alert would find now, among the papers that are embedded.
   *
   * @param asked Its name; or an alert that is not stored, which looks at all papers that are here.
   * @throws KindredError `not-found`; `invalid` when a value is wrong.
   */
  async preview(
    asked: string | NewAlertPreview,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<AlertPreview> {
    let alert: Asks;
    let after = 0;
    if (typeof asked === "string") {
      const known = await this.#get(asked);
      alert = known.alert;
      after = known.state.after;
    } else {
      const given = validate(previewNewAlertSchema, asked);
      checkSimilarity(given);
      alert = { ...given, id: "", created: this.#time(), start: 0 };
    }
    const { pending } = await this.#library.status();
    const { papers, more } = await (await Batch.begin(this.#library, this.#now, signal)).find(alert, after);
    return { papers, more, after, pending };
  }

  /**
   * Runs alerts now, and waits until they have run.
   *
   * @param names All that are not paused by default.
   * @returns What each did, by its name.
   * @throws KindredError `not-found`; `busy` when another process is running alerts.
   */
  async run(names?: readonly string[], signal?: AbortSignal): Promise<Map<string, AlertOutcome>> {
    const all = await this.#all();
    const chosen =
      names === undefined
        ? all.filter(({ alert }) => !alert.paused)
        : names.map((name) => all.find((one) => one.name === name) ?? unknown(name));
    await this.#register(all);
    const ids = chosen.map(({ alert }) => alert.id);
    for (const id of ids) this.#wanted.add(id);
    try {
      // A run that was under way may have been past some of them.
      while (ids.some((id) => this.#wanted.has(id))) await this.#library.jobs.run(JOB, signal);
    } finally {
      for (const id of ids) this.#wanted.delete(id);
    }
    const done = chosen.flatMap(({ name, alert }) => {
      const outcome = this.#outcomes.get(alert.id);
      this.#outcomes.delete(alert.id);
      return outcome === undefined ? [] : [[name, outcome] as const];
    });
    return new Map(done);
  }

  /** Runs an alert, and does not wait for it. @throws KindredError `not-found`. */
  async begin(name: string): Promise<void> {
    const { id } = (await this.#get(name)).alert;
    this.#wanted.add(id);
    void this.run([name])
      .catch(() => {})
      .finally(() => this.#wanted.delete(id));
  }

  /** Runs alerts whenever they are due, also those that other processes add. Needs `jobs.start`. */
  start(failed: (thrown: unknown) => void): void {
    const look = () => void this.#look().catch(failed);
    look();
    this.#looking = setInterval(look, LOOK_EVERY).unref();
  }

  /** Stops looking for alerts. */
  stop(): void {
    clearInterval(this.#looking);
  }

  /** Does one thing after another: what it has checked, such as a limit, must still hold when it writes. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  async #look(): Promise<void> {
    await this.#register(await this.#all());
  }

  /** One job runs all alerts: what they have in common is worked out once. */
  async #register(all: readonly Known[]): Promise<void> {
    this.#plan(all);
    await this.#enlist(all.length > 0);
  }

  /** Registers the job for the alerts that are planned, if that has changed. @param any Whether there are alerts. */
  async #enlist(any: boolean): Promise<void> {
    const described = JSON.stringify([any, this.#due.size > 0, this.#next()]);
    if (this.#registered === described) return;
    const first = this.#registered === "";
    this.#registered = described;
    if (any)
      await this.#library.jobs.register({
        name: JOB,
        next: () => Math.min(this.#next(), this.#now() + LATER),
        paused: this.#due.size === 0,
        run: (signal) => this.#runDue(signal),
      });
    else if (!first) await this.#library.jobs.remove(JOB);
  }

  #plan(all: readonly Known[]): void {
    this.#due = new Map(all.filter(({ alert }) => !alert.paused).map((known) => [known.alert.id, this.#dueAt(known)]));
  }

  #next(): number {
    return [...this.#due.values()].reduce((first, due) => Math.min(first, due), Infinity);
  }

  #dueAt({ alert, state }: Pick<Known, "alert" | "state">): number {
    const now = this.#now();
    let last = Date.parse(state.ran ?? alert.created);
    if (last <= now) this.#setBack.delete(alert.id);
    else {
      // It was before the clock was set back: it counts as when that was noticed.
      last = Math.min(this.#setBack.get(alert.id) ?? now, now);
      this.#setBack.set(alert.id, last);
    }
    return nextAfter(last, alert);
  }

  /** Runs the alerts that are due, and those that are wanted. An alert that was due several times runs once. */
  async #runDue(signal: AbortSignal): Promise<string> {
    const wanted = new Set(this.#wanted);
    for (const id of wanted) this.#running.add(id);
    this.#wanted.clear();
    try {
      return await this.#runAll(wanted, signal);
    } finally {
      this.#running.clear();
    }
  }

  async #runAll(wanted: ReadonlySet<string>, signal: AbortSignal): Promise<string> {
    const all = await this.#all();
    const now = this.#now();
    const due = all.filter((known) => wanted.has(known.alert.id) || (!known.alert.paused && this.#dueAt(known) <= now));
    for (const { alert } of due) this.#running.add(alert.id);
    const batch = await Batch.begin(this.#library, this.#now, signal);
    let found = 0;
    let waiting = 0;
    const failures: unknown[] = [];
    for (const known of due) {
      signal.throwIfAborted();
      let outcome: AlertOutcome;
      try {
        outcome = await this.#run(known, batch);
        this.#running.delete(known.alert.id);
      } catch (thrown) {
        if (signal.aborted || (thrown instanceof KindredError && ENDING.has(thrown.code))) throw thrown;
        // The others may not fail.
        failures.push(thrown);
        continue;
      }
      if (wanted.has(known.alert.id)) this.#outcomes.set(known.alert.id, outcome);
      found += outcome.papers.length;
      waiting += outcome.waits ? 1 : 0;
    }
    this.#plan(await this.#all());
    if (failures.length > 0) throw failures[0];
    const waits = waiting === 0 ? "" : `; ${waiting} wait until papers are embedded`;
    return `${due.length - waiting} alerts ran, and found ${found} papers${waits}`;
  }

  /** Finds what is new for an alert, and stores it with the place in the library up to which it has looked. */
  async #run({ name, alert, state }: Known, batch: Batch): Promise<AlertOutcome> {
    const waiting = { papers: [], more: 0, error: null, waits: true };
    // Papers that come meanwhile are looked at again next time.
    if (await batch.mustWait(alert, state)) return waiting;
    await this.#library.settled();
    let result: Finding;
    try {
      result = await batch.find(alert, state.after);
    } catch (thrown) {
      // Anything else is not the alert's fault, and it is tried again soon.
      if (!(thrown instanceof KindredError && (thrown.code === "not-found" || thrown.code === "invalid"))) throw thrown;
      const failed: State = { ...state, ran: this.#time(), error: thrown.message };
      await this.#put(alert, state, [row(`state/${alert.id}`, failed)]);
      return { papers: [], more: 0, error: thrown, waits: false };
    }
    batch.forgetPending();
    if (await batch.mustWait(alert, state)) return waiting;
    const { papers, more, keys, old } = result;
    const next: State = {
      number: state.number + (keys.length > 0 ? 1 : 0),
      after: Math.max(state.after, batch.newest),
      ran: this.#time(),
      error: null,
      found: state.found + papers.length,
    };
    const rows = [row(`state/${alert.id}`, next)];
    if (keys.length > 0) {
      // Rows are named by a number: a process that lost its turn meanwhile writes the same rows, and not others.
      const number = padded(next.number);
      const run: AlertRun = { number: next.number, at: this.#time(), papers, more, after: state.after };
      const forgotten = [`run/${alert.id}/${padded(next.number - RUNS)}`, ...old];
      rows.push(row(`keys/${alert.id}/${number}`, keys));
      if (papers.length > 0) rows.push(row(`run/${alert.id}/${number}`, run));
      rows.push(...forgotten.map((key) => ({ owner: OWNER, key, value: null })));
    }
    if (await this.#put(alert, state, rows)) return { papers, more, error: null, waits: false };
    const lost = new KindredError("busy", `the alert ${name} was removed, or run by another process, meanwhile`);
    return { papers: [], more: 0, error: lost, waits: false };
  }

  /** Stores what a run found, unless the alert was removed or another process has run it meanwhile. */
  #put({ id }: Stored, before: State, rows: OwnedRow[]): Promise<boolean> {
    return this.#library.replaceOwned({ read: [row(`state/${id}`, before)], rows });
  }

  async #all(): Promise<Known[]> {
    const parsed = new Map<string, unknown>();
    const read = async <S extends z.ZodType>(part: string, schema: S): Promise<[string, z.output<S>][]> => {
      const rows = await this.#library.owned(OWNER, `${part}/`, PAGE);
      return rows.flatMap(({ key, value }) => {
        const text = `${part} ${value}`;
        const known = this.#parsed.get(text) ?? schema.safeParse(jsonOf(value)).data;
        parsed.set(text, known);
        return known === undefined ? [] : [[key.slice(part.length + 1), known as z.output<S>] as const];
      }) as [string, z.output<S>][];
    };
    const alerts = await read("alert", storedSchema);
    const states = new Map(await read("state", stateSchema));
    const seen = new Map(await read("seen", z.int()));
    this.#parsed = parsed;
    return alerts.flatMap(([name, alert]) => {
      const state = states.get(alert.id);
      return state === undefined ? [] : [{ name, alert, state, seen: seen.get(alert.id) ?? 0 }];
    });
  }

  async #get(name: string): Promise<Known> {
    return (await this.#all()).find((one) => one.name === name) ?? unknown(name);
  }

  /** Asked before alerts are read: one whose run ends meanwhile still counts as running, so what it found is not missed. */
  #runningNow(): ReadonlySet<string> {
    return new Set([...this.#wanted, ...this.#running]);
  }

  #described({ name, alert, state, seen }: Known, runningNow: ReadonlySet<string>): Omit<Alert, "to" | "webhooks"> {
    const { id: _id, anchors: _anchors, start: _start, ...shown } = alert;
    const { ran, error, found } = state;
    const next = alert.paused ? null : new Date(this.#dueAt({ alert, state })).toISOString();
    const running = runningNow.has(alert.id);
    return { name, ...shown, next, ran, error, running, found, unread: found - seen };
  }

  /**
   * Stores what a change makes of the rows that it reads; makes it again if another process has changed one of them meanwhile.
   *
   * @throws KindredError `busy` when that happens all the time; what `change` throws.
   */
  async #unlessChanged(
    store: (replacement: Replacement) => Promise<boolean>,
    change: () => Promise<Replacement>,
  ): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) if (await store(await change())) return;
    throw new KindredError("busy", "other processes are changing alerts at the same time: try again");
  }

  /** A row as it is now; its value is null if there is none. */
  async #row(key: string): Promise<OwnedRow> {
    const [found] = await this.#library.owned(OWNER, key, 1);
    return { owner: OWNER, key, value: found?.key === key ? found.value : null };
  }

  /** The row of an alert that does not exist. @throws KindredError `invalid` when the name is taken. */
  async #free(name: string): Promise<OwnedRow> {
    const found = await this.#row(`alert/${name}`);
    if (found.value === null) return found;
    throw new KindredError("invalid", `name: there is an alert called ${name}: choose another name`, {
      parameter: "name",
    });
  }

  #time(): string {
    return new Date(this.#now()).toISOString();
  }
}

/** The time zone of this machine; UTC if it has none that is known. */
function localZone(): string {
  // It may be missing, or "Etc/Unknown".
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions() as { timeZone?: string };
  return timeZone !== undefined && isZone(timeZone) ? timeZone : "UTC";
}

/** @throws KindredError `invalid` when a question compares nothing with anything. */
function checkSimilarity({ ask, atLeastSimilarity }: Pick<Stored, "ask" | "atLeastSimilarity">): void {
  if (atLeastSimilarity !== null && !comparesOf(ask).vectors)
    throw new KindredError(
      "invalid",
      "atLeastSimilarity: expected none, because only a search by meaning and papers that are liked are compared",
      { parameter: "atLeastSimilarity" },
    );
}

/** Why a reader was not sent the last message; null if it was. Only the owner sees what was said: it may name addresses and hosts. */
function failureShown(delivery: Delivery | undefined, local: boolean): string | null {
  if (delivery?.failure == null) return null;
  const { message, brief } = delivery.failure;
  return `${local ? message : brief}${givenUp(delivery.failure)}`;
}

/** Stored runs; what cannot be read is left out. */
const runsIn = (rows: readonly OwnedRow[]): AlertRun[] =>
  rows.flatMap(({ value }) => alertRunSchema.safeParse(jsonOf(value)).data ?? []);

const padded = (number: number): string => String(Math.max(0, number)).padStart(9, "0");

function unknown(name: string): never {
  throw new KindredError(
    "not-found",
    `there is no alert called ${name.slice(0, 200)}: "kindred alert list" lists them`,
  );
}
