/**
 * Bundles each module that a worker thread starts with into one file, in its place in dist: a thread then starts in half the
 * time. Packages with native parts stay packages.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = new URL("../", import.meta.url);
const THREADS = [
  "engine/builder",
  "indexing/embedder-thread",
  "indexing/mapper",
  "indexing/thread",
  "questions/embedder",
  "questions/thread",
];
const BUNDLED = ["zod", "lru-cache"];

const { dependencies } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
for (const thread of THREADS) {
  const path = fileURLToPath(new URL(`dist/src/${thread}.js`, root));
  await build({
    entryPoints: [path],
    outfile: path,
    allowOverwrite: true,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: Object.keys(dependencies).filter((name) => !BUNDLED.includes(name)),
    logLevel: "warning",
  });
}
