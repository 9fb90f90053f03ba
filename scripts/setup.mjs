/**
 * Makes a clone ready: installs the packages and builds, each only when something it depends on has changed. With the word
 * "start", only what running Kindred takes: no types are checked, and the packages for tests and hnswlib-node's compilation wait
 * for a command that needs them.
 * Plain JavaScript, because it runs before there is a compiler.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const INSTALLED = join(ROOT, "node_modules", ".kindred");
const BUILT = join(ROOT, "dist", ".kindred");
const KERNEL = ["src", "vectors", "kernel.wasm"];

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) stop(`Kindred needs Node 20.19 or later; this is ${process.version}.`);
const extent = process.argv[2] === "start" ? "start" : "all";

// hnswlib uses vector instructions only if the compiler's flags allow them. To move the folder to another kind of
// processor, set CXXFLAGS, to nothing or to flags for that one.
const flags = process.env.CXXFLAGS ?? (compilerTakes("-march=native") ? "-O3 -march=native" : "");
/** SQLite's own build uses -O2, which takes less time than better-sqlite3's -O3. */
const COMPILING = { CXXFLAGS: flags, CFLAGS: process.env.CFLAGS ?? "-O2", JOBS: "max" };
const lock = hashOf(["package-lock.json", ".npmrc"], process.versions.modules, flags);
const sources = hashOf([...filesIn("src"), ...filesIn("scripts"), ...filesIn("test"), "tsconfig.json"], lock);

const isInstalled = isAt(INSTALLED, lock);
const some = stampAt(INSTALLED) === `${lock} start`;
if (!isInstalled) {
  console.log(some ? "Installing the packages for tests ..." : "Installing packages (once) ...");
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const what = extent === "start" ? ["ci", "--workspaces=false"] : some ? ["install", "--no-save"] : ["ci"];
  await run(npm(), [...what, "--include=dev", ...quiet]).catch(({ message }) => stop(message));
}
// At the same time. If one fails, the other still ends, so that nothing is left running.
const done = await Promise.allSettled([
  isInstalled ? undefined : compile(),
  isAt(BUILT, sources) ? undefined : build(),
]);
for (const { reason } of done) if (reason !== undefined) stop(reason.message);

async function build() {
  console.log("Building ...");
  // Otherwise the output of deleted sources would still run.
  rmSync(join(ROOT, "dist"), { recursive: true, force: true });
  await (extent === "start" ? translate() : buildAll());
  await Promise.all([node("scripts/build-threads.mjs"), node("scripts/build-web.mjs")]);
  writeFileSync(BUILT, `${sources} ${extent}`);
}

/** Makes the native modules. better-sqlite3 downloads a binary where it can; what does without hnswlib-node does. */
async function compile() {
  const missing = ["python3", "make", "g++"].filter((tool) => spawnSync(tool, ["--version"]).status !== 0);
  const hint =
    missing.length === 0
      ? ""
      : `\nCompiling native modules needs ${missing.join(", ")}, which this machine lacks.\n` +
        "On Debian or Ubuntu: sudo apt install python3 make g++\n" +
        "On macOS: xcode-select --install";
  const rebuild = (name, failed) =>
    run(npm(), ["rebuild", name, "--loglevel=error"], { environment: COMPILING, hint, failed });
  await Promise.all([
    some ? undefined : rebuild("better-sqlite3"),
    extent === "all"
      ? rebuild("hnswlib-node", () => console.error("Left out hnswlib-node, which could not be compiled."))
      : undefined,
  ]);
  writeFileSync(INSTALLED, `${lock} ${extent}`);
}

/** The sources as JavaScript, without looking at types. */
async function translate() {
  const esbuild = await import("esbuild");
  await esbuild.build({
    entryPoints: filesIn("src")
      .filter((file) => file.endsWith(".ts") && !file.startsWith(join("src", "web")) && !file.includes("kernel"))
      .map((file) => join(ROOT, file)),
    outdir: join(ROOT, "dist", "src"),
    outbase: join(ROOT, "src"),
    format: "esm",
    target: "es2022",
    logLevel: "warning",
  });
  copyFileSync(join(ROOT, ...KERNEL), join(ROOT, "dist", ...KERNEL));
}

/** Everything, with types checked. */
async function buildAll() {
  const tsc = join("node_modules", "typescript", "bin", "tsc");
  await node(tsc, "-p", ".");
  await node(tsc, "-p", join("src", "web"));
  await node(
    join("node_modules", "assemblyscript", "bin", "asc.js"),
    join("src", "vectors", "kernel", "kernel.ts"),
    "--outFile",
    join("dist", ...KERNEL),
    ..."--runtime stub --enable simd -O3 --converge --noAssert".split(" "),
  );
}

/** All files below a folder, except installed packages. */
function filesIn(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(({ name }) => name !== "node_modules")
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
    });
}

function hashOf(files, ...more) {
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(ROOT, file)))
      .update("\0");
  for (const text of more) hash.update(text);
  return hash.digest("hex");
}

function stampAt(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** Whether this, or more, has been done with the same input. */
function isAt(path, hash) {
  return stampAt(path) === `${hash} all` || stampAt(path) === `${hash} ${extent}`;
}

/** The name of the npm command. */
function npm() {
  return process.platform === "win32" ? "npm.cmd" : "npm";
}

/** Whether the compiler accepts the flag; false if there is no compiler, which is reported later. */
function compilerTakes(flag) {
  return spawnSync("g++", [flag, "-fsyntax-only", "-x", "c++", "-"], { input: "" }).status === 0;
}

function node(...words) {
  return run(process.execPath, words);
}

/** @param options.hint What may help if it fails. @param options.failed What to do then instead of throwing. */
async function run(command, words, { environment = {}, hint = "", failed } = {}) {
  const child = spawn(command, words, { cwd: ROOT, stdio: "inherit", env: { ...process.env, ...environment } });
  const [status, error] = await new Promise((ended) => {
    child.once("exit", (code) => ended([code]));
    child.once("error", (thrown) => ended([null, thrown]));
  });
  if (status === 0) return;
  const message = `"${command} ${words.join(" ")}" failed${error ? `: ${error.message}` : ""}; see its output above.${hint}`;
  if (failed === undefined) throw new Error(message);
  failed(message);
}

function stop(message) {
  console.error(message);
  process.exit(1);
}
