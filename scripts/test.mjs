/** Lints, checks the formatting and runs all tests. With arguments, only runs test files whose path contains one of them. */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, sep } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";

/** Files that take more than ten seconds of CPU time. They start first; otherwise one of them would run alone at the end. */
const LONGEST =
  `web/page-access torture alerts/mailing admin/verify cli/search indexing/index web/page-addresses cli/import web/imports web/page-width cli/export
  indexing/map fuzz cli/serve disk library/close indexing/kill server/access web/adding web/page-lists web/page web/page-map
  web/page-facets web/page-paper formats/robustness server/import web/page-papers cli/workers server/addresses read-only
  web/page-math questions/golden admin/backup server/export-stream server/observed replaced threads web/page-search engine/embedded
  indexing/failed server/paging server/overload alerts/alerts alerts/model cli/alert`.split(/\s+/);
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

// Each file runs in its own process with threads and a browser, so more than four at once slow each other down.
run({ files, concurrency: Math.min(4, availableParallelism()), timeout: TIMEOUT })
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
