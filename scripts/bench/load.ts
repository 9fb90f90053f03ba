/** Sends requests to a server and measures how long the answers take. */
import { readFileSync } from "node:fs";
import { Pool } from "undici";
import { z } from "zod";
import type { ServerState } from "../common/server-child.js";
import { ServerProcess } from "../common/server-process.js";

export const CLIENTS = 16;

/** A server in a separate process, and an HTTP client that itself needs little processor time. */
export class MeasuredServer {
  readonly #server: ServerProcess;
  readonly #pool;
  readonly url: string;
  /** Seconds from starting the process to the first answer. */
  started = 0;

  private constructor(server: ServerProcess) {
    this.#server = server;
    this.url = server.url.href;
    this.#pool = new Pool(server.url, { connections: CLIENTS, bodyTimeout: 0, headersTimeout: 0 });
  }

  /** @param first The path that is requested first. */
  static async start(directory: string, first: string): Promise<MeasuredServer> {
    const begin = performance.now();
    const measured = new MeasuredServer(await ServerProcess.start(directory, {}, false));
    await measured.ask(first);
    measured.started = (performance.now() - begin) / 1_000;
    return measured;
  }

  ask(path: string): Promise<string> {
    return this.send(path);
  }

  /** Posts a body, or gets without one, and waits for the answer, without a timeout. @param type Of the body. */
  async send(path: string, body?: string, type?: string): Promise<string> {
    const { statusCode, body: answer } = await this.#pool.request({
      method: body === undefined ? "GET" : "POST",
      path: `/${path}`,
      headers: type === undefined ? {} : { "content-type": type },
      body: body ?? null,
    });
    const text = await answer.text();
    if (statusCode !== 200) throw new Error(`${path}: got ${statusCode}: ${text.slice(0, 200)}`);
    return text;
  }

  /** Whether the tables and the graph on disk are up to date. */
  async saved(): Promise<boolean> {
    const status = z.object({ index: z.object({ saved: z.number(), storeChange: z.number() }), indexing: z.boolean() });
    const { index, indexing } = status.parse(JSON.parse(await this.ask("api/status")));
    return index.saved === index.storeChange && !indexing;
  }

  /** The number of papers, and how many are not yet embedded. */
  async counts(): Promise<{ papers: number; pending: number; pendingSentences: number }> {
    const counts = z.object({ papers: z.number(), pending: z.number(), pendingSentences: z.number() });
    return counts.parse(JSON.parse(await this.ask("api/status")));
  }

  state(): Promise<ServerState> {
    return this.#server.state();
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await this.#pool.destroy();
    for (const line of this.#server.stderr) process.stderr.write(line);
  }
}

/** Milliseconds of each task, ascending, and of the whole run. */
export type Times = { each: number[]; whole: number };

/** Runs tasks one after another until a promise settles. */
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

/** Runs tasks with this many concurrent clients; a client takes the next task when it is free. */
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

/** Query texts from a file of JSON Lines with a `text` each. */
export const readQueries = (file: string): string[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => z.object({ text: z.string() }).parse(JSON.parse(line)).text.slice(0, 500));

/** Filters for every second query: half of the papers pass the first, few pass the last. */
const FILTERS = ["from=2020", "to=2021", "year=2022&year=2023", "category=cs.LG", "category=cs.CL&from=2019"];

export const searchPath = (query: string, i: number): string =>
  `api/search?q=${encodeURIComponent(query)}&limit=10${i % 2 === 1 ? `&${FILTERS[(i >> 1) % FILTERS.length]}` : ""}`;
