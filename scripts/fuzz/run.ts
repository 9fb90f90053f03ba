/** Sends invalid requests and files of every kind to a real server, and checks its answers. */
import { readFileSync, readdirSync, statSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { browseAnswerSchema, importReportSchema, statusSchema } from "../../src/api.js";
import { ROUTES } from "../../src/server/routes.js";
import { ServerProcess } from "../common/server-process.js";
import { Client } from "./ask.js";
import { withKeys } from "./keys.js";
import type { FuzzOptions, FuzzReport } from "./report.js";
import { wrongWith } from "./wrong.js";
import { files, type File } from "./files.js";
import type { Read } from "./reader.js";
import { raws, requests, type Raw, type Request } from "./requests.js";
import type { Words } from "./shapes.js";

/** Time limit for an answer in milliseconds; below, the one after which a case that runs alone is abandoned. */
const TIME = 10_000;
const ENDLESS = 60_000;
/** How long one task may hold the serving thread, in milliseconds of CPU time. */
const HELD = 1_000;
const CLIENTS = 12;
/** Number of connections that send half a request and stay open. */
const HALF = 100;
/** One fewer than the server accepts at once. */
const IMPORTERS = 3;
const LOOK_EVERY = 1_000;
/** How long a socket is read, in milliseconds, after bytes that may not be a request. */
const SILENCE = 150;

type Case = { name: string; sent: Request | Raw | File };

export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const begin = performance.now();
  const { directory, seed, only, log = () => {} } = options;
  const real = realFiles(options.samples);
  const report: FuzzReport = {
    answers: new Map(),
    read: new Map(),
    requests: 0,
    keyed: 0,
    records: 0,
    findings: [],
    watched: [],
    seconds: 0,
  };
  const server = await ServerProcess.start(directory, { workers: 1 });
  const running = new Set<Case>();
  const suspects = new Set<Case>();
  const over = new AbortController();
  let words: Words | undefined;
  try {
    const run = new Run(server, report, log);
    words = await run.words();
    const kinds = {
      request: requests(words),
      raw: raws(server.url.host),
      file: files(real),
    };
    const made = (name: string, kind: keyof typeof kinds, number: number): Case => ({
      name,
      sent: fc.sample<Request | Raw | File>(kinds[kind], { seed: seed * 1_000_003 + number, numRuns: 1 })[0]!,
    });
    const watching = (async () => {
      while (!over.signal.aborted) {
        const before = [...running];
        const state = await server.state().catch(() => null);
        if (state === null) {
          run.found("the server", "its process", `it exited ${server.died}: ${server.stderr.join("").slice(0, 4_000)}`);
          for (const one of before)
            if (!one.name.startsWith("file"))
              run.found(one.name, describe(one), "it was running when the server exited");
          return;
        }
        report.watched.push(state);
        if (state.held > HELD) for (const one of [...before, ...running]) suspects.add(one);
        if (state.polluted.length > 0)
          run.found("the server", "prototypes", `polluted with ${state.polluted.join(", ")}`);
        await setTimeout(LOOK_EVERY);
      }
    })();
    const each = async (
      clients: number,
      numbers: Iterable<number>,
      name: string,
      kind: (number: number) => keyof typeof kinds,
      perform: (one: Case) => Promise<boolean>,
    ) => {
      const left = numbers[Symbol.iterator]();
      await Promise.all(
        Array.from({ length: clients }, async () => {
          for (let next = left.next(); next.done !== true; next = left.next()) {
            const called = `${name} ${next.value}`;
            if (only !== undefined && only !== called) continue;
            if (server.died !== undefined) return;
            const one = made(called, kind(next.value), next.value);
            running.add(one);
            if (!(await perform(one))) suspects.add(one);
            running.delete(one);
            if (next.value % 5_000 === 0 && next.value > 0)
              log(`${called} of ${name === "file" ? options.files : options.requests}`);
          }
        }),
      );
    };
    const reader = new Reader();
    const half = run.half(HALF);
    await Promise.all([
      each(
        CLIENTS,
        numbers(options.requests, (number) => number % 8 !== 7),
        "request",
        (number) => (number % 16 === 3 ? "raw" : "request"),
        (one) => run.asked(one, TIME),
      ),
      each(
        IMPORTERS,
        numbers(options.requests, (number) => number % 8 === 7),
        "request",
        () => "file",
        (one) => run.asked(one, TIME),
      ),
      each(
        1,
        numbers(options.files, () => true),
        "file",
        () => "file",
        (one) => run.readAlone(one, reader, TIME),
      ),
    ]);
    over.abort();
    await watching;
    await run.expectClosed(half);
    // A case may be slow because the machine is busy: repeat slow ones alone, and judge by CPU time.
    log(`repeating ${suspects.size} slow cases alone`);
    for (const one of suspects) {
      if (server.died !== undefined) break;
      const before = await server.state();
      const ended = one.name.startsWith("file")
        ? await run.readAlone(one, reader, ENDLESS)
        : await run.asked(one, ENDLESS);
      const after = await server.state();
      const cpu = one.name.startsWith("file") ? reader.took : after.cpu - before.cpu;
      if (!ended) run.found(one.name, describe(one), `it did not end within ${ENDLESS / 1_000} seconds`);
      else if (cpu > TIME) run.found(one.name, describe(one), `it took ${Math.round(cpu / 1_000)} seconds of CPU time`);
      if (after.held > HELD)
        run.found(one.name, describe(one), `it held the serving thread for ${Math.round(after.held)} ms`);
    }
    await reader.close();
    run.close();
  } finally {
    over.abort();
    await server.stop();
  }
  if (words !== undefined && report.findings.length === 0) await withKeys(options, report, words);
  for (const line of server.stderr)
    report.findings.push({ name: "the server", what: "standard error", why: line.slice(0, 2_000) });
  report.seconds = (performance.now() - begin) / 1_000;
  return report;
}

