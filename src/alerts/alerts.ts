/** The alerts of a directory: what is stored of them, when they are due, and what they find. */
import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { maskedAddress } from "../core/email.js";
import { KindredError } from "../core/errors.js";
import { listKey } from "../core/list.js";
import { validate } from "../core/validate.js";
import type { OwnedRow, Phase, Replacement, Writer } from "../engine/writer.js";
import type { Jobs } from "../jobs/jobs.js";
import {
  addAlertSchema,
  alertRunSchema,
  askSchema,
  changeAlertSchema,
  daysSchema,
  isZone,
  zoneSchema,
  type Alert,
  type AlertAnswer,
  type AlertChanges,
  type AlertPreview,
  type AlertRun,
  type AlertsAnswer,
  type FoundPaper,
  type NewAlert,
} from "../operations/alerts.js";
import { candidatesOf, comparesOf, keysOf, type Asked, type Question } from "./candidates.js";
import { givenUp } from "./readers.js";
import { jsonOf, Recipients, type Delivery } from "./recipients.js";
import { nextAfter } from "./schedule.js";

const OWNER = "alerts";
const JOB = "alerts";
export const MAX_ALERTS = 10_000;
/** Runs kept of each alert, of those that found something. */
const RUNS = 100;
/** What an alert remembers of the papers that it has found: about three keys a paper; the oldest are dropped. */
const REMEMBERED = 20_000;
/** How often a change is made again because another process has changed what it read. */
const TRIES = 20;
/** Rows read at a time. */
const PAGE = 10_000;
/** How often a server looks for alerts that another process has changed, in milliseconds. */
const LOOK_EVERY = 15_000;
/** When the job is due if no alert is, in milliseconds from now. */
const LATER = 86_400_000;

/** Errors of one alert that all others would have as well. */
const ENDING: ReadonlySet<string> = new Set(["cancelled", "unreachable"]);

/** What it needs of a `Kindred`. */
export type Library = Asked & {
  status: () => Promise<{ newest: number; pending: number; pendingPoints: number }>;
  /** The first paper after this number that is not embedded yet; null if there is none. */
  firstPending: (of: { phase: Phase; after: number }) => Promise<number | null>;
  settled: () => Promise<void>;
  mapPoints: () => Promise<{ bytes: Uint8Array }>;
  mapMatches: (request: { area: string }) => Promise<{ labels: number[] }>;
  owned: (owner: string, prefix?: string, limit?: number, after?: string) => Promise<OwnedRow[]>;
  countOwned: (owner: string, prefix?: string) => Promise<number>;
  putOwned: (rows: readonly OwnedRow[]) => Promise<void>;
  removeOwned: (owner: string, prefix?: string) => Promise<void>;
  replaceOwned: (replacement: Replacement) => Promise<boolean>;
  renameList: Writer["renameList"];
  readonly jobs: Pick<Jobs, "register" | "remove" | "run">;
};

const storedSchema = z.object({
  /** Names its other rows: an alert may be renamed, or removed and made again. */
  id: z.string(),
  ask: askSchema,
  every: z.enum(["day", "week", "month"]),
  at: z.string(),
  // One alert with a wrong schedule must not stop the others: it runs every day, in UTC.
  zone: zoneSchema.catch("UTC"),
  days: daysSchema.nullable().catch(null),
  atMost: z.int(),
  atLeastSimilarity: z.number().nullable(),
  since: z.string().nullable(),
  paused: z.boolean(),
  evenIfNothing: z.boolean().default(false),
  created: z.string(),
  /** The number of the newest paper when it was made; 0 if it has `since`. */
  start: z.int(),
  /** Papers of the region of the map that it asks for, to notice that the map was laid out anew. */
  anchors: z.array(z.int()).optional(),
});
type Stored = z.infer<typeof storedSchema>;

/** What a run changes. */
const stateSchema = z.object({
  /** The number of the last run that had something to remember; 0 if none did. */
  number: z.int(),
  /** Papers up to this number have been looked at. */
  after: z.int(),
  ran: z.string().nullable(),
  error: z.string().nullable(),
  /** Papers found in all. */
  found: z.int(),
});
type State = z.infer<typeof stateSchema>;

export type Known = { name: string; alert: Stored; state: State; seen: number };

/** What a run of one alert did. */
export type AlertOutcome = {
  papers: FoundPaper[];
  more: number;
  /** Why it failed; null if it did not. */
  error: KindredError | null;
  /** Whether it waits until papers are embedded. */
  waits: boolean;
};

/** What is new for an alert: also the keys to remember, and the rows that hold too many. */
type Finding = { papers: FoundPaper[]; more: number; keys: string[]; old: string[] };

