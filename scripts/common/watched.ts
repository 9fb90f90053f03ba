/** A server in a process of its own that is watched: what it is like, what it says on standard error, whether it lives. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ServeOptions } from "../../src/server/serve.js";
import type { Watched } from "./watched-server.js";

export class WatchedServer {
  /** What it said on standard error: defects. */
  readonly said: string[] = [];
  readonly url: URL;
  readonly #process: ChildProcess;
  #stopping = false;
  /** How it ended, when nobody asked it to. */
  died: string | undefined;

  private constructor(child: ChildProcess, url: URL) {
    this.#process = child;
    this.url = url;
    child.on("exit", (code, signal) => {
      if (!this.#stopping) this.died = `with ${signal ?? `code ${code}`}`;
    });
  }

  /**
   * @param workers Threads that embed; default one a core.
   * @param options What is not as it is where only this machine asks.
   */
  static async start(
    directory: string,
    workers?: number,
    options: Pick<ServeOptions, "protects" | "perMinute"> = {},
  ): Promise<WatchedServer> {
    const child = fork(
      fileURLToPath(new URL("./watched-server.js", import.meta.url)),
      [directory, String(workers ?? ""), JSON.stringify(options)],
      { execArgv: ["--expose-gc"], stdio: ["ignore", "inherit", "pipe", "ipc"] },
    );
    const said: string[] = [];
    child.stderr!.on("data", (bytes: Buffer) => said.push(bytes.toString()));
    const ended = once(child, "exit").then(([code]) =>
      Promise.reject(new Error(`the server ended with code ${code}: ${said.join("")}`)),
    );
    const [{ url }] = (await Promise.race([once(child, "message"), ended])) as [{ url: string }];
    ended.catch(() => {});
    const server = new WatchedServer(child, new URL(url));
    server.said.push(...said);
    child.stderr!.on("data", (bytes: Buffer) => server.said.push(bytes.toString()));
    return server;
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** What it was like since it was last asked. One call at a time. @throws Error when it has ended. */
  async state(): Promise<Watched> {
    if (this.died !== undefined) throw new Error(`the server ended ${this.died}`);
    const ended = new AbortController();
    this.#process.send("state");
    try {
      const [state] = (await Promise.race([
        once(this.#process, "message", { signal: ended.signal }),
        once(this.#process, "exit", { signal: ended.signal }).then(() => {
          throw new Error("the server ended");
        }),
      ])) as [Watched];
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