function* numbers(count: number, which: (number: number) => boolean): Generator<number> {
  for (let number = 0; number < count; number++) if (which(number)) yield number;
}

const describe = ({ sent }: Case): string =>
  "method" in sent
    ? `${sent.method} ${sent.path.slice(0, 200)} ${JSON.stringify(sent.headers).slice(0, 200)} ${sent.body?.toString().slice(0, 200) ?? ""}`
    : `${sent.what}: ${JSON.stringify(sent.bytes.toString("latin1").slice(0, 200))} (${sent.bytes.length} bytes)`;

/** A thread that reads files one after another. It is replaced if a file takes too long. */
class Reader {
  #worker: Worker | undefined;
  /** Time taken by the last file, in milliseconds. */
  took = 0;

  /** @returns null if it took too long. */
  async read(bytes: Uint8Array, milliseconds: number): Promise<Read | null> {
    const worker = (this.#worker ??= new Worker(new URL("./reader.js", import.meta.url)));
    const begin = performance.now();
    const ended = new AbortController();
    let answer: Read | null = null;
    try {
      answer = await Promise.race([
        new Promise<Read>((resolve, reject) => {
          worker.removeAllListeners();
          worker.once("message", resolve);
          worker.once("error", reject);
        }),
        setTimeout(milliseconds, null, { signal: ended.signal }),
        // Posted after the listeners above are attached.
        new Promise<never>(() => worker.postMessage(bytes)),
      ]);
      if (answer === null) await this.close();
    } catch (thrown) {
      // For example, the thread ran out of memory.
      answer = { format: null, papers: 0, problems: 0, wrong: [`the reading thread failed: ${String(thrown)}`] };
      await this.close();
    }
    ended.abort();
    this.took = performance.now() - begin;
    return answer;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }
}

class Run {
  readonly #server;
  readonly #report;
  readonly #client;
  readonly #log;

  constructor(server: ServerProcess, report: FuzzReport, log: (line: string) => void) {
    this.#server = server;
    this.#report = report;
    this.#client = new Client(server.url);
    this.#log = log;
  }

  close(): void {
    this.#client.close();
  }

  found(name: string, what: string, why: string): void {
    this.#report.findings.push({ name, what, why });
    this.#log(`FOUND ${name}: ${why.slice(0, 500)}\n  ${what.slice(0, 500)}`);
  }

