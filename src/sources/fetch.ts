/** Asks services over HTTP: bounded in size and time, politely, and never somewhere the caller did not mean to go. */
import { type LookupOptions, lookup as dnsLookup } from "node:dns";
import { createWriteStream } from "node:fs";
import type { LookupFunction } from "node:net";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, inflateRaw } from "node:zlib";
import { Agent, type Dispatcher, request } from "undici";
import { VERSION } from "../core/version.js";
import { isLocalHost, isPrivateAddress, literalAddress } from "./addresses.js";
import { CLOCK, type Clock, Hosts } from "./hosts.js";
import { SourceError } from "./source-error.js";

/** The largest answer, as sent and after decompression. */
const MAX_SENT = 32 * 1024 * 1024;
const MAX_ANSWER = 64 * 1024 * 1024;
/** The largest file that a source of the kind `url` downloads. */
const MAX_DOWNLOAD = 4 * 1024 ** 3;
const MAX_REDIRECTS = 5;
/** How often one request is tried before its run ends. */
const MAX_TRIES = 6;
/** The longest pause that is waited for. If a host asks for a longer one, the run ends. */
const LONGEST_PAUSE = 60 * 60 * 1000;
/** The first and the longest of the growing pauses after failures for which the host does not name one. */
const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 60_000;
const CONNECT_TIMEOUT = 15 * 1000;
const HEADERS_TIMEOUT = 90 * 1000;
/** Without a byte of the body. */
const IDLE_TIMEOUT = 60 * 1000;
/** For one answer in all, and for a download. */
const ANSWER_TIMEOUT = 10 * 60 * 1000;
const DOWNLOAD_TIMEOUT = 6 * 60 * 60 * 1000;

type Lookup = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: { address: string; family: number }[]) => void,
) => void;

export interface NetworkOptions {
  clock?: Clock;
  /** Between 0 and 1; for the pauses between tries. */
  random?: () => number;
  lookup?: Lookup;
  isPrivate?: (address: string) => boolean;
  /** Milliseconds. */
  timeouts?: Partial<Record<"connect" | "headers" | "idle" | "answer", number>>;
  /** Bytes. */
  limits?: Partial<Record<"sent" | "answer" | "download", number>>;
}

/** Connections and paces, shared by all sources of a process. */
export class Network {
  readonly hosts: Hosts;
  readonly options: Required<Pick<NetworkOptions, "random" | "isPrivate">> & {
    timeouts: Record<"connect" | "headers" | "idle" | "answer", number>;
    limits: Record<"sent" | "answer" | "download", number>;
  };
  /** Connects only to public addresses. */
  readonly public: Agent;
  /** Connects anywhere; for hosts that the source itself names. */
  readonly anywhere: Agent;
  readonly #lookup: Lookup;

  constructor(options: NetworkOptions = {}) {
    const isPrivate = options.isPrivate ?? isPrivateAddress;
    const lookup = options.lookup ?? dnsLookup;
    this.#lookup = lookup;
    this.hosts = new Hosts(options.clock ?? CLOCK);
    this.options = {
      random: options.random ?? Math.random,
      isPrivate,
      timeouts: {
        connect: CONNECT_TIMEOUT,
        headers: HEADERS_TIMEOUT,
        idle: IDLE_TIMEOUT,
        answer: ANSWER_TIMEOUT,
        ...options.timeouts,
      },
      limits: { sent: MAX_SENT, answer: MAX_ANSWER, download: MAX_DOWNLOAD, ...options.limits },
    };
    const agent = (allowed: (address: string) => boolean): Agent =>
      new Agent({
        connect: { lookup: checkedLookup(lookup, allowed), timeout: this.options.timeouts.connect },
        // Services that close idle connections early would otherwise cut the next request.
        keepAliveTimeout: 1_000,
      });
    this.public = agent((address) => !isPrivate(address));
    this.anywhere = agent(() => true);
  }

  /**
   * Whether a host is at a private address now: a source that is added there must say so.
   *
   * @throws SourceError if the name is not found.
   */
  async isPrivateHost(hostname: string): Promise<boolean> {
    if (isLocalHost(hostname)) return true;
    return new Promise((resolve, reject) => {
      this.#lookup(hostname, { all: true }, (error, addresses) => {
        if (error === null) resolve(addresses.some(({ address }) => this.options.isPrivate(address)));
        else reject(connectionFailure(hostname, error).said());
      });
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.public.destroy(), this.anywhere.destroy()]);
  }
}

