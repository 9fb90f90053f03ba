/** How often each host is asked. All sources of a process share one `Hosts`, so that a limit holds for all together. */
import { setTimeout } from "node:timers/promises";
import { isLocalHost } from "./addresses.js";
import { SourceError } from "./source-error.js";

/** The time, and a way to wait, so that tests need not. */
export interface Clock {
  /** Milliseconds since 1970. */
  now: () => number;
  /** @throws the signal's reason when it is aborted. */
  sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

export const CLOCK: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal });
  },
};

/**
 * The least milliseconds between two requests, from the services' documents. A name stands for all hosts below it:
 * arXiv's limit is one for its OAI interface, its API and its feeds together.
 */
const PACES: Record<string, number> = {
  "arxiv.org": 3_000,
  "huggingface.co": 600,
  "api.openalex.org": 100,
  "api.semanticscholar.org": 1_100,
  "api.crossref.org": 200,
  // Three a second without a key; exact thirds are refused at times.
  "eutils.ncbi.nlm.nih.gov": 370,
  "www.ebi.ac.uk": 500,
  "api.biorxiv.org": 1_000,
  "dblp.org": 2_000,
  "api.zotero.org": 500,
  "api.datacite.org": 600,
};
/** Of hosts that are not listed. */
const OTHER_PACE = 1_000;

/** The host, or the entry of the table that it belongs to. */
export function paceOf(hostname: string): { group: string; pace: number } {
  const listed = Object.entries(PACES).find(([name]) => hostname === name || hostname.endsWith(`.${name}`));
  if (listed !== undefined) return { group: listed[0], pace: listed[1] };
  return { group: hostname, pace: isLocalHost(hostname) ? 0 : OTHER_PACE };
}

interface Host {
  /** Settles when the request before has ended. */
  last: Promise<void>;
  /** No request before this time. */
  next: number;
}

export class Hosts {
  readonly #hosts = new Map<string, Host>();

  constructor(readonly clock: Clock = CLOCK) {}

  #host(hostname: string): Host & { pace: number } {
    const { group, pace } = paceOf(hostname);
    let host = this.#hosts.get(group);
    if (host === undefined) this.#hosts.set(group, (host = { last: Promise.resolve(), next: 0 }));
    return Object.assign(host, { pace });
  }

  /**
   * Runs `work` when it is the turn of this host: one request at a time, with its pace between them.
   *
   * @param patience The most milliseconds to wait because the host asked for a pause.
   * @throws SourceError if the host asked for a longer pause.
   */
  async turn<T>(
    hostname: string,
    patience: number,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    const host = this.#host(hostname);
    const before = host.last;
    let ended = (): void => {};
    host.last = new Promise((resolve) => (ended = resolve));
    try {
      await abortable(before, signal);
    } catch (thrown) {
      // Those that wait after this one still wait for those before it.
      void before.then(ended);
      throw thrown;
    }
    try {
      const wait = host.next - this.clock.now();
      if (wait > patience) throw SourceError.later(hostname, host.next, this.clock.now());
      if (wait > 0) await this.clock.sleep(wait, signal);
      host.next = this.clock.now() + host.pace;
      return await work();
    } finally {
      ended();
    }
  }

  /** The host asked for a pause: no source asks it before `until`. */
  pause(hostname: string, until: number): void {
    const host = this.#host(hostname);
    host.next = Math.max(host.next, until);
  }
}

async function abortable(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
