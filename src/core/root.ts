import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The folder of package.json: this file runs as `dist/src/core/root.js`, or in a bundle in a folder beside it. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

/** The module that a thread starts with, named as in `src`. Not relative, because the caller may be part of a bundle. */
export const threadModule = (name: string): URL => pathToFileURL(join(ROOT, "dist", "src", `${name}.js`));
