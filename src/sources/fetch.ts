/** Asks services over HTTP: bounded in size and time, politely, and never somewhere the caller did not mean to go. */
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Dispatcher } from "undici";
import { VERSION } from "../core/version.js";
import {
  damaged,
  decompress,
  type Expected,
  messageIn,
  secondsIn,
  understood,
  unpacker,
  waitAsked,
} from "./answers.js";
import { connectionFailure, Failure, tooLarge } from "./failures.js";
import type { Clock } from "./hosts.js";
import type { Network } from "./network.js";
import { SourceError } from "./source-error.js";

const MAX_REDIRECTS = 5;
/** How often one request is tried before its run ends. */
const MAX_TRIES = 6;
/** The longest pause that is waited for. If a host asks for a longer one, the run ends. */
const LONGEST_PAUSE = 60 * 60 * 1000;
/** The first and the longest of the growing pauses after failures for which the host does not name one. */
const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 60_000;
const DOWNLOAD_TIMEOUT = 6 * 60 * 60 * 1000;

export interface FetcherOptions {
  network: Network;
  /** The address of the source. Keys are sent to its host and port only. */
  home: URL;
  /** Whether the source is on this machine or a private network. Otherwise only public addresses are asked. */
  private?: boolean | undefined;
  /** Headers that are sent to the source's own host and port only, such as keys. */
  headers?: Record<string, string>;
  /** Texts that never appear in a message. */
  secrets?: readonly string[];
  /** An e-mail address that services can write to. Not sent if there is none. */
  contact?: string | undefined;
  signal?: AbortSignal | undefined;
  /** The most milliseconds to wait because a host asks for a pause: at most an hour, which is the default. */
  patience?: number;
  /** How often a request is tried; six times by default. */
  tries?: number | undefined;
  /** Called before a pause after which a request is tried again, and with null when it has succeeded. */
  onWaiting?: ((waiting: Retry | null) => void) | undefined;
}

/** A request that has failed, and is tried again. */
export interface Retry {
  /** Names the host. */
  reason: string;
  /** When, in milliseconds since 1970. */
  at: number;
  /** Which try that will be, and how many there are. */
  nth: number;
  of: number;
}

export interface Ask {
  /** What the answer must be. `json` is parsed. */
  expect: Expected;
  /** Sent as a form, with POST. */
  form?: Record<string, string>;
  headers?: Record<string, string>;
  /** What an earlier answer said about its version, to be told if nothing has changed. */
  validators?: Validators | undefined;
  /** How often it is tried: once if a second try would get something else. */
  tries?: number;
}

export interface Validators {
  etag?: string | undefined;
  lastModified?: string | undefined;
}

export interface Answer {
  /** Whether nothing has changed since the validators: then there are no bytes. */
  unchanged: boolean;
  /** Names in lower case. */
  headers: Record<string, string>;
  bytes: Buffer;
  /** Parsed, if JSON was expected. */
  json: unknown;
}

/** The version of an answer, to ask for it again only when it has changed. */
export const validatorsOf = ({ headers }: Pick<Answer, "headers">): Validators => ({
  etag: headers["etag"],
  lastModified: headers["last-modified"],
});

/** Asks one source's service. */
export class Fetcher {
  readonly #options: FetcherOptions;
  readonly #network: Network;

  constructor(options: FetcherOptions) {
    this.#options = options;
    this.#network = options.network;
  }

  get clock(): Clock {
    return this.#network.hosts.clock;
  }