  half(count: number): Socket[] {
    return this.#client.half(count);
  }

  /** Waits until the server has closed connections that never sent a whole request. */
  async expectClosed(sockets: Socket[]): Promise<void> {
    const open = new Set(sockets);
    for (const socket of sockets) socket.on("close", () => open.delete(socket));
    for (const socket of sockets) if (socket.destroyed) open.delete(socket);
    for (let waited = 0; open.size > 0 && waited < ENDLESS && this.#server.died === undefined; waited += LOOK_EVERY) {
      // A closed peer is noticed only by writing to it.
      for (const socket of open) socket.write("x");
      await setTimeout(LOOK_EVERY);
    }
    if (open.size > 0)
      this.found("the server", "half requests", `${open.size} of ${sockets.length} connections are still open`);
    for (const socket of open) socket.destroy();
  }

  /** Words that occur in the papers, by field. */
  async words(): Promise<Words> {
    const { papers } = await this.#json(browseAnswerSchema, "/api/papers?limit=200");
    const titles = papers.map(({ title }) => title);
    const ids = papers.map(({ id }) => id);
    return {
      id: [...ids, "nobody"],
      within: ids,
      positive: ids,
      negative: ids,
      q: [
        ...titles,
        ...titles.map((title) => title.split(" ").slice(0, 2).join(" ")),
        "author:curie",
        '"of the"',
        "year:1990..2000 gene",
        "-image neural",
        "10.1103/PhysRevLett.116.061102",
      ],
      text: [...titles, ...papers.map(({ abstract }) => abstract ?? "")],
      from: ["1950", "2001-02", "1999-12-31"],
      to: ["1980", "2020-02-29"],
      listed: ["2024-05-01", "2024-W18", "2024"],
      category: ["Medicine", "Physics", "cs"],
      venue: ["nature", "science"],
      author: ["curie", "watson"],
      source: ["sample", "Hugging Face Daily Papers"],
      list: ["likes", "dislikes", "fuzz", "a list"],
      basedOn: ["likes", "fuzz"],
      area: ["0,0,1,1", "-9,-9,9,9"],
      cursor: ["x", "eyJ4IjoxfQ"],
      // Not import 1, which added the sample.
      import: ["2", "3", "999", "-1", "x"],
      name: ["fuzz", "another", "likes"],
      alert: ["fuzz", "another", "likes"],
      at: ["08:00", "23:59"],
      zone: ["UTC", "Europe/Berlin"],
      days: ["mon-fri", "tue,thu"],
      since: ["1950", "2020-02"],
      note: ["a note", ""],
    };
  }

