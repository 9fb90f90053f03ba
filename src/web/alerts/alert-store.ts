/** The alerts, the same in every view: what follows a question, and how much each has found. */
import type { Alert } from "../../api.js";
import { fetchAlerts, runAlert } from "../api/client.js";
import { GONE, Problem } from "../api/http.js";
import { announce } from "../ui/announce.js";
import { count } from "../ui/wording.js";

/** Milliseconds between two requests while an alert runs. */
const SOON = 1_500;
/** Otherwise it asks when the next alert is due, but not more often, and not less often, than this. */
const OFTEN = 60_000;
const SELDOM = 3_600_000;
/** How long the page waits for a run that it has started. */
const PATIENCE = 20_000;

export interface Alerts {
  /** By name; null until the server has answered. */
  alerts: readonly Alert[] | null;
  /** Papers found by any alert since they were last marked as seen. */
  unread: number;
  /** When the server answered, in milliseconds since 1970. */
  at: number;
  problem: Problem | null;
  /** Names of alerts that this page has started, and that have not run yet. */
  running: ReadonlySet<string>;
}

/** A run that this page has started. */
interface Started {
  /** What the alert was before. */
  ran: string | null;
  found: number;
  /** When it is given up, in milliseconds since 1970. */
  until: number;
  resolve: () => void;
  reject: (problem: Problem) => void;
}

export class AlertStore {
  now: Alerts = { alerts: null, unread: 0, at: 0, problem: null, running: new Set() };
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
        if (document.hidden) clearTimeout(this.#timer);
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
      const { alerts, unread } = await fetchAlerts(signal);
      if (signal.aborted) return;
      this.#settle(alerts);
      this.#show({ alerts, unread, at: Date.now(), problem: null });
    } catch (thrown) {
      if (signal.aborted) return;
      const problem = thrown instanceof Problem ? thrown : new Problem(0, GONE);
      for (const { reject } of this.#started.values()) reject(problem);
      this.#started.clear();
      this.#show({ problem });
    }
    if (!document.hidden && this.now.problem?.status !== 401)
      this.#timer = setTimeout(() => void this.look(), this.#pause());
  }

  /** Runs an alert, waits until it has run, and announces what it found. @throws Problem when it has not. */
  async run({ name, ran, found }: Alert): Promise<void> {
    await runAlert(name);
    const until = Date.now() + PATIENCE;
    const ended = new Promise<void>((resolve, reject) =>
      this.#started.set(name, { ran, found, until, resolve, reject }),
    );
    this.#show({});
    void this.look();
    await ended;
  }

  /** Ends the waiting for runs that have ended, or take too long. */
  #settle(alerts: readonly Alert[]): void {
    for (const [name, { ran, found, until, resolve, reject }] of this.#started) {
      const alert = alerts.find((one) => one.name === name);
      const ended = alert === undefined || alert.ran !== ran;
      if (!ended && Date.now() < until) continue;
      this.#started.delete(name);
      if (ended) resolve();
      else reject(new Problem(0, "It has not run yet: papers are being embedded, or other alerts are running."));
      if (alert === undefined || !ended) continue;
      const came = alert.found - found;
      announce(`${name}: ${alert.error ?? (came === 0 ? "nothing new" : count(came, "new paper"))}`);
    }
  }

  #pause(): number {
    if (this.#started.size > 0) return SOON;
    const now = Date.now();
    const next = (this.now.alerts ?? [])
      .map((alert) => Date.parse(alert.next ?? "") - now)
      .filter((left) => !Number.isNaN(left));
    return Math.min(SELDOM, Math.max(OFTEN, Math.min(SELDOM, ...next)));
  }

  #show(change: Partial<Alerts>): void {
    this.now = { ...this.now, ...change, running: new Set(this.#started.keys()) };
    for (const listener of this.#listeners) listener();
  }
}
