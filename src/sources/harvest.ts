/** Runs one source: its pages from the saved position on, up to its limit. */
import { z } from "zod";
import { validate } from "../core/validate.js";
import { isLocalHost } from "./addresses.js";
import { Fetcher } from "./fetch.js";
import type { Kind, Page } from "./kind.js";
import type { Network } from "./network.js";

export interface Harvest {
  options: unknown;
  /** What the last saved page had as `saved`; undefined on the first run. */
  saved: unknown;
  network: Network;
  key?: string | undefined;
  contact?: string | undefined;
  signal?: AbortSignal | undefined;
  /** The most milliseconds to wait because a host asks for a pause. */
  patience?: number;
  /** How often a request is tried; six times by default. */
  tries?: number;
}

/** A page, and what is to be stored in the same transaction as its papers. */
export type Harvested = Omit<Page<unknown>, "position"> & {
  /** Undefined: keep what is stored. */
  saved?: unknown;
  /** The walk stopped at the source's limit, and goes on from here when that is raised. */
  stopped?: boolean;
};

type Common = { baseUrl?: string | undefined; private?: boolean | undefined; max: number };

/**
 * The pages since the saved position. The last is `done` or `stopped`; if there is neither, the caller has ended the walk, or
 * an error has.
 *
 * @throws SourceError if the service cannot be read; what was saved so far stays valid.
 */
export async function* harvest<O extends Common, P>(kind: Kind<O, P>, run: Harvest): AsyncGenerator<Harvested> {
  const options = validate(kind.options, run.options);
  const state = z.object({ at: kind.position.optional(), brought: z.number() }).safeParse(run.saved);
  let { at, brought } = state.success ? state.data : { at: undefined, brought: 0 };
  const base = (options.baseUrl ?? kind.base?.(options) ?? "").replace(/\/+$/, "");
  // Who may add sources could otherwise have the key sent to a host of their own.
  const trusted = options.baseUrl === undefined || isLocalHost(new URL(base).hostname);
  const key = trusted ? run.key?.trim() || undefined : undefined;
  const fetcher = new Fetcher({
    network: run.network,
    home: new URL(base === "" ? "file:///" : base),
    private: options.private,
    headers: { ...kind.headers, ...(key === undefined ? {} : kind.keyHeaders?.(key)) },
    secrets: key === undefined ? [] : [key],
    contact: run.contact,
    signal: run.signal,
    tries: run.tries,
    ...(run.patience === undefined ? {} : { patience: run.patience }),
  });
  const context = {
    fetcher,
    base,
    signal: run.signal,
    now: () => run.network.hosts.clock.now(),
    key,
    contact: run.contact,
  };
  const stop = (): Harvested => ({
    count: 0,
    stopped: true,
    remarks: [`stopped after ${brought} records, the limit of this source (${options.max}): raise it to go on`],
  });
  if (brought >= options.max) {
    yield stop();
    return;
  }
  for await (const page of kind.pages(options, at, context)) {
    const { position, ...rest } = page;
    if (page.restarted === true) brought = 0;
    brought += page.count;
    if (position !== undefined) at = position;
    const saved = { at, brought: page.done === true ? 0 : brought };
    yield position === undefined ? rest : { ...rest, saved };
    if (page.done === true) return;
    if (brought >= options.max) {
      yield stop();
      return;
    }
  }
}