/** What the alerts of one run share. */
type Batch = {
  newest: number;
  pendingPoints: number;
  /** Whether there are texts to embed, by phase and the number after which they are looked for. */
  pending: Map<string, boolean>;
  /** The keys of the copies of a paper, by its id. */
  copies: Map<string, Promise<string[]>>;
  points: Promise<Map<number, [number, number]>> | undefined;
  signal: AbortSignal;
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
      ...(await this.#anchorsOf(alert.ask)),
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
    const readers = await this.#readers(local);
    const alerts = (await this.#all()).map((known) => ({ ...this.#described(known), ...readers(known) }));
    return { alerts, unread: alerts.reduce((sum, { unread }) => sum + unread, 0) };
  }

  /**
   * An alert with its runs that found something, newest first.
   *
   * @param written Webhooks that the client has just written, whose secrets it may see.
   * @throws KindredError `not-found`.
   */
  async get(name: string, local = true, written: readonly string[] = []): Promise<AlertAnswer> {
    const known = await this.#get(name);
    const readers = await this.#readers(local, written);
    const rows = await this.#library.owned(OWNER, `run/${known.alert.id}/`, PAGE);
    return { alert: { ...this.#described(known), ...readers(known) }, runs: runsIn(rows).toReversed() };
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
        Object.assign(alert, await this.#anchorsOf(given.ask));
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

  /** What an alert would find now, among the papers that are embedded. @throws KindredError `not-found`. */
  async preview(name: string, signal: AbortSignal = new AbortController().signal): Promise<AlertPreview> {
    const { alert, state } = await this.#get(name);
    const { pending } = await this.#library.status();
    const { papers, more } = await this.#find(alert, state, await this.#batch(signal));
    return { papers, more, after: state.after, pending };
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
    await this.#get(name);
    void this.run([name]).catch(() => {});
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
    this.#wanted.clear();
    const all = await this.#all();
    const now = this.#now();
    const due = all.filter((known) => wanted.has(known.alert.id) || (!known.alert.paused && this.#dueAt(known) <= now));
    const batch = await this.#batch(signal);
    let found = 0;
    let waiting = 0;
    const failures: unknown[] = [];
    for (const known of due) {
      signal.throwIfAborted();
      let outcome: AlertOutcome;
      try {
        outcome = await this.#run(known, batch);
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

  async #batch(signal: AbortSignal): Promise<Batch> {
    const { newest, pendingPoints } = await this.#library.status();
    return { newest, pendingPoints, pending: new Map(), copies: new Map(), points: undefined, signal };
  }

  /** Finds what is new for an alert, and stores it with the place in the library up to which it has looked. */
  async #run({ name, alert, state }: Known, batch: Batch): Promise<AlertOutcome> {
    const waiting = { papers: [], more: 0, error: null, waits: true };
    // Papers that come meanwhile are looked at again next time.
    if (await this.#mustWait(alert, state, batch)) return waiting;
    await this.#library.settled();
    let result: Finding;
    try {
      result = await this.#find(alert, state, batch);
    } catch (thrown) {
      // Anything else is not the alert's fault, and it is tried again soon.
      if (!(thrown instanceof KindredError && (thrown.code === "not-found" || thrown.code === "invalid"))) throw thrown;
      const failed: State = { ...state, ran: this.#time(), error: thrown.message };
      await this.#put(alert, state, [row(`state/${alert.id}`, failed)]);
      return { papers: [], more: 0, error: thrown, waits: false };
    }
    batch.pending.clear();
    if (await this.#mustWait(alert, state, batch)) return waiting;
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

  async #mustWait({ ask }: Stored, { after }: State, batch: Batch): Promise<boolean> {
    const { vectors, sentences, points } = comparesOf(ask);
    if (points && batch.pendingPoints > 0) return true;
    const isPending = async (phase: Phase) => {
      const key = `${phase} ${after}`;
      const known = batch.pending.get(key);
      if (known !== undefined) return known;
      const first = await this.#library.firstPending({ phase, after });
      // Later papers are looked at next time.
      const pending = first !== null && first <= batch.newest;
      batch.pending.set(key, pending);
      return pending;
    };
    // Papers without a vector have no place on the map yet.
    return ((vectors || points) && (await isPending("vectors"))) || (sentences && (await isPending("sentences")));
  }

  /** The papers that an alert has not found before, best first, and how many more there are. */
  async #find(alert: Stored, state: State, batch: Batch): Promise<Finding> {
    const { signal, copies } = batch;
    await this.#expectSameMap(alert, batch);
    const question: Question = { ...alert, after: state.after, now: this.#now() };
    const { candidates, uncounted, folded } = await candidatesOf(this.#library, question, signal);
    const { keys: found, rows: stored } = await this.#found(alert.id);
    const papers: FoundPaper[] = [];
    const keys = new Set<string>();
    let more = uncounted;
    for (const candidate of candidates) {
      if (candidate.keys.some((key) => found.has(key) || keys.has(key))) continue;
      if (papers.length === alert.atMost) {
        more++;
        // A daily list is looked at again tomorrow.
        if (alert.ask.daily === true) for (const key of candidate.keys) keys.add(key);
        continue;
      }
      if (found.size > 0 || (!folded && keys.size > 0)) {
        const { id, title } = candidate.found;
        let others = copies.get(id);
        if (others === undefined) copies.set(id, (others = this.#copiesOf(id, title, signal)));
        const isCopy = (await others).some((key) => found.has(key) || (!folded && keys.has(key)));
        // A copy is remembered as well: the paper that it is a copy of may be removed.
        for (const key of [...candidate.keys, ...(await others)]) keys.add(key);
        if (isCopy) continue;
      }
      papers.push(candidate.found);
      for (const key of candidate.keys) keys.add(key);
    }
    return { papers, more, keys: [...keys], old: tooOld(stored, keys.size) };
  }

  /** The keys of papers that are copies of this one, such as its preprint, as a search folds them. */
  async #copiesOf(id: string, title: string, signal: AbortSignal): Promise<string[]> {
    const { hits } = await this.#library.search({ q: title, mode: "lexical", limit: 3 }, { signal });
    const hit = hits.find(({ paper, versions }) => [paper, ...versions].some((one) => one.id === id));
    return hit === undefined ? [] : [hit.paper, ...hit.versions].filter((one) => one.id !== id).flatMap(keysOf);
  }

  /** The keys of the papers that an alert has found, and the rows that hold them with how many each has, oldest first. */
  async #found(id: string): Promise<{ keys: Set<string>; rows: [key: string, count: number][] }> {
    const keys = new Set<string>();
    const rows: [string, number][] = [];
    for (const { key, value } of await this.#library.owned(OWNER, `keys/${id}/`, PAGE)) {
      const held = z.array(z.string()).parse(JSON.parse(value ?? "null"));
      for (const one of held) keys.add(one);
      rows.push([key, held.length]);
    }
    return { keys, rows };
  }

  /** Some papers of the region that a question asks for. */
  async #anchorsOf({ area }: { area?: string | undefined }): Promise<Pick<Stored, "anchors">> {
    if (area === undefined) return {};
    const { labels } = await this.#library.mapMatches({ area });
    const step = Math.ceil(labels.length / 50);
    return { anchors: labels.filter((_, i) => i % step === 0) };
  }

  /** @throws KindredError `invalid` when the map was laid out anew: its regions are somewhere else. */
  async #expectSameMap({ ask: { area }, anchors = [] }: Stored, batch: Batch): Promise<void> {
    if (area === undefined) return;
    const points = await (batch.points ??= this.#points());
    const placed = anchors.flatMap((label) => points.get(label) ?? []).length / 2;
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = area.split(",").map(Number);
    const isIn = ([x, y]: [number, number]) =>
      x >= Math.min(x0, x1) && x <= Math.max(x0, x1) && y >= Math.min(y0, y1) && y <= Math.max(y0, y1);
    const inside = anchors.filter((label) => points.has(label) && isIn(points.get(label)!)).length;
    if (inside < placed / 2)
      throw new KindredError(
        "invalid",
        `area: the map was laid out anew, so that ${area} is another region: choose the region again`,
        { parameter: "area" },
      );
  }

  async #points(): Promise<Map<number, [number, number]>> {
    const { bytes } = await this.#library.mapPoints();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const points = new Map<number, [number, number]>();
    for (let at = 0; at < bytes.byteLength; at += 16)
      points.set(view.getUint32(at, true), [view.getFloat32(at + 4, true), view.getFloat32(at + 8, true)]);
    return points;
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

  #described({ name, alert, state, seen }: Known): Omit<Alert, "to" | "webhooks"> {
    const { id: _id, anchors: _anchors, start: _start, ...shown } = alert;
    const { ran, error, found } = state;
    const next = alert.paused ? null : new Date(this.#dueAt({ alert, state })).toISOString();
    return { name, ...shown, next, ran, error, found, unread: found - seen };
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

/** The oldest rows that are too many, when a number of keys is added. */
function tooOld(rows: readonly [key: string, count: number][], added: number): string[] {
  let kept = added;
  return rows.toReversed().flatMap(([key, count]) => {
    kept += count;
    return kept > REMEMBERED ? [key] : [];
  });
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
const row = (key: string, value: unknown): OwnedRow => ({ owner: OWNER, key, value: JSON.stringify(value) });

function unknown(name: string): never {
  throw new KindredError(
    "not-found",
    `there is no alert called ${name.slice(0, 200)}: "kindred alert list" lists them`,
  );
}
