/** Runs the real command line in child processes. */
import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "../../src/core/root.js";
import type { Command } from "./shell.js";

export const MAIN = join(ROOT, "dist", "src", "cli", "main.js");

export type Ended = { code: number | null; stdout: string; stderr: string };
type Options = { input?: string | Uint8Array; env?: Record<string, string>; cwd?: string };

/** The environment without settings that would change the results. */
const { KINDRED_DIRECTORY: _directory, KINDRED_HOST: _host, KINDRED_PORT: _port, ...ENVIRONMENT } = process.env;

export function start(words: readonly string[], { env, cwd }: Options = {}): ChildProcess {
  return spawn(process.execPath, [MAIN, ...words], { env: { ...ENVIRONMENT, ...env }, cwd });
}

/** Commands that ran in a process of their own. */
const seen = new Set<string | undefined>();

/**
 * Runs a command until it ends. To load the command line takes most commands as long as their work, so each has a process of its
 * own once in a test file, or if it has an environment or a folder of its own; after that it runs in one that several share.
 */
export async function kindred(words: readonly string[], options: Options = {}): Promise<Ended> {
  const [command] = words;
  if (seen.has(command) && options.env === undefined && options.cwd === undefined && !shell.busy)
    return shell.run(words, options.input ?? "");
  seen.add(command);
  const child = start(words, options);
  const ended = collect(child);
  child.stdin?.on("error", () => {});
  child.stdin?.end(options.input ?? "");
  return ended;
}

export async function collect(child: ChildProcess): Promise<Ended> {
  const parts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8");
    child[name]?.on("data", (text: string) => (parts[name] += text));
  }
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, ...parts };
}

/** What follows the output of a command in the shared process. */
const END = "\0end of the command\n";

/** The process that several commands share, one after the other. */
class Shell {
  busy = false;
  #child: ChildProcess | undefined;

  async run(words: readonly string[], input: string | Uint8Array): Promise<Ended> {
    this.busy = true;
    const child = (this.#child ??= this.#start());
    const streams = [child.stdout, child.stderr] as Socket[];
    for (const one of [child, ...streams]) one.ref();
    const outputs = Promise.all(streams.map(untilEnd));
    child.send({ words, input: Buffer.from(input).toString("base64"), end: END } satisfies Command);
    const [stdout, stderr] = (await outputs) as [string, string];
    for (const one of [child, ...streams]) one.unref();
    this.busy = false;
    const ended = /^([^]*)\0(\d+)\0$/.exec(stdout);
    if (ended === null) {
      // The command has ended the process. The next one starts another.
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      return { code: child.exitCode, stdout, stderr };
    }
    return { code: Number(ended[2]), stdout: ended[1]!, stderr: stderr.slice(0, -1) };
  }

  #start(): ChildProcess {
    const child = fork(fileURLToPath(new URL("shell.js", import.meta.url)), [MAIN], {
      env: ENVIRONMENT,
      execArgv: [],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    child.channel?.unref();
    child.once("exit", () => (this.#child = undefined));
    return child;
  }
}
const shell = new Shell();

/** Reads a stream until the end of a command, including its first character, or until it is closed. */
function untilEnd(stream: Socket): Promise<string> {
  let text = "";
  stream.setEncoding("utf8");
  return new Promise((resolve) => {
    const read = (more: string): void => {
      text += more;
      if (text.endsWith(END)) end();
    };
    const end = (): void => {
      stream.off("data", read).off("close", end);
      resolve(text.endsWith(END) ? text.slice(0, 1 - END.length) : text);
    };
    stream.on("data", read).once("close", end);
  });
}
