/** What `npm start` builds in a clone: less than the tests need, so that nothing of these may be missing. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { answerSchema } from "../../src/api.js";
import { ROOT } from "../../src/core/root.js";
import { sampleDirectory, temporaryDirectory } from "../sample.js";
import { collect } from "./command.js";

test("a clone in which nothing was built answers, and shows its page", async (t) => {
  const clone = temporaryDirectory(t);
  // Not a link to the folder: the installed packages of this clone must stay as they are.
  mkdirSync(join(clone, "node_modules"));
  for (const name of readdirSync(join(ROOT, "node_modules")))
    symlinkSync(join(ROOT, "node_modules", name), join(clone, "node_modules", name));
  for (const name of ["package.json", "package-lock.json", ".npmrc", "tsconfig.json", "models", "test"])
    symlinkSync(join(ROOT, name), join(clone, name));
  for (const name of ["src", "scripts"]) cpSync(join(ROOT, name), join(clone, name), { recursive: true });

  const built = await collect(spawn(process.execPath, [join(clone, "scripts", "setup.mjs"), "start"]));
  assert.deepEqual(built, { code: 0, stdout: "Building ...\n", stderr: "" });
  assert.ok(!existsSync(join(clone, "dist", "test")), "tests are not built");

  const words = ["serve", "--port", "0", "-d", await sampleDirectory(t)];
  const server = spawn(process.execPath, [join(clone, "dist", "src", "cli", "main.js"), ...words]);
  const ended = collect(server);
  t.after(() => server.kill("SIGKILL"));
  let url: string | undefined;
  for await (const line of createInterface({ input: server.stdout })) {
    url = /^Kindred is at (\S+)/.exec(line)?.[1];
    if (url !== undefined) break;
  }
  if (url === undefined) assert.fail(JSON.stringify(await ended));
  const { hits } = answerSchema.parse(await (await fetch(`${url}api/search?q=smoking and lung cancer`)).json());
  assert.equal(hits[0]?.paper.id, "doll-1950-smoking");
  const page = await (await fetch(url)).text();
  for (const [, script = ""] of page.matchAll(/<script[^>]* src="([^"]+)"/g))
    assert.equal((await fetch(new URL(script, url))).status, 200, script);
  server.kill("SIGTERM");
  assert.deepEqual((await ended).stderr, "");
});
