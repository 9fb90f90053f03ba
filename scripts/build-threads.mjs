/**
 * Bundles what processes and threads start with, each into its place in dist: the command line, the modules of the worker
 * threads, and processes of tests. They then start in half the time, because Node reads a few files instead of hundreds.
 */
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { build } from "esbuild";

const root = new URL("../", import.meta.url);
const THREADS = [
  "engine/builder",
  "opensearch/module",
  "indexing/embedder-thread",
  "indexing/mapper",
  "indexing/thread",
  "questions/embedder",
  "questions/thread",
];
/** Processes that torture and tests start, named by folder. Most live for a second or less. */
const CHILDREN = [
  "scripts/common/server-child",
  "scripts/torture/child",
  "scripts/torture/cut-child",
  "scripts/torture/send-child",
  "scripts/torture/source-child",
  "test/alerts/run-child",
  "test/disk",
  "test/indexing/run",
  "test/jobs/child",
  "test/sources/update-child",
  "test/store/open",
];
/** Pure JavaScript. Packages with native parts, and those of the server, stay packages. */
const BUNDLED =
  "@modelcontextprotocol/server @opensearch-project/opensearch @xenova/transformers cli-progress commander csv-parse csv-stringify entities lru-cache sax stemmer zod".split(
    " ",
  );

const { dependencies, optionalDependencies } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
const options = {
  allowOverwrite: true,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  external: Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !BUNDLED.includes(name)),
  // Some of these packages are CommonJS. With `var`, a bundle can be bundled again.
  banner: { js: 'var require = process.getBuiltinModule("node:module").createRequire(import.meta.url);' },
  logLevel: "warning",
};

/** Makes each of the project's own modules lean. */
const leaning = {
  name: "leaning",
  setup(bundle) {
    bundle.onLoad({ filter: /\bdist\b.+\.js$/ }, ({ path }) => ({ contents: lean(readFileSync(path, "utf8")) }));
  },
};

/**
 * A module in a form in which esbuild can leave out four fifths of zod, and the schemas that the bundle does not use: to make
 * all of them takes a third of the time in which a thread starts.
 */
function lean(code) {
  if (!code.includes('import { z } from "zod"')) return code;
  return code
    .replace('import { z } from "zod"', 'import * as z from "zod"')
    .replace(CONSTANT, (all, name, value) =>
      /\bz\s*\.|Schema\b/.test(value) && isExpression(value) ? `${name}/* @__PURE__ */ (() => (${value}))();` : all,
    );
}

/** Not if a line in a template literal was taken for the end. */
function isExpression(code) {
  try {
    void new Script(`(${code})`);
    return true;
  } catch {
    return false;
  }
}

/** A constant of a module as tsc and esbuild write it: until a line that is followed by a statement. */
const CONSTANT = /^((?:export )?const \w+ = )((?:.*\n(?=[\s})\]]))*.*);$/gm;

const at = (path) => fileURLToPath(new URL(`dist/src/${path}`, root));
const dist = fileURLToPath(new URL("dist", root));
// `npm start` does not build tests and scripts.
const children = CHILDREN.map((child) => join(dist, `${child}.js`)).filter((file) => existsSync(file));
await build({
  ...options,
  // Before the threads, because what is bundled already cannot be shared.
  entryPoints: children,
  outdir: dist,
  outbase: dist,
  splitting: true,
  chunkNames: "test/chunks/[name]-[hash]",
});
for (const thread of THREADS) {
  const path = at(`${thread}.js`);
  await build({ ...options, entryPoints: [path], outfile: path, plugins: [leaning] });
}
await build({
  ...options,
  entryPoints: [at("cli/main.js")],
  outdir: at("."),
  outbase: at("."),
  // What only some commands need is loaded when they do. In a folder as deep as core/root.ts, which asks for its place.
  splitting: true,
  chunkNames: "cli/chunks-[name]-[hash]",
  plugins: [leaning],
});
// npm makes it executable only when it links the package, which it does not do again after a build.
chmodSync(at("cli/main.js"), 0o755);
