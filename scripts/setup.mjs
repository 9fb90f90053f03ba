/**
 * Makes a clone ready to run: installs the packages and builds, each only when something it depends on has changed.
 * Plain JavaScript, because it runs before there is a compiler.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const INSTALLED = join(ROOT, "node_modules", ".kindred");
const BUILT = join(ROOT, "dist", ".kindred");

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) stop(`Kindred needs Node 20.19 or later; this is ${process.version}.`);

// hnswlib uses vector instructions only if the compiler's flags allow them. To move the folder to another kind of
// processor, set CXXFLAGS, to nothing or to flags for that one.
const flags = process.env.CXXFLAGS ?? (compilerTakes("-march=native") ? "-O3 -march=native" : "");
const lock = hashOf(["package-lock.json", ".npmrc"], process.versions.modules, flags);
if (stampAt(INSTALLED) !== lock) {
  const missing = ["python3", "make", "g++"].filter((tool) => spawnSync(tool, ["--version"]).status !== 0);
  console.log("Installing packages (once; compiling native modules takes a minute or two) ...");
  run(
    npm(),
    ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"],
    { CXXFLAGS: flags },
    // Without them, better-sqlite3 is downloaded as a binary where it can be, and hnswlib-node is left out.
    missing.length === 0
      ? ""
      : `\nCompiling native modules needs ${missing.join(", ")}, which this machine lacks.\n` +
          "On Debian or Ubuntu: sudo apt install python3 make g++\n" +
          "On macOS: xcode-select --install",
  );
  writeFileSync(INSTALLED, lock);
}

const sources = hashOf([...filesIn("src"), ...filesIn("scripts"), ...filesIn("test"), "tsconfig.json"], lock);
if (stampAt(BUILT) !== sources) {
  console.log("Building ...");
  // Otherwise the output of deleted sources would still run.
  rmSync(join(ROOT, "dist"), { recursive: true, force: true });
  run(process.execPath, [join("node_modules", "typescript", "bin", "tsc"), "-p", "."]);
  run(process.execPath, [join("node_modules", "typescript", "bin", "tsc"), "-p", join("src", "web")]);
  const kernel = ["src", "vectors", "kernel"];
  run(process.execPath, [
    join("node_modules", "assemblyscript", "bin", "asc.js"),
    join(...kernel, "kernel.ts"),
    "--outFile",
    join("dist", ...kernel.slice(0, 2), "kernel.wasm"),
    ..."--runtime stub --enable simd -O3 --converge --noAssert".split(" "),
  ]);
  run(process.execPath, [join("scripts", "build-threads.mjs")]);
  run(process.execPath, [join("scripts", "build-web.mjs")]);
  writeFileSync(BUILT, sources);
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

/** The name of the npm command. */
function npm() {
  return process.platform === "win32" ? "npm.cmd" : "npm";
}

/** Whether the compiler accepts the flag; false if there is no compiler, which is reported later. */
function compilerTakes(flag) {
  return spawnSync("g++", [flag, "-fsyntax-only", "-x", "c++", "-"], { input: "" }).status === 0;
}

/** @param hint What may help if it fails. */
function run(command, words, environment = {}, hint = "") {
  const { status, error } = spawnSync(command, words, {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, ...environment },
  });
  if (status !== 0)
    stop(`"${command} ${words.join(" ")}" failed${error ? `: ${error.message}` : ""}; see its output above.${hint}`);
}

function stop(message) {
  console.error(message);
  process.exit(1);
}
