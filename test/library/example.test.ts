import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../src/core/root.js";
import { collect } from "../cli/command.js";

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

test("the examples of the documents are parts of the example program, so they compile and run", () => {
  const alike = (code: string): string => code.replaceAll(/[,\s]+/g, " ").trim();
  /** What a text imports: `Readable from "node:stream"`. */
  const importsOf = (code: string): string[] =>
    [...code.matchAll(/^import \{(.*)\} (from ".*");$/gm)].flatMap(([, names = "", from]) =>
      names.split(",").map((name) => `${name.trim()} ${from}`),
    );
  const program = alike(read("scripts/examples/library.ts"));
  const examples = ["README.md", "docs/library.md"].flatMap((path) =>
    [...read(path).matchAll(/```ts\n([^]*?)```/g)].map(([, code = ""]) => ({ path, code })),
  );
  assert.ok(examples.length > 5);
  const imported = importsOf(read("scripts/examples/library.ts"));
  for (const { path, code } of examples) {
    for (const one of importsOf(code)) assert.ok(imported.includes(one), `${path}: import ${one}`);
    assert.ok(
      program.includes(alike(code.replaceAll(/^import .*;$/gm, ""))),
      `${path}: this is not in scripts/examples/library.ts:\n${code}`,
    );
  }
});

test("the example program runs, and finds the expected papers", async () => {
  const { code, stdout, stderr } = await collect(
    spawn(process.execPath, [join(ROOT, "dist", "scripts", "examples", "library.js")]),
  );
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^vectors 3 3$/m);
  assert.match(stdout, /^Prospects and losses People who choose under risk fear a loss/m);
  assert.match(stdout, /^recommended: A map of galaxies$/m);
  assert.match(stdout, /^2 \[\]$/m);
  assert.match(stdout, /^related: Crows that bend wire and Crows that bend wire$/m);
  assert.match(stdout, /^there is no paper with the id "nothing-here"/m);
  assert.match(stdout, /^in time: \d$/m);
});
