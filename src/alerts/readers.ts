/**
 * What waits for each reader of alerts, which is an address or a webhook, and when it is tried again. Nothing is queued: a reader
 * is sent the runs of alerts after those that were noted as sent, so a run and what is to be sent of it are stored together.
 */
import { KindredError } from "../core/errors.js";
import type { Paper } from "../core/paper.js";
import { titleKey } from "../core/text.js";
import type { Alerts } from "./alerts.js";
import type { Delivery, Sent } from "./recipients.js";
import type { Known, Library } from "./stored.js";

/**
 * Pauses after a refusal for now, doubled each time, and how long a message is tried, in milliseconds; and the pause before a
 * reader that was given up is tried again: less than a day, so that a daily alert does.
 */
const PAUSE = { first: 5 * 60_000, longest: 6 * 3_600_000, stop: 5 * 86_400_000, stopped: 20 * 3_600_000 };
/** After so many refusals for good, a reader is only tried when it is asked for. */
const MAX_REFUSALS = 3;

/** What sending needs of a `Kindred`. */
export type SendLibrary = Pick<Library, "search" | "owned" | "putOwned" | "jobs"> & {
  paper: (id: string) => Promise<Paper>;
};

export type Reader = {
  id: string;
  address: string;
  delivery: Delivery;
  /** The reader's alerts. */
  alerts: readonly (Known & { due: number })[];
  /** Of each alert with something to send, its state at the last message and now. */
  waiting: { alert: string; before: Sent; upTo: Sent }[];
  /** Papers found by all of the reader's alerts, sent or not. */
  found: number;
};

/** A message was not taken: what was said is for the owner, and `brief` for everybody. `wait` is the pause that was asked for, in milliseconds. */
export type Refusal = { permanent: boolean; said: string; brief: string; wait?: number | undefined };

/**
 * The readers of these subscriptions, and what waits for each.
 *
 * @param evenIfNothing Whether an alert that ran and found nothing is something to send, where it is asked for.
 */
export async function readersOf(
  alerts: Alerts,
  subscriptions: readonly { alert: string; reader: string; address: string }[],
  evenIfNothing: boolean,
): Promise<Reader[]> {
  if (subscriptions.length === 0) return [];
  const byId = new Map((await alerts.known()).map((known) => [known.alert.id, known]));
  const sent = await alerts.recipients.sent();
  const deliveries = await alerts.recipients.deliveries();
  const byReader = new Map<string, { alert: string; address: string }[]>();
  for (const one of subscriptions) byReader.set(one.reader, [...(byReader.get(one.reader) ?? []), one]);
  return [...byReader].map(([id, own]) => {
    const delivery = deliveries.get(id) ?? { last: null, outbox: null, failure: null };
    const known = own.flatMap(({ alert }) => byId.get(alert) ?? []);
    const waiting = known.flatMap((one) => {
      const { number, ran, found, error } = one.state;
      const before = sent.get(`${one.alert.id}/${id}`) ?? { number, ran, found };
      const ranSince = evenIfNothing && one.alert.evenIfNothing && error === null && ran !== null && ran !== before.ran;
      return found > before.found || ranSince ? [{ alert: one.alert.id, before, upTo: { number, ran, found } }] : [];
    });
    const found = known.reduce((sum, { state }) => sum + state.found, 0);
    return { id, address: own[0]!.address, alerts: known, delivery, waiting, found };
  });
}

export const hasSomething = ({ waiting, delivery }: Reader): boolean => waiting.length > 0 || delivery.outbox !== null;

/** When a reader can be tried after its last failure, 0 for at once; null if it is not tried again by itself. */
export function retryAt({ delivery: { failure }, found }: Reader, now: number): number | null {
  if (failure === null) return 0;
  if (failure.permanent && failure.count >= MAX_REFUSALS) return null;
  // It may also be less, when an alert of the reader has ended.
  if (found === failure.found) return null;
  return laterOf(failure.next, now);
}

/** The failure of a reader after one more. @param gives Whether it is given up after days. */
export function failureAfter(
  { delivery: { failure: before }, found }: Reader,
  { permanent, said, brief, wait = 0 }: Refusal,
  gives: boolean,
  now: number,
): NonNullable<Delivery["failure"]> {
  const count = (before?.count ?? 0) + 1;
  const first = before?.first ?? new Date(now).toISOString();
  const stops = permanent || (gives && now - Date.parse(first) >= PAUSE.stop);
  // A longer one could not be told from a clock that was set back.
  const pause = stops ? PAUSE.stopped : Math.min(PAUSE.stopped, Math.max(wait, pauseAfter(count)));
  const next = new Date(now + pause).toISOString();
  return { first, count, permanent, message: said, brief, next, found: stops ? found : null };
}

/** That a reader is not tried again by itself, in words; empty if it is. */
export const givenUp = ({ permanent, count, found }: NonNullable<Delivery["failure"]>): string =>
  permanent
    ? count < MAX_REFUSALS
      ? ""
      : "; given up: only kindred alert run tries it again"
    : found === null
      ? ""
      : `; given up after ${PAUSE.stop / 86_400_000} days, until something new is found`;

/** When something is tried again, or 0 if that is so far away that the clock must have been set back. */
export const laterOf = (next: string, now: number): number =>
  Date.parse(next) > now + PAUSE.stopped + 60_000 ? 0 : Date.parse(next);

/** The pause after so many refusals in a row, in milliseconds. */
export const pauseAfter = (count: number): number => Math.min(PAUSE.longest, PAUSE.first * 2 ** (count - 1));

export const failuresOf = ({ delivery }: Reader): number => delivery.failure?.count ?? 0;

/** A paper that was found; if it was removed, its copy of the same title; otherwise null. */
export async function paperFound(
  library: Pick<SendLibrary, "paper" | "search">,
  { id, title }: { id: string; title: string },
): Promise<Paper | null> {
  try {
    return await library.paper(id);
  } catch (thrown) {
    if (!(thrown instanceof KindredError && thrown.code === "not-found")) throw thrown;
  }
  const signal = new AbortController().signal;
  const { hits } = await library.search({ q: title, mode: "lexical", limit: 3 }, { signal });
  return hits.map(({ paper }) => paper).find((paper) => titleKey(paper.title) === titleKey(title)) ?? null;
}
