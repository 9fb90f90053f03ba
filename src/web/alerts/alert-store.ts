/** The alerts, the same in every view: what follows a question, and how much each has found. */
import type { Alert, MailState } from "../../api.js";
import { fetchAlerts, runAlert } from "../api/client.js";
import { GONE, Problem } from "../api/http.js";
import { announce } from "../ui/announce.js";
import { count } from "../ui/wording.js";
import { notifying, notifyOf } from "./notifications.js";

/** Milliseconds between two requests while an alert runs. */
const SOON = 1_500;
/** Otherwise it asks when the next alert is due, but not more often, and not less often, than this. */
const OFTEN = 60_000;
const SELDOM = 3_600_000;

export interface Alerts {
  /** By name; null until the server has answered. */
  alerts: readonly Alert[] | null;
  /** Papers found by any alert since they were last marked as seen. */
  unread: number;
  /** What becomes of e-mail addresses that are added; null until the server has answered. */
  mail: MailState | null;
  /** When the server answered, in milliseconds since 1970. */
  at: number;
  problem: Problem | null;
  /** Names of alerts that this page has started, and that may still be running. */
  running: ReadonlySet<string>;
}

/** A run that this page has started. */
interface Started {
  /** What the alert was before. */
  ran: string | null;
  found: number;
  resolve: () => void;
  reject: (problem: Problem) => void;
}

export class AlertStore {
  now: Alerts = { alerts: null, unread: 0, mail: null, at: 0, problem: null, running: new Set() };
  /** Secrets of webhooks by their ids: other clients than those at the server's machine are given one only once. */
  readonly secrets = new Map<string, string>();
  readonly #started = new Map<string, Started>();
  readonly #listeners = new Set<() => void>();
  #asking = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #begun = false;

  /** Calls back on every change; the first call asks the server. @returns A function that ends it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (!this.#begun) {
      this.#begun = true;
      void this.look();
      document.addEventListener("visibilitychange", () => {
        // A missing key is asked for only once.
        if (document.hidden && notifying() !== "on") clearTimeout(this.#timer);
        else if (this.now.problem?.status !== 401) void this.look();
      });
    }
    return () => void this.#listeners.delete(listener);
  }

  /** Asks the server again. */
  async look(): Promise<void> {
    clearTimeout(this.#timer);
    this.#asking.abort();
    const { signal } = (this.#asking = new AbortController());
    try {
      const { alerts, unread, mail } = await fetchAlerts(signal);
      if (signal.aborted) return;
      // What this page has started is announced.
      notifyOf(
        (this.now.alerts ?? []).filter(({ name }) => !this.#started.has(name)),
        alerts,
      );
      this.#settle(alerts);
      this.#show({ alerts, unread, mail, at: Date.now(), problem: null });
    } catch (thrown) {
      if (signal.aborted) return;
      const problem = thrown instanceof Problem ? thrown : new Problem(0, GONE);
      for (const { reject } of this.#started.values()) reject(problem);
      this.#started.clear();
      this.#show({ problem });
    }
    if ((!document.hidden || notifying() === "on") && this.now.problem?.status !== 401)
      this.#timer = setTimeout(() => void this.look(), this.#pause());
  }

  /** Notes an alert as it is after a change by this page, and asks the server again. */
  changed({ webhooks }: Alert): void {
    for (const { id, secret } of webhooks) if (secret !== null) this.secrets.set(id, secret);
    void this.look();
  }

  /** Runs an alert, waits until it has run, and announces what it found. @throws Problem when it has not. */
  async run({ name, ran, found }: Alert): Promise<void> {
    await runAlert(name);
    const ended = new Promise<void>((resolve, reject) => this.#started.set(name, { ran, found, resolve, reject }));
    this.#show({});
    void this.look();
    await ended;
  }

  /** Ends the waiting for runs that have ended. */
  #settle(alerts: readonly Alert[]): void {
    for (const [name, { ran, found, resolve, reject }] of this.#started) {
      const alert = alerts.find((one) => one.name === name);
      if (alert?.running === true) continue;
      this.#started.delete(name);
      if (alert !== undefined && alert.ran === ran) {
        reject(new Problem(0, "It has not run yet: papers are being embedded, or another process runs alerts."));
        continue;
      }
      resolve();
      if (alert === undefined) continue;
      const came = alert.found - found;
      announce(`${name}: ${alert.error ?? (came === 0 ? "nothing new" : count(came, "new paper"))}`);
    }
  }

  #pause(): number {
    const alerts = this.now.alerts ?? [];
    if (this.#started.size > 0 || alerts.some(({ running }) => running)) return SOON;
    const now = Date.now();
    const next = alerts.map((alert) => Date.parse(alert.next ?? "") - now).filter((left) => !Number.isNaN(left));
    return Math.min(SELDOM, Math.max(OFTEN, Math.min(SELDOM, ...next)));
  }

  #show(change: Partial<Alerts>): void {
    this.now = { ...this.now, ...change, running: new Set(this.#started.keys()) };
    for (const listener of this.#listeners) listener();
  }
}
