#!/usr/bin/env node
/** Loads the command line and runs it. Loading opens many files at once, and may fail where few may be open. */
import { KindredError } from "../errors.js";
import { TOO_MANY_FILES } from "../files.js";
import { needsMoreFiles, tell } from "./exit.js";

const loaded = await import("./program.js").catch((thrown: unknown) => {
  if (!needsMoreFiles(thrown)) throw thrown;
  process.exitCode = tell(new KindredError("storage", TOO_MANY_FILES, { cause: thrown }));
});
await loaded?.run();
