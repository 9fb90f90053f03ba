/** The page's folders import each other in one direction only, so that each can be read and tested without those above. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../src/core/root.js";

const WEB = join(ROOT, "src", "web");
/** From top to bottom: each folder may only import those after it. */
const DOWNWARDS = [
  "app",
  "map",
  "sources",
  "library",
  "daily",
  "paper",
  "search",
  "add",
  "alerts",
  "results",
  "lists",
  "text",
  "ui",
  "api",
  "navigation",
  "session",
];

test("the page's folders import downwards only", () => {
  const found: string[] = [];
  for (const file of readdirSync(WEB, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name))) {
    const [folder = "", inside] = file.split(sep);
    if (inside === undefined) continue;
    for (const [, path = ""] of readFileSync(join(WEB, file), "utf8").matchAll(/\b(?:from |import\()"(\.[^"]+)"/g)) {
      const [other = ""] = relative(WEB, join(WEB, dirname(file), path)).split(sep);
      if (other !== ".." && other !== folder && DOWNWARDS.indexOf(folder) > DOWNWARDS.indexOf(other))
        found.push(`${file} imports ${path}`);
    }
  }
  assert.deepEqual(found, []);
  assert.deepEqual(
    readdirSync(WEB, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .toSorted(),
    DOWNWARDS.toSorted(),
  );
});
