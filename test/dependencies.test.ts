/** docs/dependencies.md lists each installed package with its version and licence. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../src/core/root.js";

type Package = { version: string; license: string };
const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), "utf8");

test("every dependency is listed with its version, licence and purpose", () => {
  type Named = Record<"dependencies" | "optionalDependencies" | "devDependencies", Record<string, string>>;
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(read("package.json")) as Named;
  const ofTests = (JSON.parse(read("test", "package.json")) as Named).devDependencies;
  const all = { ...dependencies, ...optionalDependencies, ...devDependencies, ...ofTests };
  const expected = Object.keys(all).map((name) => {
    const { version, license } = JSON.parse(read("node_modules", name, "package.json")) as Package;
    return `${name} ${version} ${license}`;
  });
  const [listed = ""] = read("docs", "dependencies.md").split("## Known vulnerabilities");
  const rows = [...listed.matchAll(/^\| (\S+) \| (\d\S*) \| ([^|]+) \| ([^|]+) \|$/gm)];
  assert.deepEqual(
    rows.map(([, name, version, licence]) => `${name} ${version} ${licence}`).toSorted(),
    expected.toSorted(),
  );
  for (const [, name, , , why] of rows) assert.ok(why!.length > 4, name);
});
