/**
 * More load than a server can handle: many clients that search, a few that change papers, and clients that disconnect,
 * listen, or read and write too slowly. Reports throughput and latency, and whether memory and handles stay flat. Exits with
 * 1 if they do not, or if any answer was an error other than 503.
 */
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request as ask, type ClientRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describeModel } from "../../src/embedding/description.js";
import { openKindred } from "../../src/kindred.js";
import { ROOT } from "../../src/core/root.js";
import { mulberry32 } from "../../src/map/random.js";
import { readCommand } from "../common/command.js";
import { plot } from "../common/plot.js";
import { median } from "../common/numbers.js";
import { vary } from "../common/vary.js";
import { ServerProcess } from "../common/server-process.js";

const { values } = readCommand(
  "npm run soak -- [--directory DIRECTORY] [--papers 2000] [--minutes 10] [--requests N] [--plot docs/soak.svg]",
  0,
  {
    directory: { type: "string" },
    papers: { type: "string", default: "2000" },
    minutes: { type: "string", default: "10" },
    requests: { type: "string", default: "Infinity" },
    plot: { type: "string" },
  },
);
const [PAPERS, MINUTES, REQUESTS] = [numberOf("papers"), numberOf("minutes"), numberOf("requests")];
/** Clients that search: more than the 8 questions that run at once and the 256 that may wait. */
const ASKING = 320;
const [IMPORTING, LISTENING, LEAVING, SLOW_READING, SLOW_WRITING] = [3, 20, 12, 6, 2];
/** How long a client waits after a 503, in milliseconds: less than the server's Retry-After. */
const AGAIN = 500;
/** Requests per second on a busy day, for comparison. */
const BUSY = 1;
/** Growth between the middle and the last third that still counts as flat: a factor, and slack for garbage. */
const GROWTH = 1.1;
const SLACK = { megabytes: 30, handles: 20 };

/** Measurements of one second of the run. */
type Second = {
  at: number;
  answers: number;
  refused: number;
  errors: number;
  median: number;
  percentile99: number;
  resident: number;
  heap: number;
  handles: number;
  delay: number;
};

const SAMPLE = join(ROOT, "src", "sample", "papers.jsonl");
const description = await describeModel();
const random = mulberry32(5);
const any = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;

