import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of package.json: this file runs as `dist/src/core/root.js`. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
