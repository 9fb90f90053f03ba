/** Builds, then runs a script of a folder: `npm run bench -- search DIRECTORY QUERIES`. Without a name, lists the names. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const NAMES = {
  bench: [
    "alerts",
    "browse",
    "cluster",
    "embedders",
    "filters",
    "formats",
    "hnsw",
    "index",
    "library",
    "map",
    "map-page",
    "mcp",
    "page",
    "plan",
    "recommend",
    "scale",
    "search",
    "start",
  ],
  evaluate: ["assistant", "nothing", "picks", "recommend", "roles", "search", "sketches", "vectors"],
};

const [folder, name, ...words] = process.argv.slice(2);
if (!NAMES[folder].includes(name)) {
  console.error(`usage: npm run ${folder} -- NAME ..., where NAME is one of ${NAMES[folder].join(", ")}`);
  process.exit(2);
}
await import("./setup.mjs");
const script = join("dist", "scripts", folder, `${name}.js`);
process.exit(spawnSync(process.execPath, [script, ...words], { stdio: "inherit" }).status ?? 1);
