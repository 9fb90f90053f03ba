/** Parses a script's command line, and gives the first line of its report. */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { VERSION } from "../../src/core/version.js";

/** Versions of Kindred and Node, and the processor: figures depend on them. */
export const MACHINE = `Kindred ${VERSION}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}`;

type Options = Record<string, { type: "string"; default?: string } | { type: "boolean" }>;
type Values<T extends Options> = {
  [K in keyof T]: T[K] extends { default: string }
    ? string
    : T[K] extends { type: "string" }
      ? string | undefined
      : boolean;
};

/**
 * Reads options and positional words from the command line. Prints the usage and exits with code 2 if an option is
 * unknown or there are fewer than `least` words.
 */
export function readCommand<const T extends Options>(
  usage: string,
  least: number,
  options: T,
): { values: Values<T>; words: string[] } {
  try {
    const parsed: { values: object; positionals: string[] } = parseArgs({ allowPositionals: true, options });
    if (parsed.positionals.length >= least) return { values: parsed.values as Values<T>, words: parsed.positionals };
  } catch (thrown) {
    console.error((thrown as Error).message);
  }
  console.error(`usage: ${usage}`);
  return process.exit(2);
}
