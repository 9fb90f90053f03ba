import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.js";

/** Kindred's own version, from package.json. */
export const VERSION = (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string }).version;
