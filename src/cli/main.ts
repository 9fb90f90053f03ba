#!/usr/bin/env node
/** Loads and runs the command line. Loading opens many files at once, and can fail under a low limit of open files. */
import { KindredError } from "../errors.js";
import { isTooManyFiles, TOO_MANY_FILES } from "../files.js";
import { tell } from "./exit.js";

/** A limit of open files that is always enough to load. */
const ENOUGH = 256;

const loaded = await import("./program.js").catch((thrown: unknown) => {
  if (!isTooManyFiles(thrown) && !mayOpenFew()) throw thrown;
  process.exitCode = tell(new KindredError("storage", TOO_MANY_FILES, { cause: thrown }));
});
await loaded?.run();

/** Whether the limit is low: Node's loader then reports some files as missing. */
function mayOpenFew(): boolean {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft: number | string } } };
  return Number(userLimits?.open_files?.soft) < ENOUGH;
}
