#!/usr/bin/env node
/** Loads the command line and runs it. Loading opens many files at once, and may fail where few may be open. */
import { KindredError } from "../errors.js";
import { isTooManyFiles, TOO_MANY_FILES } from "../files.js";
import { tell } from "./exit.js";

/** Files that may be open at once: more than loading ever needs. */
const ENOUGH = 256;

const loaded = await import("./program.js").catch((thrown: unknown) => {
  if (!isTooManyFiles(thrown) && !mayOpenFew()) throw thrown;
  process.exitCode = tell(new KindredError("storage", TOO_MANY_FILES, { cause: thrown }));
});
await loaded?.run();

/** Node's loader says of some files that they are missing, when it may not open them. */
function mayOpenFew(): boolean {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft: number | string } } };
  return Number(userLimits?.open_files?.soft) < ENOUGH;
}
