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

export const FAULTS = [
  "503",
  "503 after",
  "500",
  "429 date",
  "429 backoff",
  "408",
  "cut",
  "reset",
  "gzip cut",
  "html",
  "slow",
  "stalled",
  "endless",
] as const;
/** What can be wrong with an answer of any service. */
export type Fault = (typeof FAULTS)[number];

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
    case "429 backoff":
      response.writeHead(429, { ...date, backoff: "7" }).end("Slow down.");
      return;
    case "html":
      response
        .writeHead(200, { ...date, "content-type": "text/html" })
        .end("<!doctype html><html><body>Sign in</body></html>");
      return;
    case "slow":
      // The client gives up.
      return;
    case "stalled":
      response.writeHead(status, { ...date, ...type, ...headers, "content-length": String(bytes.length + 10) });
      response.write(bytes.subarray(0, bytes.length / 2));
      return;
    case "endless": {
      // Such an answer has no body, and what is written for it is dropped.
      if (status === 304) return void response.writeHead(status, headers).end();
      response.writeHead(status, { ...date, ...type, ...headers });
      const more = (): void => {
        while (!response.destroyed && !response.closed && response.write(" ".repeat(65_536)));
      };
      response.on("drain", more).write(bytes);
      more();
      return;
    }
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

/** Runs a source to its end. */
export async function complete<O extends { max: number }, P>({
  kind,
  options,
  answers,
  read = readRecords,
  key,
}: Trial<O, P>): Promise<{ shelf: Shelf; asked: Asked[]; clock: TestClock }> {
  const clock = new TestClock();
  const service = await Service.start(answers(clock), clock);
  const shelf = new Shelf();
  const run = { options: { baseUrl: service.base, private: true, ...options }, ...(key === undefined ? {} : { key }) };
  try {
    await withNetwork({ clock }, async (network) => {
      assert.equal(await shelf.run(kind, { ...run, network }, read), "done");
    });
    return { shelf, asked: service.asked, clock };
  } finally {
    await service.close();
  }
}

export async function allCome<O extends { max: number }, P>(trial: Trial<O, P>, expected: number): Promise<void> {
  const { shelf } = await complete(trial);
  assert.equal(shelf.papers.size, expected);
}

/** The bytes of a page, if it is not a stream. */
export const textOf = ({ bytes }: Harvested): string =>
  bytes instanceof Uint8Array ? Buffer.from(bytes).toString() : "";
