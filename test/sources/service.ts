/** Local HTTP servers that speak a service's protocol, with faults in it, and a clock that does not wait. */
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { readPapers } from "../../src/formats/index.js";
import type { Clock } from "../../src/sources/hosts.js";
import { type Harvest, type Harvested, harvest } from "../../src/sources/harvest.js";
import type { Kind } from "../../src/sources/kind.js";
import { Network, type NetworkOptions } from "../../src/sources/network.js";
import { SourceError } from "../../src/sources/source-error.js";

/** Waiting passes at once, and is written down. */
export class TestClock implements Clock {
  readonly waits: number[] = [];

  constructor(public time = Date.parse("2026-11-30T08:00:00Z")) {}

  now = (): number => this.time;

  sleep = (milliseconds: number, signal: AbortSignal | undefined): Promise<void> => {
    signal?.throwIfAborted();
    this.waits.push(milliseconds);
    this.time += milliseconds;
    return Promise.resolve();
  };
}

/** Numbers between 0 and 1 from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Buffer | object;
}

export interface Asked {
  url: URL;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  /** The fields of a form. */
  form: URLSearchParams;
  method: string;
}

export type Answers = (asked: Asked) => Reply | ((response: ServerResponse) => void);

export class Service {
  readonly asked: Asked[] = [];
  /** Makes the next answers fail. */
  fault: (() => Fault | undefined) | undefined;

  private constructor(
    private readonly server: Server,
    readonly base: string,
  ) {}

