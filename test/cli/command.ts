/** Runs the real command line as a child process. */
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../../src/core/root.js";

export const MAIN = join(ROOT, "dist", "src", "cli", "main.js");

export type Ended = { code: number | null; stdout: string; stderr: string };
type Options = { input?: string | Uint8Array; env?: Record<string, string>; cwd?: string };

/** The environment without settings that would change the results. */
const { KINDRED_DIRECTORY: _directory, KINDRED_HOST: _host, KINDRED_PORT: _port, ...ENVIRONMENT } = process.env;

export function start(words: readonly string[], { env, cwd }: Options = {}): ChildProcess {
  return spawn(process.execPath, [MAIN, ...words], { env: { ...ENVIRONMENT, ...env }, cwd });
}

/** Runs a command until it exits. */
export async function kindred(words: readonly string[], options: Options = {}): Promise<Ended> {
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
