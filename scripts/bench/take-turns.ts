/** Processes that take turns on one machine, so that other load slows all of them equally. */
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Length of a turn, in which one process runs and the others are stopped, in milliseconds. */
const TURN = 500;
/** Windows cannot pause processes, so there they run one after another. */
export const CAN_STOP = process.platform !== "win32";

/** A message of a process, and that process's running time then, in milliseconds; time while stopped does not count. */
export type Received<Message> = { message: Message; at: number };

/** A process that runs a script, reports in lines of JSON, and can be paused. */
export class PausableProcess<Message> {
  readonly received: Received<Message>[] = [];
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  /** Running time before the current turn, and when the turn began; null while stopped. */
  #before = 0;
  #since: number | null = performance.now();
  #awaited: { is: (message: Message) => boolean; resolve: () => void } | undefined;
  over = false;

  constructor(script: URL, words: readonly string[]) {
    this.#child = spawn(process.execPath, [fileURLToPath(script), ...words], { stdio: ["ignore", "pipe", "inherit"] });
    this.ended = this.#listen(script);
    // Failures are reported to callers that await `ended`; without this they would also be unhandled.
    this.ended.catch(() => {});
  }

  async #listen(script: URL): Promise<void> {
    const exited = new Promise<number | null>((resolve) => this.#child.once("exit", resolve));
    for await (const line of createInterface({ input: this.#child.stdout! })) {
      const message = JSON.parse(line) as Message;
      this.received.push({ message, at: this.#now() });
      if (this.#awaited?.is(message) === true) this.#awaited.resolve();
    }
    const code = await exited;
    this.over = true;
    this.#awaited?.resolve();
    if (code !== 0) throw new Error(`${fileURLToPath(script)} ended with code ${code}`);
  }

  /** Waits for a message that fulfils the condition, or for the process to end. */
  async until(is: (message: Message) => boolean): Promise<void> {
    if (this.over || this.received.some(({ message }) => is(message))) return;
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
 * Runs processes in turns of half a second until all have ended. A process is started when the previous one has sent a
 * message that means `ready`. @returns The messages of each process.
 */
export async function takeTurns<Message>(
  children: { make: () => PausableProcess<Message>; ready: (message: Message) => boolean }[],
): Promise<Received<Message>[][]> {
  const made: PausableProcess<Message>[] = [];
  try {
    for (const { make, ready } of children) {
      const child = make();
      made.push(child);
      if (CAN_STOP) {
        await child.until(ready);
        child.stop();
      } else await child.ended;
    }
    while (made.some(({ over }) => !over))
      for (const child of made) {
        if (child.over) continue;
        child.goOn();
        let late: NodeJS.Timeout | undefined;
        await Promise.race([child.ended, new Promise((resolve) => (late = setTimeout(resolve, TURN)))]);
        clearTimeout(late);
        if (!child.over) child.stop();
      }
    return made.map(({ received }) => received);
  } finally {
    for (const child of made) if (!child.over) child.kill();
  }
}
