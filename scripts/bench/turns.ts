/** Processes that take turns on one machine: what else runs there slows each of them alike. */
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** How long one runs while the others stand still, in milliseconds. */
const TURN = 500;
/** Windows cannot stop a process and let it go on: there they run one after the other. */
export const CAN_STOP = process.platform !== "win32";

/** What a process said, a line of JSON each, and its own time then: milliseconds, without those in which it was stopped. */
export type Heard<News> = { news: News; at: number };

/** A process that runs a script, tells its news in lines of JSON, and can stand still. */
export class Party<News> {
  readonly heard: Heard<News>[] = [];
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  /** Its own time before the present turn, and when that began. */
  #before = 0;
  #since: number | null = performance.now();
  #awaited: { is: (news: News) => boolean; resolve: () => void } | undefined;
  over = false;

  constructor(script: URL, words: readonly string[]) {
    this.#child = spawn(process.execPath, [fileURLToPath(script), ...words], { stdio: ["ignore", "pipe", "inherit"] });
    const told = this.#listen(script);
    // Whoever waits is told; until then nobody need.
    told.catch(() => {});
    this.ended = told;
  }

  async #listen(script: URL): Promise<void> {
    const exited = new Promise<number | null>((resolve) => this.#child.once("exit", resolve));
    for await (const line of createInterface({ input: this.#child.stdout! })) {
      const news = JSON.parse(line) as News;
      this.heard.push({ news, at: this.#now() });
      if (this.#awaited?.is(news) === true) this.#awaited.resolve();
    }
    const code = await exited;
    this.over = true;
    this.#awaited?.resolve();
    if (code !== 0) throw new Error(`${fileURLToPath(script)} ended with code ${code}`);
  }

  /** Waits for news, or for the end. */
  async until(is: (news: News) => boolean): Promise<void> {
    if (this.over || this.heard.some(({ news }) => is(news))) return;
    await new Promise<void>((resolve) => (this.#awaited = { is, resolve }));
  }

  stop(): void {
    this.#before = this.#now();
    this.#since = null;
    this.#child.kill("SIGSTOP");
  }

  goOn(): void {
    this.#since = performance.now();
    this.#child.kill("SIGCONT");
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #now(): number {
    return this.#before + (this.#since === null ? 0 : performance.now() - this.#since);
  }
}

/**
 * Runs processes in turns of half a second until all have ended. Each is made by a function when the one before is ready, as
 * `ready` says of its news.
 */
export async function takeTurns<News>(
  parties: { make: () => Party<News>; ready: (news: News) => boolean }[],
): Promise<Heard<News>[][]> {
  const made: Party<News>[] = [];
  try {
    for (const { make, ready } of parties) {
      const party = make();
      made.push(party);
      if (CAN_STOP) {
        await party.until(ready);
        party.stop();
      } else await party.ended;
    }
    while (made.some(({ over }) => !over))
      for (const party of made) {
        if (party.over) continue;
        party.goOn();
        let late: NodeJS.Timeout | undefined;
        await Promise.race([party.ended, new Promise((resolve) => (late = setTimeout(resolve, TURN)))]);
        clearTimeout(late);
        if (!party.over) party.stop();
      }
    return made.map(({ heard }) => heard);
  } finally {
    for (const party of made) if (!party.over) party.kill();
  }
}

/** Milliseconds that the threads of this process have been on a core, together. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
