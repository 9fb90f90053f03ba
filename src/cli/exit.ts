import type { KindredError } from "../errors.js";
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
