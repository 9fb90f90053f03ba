import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { commandLine, Ending } from "../../src/cli/program.js";
import { ROOT } from "../../src/core/root.js";
import { temporaryDirectory } from "../sample.js";
import { collect, type Ended, kindred, MAIN } from "./command.js";

for (const name of ["KINDRED_DIRECTORY", "KINDRED_HOST", "KINDRED_PORT"]) delete process.env[name];

/** Parses command lines that end in help or a usage error, without starting a process for each. */
async function parsed(words: readonly string[]): Promise<Ended> {
  const ended: Ended = { code: null, stdout: "", stderr: "" };
  const program = commandLine({
    writeOut: (text) => (ended.stdout += text),
    writeErr: (text) => (ended.stderr += text),
  });
  await assert.rejects(program.parseAsync(words, { from: "user" }), (thrown) => {
    assert.ok(thrown instanceof Ending);
    ended.code = thrown.exitCode;
    return true;
  });
  return ended;
}

const SHARED = ["--directory", "--help"];
const RANKED = ["--limit", "--cursor", "--sort", "--diversity", "--explain", "--json"];
const FILTERS = [
  "--from",
  "--to",
  "--year",
  "--category",
  "--venue",
  "--author",
  "--source",
  "--listed",
  "--list",
  "--added-after",
  "--within",
  "--area",
];
const WORKERS = ["--workers", "--polite"];
const OPTIONS: Record<string, string[]> = {
  import: ["--no-index", "--json", ...WORKERS],
  index: ["--rebuild", "--json", ...WORKERS],
  search: ["--mode", ...RANKED, ...FILTERS],
  related: ["--text", "--title", "--abstract", "--aspect", ...RANKED, ...FILTERS],
  recommend: ["--like", "--like-text", "--dislike", "--dislike-text", "--based-on", ...RANKED, ...FILTERS],
  explain: ["--mode", "--json", ...FILTERS],
  doctor: ["--host", "--port", "--smtp", "--json"],
  serve: [
    "--host",
    "--port",
    "--require-key",
    "--allow-host",
    "--base-path",
    "--rate-limit",
    "--log",
    "--sample",
    ...WORKERS,
  ],
  status: ["--json"],
  export: ["--follow", "--format", "--json", "--list"],
  verify: ["--repair", "--texts", "--json"],
  backup: ["--json"],
  restore: ["--json"],
  "key add": ["--json"],
  "key list": ["--json"],
  "key remove": [],
};

describe("--help", () => {
  test("of the program lists every command and the exit codes", async () => {
    const { code, stdout, stderr } = await kindred(["--help"]);
    assert.deepEqual([code, stderr], [0, ""]);
    for (const command of [...Object.keys(OPTIONS).filter((one) => !one.includes(" ")), "key"])
      assert.match(stdout, new RegExp(`^  ${command}\\b`, "m"));
    assert.match(stdout, /Exit codes/);
    assert.deepEqual((await kindred(["help"])).code, 0);
  });

  for (const [command, options] of Object.entries(OPTIONS))
    test(`of ${command} lists exactly its options`, async () => {
      const { code, stdout, stderr } = await parsed([...command.split(" "), "--help"]);
      assert.deepEqual([code, stderr], [0, ""]);
      const told = [...stdout.matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)].map(([, option = ""]) => option);
      assert.deepEqual(told.toSorted(), [...options, ...SHARED].toSorted());
    });
});

test("--version prints the version of the package", async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  assert.deepEqual(await kindred(["--version"]), { code: 0, stdout: `${version}\n`, stderr: "" });
});

test("a built command is a program, because npx starts it without node", async () => {
  const { code, stdout } = await collect(spawn(MAIN, ["--version"]));
  assert.deepEqual([code, /^\d+\.\d+\.\d+\n$/.test(stdout)], [0, true]);
});

test("with too low a limit on open files it says what to do", async (t) => {
  if (process.platform === "win32") return t.skip("there is no such limit");
  const directory = temporaryDirectory(t);
  // Where the limit is enough depends on the machine.
  for (let limit = 31; ; limit -= 3) {
    const words = [MAIN, "serve", "--port", "0", "-d", directory];
    const child = spawn("sh", ["-c", `ulimit -n ${limit}; exec "$0" "$@"`, process.execPath, ...words]);
    t.after(() => child.kill("SIGKILL"));
    let enough = false;
    child.stdout.once("data", () => {
      enough = true;
      child.kill("SIGTERM");
    });
    const { code, stderr } = await collect(child);
    if (enough) continue;
    assert.equal(stderr, "kindred: too many files are open: raise the limit (`ulimit -n 1024`)\n", `limit ${limit}`);
    assert.equal(code, 1);
    return;
  }
});

describe("a usage error exits with code 2 and says what is possible", () => {
  const TABLE: [words: string[], said: RegExp][] = [
    [[], /Usage: kindred/],
    [["serch"], /unknown command 'serch'[^]*Did you mean search/],
    [["--nonsense"], /unknown option '--nonsense'/],
    [["search", "--nonsense", "x"], /unknown option '--nonsense'/],
    [["search"], /missing required argument 'query'/],
    [["search", "x", "--limit", "0"], /"0", expected a whole number from 1 to 500/],
    [["search", "x", "--limit", "501"], /"501"/],
    [["search", "x", "--limit", "abc"], /"abc"/],
    [["search", "x", "--limit"], /argument missing/],
    [["search", "x", "--mode", "vector"], /Allowed choices are hybrid, semantic, lexical/],
    [["search", "x", "--sort", "oldest"], /Allowed choices are relevance, date, upvotes/],
    [["search", "x", "--year", "19.5"], /"19.5", expected a whole number from 0 to 9999/],
    [["import"], /missing required argument 'file'/],
    [["import", "x.bib", "--workers", "0"], /"0", expected a whole number from 1 to 1024/],
    [["index", "--workers", "1025"], /"1025", expected a whole number from 1 to 1024/],
    [["index", "--workers", "two"], /"two"/],
    [["index", "--workers", "1.5"], /"1.5"/],
    [["index", "--workers"], /argument missing/],
    [["serve", "--workers", "-1"], /"-1", expected a whole number from 1 to 1024/],
    [["search", "x", "--polite"], /unknown option '--polite'/],
    [["export", "--format", "docx"], /Allowed choices are jsonl, bibtex, biblatex, ris, csl-json, csv, markdown, text/],
    [["serve", "--port", "99999"], /"99999", expected a whole number from 0 to 65535/],
    [["serve", "--port", "http"], /"http"/],
    [["serve", "--allow-host", "papers.lab:3000"], /"papers.lab:3000", expected a name alone, without a port/],
    [["serve", "--allow-host", "http://papers.lab"], /"http:\/\/papers.lab", expected a name alone/],
    [["status", "extra"], /too many arguments/],
    [["key", "add"], /missing required argument 'name'/],
  ];
  for (const [words, said] of TABLE)
    test(words.join(" ") || "no arguments", async () => {
      saysSo(await parsed(words), said);
    });

  // Exit codes of a real process, for errors found by the parser and by the command itself.
  for (const [words, said] of [
    [["search", "x", "--limit", "0"], /"0", expected a whole number from 1 to 500/],
    [["related"], /expected an id, --text, or --title and --abstract/],
  ] as const)
    test(`as a process: ${words.join(" ")}`, async () => {
      saysSo(await kindred(words), said);
    });

  function saysSo({ code, stdout, stderr }: Ended, said: RegExp): void {
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, said);
    assert.doesNotMatch(stderr, /\n {4}at /);
  }
});
