/** Lints, checks the formatting, and runs every test; with arguments, only the test files whose path holds one of them. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

const wanted = process.argv.slice(2);
const files = readdirSync(join("dist", "test"), { recursive: true })
  .map((file) => join("dist", "test", String(file)))
  .filter((file) => file.endsWith(".test.js"))
  .filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)))
  .sort();

if (wanted.length === 0) {
  run([join("node_modules", "oxlint", "bin", "oxlint"), "--type-aware", "--deny-warnings"]);
  run([
    join("node_modules", "prettier", "bin", "prettier.cjs"),
    "--check",
    "--log-level=warn",
    "src",
    "scripts",
    "test",
  ]);
}
if (files.length === 0) {
  console.error(`no test file holds ${wanted.join(" or ")}`);
  process.exit(1);
}
run([join("dist", "test", "prepare.js")]);
run(["--test", "--test-concurrency=2", "--test-timeout=600000", "--test-reporter=spec", ...files]);

function run(words) {
  const { status } = spawnSync(process.execPath, words, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
