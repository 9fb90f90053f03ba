/** A server in a separate process: its state, its standard error, and whether it is still running. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ServerState, ServerTask } from "./server-child.js";

export class ServerProcess {
  /** Everything it wrote to standard error; anything there is a defect. */
  readonly stderr: string[] = [];
  readonly url: URL;
  readonly #process: ChildProcess;
  #stopping = false;
  /** How it exited ("with SIGKILL"), if it did so before `stop`. */
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
    const written: string[] = [];
    child.stderr!.on("data", (bytes: Buffer) => written.push(bytes.toString()));
    const ended = once(child, "exit").then(([code]) =>
      Promise.reject(new Error(`the server exited with code ${code}: ${written.join("")}`)),
    );
    const [{ url }] = (await Promise.race([once(child, "message"), ended])) as [{ url: string }];
    ended.catch(() => {});
    const server = new ServerProcess(child, new URL(url));
    server.stderr.push(...written);
    child.stderr!.on("data", (bytes: Buffer) => server.stderr.push(bytes.toString()));
    return server;
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** The server's state; maxima are since the last call. Calls must not overlap. @throws Error if the server has exited. */
  async state(): Promise<ServerState> {
    if (this.died !== undefined) throw new Error(`the server exited ${this.died}`);
    const ended = new AbortController();
    this.#process.send("state");
    try {
      const [state] = (await Promise.race([
        once(this.#process, "message", { signal: ended.signal }),
        once(this.#process, "exit", { signal: ended.signal }).then(() => {
          throw new Error("the server exited");
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
