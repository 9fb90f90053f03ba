#!/usr/bin/env node
/** Loads and runs the command line. Loading opens many files at once, and can fail under a low limit of open files. */
import { KindredError } from "../core/errors.js";
import { TOO_MANY_FILES } from "../core/files.js";
import { needsMoreFiles, tell } from "./exit.js";

const loaded = await import("./program.js").catch((thrown: unknown) => {
  if (!needsMoreFiles(thrown)) throw thrown;
  process.exitCode = tell(new KindredError("storage", TOO_MANY_FILES, { cause: thrown }));
});
await loaded?.run();
