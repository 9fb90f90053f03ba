/** Asking a server of Kindred's, and timing it. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, get, request } from "node:http";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import type { ServerState } from "./measured-server.js";

export const CLIENTS = 16;

/** A server in a process of its own, and an HTTP client of it that keeps its connections and takes gzip. */
export class MeasuredServer {
  readonly #process: ChildProcess;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  readonly url: string;
  /** Seconds from the start of the process to the first answer. */
  readonly started: number;

  private constructor(child: ChildProcess, url: string, started: number) {
    this.#process = child;
    this.url = url;
    this.started = started;
  }

  /** @param first What is asked first. */
  static async start(directory: string, first: string): Promise<MeasuredServer> {
    const begin = performance.now();
    const child = fork(fileURLToPath(new URL("./measured-server.js", import.meta.url)), [directory]);
    const ended = once(child, "exit").then(([code]) => Promise.reject(new Error(`the server ended with code ${code}`)));
    const [{ url }] = (await Promise.race([once(child, "message"), ended])) as [{ url: string }];
    ended.catch(() => {});
    const early = new MeasuredServer(child, url, 0);
    await early.ask(first);
    return new MeasuredServer(child, url, (performance.now() - begin) / 1_000);
  }

  ask(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      get(`${this.url}${path}`, { agent: this.#agent, headers: { "Accept-Encoding": "gzip" } }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const bytes = Buffer.concat(chunks);
          const text = () => (response.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes).toString();
          if (response.statusCode !== 200)
            reject(new Error(`${path}: got ${response.statusCode}: ${text().slice(0, 200)}`));
          else resolve(path.startsWith("api/status") ? text() : "");
        });
      }).on("error", reject);
    });
  }

  /** Sends a text, and waits for the answer as long as it takes. */
  post(path: string, body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const sent = request(`${this.url}${path}`, { method: "POST" }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`${path}: got ${response.statusCode}: ${text.slice(0, 200)}`));
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  /** Whether tables and graph on disk hold all there is. */
  async saved(): Promise<boolean> {
    const status = z.object({ index: z.object({ saved: z.number(), storeChange: z.number() }), indexing: z.boolean() });
    const { index, indexing } = status.parse(JSON.parse(await this.ask("api/status")));
    return index.saved === index.storeChange && !indexing;
  }

  /** Papers, and how many of them are embedded. */
  async counts(): Promise<{ papers: number; pending: number; pendingSentences: number }> {
    const counts = z.object({ papers: z.number(), pending: z.number(), pendingSentences: z.number() });
    return counts.parse(JSON.parse(await this.ask("api/status")));
  }

  /** What the server was like since it was last asked. */
  async state(): Promise<ServerState> {
    this.#process.send("state");
    const [state] = (await once(this.#process, "message")) as [ServerState];
    return state;
  }

  async stop(): Promise<void> {
    this.#process.send("stop");
    await once(this.#process, "exit");
    this.#agent.destroy();
  }
}

/** Milliseconds of each piece of work, ascending, and of all. */
export type Times = { each: number[]; whole: number };

/** One after the other until something else has ended. */
export async function timedDuring<T>(
  work: Iterator<T>,
  other: Promise<unknown>,
  perform: (one: T) => Promise<unknown>,
): Promise<Times> {
  const each: number[] = [];
  const begin = performance.now();
  const ended = new AbortController();
  const end = other.finally(() => ended.abort());
  end.catch(() => {});
  do {
    const start = performance.now();
    await perform(work.next().value as T);
    each.push(performance.now() - start);
  } while (!ended.signal.aborted);
  await end;
  return { each: each.toSorted((a, b) => a - b), whole: performance.now() - begin };
}

/** Done by so many clients, each of which takes the next when it is done with one. */
export async function timed<T>(
  work: readonly T[],
  clients: number,
  perform: (one: T) => Promise<unknown>,
): Promise<Times> {
  const each: number[] = [];
  const left = work.values();
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (const one of left) {
        const start = performance.now();
        await perform(one);
        each.push(performance.now() - start);
      }
    }),
  );
  return { each: each.toSorted((a, b) => a - b), whole: performance.now() - begin };
}

export const percentile = ({ each }: Times, share: number): number => each[Math.floor(share * each.length)] ?? NaN;
export const perSecond = ({ each, whole }: Times): number => (1_000 * each.length) / whole;

/** Texts of queries, from JSON Lines with a `text` each. */
export const readQueries = (file: string): string[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => z.object({ text: z.string() }).parse(JSON.parse(line)).text.slice(0, 500));

/** Filters that every second query has, each for itself: half of the papers pass the first, few the last. */
const FILTERS = ["from=2020", "to=2021", "year=2022&year=2023", "category=cs.LG", "category=cs.CL&from=2019"];

export const searchPath = (query: string, i: number): string =>
  `api/search?q=${encodeURIComponent(query)}&limit=10${i % 2 === 1 ? `&${FILTERS[(i >> 1) % FILTERS.length]}` : ""}`;
