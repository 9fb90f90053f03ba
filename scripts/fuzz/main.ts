/**
 * Sends invalid requests and files to a real server on a copy of the sample. Exits with 1 if it found a fault. `--seed N`
 * repeats a run, `--only "request 12"` a single case of it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { openKindred } from "../../src/kindred.js";
import { ROOT } from "../../src/core/root.js";
import { readCommand } from "../common/command.js";
import { fuzz } from "./run.js";
import { median } from "../common/numbers.js";

const SAMPLE = join(ROOT, "src", "sample", "papers.jsonl");

const { values } = readCommand(
  'npm run fuzz -- [--seed N] [--requests 100000] [--files 20000] [--samples FOLDER] [--only "request 12"]',
  0,
  {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    requests: { type: "string", default: "100000" },
    files: { type: "string", default: "20000" },
    samples: { type: "string", default: SAMPLE },
    only: { type: "string" },
  },
);
const { seed, samples, only } = values;
console.log(
  `Seed ${seed}; ${values.requests} requests, ${values.files} files made from ${samples}; Node ${process.versions.node}, ${cpus().length} cores.`,
);
const directory = mkdtempSync(join(tmpdir(), "kindred-fuzz-"));
try {
  const kindred = await openKindred({ directory });
  await kindred.import(SAMPLE);
  await kindred.index();
  await kindred.close();
  const { answers, read, requests, keyed, records, findings, watched, seconds } = await fuzz({
    directory,
    seed: Number(seed),
    requests: Number(values.requests),
    files: Number(values.files),
    samples,
    ...(only === undefined ? {} : { only }),
    log: (line) => console.log(line),
  });
  const statuses = [...new Set([...answers.values()].flatMap((counts) => [...counts.keys()]))].sort();
  console.log(`\n| request | ${statuses.join(" | ")} |\n|---${"|---".repeat(statuses.length)}|`);
  for (const [what, counts] of [...answers].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`| ${what} | ${statuses.map((status) => counts.get(status) ?? "").join(" | ")} |`);
  console.log("\n| format | files | papers | problems |\n|---|---|---|---|");
  for (const [format, { files, papers, problems }] of read)
    console.log(`| ${format} | ${files} | ${papers} | ${problems} |`);
  const third = Math.floor(watched.length / 3);
  const thirds = [watched.slice(0, third), watched.slice(third, 2 * third), watched.slice(2 * third)];
  const row = (name: string, of: (one: (typeof watched)[number]) => number) =>
    console.log(
      `${name}: ${thirds.map((some) => median(some.map(of)).toFixed(0)).join(", ")} MB (medians of thirds of the run)`,
    );
  if (third > 0) {
    row("memory of all threads", ({ resident }) => resident);
    row("heap of the serving thread", ({ heap }) => heap);
  }
  console.log(
    `longest task of the serving thread: ${Math.max(0, ...watched.map(({ held }) => held)).toFixed(0)} ms of CPU time`,
  );
  console.log(
    `\n${requests} requests, ${keyed} with keys, and ${records} records in ${seconds.toFixed(0)} s: ${findings.length} findings.`,
  );
  for (const { name, what, why } of findings.slice(0, 100))
    console.log(
      `\n${name} (npm run fuzz -- --seed ${seed} --samples ${samples} --only "${name}")\n  ${why}\n  ${what}`,
    );
  process.exitCode = findings.length > 0 ? 1 : 0;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
