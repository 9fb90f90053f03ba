/** A server in a process of its own: its state, what it writes to standard error, and whether it is still running. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ServerState, ServerTask } from "./server-child.js";

export class ServerProcess {
  /** What it wrote to standard error: defects. */
  readonly said: string[] = [];
  readonly url: URL;
  readonly #process: ChildProcess;
  #stopping = false;
  /** How it ended, unless `stop` was called. */
  died: string | undefined;

  private constructor(child: ChildProcess, url: URL) {
    this.#process = child;
    this.url = url;
    child.on("exit", (code, signal) => {
      if (!this.#stopping) this.died = `with ${signal ?? `code ${code}`}`;
    });
  }

  /** @param gc Whether `state` collects garbage first. */
  static async start(directory: string, task: ServerTask = {}, gc = true): Promise<ServerProcess> {
    const child = fork(
      fileURLToPath(new URL("./server-child.js", import.meta.url)),
      [directory, JSON.stringify(task)],
      { execArgv: gc ? ["--expose-gc"] : [], stdio: ["ignore", "inherit", "pipe", "ipc"] },
    );
    const said: string[] = [];
    child.stderr!.on("data", (bytes: Buffer) => said.push(bytes.toString()));
    const ended = once(child, "exit").then(([code]) =>
      Promise.reject(new Error(`the server ended with code ${code}: ${said.join("")}`)),
    );
    const [{ url }] = (await Promise.race([once(child, "message"), ended])) as [{ url: string }];
    ended.catch(() => {});
    const server = new ServerProcess(child, new URL(url));
    server.said.push(...said);
    child.stderr!.on("data", (bytes: Buffer) => server.said.push(bytes.toString()));
    return server;
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** Its state since the last call. One call at a time. @throws Error when it has ended. */
  async state(): Promise<ServerState> {
    if (this.died !== undefined) throw new Error(`the server ended ${this.died}`);
    const ended = new AbortController();
    this.#process.send("state");
    try {
      const [state] = (await Promise.race([
        once(this.#process, "message", { signal: ended.signal }),
        once(this.#process, "exit", { signal: ended.signal }).then(() => {
          throw new Error("the server ended");
        }),
      ])) as [ServerState];
      return state;
    } finally {
      ended.abort();
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.died !== undefined || this.#process.exitCode !== null) return;
    const exit = once(this.#process, "exit");
    this.#process.send("stop");
    await exit;
  }
}
