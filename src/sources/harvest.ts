/** Runs one source: its pages from the saved position on, up to its limit. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { validate } from "../core/validate.js";
import { isLocalHost } from "./addresses.js";
import { Fetcher, type FetcherOptions } from "./fetch.js";
import type { Context, Kind, Page } from "./kind.js";
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
  onWaiting?: FetcherOptions["onWaiting"];
}

/** A page, and what is to be stored in the same transaction as its papers. */
export type Harvested = Omit<Page<unknown>, "position"> & {
  /** Undefined: keep what is stored. */
  saved?: unknown;
  /** The run stopped at the source's limit, and the next goes on from here. */
  stopped?: boolean;
};

const contactSchema = z.email().max(200).optional();

/** What asks one service. @param run.key Sent to the host of `base`. */
export function contextOf(
  kind: Pick<Kind<never, never>, "headers" | "keyHeaders">,
  base: string,
  run: Pick<Harvest, "network" | "key" | "contact" | "signal" | "patience" | "tries" | "onWaiting"> & {
    private?: boolean | undefined;
  },
): Context {
  const { network, key, signal, patience, tries, onWaiting } = run;
  const contact = validate(contactSchema, run.contact);
  const fetcher = new Fetcher({
    network,
    home: new URL(base === "" ? "file:///" : base),
    private: run.private,
    headers: { ...kind.headers, ...(key === undefined ? {} : kind.keyHeaders?.(key)) },
    secrets: key === undefined ? [] : [key],
    contact,
    signal,
    tries,
    onWaiting,
    ...(patience === undefined ? {} : { patience }),
  });
  return { fetcher, base, signal, now: () => network.hosts.clock.now(), key, contact };
}

type Common = { baseUrl?: string | undefined; private?: boolean | undefined; max: number };

/** A kind of which only its name is known: `harvest` validates the options and the position. */
export type AnyKind = Kind<Common, unknown>;

/** What is asked for: a position holds for this only. */
function identityOf({ baseUrl: _base, private: _private, max: _max, ...options }: Common): string {
  return createHash("sha256").update(JSON.stringify(options)).digest("hex").slice(0, 16);
}

/**
 * The pages since the saved position, or all if what is asked for has changed. The last is `done` or `stopped`; if there is
 * neither, the caller has ended the walk, or an error has.
 *
 * @throws SourceError if the service cannot be read; what was saved so far stays valid.
 */
export async function* harvest<O extends Common, P>(kind: Kind<O, P>, run: Harvest): AsyncGenerator<Harvested> {
  const options = validate(kind.options, run.options);
  const of = identityOf(options);
  const state = z.object({ of: z.literal(of), at: kind.position.optional() }).safeParse(run.saved);
  let at = state.success ? state.data.at : undefined;
  const base = (options.baseUrl ?? kind.base?.(options) ?? "").replace(/\/+$/, "");
  // Otherwise a person who may add sources could have the key sent to a host of their own.
  const trusted = options.baseUrl === undefined || isLocalHost(new URL(base).hostname);
  const key = trusted ? run.key?.trim() || undefined : undefined;
  const context = contextOf(kind, base, {
    ...run,
    key,
    private: options.private === true || (options.baseUrl === undefined && kind.local?.(options) === true),
  });
  /** Records of this run. */
  let brought = 0;
  for await (const page of kind.pages(options, at, context)) {
    const { position, ...rest } = page;
    if (page.restarted === true) brought = 0;
    brought += page.count;
    if (position !== undefined) at = position;
    const saved = { of, at };
    yield position === undefined ? rest : { ...rest, saved };
    if (page.done === true) return;
    if (brought >= options.max) {
      const reason = `stopped after ${brought} records, the limit of this source (${options.max}) for one run`;
      yield {
        count: 0,
        stopped: true,
        remarks: [`${reason}: the next run goes on from here; raise it to bring more at once`],
      };
      return;
    }
  }
}