/** Addresses are checked when a connection is made, so a name cannot point elsewhere after a check. */
const checkedLookup =
  (lookup: Lookup, allowed: (address: string) => boolean): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const refused = addresses?.find(({ address }) => !allowed(address));
      if (error !== null) callback(error, []);
      else if (refused !== undefined) callback(new RefusedAddress(hostname, refused.address), []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };

class RefusedAddress extends Error {
  constructor(
    readonly hostname: string,
    readonly address: string,
  ) {
    super(`${hostname} is at the private address ${address}`);
  }
}

export interface FetcherOptions {
  network: Network;
  /** The address of the source. Keys are sent to its host and port only. */
  home: URL;
  /** Whether the source is on this machine or a private network: then its host and port may be at private addresses. */
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
}

export interface Ask {
  /** What the answer must be. `json` is parsed. */
  expect: "json" | "xml" | "any";
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

/** A failure of one try. */
class Failure extends Error {
  constructor(
    message: string,
    readonly options: { again: boolean; status?: number; wait?: number | undefined; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
  }

  said(): SourceError {
    return new SourceError(this.message, { cause: this });
  }
}

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
        await pipeline(
          answer.body,
          async function* (body: AsyncIterable<Buffer>) {
            for await (const bytes of body) {
              size += bytes.length;
              if (size > limit) throw tooLarge(sentTo, limit);
              yield bytes;
            }
          },
          createWriteStream(path),
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
      if ("answer" in failure) return failure.answer;
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
      if (tries === (ask.tries ?? MAX_TRIES))
        throw this.#error(tries === 1 ? message : `${message}: given up after ${tries} tries`, how);
      const delay = options.random() * Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** tries);
      if ((how.wait ?? 0) < delay) await this.clock.sleep(delay, signal);
    }
  }

  /** The answer after redirects. */
  async #follow(
    start: URL,
    ask: Ask,
    signal: AbortSignal,
  ): Promise<{ answer: Dispatcher.ResponseData; headers: Record<string, string>; sentTo: URL }> {
    const { timeouts } = this.#network.options;
    let url = start;
    for (let redirects = 0; ; redirects++) {
      const own = url.origin === this.#options.home.origin;
      const answer = await request(url, {
        dispatcher: this.#dispatcher(url),
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
        headersTimeout: timeouts.headers,
        bodyTimeout: timeouts.idle,
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

  /** @throws Failure if the URL itself names a private address that is not the source's own. */
  #dispatcher(url: URL): Dispatcher {
    const { home } = this.#options;
    if (url.host === home.host && (this.#options.private === true || isLocalHost(home.hostname)))
      return this.#network.anywhere;
    const address = literalAddress(url.hostname);
    if (address !== undefined && this.#network.options.isPrivate(address)) throw refusedAddress(url.hostname, address);
    return this.#network.public;
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

const refusedAddress = (hostname: string, address: string): Failure =>
  new Failure(
    `${hostname === address || hostname === `[${address}]` ? address : `${hostname} (${address})`} is on this machine or a ` +
      "private network, and is not the address of the source: it is not asked. If the source itself is there, add it as private",
    { again: false },
  );

const tooLarge = ({ hostname }: URL, limit: number): Failure =>
  new Failure(`${hostname} sent more than ${Math.floor(limit / 1024 ** 2)} MB in one answer: ask for less`, {
    again: false,
  });

const TLS = /CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO_|EPROTO/;

function connectionFailure(hostname: string, thrown: unknown): Failure {
  const chain: unknown[] = [];
  for (let error = thrown; error instanceof Error && chain.length < 5; error = error.cause) {
    chain.push(error);
    if (error instanceof AggregateError) chain.push(...(error.errors as unknown[]));
  }
  const refused = chain.find((error) => error instanceof RefusedAddress);
  if (refused !== undefined) return refusedAddress(refused.hostname, refused.address);
  const codes = chain.map((error) => (error as NodeJS.ErrnoException).code ?? "");
  const has = (code: RegExp): boolean => codes.some((one) => code.test(one));
  const failed = (words: string, again = true): Failure =>
    new Failure(`${hostname} ${words}`, { again, cause: thrown });
  if (has(/ENOTFOUND|EAI_/)) return failed("is not found: check the name, and whether this machine is online");
  if (has(/ECONNREFUSED/)) return failed("refuses the connection: is the service running?");
  if (has(TLS)) return failed(`has no valid certificate (${codes.find((code) => TLS.test(code))})`, false);
  if (has(/CONNECT_TIMEOUT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/)) return failed("cannot be reached");
  if (has(/HEADERS_TIMEOUT/)) return failed("does not answer");
  if (has(/BODY_TIMEOUT/)) return failed("stopped in the middle of an answer");
  if (has(/ENOSPC|EACCES|EROFS/)) throw thrown;
  return failed("cut the connection");
}

/** @returns the bytes without HTTP compression. @throws Failure if they are damaged or too many. */
async function decompress(bytes: Buffer, encoding = "identity", url: URL, limit: number): Promise<Buffer> {
  const options = { maxOutputLength: limit };
  const ways: Record<string, (bytes: Buffer) => Promise<Buffer>> = {
    identity: (plain) => Promise.resolve(plain),
    gzip: (packed) => promisify<Buffer, object, Buffer>(gunzip)(packed, options),
    br: (packed) => promisify<Buffer, object, Buffer>(brotliDecompress)(packed, options),
    // Some servers send deflate without its header.
    deflate: (packed) =>
      promisify<Buffer, object, Buffer>(((packed[0] ?? 0) & 0x0f) === 8 ? inflate : inflateRaw)(packed, options),
  };
  const way = ways[encoding.trim().toLowerCase().replace(/^x-/, "")];
  if (way === undefined)
    throw new Failure(`${url.hostname} sent the unknown content encoding "${encoding.slice(0, 40)}"`, { again: false });
  try {
    return await way(bytes);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(url, limit);
    throw new Failure(`${url.hostname} sent compressed data that is cut off or damaged`, { again: true, cause });
  }
}

const isHtml = (head: string): boolean =>
  /^\s*(?:<!--[^]*?-->\s*)*<(?:!doctype\s+html|html|head|body)[\s>]/i.test(head);

/** The parsed JSON, if that was expected. @throws Failure if the answer is something else than expected. */
function understood(expect: Ask["expect"], bytes: Buffer, headers: Record<string, string>, { hostname }: URL): unknown {
  if (expect === "any") return undefined;
  const wanted = expect.toUpperCase();
  const head = bytes.subarray(0, 1000).toString();
  if (isHtml(head.replace(/^\uFEFF/, "")))
    throw new Failure(`${hostname} answered with a web page instead of ${wanted}: is there a login page in between?`, {
      again: false,
    });
  if (expect === "xml") {
    if (!/^\uFEFF?\s*</.test(head) && bytes.length > 0 && (bytes[0] ?? 0) < 0x80)
      throw new Failure(`${hostname} answered with something else than XML: ${excerptOf(head)}`, { again: false });
    return undefined;
  }
  const text = bytes.toString().replace(/^\uFEFF/, "");
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const type = headers["content-type"] ?? "no type";
    const json = /^\s*[[{]/.test(head);
    throw new Failure(
      json
        ? `${hostname} sent JSON that is cut off or damaged`
        : `${hostname} answered with something else than JSON (${type.slice(0, 60)}): ${excerptOf(head)}`,
      { again: json || bytes.length === 0, cause },
    );
  }
}

const excerptOf = (text: string): string => {
  const plain = text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim();
  return plain.length > 200 ? `${plain.slice(0, 200)}...` : plain;
};

/** What a service says about an error, in any of the forms that they use; "" for a web page. */
export function messageIn(bytes: Buffer): string {
  const text = bytes.subarray(0, 20_000).toString();
  if (isHtml(text)) return "";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return excerptOf(text.replaceAll(/<[^>]*>/g, " "));
  }
  return excerptOf(wordsIn(value, 0));
}

function wordsIn(value: unknown, depth: number): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || depth > 4) return "";
  if (Array.isArray(value)) return value.map((one) => wordsIn(one, depth + 1)).find((words) => words !== "") ?? "";
  const fields = value as Record<string, unknown>;
  for (const name of ["message", "errMsg", "title", "detail", "error", "errors"]) {
    const words = wordsIn(fields[name], depth + 1);
    if (words !== "") return words;
  }
  return "";
}

/** A number of seconds, also with a fraction. */
const secondsIn = (value: string | undefined): number | undefined =>
  value !== undefined && /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : undefined;

/** The milliseconds that a host asks to wait: `Retry-After` in seconds or as a date, or the reset of its rate limit. */
export function waitAsked(status: number, headers: Record<string, string>, now: number): number | undefined {
  const after = headers["retry-after"];
  const seconds = secondsIn(after);
  if (seconds !== undefined) return seconds * 1000;
  const date = after === undefined ? NaN : Date.parse(after);
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  if (status !== 429) return undefined;
  const reset = /(?:^|;)\s*t=(\d+)/.exec(headers["ratelimit"] ?? "")?.[1] ?? headers["x-ratelimit-reset"];
  const left = secondsIn(reset);
  // Some hosts give the time itself.
  return left === undefined || left > 86_400 ? undefined : (left + 1) * 1000;
}
