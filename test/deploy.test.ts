/** The container and the unit name files, settings and options that exist. Nothing is built here. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commandLine } from "../src/cli/program.js";
import { ROOT } from "../src/core/root.js";

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const documents = ["docs/cli.md", "docs/deploy.md", "docs/alerts.md", "docs/opensearch.md", "docs/sources.md"]
  .map(read)
  .join("\n");

/** Settings that are neither Kindred's nor documented as such. */
const OTHERS = new Set(["NODE_ENV", "CXXFLAGS"]);

test("the image copies what exists, and all that the package has", () => {
  const image = read("Dockerfile");
  const ignored = read(".dockerignore");
  const copied = [...image.matchAll(/^COPY --from=build (.+) \S+$/gm)].flatMap(([, paths]) =>
    paths!.split(" ").map((path) => path.replace("/kindred/", "")),
  );
  assert.ok(copied.length > 4);
  for (const path of copied) {
    assert.ok(existsSync(join(ROOT, path)), path);
    const [top = ""] = path.split("/");
    assert.ok(ignored.includes(`!${top}\n`) || ["node_modules", "dist"].includes(top), `${top} reaches the build`);
  }
  const { files } = JSON.parse(read("package.json")) as { files: string[] };
  for (const file of files.filter((one) => !one.startsWith("!")))
    assert.ok(
      copied.some((path) => file === path || file.startsWith(`${path}/`)),
      file,
    );
  for (const [, removed] of image.matchAll(/node_modules\/([\w-]+)[/ ]/g))
    assert.ok(existsSync(join(ROOT, "node_modules", removed!)), removed);
});

test("the unit, the image and the composition use commands, options and variables that exist", () => {
  const unit = read("deploy/kindred.service");
  const image = read("Dockerfile");
  const commands = [
    /^ExecStart=(.+)$/m.exec(unit)![1]!.split(" "),
    [...(JSON.parse(/^ENTRYPOINT (.+)$/m.exec(image)![1]!) as string[])].concat(
      JSON.parse(/^CMD (\[.+)$/m.exec(image)![1]!) as string[],
    ),
  ];
  for (const [program, name, ...options] of commands) {
    assert.equal(program, "kindred");
    const command = commandLine().commands.find((one) => one.name() === name);
    assert.ok(command !== undefined, name);
    for (const option of options)
      assert.ok(
        command.options.some(({ long }) => long === option.split("=")[0]),
        option,
      );
  }
  const variables = [unit, image, read("compose.yaml"), read("deploy/Caddyfile")].flatMap((text) =>
    [...text.matchAll(/\b(?:KINDRED_[A-Z_]+|TZ|NODE_ENV|CXXFLAGS)\b/g)].map(([name]) => name),
  );
  assert.ok(variables.length > 8);
  for (const name of new Set(variables))
    assert.ok(OTHERS.has(name) || documents.includes(`\`${name}\``), `${name} is documented`);
});
