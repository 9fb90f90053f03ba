/**
 * A process that runs one command after the other as `main.js` would, for `command.ts`: it loads the command line once. After
 * each command, both of its outputs get `end`, standard output with "\0" and the exit code before it.
 */
import { Readable } from "node:stream";

/** `input` is in base64, because a file may be of any bytes. */
export type Command = { words: readonly string[]; input: string; end: string };

const [main] = process.argv.slice(2);

async function run({ words, input, end }: Command): Promise<void> {
  process.argv = [process.execPath, main!, ...words];
  const stdin = Readable.from(input === "" ? [] : [Buffer.from(input, "base64")], { objectMode: false });
  Object.defineProperty(process, "stdin", { configurable: true, value: stdin });
  process.exitCode = undefined;
  // Another address, so that it runs again; the modules that it imports stay.
  await import(`${main}?${performance.now()}`);
  process.stdout.removeAllListeners("error");
  for (const signal of ["SIGINT", "SIGTERM"]) process.removeAllListeners(signal);
  process.stdout.write(`\0${process.exitCode ?? 0}${end}`);
  process.stderr.write(end);
}

process.on("message", (command: Command) => void run(command));
process.on("disconnect", () => process.exit());