const directory = mkdtempSync(join(tmpdir(), "kindred-soak-"));
try {
  await prepare();
  const seconds = await soak();
  printReport(seconds);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function numberOf(name: "papers" | "minutes" | "requests"): number {
  const number = Number(values[name]);
  if (!(number > 0)) throw new Error(`--${name}: got "${values[name]}", expected a number above 0`);
  return number;
}

/** Copies the directory, or makes one from variations of the sample. */
async function prepare(): Promise<void> {
  if (values.directory !== undefined) cpSync(values.directory, directory, { recursive: true });
  else {
    const real = mkdtempSync(join(tmpdir(), "kindred-soak-"));
    const kindred = await openKindred({ directory: real });
    await kindred.import(SAMPLE);
    await kindred.index();
    await kindred.close();
    vary(real, directory, description, PAPERS);
    rmSync(real, { recursive: true, force: true });
  }
  const kindred = await openKindred({ directory });
  await kindred.index();
  await kindred.close();
}

async function soak(): Promise<Second[]> {
  const server = await ServerProcess.start(directory);
  const { hostname, port } = server.url;
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const over = new AbortController();
  const ended = () => over.signal.aborted;
  let latencies: number[] = [];
  let [refused, errors] = [0, 0];
  let all = 0;
  const wrong = new Map<string, number>();
  const went: Record<string, number> = {};
  const count = (what: string) => (went[what] = (went[what] ?? 0) + 1);

  const send = (method: string, path: string, body?: string): ClientRequest => {
    const headers =
      body === undefined ? {} : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
    const sent = ask({
      hostname,
      port,
      agent,
      method,
      path: `/api/${path}`,
      headers: { "Accept-Encoding": "gzip", ...headers },
    });
    sent.end(body);
    return sent;
  };
  /** @returns Status and body, or null for a 503. */
  const answered = (method: string, path: string, body?: string): Promise<{ status: number; text: string } | null> =>
    new Promise((resolve) => {
      const begin = performance.now();
      const fail = (why: string) => {
        if (!ended()) {
          errors++;
          wrong.set(why, (wrong.get(why) ?? 0) + 1);
        }
        resolve(null);
      };
      const sent = send(method, path, body);
      sent.on("error", (error) => fail(`${method} ${path.split("?")[0]}: ${error.message}`));
      sent.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", (error) => fail(`${method} ${path.split("?")[0]}: ${error.message}`));
        response.on("end", () => {
          const status = response.statusCode!;
          all++;
          if (status === 503) refused++;
          else if (status >= 400) return fail(`${method} ${path.split("?")[0]}: ${status}`);
          else latencies.push(performance.now() - begin);
          // Answers to changes are never compressed.
          resolve(
            status === 503 ? null : { status, text: method === "GET" ? "" : Buffer.concat(chunks).toString("latin1") },
          );
        });
      });
    });

  const kindred = await openKindred({ directory });
  const { papers } = await kindred.browse({ limit: 500 });
  await kindred.close();
  const ids = papers.map(({ id }) => encodeURIComponent(id));
  const words = papers.flatMap(({ title }) => title.split(/\W+/).filter((word) => word.length > 3));
  let asked = 0;
  const question = (): [method: string, path: string, body?: string] => {
    const q = encodeURIComponent(`${any(words)} ${any(words)} ${any(words)} ${asked++}`);
    const share = random();
    if (share < 0.6)
      return ["GET", `search?q=${q}&limit=10${random() < 0.5 ? `&from=${1950 + Math.floor(random() * 70)}` : ""}`];
    if (share < 0.7) return ["GET", `papers/${any(ids)}/related?limit=10`];
    if (share < 0.8)
      return ["GET", `papers?limit=20&sort=${any(["date", "upvotes", "trending", "added"])}&facets=true`];
    if (share < 0.85) return ["GET", `papers/${any(ids)}/neighbourhood`];
    if (share < 0.9) return ["GET", `map/matches?q=${q}`];
    if (share < 0.93)
      return ["POST", "recommend", JSON.stringify({ positive: [decodeURIComponent(any(ids))], limit: 10 })];
    if (share < 0.95) return ["GET", "lists"];
    if (share < 0.97) return ["PUT", `lists/likes/papers/${any(ids)}`];
    if (share < 0.99) return ["DELETE", `lists/likes/papers/${any(ids)}`];
    return ["GET", "status"];
  };
  const forever = async (work: () => Promise<unknown>) => {
    while (!ended()) await work();
  };
  const asking = () =>
    forever(async () => {
      if ((await answered(...question())) === null) await sleep(AGAIN);
    });
  let imported = 0;
  /** Imports twenty papers, and undoes the import. */
  const importing = () =>
    forever(async () => {
      const lines = Array.from({ length: 20 }, () =>
        JSON.stringify({
          id: `soak-${imported++}`,
          title: `${any(words)} ${any(words)} ${imported}`,
          abstract: `We look at ${any(words)} of ${any(words)}. It is ${any(words)}.`,
        }),
      );
      const report = await answered("POST", "papers", lines.join("\n"));
      if (report === null) return sleep(AGAIN);
      await sleep(2_000);
      const { import: number } = JSON.parse(report.text) as { import: number };
      while (!ended() && (await answered("POST", `imports/${number}/undo`)) === null) await sleep(AGAIN);
      await answered("GET", "export?format=csv");
      return count("imports undone");
    });
  const listening = () =>
    forever(async () => {
      const sent = send("GET", "events");
      sent.on("error", () => {});
      sent.on("response", (response: IncomingMessage) => response.on("error", () => {}).resume());
      await sleep(1_000 + random() * 20_000);
      sent.destroy();
      count("event streams");
    });
  const leaving = () =>
    forever(async () => {
      const sent = send(...question());
      sent.on("error", () => {});
      sent.on("response", (response: IncomingMessage) => response.on("error", () => {}).resume());
      await sleep(random() * 1_000);
      sent.destroy();
      count("left before the answer");
    });
  /** Reads the first byte of an answer, then no more. */
  const slowReading = () =>
    forever(async () => {
      const sent = ask({ hostname, port, agent: false, path: "/api/export?format=jsonl" });
      const closed = new Promise<void>((resolve) => sent.on("close", resolve).on("error", () => resolve()));
      sent.on("response", (response: IncomingMessage) =>
        response.on("error", () => {}).once("readable", () => response.read(1)),
      );
      sent.end();
      await Promise.race([closed, sleep(30_000 + random() * 90_000)]);
      sent.destroy();
      count("read too slowly");
    });
  /** Announces a long body and sends one byte per second. */
  const slowWriting = () =>
    forever(async () => {
      const socket = connect(Number(port), hostname);
      socket.on("error", () => {}).resume();
      socket.write(`POST /api/papers HTTP/1.1\r\nHost: ${server.url.host}\r\nContent-Length: 1000000\r\n\r\n`);
      const until = performance.now() + 150_000;
      while (!socket.destroyed && !ended() && performance.now() < until) {
        socket.write(" ");
        await sleep(1_000);
      }
      count(socket.destroyed ? "wrote too slowly and was cut off" : "wrote slowly");
      socket.destroy();
    });

  const clients: [number, () => Promise<void>][] = [
    [ASKING, asking],
    [IMPORTING, importing],
    [LISTENING, listening],
    [LEAVING, leaving],
    [SLOW_READING, slowReading],
    [SLOW_WRITING, slowWriting],
  ];
  const working = clients.flatMap(([number, client]) => Array.from({ length: number }, client));
  const seconds: Second[] = [];
  const begin = performance.now();
  const until = begin + MINUTES * 60_000;
  const enough = () => performance.now() >= until || all >= REQUESTS;
  while (!enough() && server.died === undefined) {
    await sleep(1_000);
    const metrics = await metricsOf(server.url);
    const sorted = latencies.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(share * sorted.length)] ?? NaN;
    seconds.push({
      at: (performance.now() - begin) / 1_000,
      answers: sorted.length,
      refused,
      errors,
      median: at(0.5),
      percentile99: at(0.99),
      resident: metrics("process_resident_memory_bytes") / 1e6,
      heap: metrics("nodejs_heap_size_used_bytes") / 1e6,
      handles: handles(server.pid),
      delay: metrics("nodejs_eventloop_lag_p99_seconds") * 1_000,
    });
    [latencies, refused, errors] = [[], 0, 0];
    if (seconds.length % 60 === 0) console.log(`${Math.round(seconds.at(-1)!.at)} s: ${all} answers`);
  }
  over.abort();
  agent.destroy();
  await Promise.race([Promise.all(working), sleep(5_000)]);
  if (server.died !== undefined) wrong.set(`the server exited ${server.died}`, 1);
  await server.stop();
  console.log(
    `\nClients: ${Object.entries(went)
      .map(([what, times]) => `${times} ${what}`)
      .join(", ")}.`,
  );
  for (const [what, times] of wrong) console.log(`ERROR ${times} times: ${what}`);
  for (const line of server.stderr) console.log(`standard error of the server: ${line}`);
  if (wrong.size + server.stderr.length > 0) process.exitCode = 1;
  return seconds;
}

