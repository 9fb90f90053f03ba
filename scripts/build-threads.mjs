/**
 * Bundles what processes and threads start with, each into its place in dist: the command line, and the modules of the worker
 * threads. Both then start in half the time, because Node reads one file instead of hundreds.
 */
import { chmodSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
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

/** Two modules that transformers.js gets instead of those it imports. */
const REPLACED = {
  // Loading this image library takes longer than all the rest, and Kindred has no images.
  sharp: `export default () => { throw new Error("Kindred reads no images"); };`,
  // It looks for onnxruntime, which is native, from where the package is, not from where the bundle is.
  module: `import { createRequire as from } from "node:module";
    export const createRequire = (here) => from(from(here).resolve("@xenova/transformers"));`,
};
const replacing = {
  name: "replacing",
  setup(bundle) {
    bundle.onResolve({ filter: /^(sharp|module)$/ }, ({ path }) => ({ path, namespace: "replaced" }));
    bundle.onLoad({ filter: /./, namespace: "replaced" }, ({ path }) => ({ contents: REPLACED[path] }));
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
      /\bz\s*\.|Schema\b/.test(value) ? `${name}/* @__PURE__ */ (() => (${value}))();` : all,
    );
}
/** A constant of a module as tsc writes it: until a line that is followed by a statement. */
const CONSTANT = /^((?:export )?const \w+ = )((?:.*\n(?=[\s})\]]))*.*);$/gm;

const at = (path) => fileURLToPath(new URL(`dist/src/${path}`, root));
for (const thread of THREADS) {
  const path = at(`${thread}.js`);
  await build({ ...options, entryPoints: [path], outfile: path, plugins: [replacing] });
}
await build({
  ...options,
  entryPoints: [at("cli/main.js")],
  outdir: at("."),
  outbase: at("."),
  // What only some commands need is loaded when they do. In a folder as deep as core/root.ts, which asks for its place.
  splitting: true,
  chunkNames: "cli/chunks-[name]-[hash]",
  plugins: [replacing],
});
// npm makes it executable only when it links the package, which it does not do again after a build.
chmodSync(at("cli/main.js"), 0o755);
