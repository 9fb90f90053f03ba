/** Processes that take turns on one machine, so that other programs slow all of them alike. */
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** How long one runs while the others are stopped, in milliseconds. */
const TURN = 500;
/** Windows cannot pause processes: there they run one after another. */
export const CAN_STOP = process.platform !== "win32";

/** A message of a process, and its own time then: milliseconds, without those in which it was stopped. */
export type Heard<News> = { news: News; at: number };

/** A process that runs a script, reports in lines of JSON, and can be paused. */
export class Party<News> {
  readonly heard: Heard<News>[] = [];
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  /** Its own time before the current turn, and when that began. */
  #before = 0;
  #since: number | null = performance.now();
  #awaited: { is: (news: News) => boolean; resolve: () => void } | undefined;
  over = false;

  constructor(script: URL, words: readonly string[]) {
    this.#child = spawn(process.execPath, [fileURLToPath(script), ...words], { stdio: ["ignore", "pipe", "inherit"] });
    this.ended = this.#listen(script);
    // A failure is reported to those who await `ended`.
    this.ended.catch(() => {});
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

  /** Waits for a message, or for the end. */
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
 * Runs processes in turns of half a second until all have ended. Each is created when the one before is `ready`, according
 * to its messages.
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