  static async start(answers: Answers, clock?: Clock): Promise<Service> {
    const server = createServer((request, response) => {
      void (async () => {
        const parts: Buffer[] = [];
        for await (const part of request) parts.push(part as Buffer);
        const url = new URL(request.url ?? "/", `http://${request.headers.host}`);
        const asked: Asked = {
          url,
          query: url.searchParams,
          headers: request.headers,
          form: new URLSearchParams(Buffer.concat(parts).toString()),
          method: request.method ?? "",
        };
        service.asked.push(asked);
        const fault = service.fault?.();
        const reply = answers(asked);
        if (typeof reply === "function") reply(response);
        else send(response, reply, fault, clock);
      })();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const service = new Service(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return service;
  }

  get paths(): string[] {
    return this.asked.map(({ url }) => url.pathname + decodeURIComponent(url.search));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export type Fault = "503" | "503 after" | "500" | "429 date" | "cut" | "reset" | "gzip cut" | "408";
export const FAULTS: readonly Fault[] = ["503", "503 after", "500", "429 date", "cut", "reset", "gzip cut", "408"];

function send(response: ServerResponse, reply: Reply, fault: Fault | undefined, clock: Clock | undefined): void {
  const { status = 200, headers = {}, body = "" } = reply;
  const bytes =
    typeof body === "string" || Buffer.isBuffer(body) ? Buffer.from(body as string) : Buffer.from(JSON.stringify(body));
  const date = { date: new Date(clock?.now() ?? Date.now()).toUTCString() };
  const type = typeof body === "object" && !Buffer.isBuffer(body) ? { "content-type": "application/json" } : {};
  switch (fault) {
    case "503":
      response.writeHead(503, date).end("<html><body>Down</body></html>");
      return;
    case "503 after":
      response.writeHead(503, { ...date, "retry-after": "12.5" }).end("<html><body>Down</body></html>");
      return;
    case "500":
      response.writeHead(500, date).end();
      return;
    case "408":
      response.writeHead(408, date).end();
      return;
    case "429 date":
      response
        .writeHead(429, { ...date, "retry-after": new Date((clock?.now() ?? 0) + 30_000).toUTCString() })
        .end("Rate exceeded.");
      return;
    case "cut":
      response.writeHead(status, { ...date, ...type, ...headers, "content-length": String(bytes.length + 10) });
      response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
      return;
    case "reset":
      response.destroy();
      return;
    case "gzip cut": {
      const packed = gzipSync(bytes);
      response.writeHead(status, { ...date, ...type, ...headers, "content-encoding": "gzip" });
      response.end(packed.subarray(0, packed.length - 9));
      return;
    }
    default:
      response.writeHead(status, { ...date, ...type, ...headers }).end(bytes);
  }
}

/** Runs with a network of its own, which is closed afterwards. */
export async function withNetwork<T>(options: NetworkOptions, work: (network: Network) => Promise<T>): Promise<T> {
  const network = new Network({ random: () => 0.5, ...options });
  try {
    return await work(network);
  } finally {
    await network.close();
  }
}

/** The papers of a page by a key, as a library would hold them. */
export type Read = (page: Harvested) => Promise<[key: string, paper: string][]>;

/** With the readers of `formats`: papers by their DOI, arXiv id, id or title. */
export const readRecords: Read = async ({ bytes }) => {
  const found: [string, string][] = [];
  if (bytes === undefined) return found;
  const all = bytes instanceof Uint8Array ? (async function* () { yield bytes; })() : bytes; // prettier-ignore
  for await (const reading of readPapers(all)) {
    assert.notEqual(reading.kind, "problem", JSON.stringify(reading));
    if (reading.kind !== "paper") continue;
    const { paper } = reading;
    found.push([paper.doi ?? paper.arxiv ?? paper.id ?? paper.title, JSON.stringify(paper)]);
  }
  return found;
};

/** Papers by the service's own keys, of which each line has one. */
export const readKeys: Read = (page) => {
  const lines = textOf(page)
    .split("\n")
    .filter((line) => line !== "");
  assert.equal(lines.length, page.count);
  return Promise.resolve(lines.map((line, i) => [page.keys![i]!, line]));
};

/** What a library has after some runs. */
export class Shelf {
  readonly papers = new Map<string, string>();
  /** Keys of the papers that came, in this order, also repeatedly. */
  readonly came: string[] = [];
  readonly remarks: string[] = [];
  saved: unknown;
  runs = 0;

  /**
   * One run.
   *
   * @param killAfter Ends after so many pages, and loses the last of them with its position, like a kill before a commit.
   * @returns how the run ended.
   */
  async run<O extends { max: number }, P>(
    kind: Kind<O, P>,
    run: Omit<Harvest, "saved">,
    read: Read,
    killAfter = Infinity,
  ): Promise<"done" | "stopped" | "killed"> {
    this.runs++;
    let pages = 0;
    for await (const page of harvest(kind, { ...run, saved: this.saved })) {
      if (++pages > killAfter) return "killed";
      const papers = await read(page);
      for (const [key, paper] of papers) {
        this.papers.set(key, paper);
        this.came.push(key);
      }
      for (const key of page.deleted ?? []) this.papers.delete(key);
      if (page.existing !== undefined)
        for (const key of this.papers.keys()) if (!page.existing.includes(key)) this.papers.delete(key);
      this.remarks.push(...(page.remarks ?? []));
      if (page.saved !== undefined) this.saved = JSON.parse(JSON.stringify(page.saved));
      if (page.done === true) return "done";
      if (page.stopped === true) return "stopped";
    }
    throw new Error("the walk ended without a word");
  }
}

export interface Trial<O extends { max: number }, P> {
  kind: Kind<O, P>;
  options: Record<string, unknown>;
  answers: (clock: TestClock) => Answers;
  read?: Read;
  key?: string;
}

/**
 * Runs a source to its end, with faults in the answers and kills between pages that a seed decides. Without a seed there are
 * none.
 */
export async function complete<O extends { max: number }, P>(
  { kind, options, answers, read = readRecords, key }: Trial<O, P>,
  seed?: number,
): Promise<{ shelf: Shelf; asked: Asked[]; clock: TestClock }> {
  const clock = new TestClock();
  const service = await Service.start(answers(clock), clock);
  const random = randomFrom(seed ?? 0);
  if (seed !== undefined)
    service.fault = () => (random() < 0.25 ? FAULTS[Math.floor(random() * FAULTS.length)] : undefined);
  const shelf = new Shelf();
  try {
    for (;;) {
      const ended = await withNetwork({ clock, random }, async (network) =>
        shelf.run(
          kind,
          {
            options: { baseUrl: service.base, private: true, ...options },
            network,
            ...(key === undefined ? {} : { key }),
          },
          read,
          seed === undefined || random() < 0.3 ? Infinity : Math.floor(random() * 4),
        ),
      ).catch((thrown: unknown) => {
        // Six failures one after the other.
        if (seed === undefined || !(thrown instanceof SourceError)) throw thrown;
        return "failed";
      });
      if (ended === "done") return { shelf, asked: service.asked, clock };
      assert.notEqual(ended, "stopped");
      assert.ok(shelf.runs < 500, "the walk comes to an end");
    }
  } finally {
    await service.close();
  }
}

/** After faults and kills, the library has what it has without them. */
export async function sameAfterFaults<O extends { max: number }, P>(
  trial: Trial<O, P>,
  expected: number,
  seeds = 12,
): Promise<void> {
  const whole = await complete(trial);
  assert.equal(whole.shelf.papers.size, expected);
  let [runs, asked] = [0, 0];
  for (let seed = 1; seed <= seeds; seed++) {
    const { shelf, asked: some } = await complete(trial, seed);
    runs += shelf.runs;
    asked += some.length;
    assert.deepEqual(sorted(shelf.papers), sorted(whole.shelf.papers), `seed ${seed}`);
  }
  assert.ok(runs > 1.5 * seeds, "walks were cut off");
  assert.ok(asked > whole.asked.length * seeds, "requests were repeated");
}

const sorted = (papers: ReadonlyMap<string, string>): [string, string][] =>
  [...papers].toSorted(([a], [b]) => (a < b ? -1 : 1));

/** The bytes of a page, if it is not a stream. */
export const textOf = ({ bytes }: Harvested): string =>
  bytes instanceof Uint8Array ? Buffer.from(bytes).toString() : "";