  /** @returns false if it took too long and should be repeated alone. */
  async asked({ name, sent }: Case, milliseconds: number): Promise<boolean> {
    this.#report.requests++;
    try {
      if ("method" in sent) {
        const reply = await this.#client.send(sent, milliseconds);
        // The server may just have closed the idle connection: try once more.
        const answer =
          reply ??
          (sent.whole && (sent.body?.length ?? 0) < 60_000 ? await this.#client.send(sent, milliseconds) : null);
        this.#count(sent.what, answer === null ? "closed" : String(answer.status));
        const why = answer === null ? null : wrongWith(answer, sent);
        if (why !== null) this.found(name, describe({ name, sent }), why);
      } else if (sent.what.startsWith("bytes ")) {
        const right = "status" in sent ? sent.status : undefined;
        const bytes = await this.#client.bytes(sent, right === undefined ? SILENCE : milliseconds);
        const statuses = [...bytes.toString("latin1").matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status!);
        this.#count(sent.what, statuses[0] ?? "closed");
        const broken = statuses.find((status) => status >= "500" && status !== "503");
        if (broken !== undefined)
          this.found(name, describe({ name, sent }), `status ${broken}: ${bytes.toString().slice(0, 300)}`);
        // A busy server may not have answered yet, or refuse with 503.
        if (right !== undefined && statuses.length > 0 && statuses[0] !== "503" && statuses[0] !== right)
          this.found(name, describe({ name, sent }), `status ${statuses[0]}, expected ${right}`);
      } else await this.#imported(name, sent, milliseconds);
    } catch (thrown) {
      if (thrown instanceof Error && thrown.message === "late") return false;
      // The exit is already reported.
      if (this.#server.died !== undefined) return true;
      this.found(name, describe({ name, sent }), String(thrown instanceof Error ? thrown.stack : thrown));
    }
    return true;
  }

  /** Imports a file, reads the new papers, and undoes the import, so that the library does not grow. */
  async #imported(name: string, { what, bytes }: File, milliseconds: number): Promise<void> {
    const { newest } = await this.#json(statusSchema, "/api/status");
    const upload: Request = {
      what: "POST /papers",
      route: ROUTES.find(({ body }) => body === "papers")!,
      method: "POST",
      path: `/api/papers?name=${encodeURIComponent(`../${what}`)}`,
      headers: {},
      body: bytes,
      whole: true,
    };
    const reply = await this.#client.send(upload, milliseconds);
    this.#count(upload.what, reply === null ? "closed" : String(reply.status));
    if (reply === null) return;
    const why = wrongWith(reply, upload);
    if (why !== null) this.found(name, describe({ name, sent: { what, bytes } }), why);
    if (reply.status !== 200) return;
    const {
      import: number,
      format,
      added,
      updated,
      unchanged,
      rejected,
    } = importReportSchema.parse(JSON.parse(reply.body.toString()));
    this.#read(format, added + updated + unchanged, rejected);
    if (number === null) return;
    await this.#json(browseAnswerSchema, `/api/papers?addedAfter=${newest}&sort=added&limit=20`);
    const undone = {
      ...upload,
      what: "POST /imports/:import/undo",
      path: `/api/imports/${number}/undo`,
      body: null,
      route: null,
    };
    const back = await this.#client.send(undone, ENDLESS);
    this.#count(undone.what, String(back?.status));
    // Another client may have undone it, or 20 later imports have made the server forget it.
    if (back !== null && ![200, 400, 404].includes(back.status))
      this.found(name, `undo of import ${number}`, `status ${back.status}`);
  }

  /** Reads a file without a server. @returns false if it took too long. */
  async readAlone({ name, sent }: Case, reader: Reader, milliseconds: number): Promise<boolean> {
    const read = await reader.read((sent as File).bytes, milliseconds);
    if (read === null) return false;
    this.#read(read.format, read.papers, read.problems);
    for (const why of read.wrong) this.found(name, describe({ name, sent }), why);
    return true;
  }

  async #json<T>(schema: { parse(value: unknown): T }, path: string): Promise<T> {
    const route = null;
    for (;;) {
      const reply = await this.#client.send(
        { what: path, route, method: "GET", path, headers: {}, body: null, whole: true },
        ENDLESS,
      );
      if (this.#server.died !== undefined) throw new Error(`the server exited ${this.#server.died}`);
      if (reply?.status === 200) return schema.parse(JSON.parse(reply.body.toString()));
      if (reply !== null && reply.status !== 503)
        throw new Error(`${path}: status ${reply.status}: ${reply.body.toString().slice(0, 1_000)}`);
      await setTimeout(100);
    }
  }

  #count(what: string, how: string): void {
    const answers = this.#report.answers.get(what) ?? new Map<string, number>();
    this.#report.answers.set(what, answers.set(how, (answers.get(how) ?? 0) + 1));
  }

  #read(format: string | null, papers: number, problems: number): void {
    const read = this.#report.read.get(format ?? "none") ?? { files: 0, papers: 0, problems: 0 };
    this.#report.read.set(format ?? "none", {
      files: read.files + 1,
      papers: read.papers + papers,
      problems: read.problems + problems,
    });
    this.#report.records += papers + problems;
  }
}

/** All files below a folder, ordered by name; empty files are left out. */
function realFiles(path: string): File[] {
  if (!statSync(path).isDirectory()) return [{ what: path.split("/").at(-1)!, bytes: readFileSync(path) }];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ what: entry.name, bytes: readFileSync(join(entry.parentPath, entry.name)) }))
    .filter(({ bytes }) => bytes.length > 0)
    .toSorted((a, b) => (a.what < b.what ? -1 : 1));
}