/** The server's metrics by name; all are NaN if it does not answer in time. */
function metricsOf(url: URL): Promise<(name: string) => number> {
  return fetch(new URL("metrics", url), { signal: AbortSignal.timeout(5_000) })
    .then((response) => response.text())
    .catch(() => "")
    .then((text) => (name) => Number(new RegExp(`^${name} (\\S+)`, "m").exec(text)?.[1] ?? NaN));
}

/** Number of open file handles of a process; NaN if the system does not expose it. */
function handles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return NaN;
  }
}

function printReport(seconds: readonly Second[]): void {
  const third = Math.ceil(seconds.length / 3);
  const thirds = [seconds.slice(0, third), seconds.slice(third, 2 * third), seconds.slice(2 * third)];
  const sum = (some: readonly Second[], of: (one: Second) => number) => some.reduce((all, one) => all + of(one), 0);
  const middle = (some: readonly Second[], of: (one: Second) => number) =>
    median(some.map(of).filter((value) => !Number.isNaN(value)));
  const answers = sum(seconds, (one) => one.answers);
  const refused = sum(seconds, (one) => one.refused);
  const errors = sum(seconds, (one) => one.errors);
  const lasted = seconds.at(-1)?.at ?? 0;
  const all = answers + refused + errors;
  console.log(
    `\n${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}; ${lasted.toFixed(0)} s, ${values.directory ?? `${PAPERS} papers`}`,
  );
  console.log(
    `${all} requests: ${answers} answered, ${refused} refused with 503 (${((100 * refused) / all).toFixed(1)}%), ${errors} errors (budget: 0). ` +
      `At ${BUSY} per second, that is ${(all / BUSY / 3_600).toFixed(1)} hours of a busy day, ${(answers / BUSY / 3_600).toFixed(1)} of them answered.`,
  );
  console.log("\n| | first third | middle | last |\n|---|---|---|---|");
  const row = (name: string, of: (some: readonly Second[]) => number, digits = 0) =>
    console.log(`| ${name} | ${thirds.map((some) => of(some).toFixed(digits)).join(" | ")} |`);
  row("answers per second", (some) => sum(some, (one) => one.answers) / (lasted / 3));
  row("503 per second", (some) => sum(some, (one) => one.refused) / (lasted / 3));
  row("median, ms", (some) => middle(some, (one) => one.median));
  row("99th percentile, ms", (some) => middle(some, (one) => one.percentile99));
  row("memory, MB", (some) => middle(some, (one) => one.resident));
  row("heap of the serving thread, MB", (some) => middle(some, (one) => one.heap));
  row("open handles", (some) => middle(some, (one) => one.handles));
  row("event loop delay, 99th percentile, ms", (some) => middle(some, (one) => one.delay), 1);
  const flat = (name: string, of: (one: Second) => number, slack: number) => {
    const [before, after] = [middle(thirds[1]!, of), middle(thirds[2]!, of)];
    const is = Number.isNaN(before + after) ? "NOT MEASURED" : after > before * GROWTH + slack ? "NOT FLAT" : "flat";
    console.log(`${name}: ${is} (${before.toFixed(0)}, then ${after.toFixed(0)})`);
    if (is !== "flat") process.exitCode = 1;
  };
  console.log("");
  flat("memory", (one) => one.resident, SLACK.megabytes);
  flat("heap", (one) => one.heap, SLACK.megabytes);
  if (process.platform === "linux") flat("handles", (one) => one.handles, SLACK.handles);
  if (errors > 0) process.exitCode = 1;
  if (values.plot !== undefined) writeFileSync(values.plot, drawn(seconds));
}

function drawn(seconds: readonly Second[]): string {
  // At most 200 points can be told apart.
  const every = Math.ceil(seconds.length / 200);
  const curve = (name: string, of: (one: Second) => number) => ({
    name,
    points: seconds.flatMap((_, i) => {
      const some =
        i % every === 0
          ? seconds
              .slice(i, i + every)
              .map(of)
              .filter((value) => !Number.isNaN(value))
          : [];
      return some.length === 0 ? [] : [[seconds[i]!.at / 60, median(some)] as const];
    }),
  });
  return plot({
    title: "More load than the server can handle",
    x: "minutes",
    overTime: true,
    panels: [
      {
        y: "latency of answers, s",
        curves: [
          curve("median", ({ median }) => median / 1_000),
          curve("99th percentile", ({ percentile99 }) => percentile99 / 1_000),
        ],
      },
      {
        y: "memory, MB",
        curves: [
          curve("all threads", ({ resident }) => resident),
          curve("heap of the serving thread", ({ heap }) => heap),
        ],
      },
      { y: "per second", curves: [curve("answers", ({ answers }) => answers), curve("503", ({ refused }) => refused)] },
    ],
  });
}
