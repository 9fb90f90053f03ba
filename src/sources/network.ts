/** Connections to services: which addresses may be reached, how long and how much may be waited for. */
import { type LookupOptions, lookup as dnsLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { Agent, type Dispatcher, request } from "undici";
import { isLocalHost, isPrivateAddress, literalAddress } from "./addresses.js";
import { connectionFailure, RefusedAddress } from "./failures.js";
import { CLOCK, type Clock, Hosts } from "./hosts.js";

/** The largest answer, as sent and after decompression. */
const MAX_SENT = 32 * 1024 * 1024;
const MAX_ANSWER = 64 * 1024 * 1024;
/** The largest file that a source of the kind `url` downloads. */
const MAX_DOWNLOAD = 4 * 1024 ** 3;
const CONNECT_TIMEOUT = 15 * 1000;
const HEADERS_TIMEOUT = 90 * 1000;
/** Without a byte of the body. */
const IDLE_TIMEOUT = 60 * 1000;
/** For one answer in all, and for a download. */
const ANSWER_TIMEOUT = 10 * 60 * 1000;

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
  readonly #public: Agent;
  /** Connects anywhere; for hosts that the source itself names. */
  readonly #anywhere: Agent;
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
    this.#public = agent((address) => !isPrivate(address));
    this.#anywhere = agent(() => true);
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

  /**
   * Sends one request, and follows no redirect.
   *
   * @param own Whether the host is the source's own and may be at a private address.
   */
  async send(
    url: URL,
    own: boolean,
    options: Omit<Dispatcher.RequestOptions, "path" | "origin">,
  ): Promise<Dispatcher.ResponseData> {
    const address = literalAddress(url.hostname);
    // Addresses are not looked up, so they are checked here.
    if (!own && address !== undefined && this.options.isPrivate(address))
      throw new RefusedAddress(url.hostname, address);
    return request(url, {
      ...options,
      dispatcher: own ? this.#anywhere : this.#public,
      headersTimeout: this.options.timeouts.headers,
      bodyTimeout: this.options.timeouts.idle,
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#public.destroy(), this.#anywhere.destroy()]);
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
