/** Lints, checks the formatting and runs all tests. With arguments, only runs test files whose path contains one of them. */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, sep } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";

/** Files that take more than ten seconds of CPU time. They start first; otherwise one of them would run alone at the end. */
const LONGEST =
  `web/page-access clients/python torture sources/troubled alerts/mailing fuzz admin/verify cli/search cli/serve cli/import indexing/index formats/robustness web/page-addresses
  web/imports indexing/map web/page-width server/import cli/export disk server/access indexing/kill web/adding web/page-lists web/page
  web/page-map web/page-facets web/page-paper cli/source web/page-papers read-only server/addresses server/export-stream
  web/page-math library/close web/page-search web/page-sources cli/workers engine/embedded questions/golden server/overload
  server/observed server/paging admin/backup sources/sources alerts/alerts alerts/model
  cli/alert no-network`.split(/\s+/);
/** A test file that takes longer is stopped and fails, in milliseconds. */
const TIMEOUT = 600_000;

const wanted = process.argv.slice(2);
const files = readdirSync(join("dist", "test"), { recursive: true })
  .map((file) => join("dist", "test", String(file)))
  .filter((file) => file.endsWith(".test.js"))
  .filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)))
  .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
if (files.length === 0) {
  console.error(`no test file's path contains ${wanted.join(" or ")}`);
  process.exit(1);
}

if (wanted.length === 0) {
  // Embeds the sample once, before several files need it at the same time. In a run of few files, the first to need it does.
  const ready = await Promise.all([
    node(join("dist", "test", "prepare.js")),
    node(join("node_modules", "oxlint", "bin", "oxlint"), "--type-aware", "--deny-warnings"),
    node(
      join("node_modules", "prettier", "bin", "prettier.cjs"),
      "--check",
      "--log-level=warn",
      "src",
      "scripts",
      "test",
    ),
  ]);
  if (ready.some((status) => status !== 0)) process.exit(1);
}

// Each file runs in its own process with threads and a browser, so more than four at once slow each other down. One more than
// there are cores, because some wait.
run({ files, concurrency: Math.min(4, availableParallelism() + 1), timeout: TIMEOUT })
  .on("test:fail", ({ todo }) => {
    if (todo === undefined || todo === false) process.exitCode = 1;
  })
  .compose(new spec())
  .pipe(process.stdout);

/** The position of a file among the longest; all others share the position after them. */
function rank(file) {
  const name = file.split(sep).slice(2).join("/").replace(".test.js", "");
  const place = LONGEST.indexOf(name);
  return place < 0 ? LONGEST.length : place;
}

/** Runs a script in its own process. @returns Its exit status; null if a signal ended it. */
function node(...words) {
  const child = spawn(process.execPath, words, { stdio: "inherit" });
  return new Promise((ended) => child.once("exit", ended));
}
