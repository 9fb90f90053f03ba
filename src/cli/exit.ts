import type { KindredError } from "../core/errors.js";
import { isTooManyFiles } from "../core/files.js";
import { plain } from "./print.js";

/** Exit codes. */
export const EXIT = { ok: 0, failed: 1, usage: 2, notFound: 3, busy: 4, cancelled: 130 } as const;

const CODES: Partial<Record<KindredError["code"], number>> = {
  invalid: EXIT.usage,
  "not-found": EXIT.notFound,
  busy: EXIT.busy,
  cancelled: EXIT.cancelled,
};

/** Prints an error, and returns its exit code. */
export function tell(error: KindredError): number {
  console.error(`kindred: ${error.message.split("\n").map(plain).join("\n")}`);
  return CODES[error.code] ?? EXIT.failed;
}

/** Open files that loading all modules never needs more than. */
export const ENOUGH_FILES = 256;

/** How many files this process may open; undefined where the system does not say, NaN where there is no limit. */
export function openFiles(): number | undefined {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft: number | string } } };
  return userLimits?.open_files === undefined ? undefined : Number(userLimits.open_files.soft);
}

/** Whether an unexpected error means that this process may open no more files. Node reports some such modules as missing. */
export function needsMoreFiles(thrown: unknown): boolean {
  if (isTooManyFiles(thrown)) return true;
  return (openFiles() ?? Infinity) < ENOUGH_FILES;
}