  /**
   * The whole answer. Tried again, with growing pauses, after failures that may pass: 408, 429, 5xx, connection errors and
   * answers that were cut off.
   *
   * @throws SourceError that names the host, but no query, after the last try.
   */
  async ask(url: URL, ask: Ask): Promise<Answer> {
    return this.#tries(url, ask, async ({ answer, headers, sentTo }) => {
      if (answer.statusCode === 304) {
        await answer.body.dump();
        return { unchanged: true, headers, bytes: Buffer.alloc(0), json: undefined };
      }
      const bytes = await this.#whole(answer, headers, sentTo);
      if (answer.statusCode >= 300) throw this.#refusal(answer.statusCode, headers, bytes);
      return { unchanged: false, headers, bytes, json: understood(ask.expect, bytes, headers, sentTo) };
    });
  }

  /** Writes an answer of any size to a file. @returns its headers, and whether it has not changed. */
  async download(
    url: URL,
    path: string,
    ask: Pick<Ask, "validators">,
  ): Promise<{ headers: Record<string, string>; unchanged: boolean }> {
    return this.#tries(
      url,
      { expect: "any", ...ask },
      async ({ answer, headers, sentTo }) => {
        if (answer.statusCode === 304) {
          await answer.body.dump();
          return { headers, unchanged: true };
        }
        if (answer.statusCode >= 300)
          throw this.#refusal(answer.statusCode, headers, await this.#whole(answer, headers, sentTo));
        const limit = this.#network.options.limits.download;
        let size = 0;
        const counted = async function* (body: AsyncIterable<Buffer>) {
          for await (const bytes of body) {
            size += bytes.length;
            if (size > limit) throw tooLarge(sentTo, limit);
            yield bytes;
          }
        };
        const unpacked = unpacker(headers["content-encoding"]);
        await pipeline(answer.body, unpacked, counted, createWriteStream(path)).catch(
          (thrown: NodeJS.ErrnoException) => {
            throw thrown.code?.startsWith("Z_") === true ? damaged(sentTo, thrown) : thrown;
          },
        );
        return { headers, unchanged: false };
      },
      DOWNLOAD_TIMEOUT,
    );
  }

  async #tries<T>(
    url: URL,
    ask: Ask,
    read: (got: { answer: Dispatcher.ResponseData; headers: Record<string, string>; sentTo: URL }) => Promise<T>,
    timeout = this.#network.options.timeouts.answer,
  ): Promise<T> {
    const { signal } = this.#options;
    const patience = Math.min(this.#options.patience ?? LONGEST_PAUSE, LONGEST_PAUSE);
    const { hosts, options } = this.#network;
    const most = ask.tries ?? this.#options.tries ?? MAX_TRIES;
    for (let tries = 1; ; tries++) {
      const failure = await hosts
        .turn(url.hostname, patience, signal, async () => {
          const limit = AbortSignal.timeout(timeout);
          try {
            return await read(await this.#follow(url, ask, AbortSignal.any([limit, ...(signal ? [signal] : [])])));
          } catch (thrown) {
            if (signal?.aborted === true) throw thrown;
            if (limit.aborted)
              throw new Failure(`${url.hostname} took longer than ${timeout / 1000} seconds for one answer`, {
                again: true,
              });
            throw thrown;
          }
        })
        .then(
          (answer) => ({ answer }),
          (thrown: unknown) => {
            if (signal?.aborted === true || thrown instanceof SourceError) throw thrown;
            return { failure: thrown instanceof Failure ? thrown : connectionFailure(url.hostname, thrown) };
          },
        );
      if ("answer" in failure) {
        if (tries > 1) this.#options.onWaiting?.(null);
        return failure.answer;
      }
      const { message, options: how } = failure.failure;
      const now = this.clock.now();
      if (how.wait !== undefined) {
        hosts.pause(url.hostname, now + how.wait);
        if (how.wait > patience) {
          const later = SourceError.later(url.hostname, now + how.wait, now);
          throw this.#error(`${message}. ${later.message}`, { ...how, retryAt: now + how.wait });
        }
      }
      if (!how.again) throw this.#error(message, how);
      if (tries === most) throw this.#error(tries === 1 ? message : `${message}: given up after ${tries} tries`, how);
      const delay = options.random() * Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** tries);
      const at = now + Math.max(delay, how.wait ?? 0);
      this.#options.onWaiting?.({ reason: this.#redacted(message), at, nth: tries + 1, of: most });
      if ((how.wait ?? 0) < delay) await this.clock.sleep(delay, signal);
    }
  }

  /** The answer after redirects. */
  async #follow(
    start: URL,
    ask: Ask,
    signal: AbortSignal,
  ): Promise<{ answer: Dispatcher.ResponseData; headers: Record<string, string>; sentTo: URL }> {
    let url = start;
    for (let redirects = 0; ; redirects++) {
      const own = url.origin === this.#options.home.origin;
      const answer = await this.#network.send(url, this.#mayBePrivate(url), {
        method: ask.form === undefined ? "GET" : "POST",
        headers: {
          "user-agent": userAgent(this.#options.contact),
          accept: ACCEPT[ask.expect],
          "accept-encoding": ask.expect === "any" ? "identity" : "gzip, deflate, br",
          ...(ask.form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
          ...(ask.validators?.etag === undefined ? {} : { "if-none-match": ask.validators.etag }),
          ...(ask.validators?.lastModified === undefined ? {} : { "if-modified-since": ask.validators.lastModified }),
          ...(own ? { ...this.#options.headers, ...ask.headers } : {}),
        },
        body: ask.form === undefined ? null : new URLSearchParams(ask.form).toString(),
        signal,
      });
      const headers = Object.fromEntries(
        Object.entries(answer.headers).map(([name, value]) => [name, String(Array.isArray(value) ? value[0] : value)]),
      );
      const backoff = secondsIn(headers["backoff"]);
      if (backoff !== undefined) this.#network.hosts.pause(url.hostname, this.clock.now() + backoff * 1000);
      const location = headers["location"];
      if (![301, 302, 303, 307, 308].includes(answer.statusCode) || location === undefined)
        return { answer, headers, sentTo: url };
      await answer.body.dump();
      if (redirects === MAX_REDIRECTS)
        throw new Failure(`${start.hostname} redirects more than ${MAX_REDIRECTS} times`, { again: false });
      const next = redirected(url, location);
      // What a form holds, such as a key, stays with its host.
      if (ask.form !== undefined && next.origin !== url.origin)
        throw new Failure(`${url.hostname} redirects a form to ${next.hostname}, which is not followed`, {
          again: false,
        });
      url = next;
    }
  }

  #mayBePrivate(url: URL): boolean {
    const { home } = this.#options;
    return this.#options.private === true && url.host === home.host;
  }

  async #whole(answer: Dispatcher.ResponseData, headers: Record<string, string>, url: URL): Promise<Buffer> {
    const { sent: limit, answer: unpacked } = this.#network.options.limits;
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw tooLarge(url, limit);
      chunks.push(chunk);
    }
    return decompress(Buffer.concat(chunks), headers["content-encoding"], url, unpacked);
  }

  #refusal(status: number, headers: Record<string, string>, bytes: Buffer): Failure {
    const again = status === 408 || status === 429 || status >= 500;
    const said = this.#redacted(messageIn(bytes));
    const host = this.#options.home.hostname;
    const words = said === "" ? "" : `: ${said}`;
    return new Failure(`${host} answered with status ${status}${words}`, {
      again,
      status,
      wait: again ? waitAsked(status, headers, this.clock.now()) : undefined,
    });
  }

  #error(
    message: string,
    { again, ...options }: { again: boolean; status?: number; retryAt?: number; cause?: unknown },
  ): SourceError {
    return new SourceError(this.#redacted(message), { passing: again, ...options });
  }

  #redacted(text: string): string {
    return (this.#options.secrets ?? [])
      .filter((secret) => secret !== "")
      .reduce((shown, secret) => shown.replaceAll(secret, "..."), text);
  }
}

const ACCEPT = {
  json: "application/json",
  xml: "application/xml, text/xml, application/atom+xml, application/rss+xml;q=0.9, */*;q=0.5",
  any: "*/*",
} as const;

export const userAgent = (contact: string | undefined): string =>
  `Kindred/${VERSION}${contact === undefined ? "" : ` (mailto:${contact})`}`;

/** Where a redirect leads. @throws Failure if it must not be followed. */
export function redirected(from: URL, location: string): URL {
  const refuse = (why: string): Failure =>
    new Failure(`${from.hostname} redirects ${why}, which is not followed`, { again: false });
  let next: URL;
  try {
    next = new URL(location, from);
  } catch (cause) {
    throw new Failure(`${from.hostname} redirects to an invalid address`, { again: false, cause });
  }
  if (next.protocol !== "https:" && next.protocol !== "http:") throw refuse(`to the protocol ${next.protocol}`);
  if (from.protocol === "https:" && next.protocol === "http:") throw refuse("from https to http");
  if (next.username !== "" || next.password !== "") throw refuse("to an address with a password");
  return next;
}
