/** Lints, checks the formatting and runs all tests. With arguments, only runs test files whose path contains one of them. */
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve, sep } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { pathToFileURL } from "node:url";

/**
 * Files that take more than ten seconds, of CPU time or of waiting, and all that use a browser. They start first; otherwise one of
 * them would run alone at the end.
 */
const LONGEST =
  `opensearch/opensearch torture web/page-access web/page-addresses web/page-progress fuzz admin/verify web/page
  web/page-alerts web/page-width formats/robustness indexing/map cli/serve web/page-lists web/page-map web/page-paper
  indexing/index alerts/mailing sources/troubled disk cli/export clients/python web/imports web/page-facets web/adding
  web/page-papers indexing/kill server/access web/page-math web/page-search web/page-sources web/page-key cli/source cli/import
  cli/search sources/collections sources/sources alerts/alerts alerts/model mcp/serving cli/alert read-only
  engine/embedded no-network`.split(/\s+/);
/** A process that takes longer is stopped and fails, in milliseconds. */
const TIMEOUT = 900_000;
/** What a test file contains that needs a process of its own. */
const ALONE = /\bprocess\.(env|on|cpuUsage|memoryUsage)\b/;
/** Most files that a process runs one after the other: files that use a browser, and small ones. */
const TOGETHER = { page: 5, small: 16 };

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

// Each process has threads and perhaps a browser, so more than four at once slow each other down. Two more than there are cores,
// because some wait.
run({
  files: wanted.length === 0 ? together(files) : files,
  concurrency: Math.min(4, availableParallelism() + 2),
  timeout: TIMEOUT,
})
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

/**
 * Files for processes that run several test files, each as a suite with the name of the file, because to load Kindred takes as
 * long as a small file, and to load the browser's library three times as long. Files with the same model are together.
 */
function together(all) {
  const folder = join("dist", "groups");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const groups = new Map();
  for (const file of all) {
    const code = readFileSync(file, "utf8");
    const kind = code.includes("/browser.js") ? "page" : "small";
    const alone = ALONE.test(code) || (kind === "small" && rank(file) < LONGEST.length);
    const name = alone ? file : `${kind}-${code.includes("/tiny.js") ? "tiny" : "real"}`;
    const begun = groups.get(name)?.at(-1);
    if (begun !== undefined && begun.length < TOGETHER[kind]) begun.push(file);
    else groups.set(name, [...(groups.get(name) ?? []), [file]]);
  }
  return [...groups]
    .flatMap(([name, parts]) => parts.map((part, i) => ({ part, path: join(folder, `${name}-${i + 1}.js`) })))
    .sort((a, b) => rank(a.part[0]) - rank(b.part[0]))
    .map(({ part, path }) => {
      if (part.length === 1) return part[0];
      const suites = part.map((file) => {
        const [name, url] = [file, pathToFileURL(resolve(file))].map((text) => JSON.stringify(text));
        return `await describe(${name}, async () => void (await import(${url})));\n`;
      });
      writeFileSync(path, `import { describe } from "node:test";\n${suites.join("")}`);
      return path;
    });
}

/** Runs a script in its own process. @returns Its exit status; null if a signal ended it. */
function node(...words) {
  const child = spawn(process.execPath, words, { stdio: "inherit" });
  return new Promise((ended) => child.once("exit", ended));
}
