/** Opening, using and closing a directory at any moment, as a program does. */
import "../tiny.js";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openKindred, KindredError } from "../../src/kindred.js";
import { collect } from "../cli/command.js";
import { sampleDirectory, temporaryDirectory } from "../sample.js";

const KINDRED = new URL("../../src/kindred.js", import.meta.url).href;

/** Runs a separate program, because ending a thread at the wrong moment would crash this process. */
function run(program: string, directory: string) {
  const file = join(directory, "program.mjs");
  writeFileSync(
    file,
    `import { openKindred } from ${JSON.stringify(KINDRED)};
     const directory = ${JSON.stringify(directory)};
     const file = async function* (id) { yield Buffer.from(JSON.stringify({ id, title: "Paper " + id })); };
     const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
     ${program}
     console.log("done");`,
  );
  return collect(spawn(process.execPath, [file]));
}

describe("a program survives", () => {
  test("closing at any moment while the model loads", async (t) => {
    const program = `for (let ms = 0; ms < 400; ms += 50) {
      const kindred = await openKindred({ directory });
      await wait(ms);
      await kindred.close();
    }`;
    assert.deepEqual(await run(program, await sampleDirectory(t)), { code: 0, stdout: "done\n", stderr: "" });
  });

  test("embedding one paper after another with more threads than there are papers", async (t) => {
    const program = `const kindred = await openKindred({ directory, workers: 3 });
    for (let i = 0; i < 10; i++) {
      await kindred.import(file("p" + i));
      await kindred.index();
    }
    await kindred.close();`;
    assert.deepEqual(await run(program, temporaryDirectory(t)), { code: 0, stdout: "done\n", stderr: "" });
  });

  test("closing during embedding, a search and an import", async (t) => {
    const program = `for (const work of [
      (kindred) => kindred.index(),
      (kindred) => kindred.search({ q: "paper" }),
      (kindred) => kindred.import(file("q")),
    ]) {
      const kindred = await openKindred({ directory });
      await kindred.import(file("p"));
      const working = work(kindred).then(() => "ended", (error) => error.code);
      await wait(50);
      await kindred.close();
      if (!["ended", "cancelled"].includes(await working)) throw new Error(await working);
    }`;
    assert.deepEqual(await run(program, temporaryDirectory(t)), { code: 0, stdout: "done\n", stderr: "" });
  });
});

test("calls after closing are refused, and closing again does nothing", async (t) => {
  const kindred = await openKindred({ directory: await sampleDirectory(t) });
  await kindred.close();
  await kindred.close();
  const closed = (thrown: unknown) => thrown instanceof KindredError && thrown.code === "cancelled";
  await assert.rejects(kindred.search({ q: "x" }), closed);
  await assert.rejects(kindred.import("x.bib"), closed);
  await assert.rejects(kindred.status(), closed);
});

test("errors of the library have one class, with a code and the parameter", async (t) => {
  const kindred = await openKindred({ directory: await sampleDirectory(t) });
  t.after(() => kindred.close());
  const like = (code: string, parameter?: string) => (thrown: unknown) =>
    thrown instanceof KindredError && thrown.code === code && thrown.parameter === parameter;
  await assert.rejects(kindred.search({ q: "x", limit: 0 }), like("invalid", "limit"));
  await assert.rejects(kindred.search({} as { q: string }), like("invalid", "q"));
  await assert.rejects(kindred.related({ id: "nobody" }), like("not-found", "id"));
  await assert.rejects(kindred.paper("nobody"), like("not-found", "id"));
  await assert.rejects(kindred.remove("nobody"), like("not-found", "id"));
  await assert.rejects(openKindred({ directory: kindred.directory, model: "no-such-model" }), like("invalid", "model"));
});

test("after closing everything is in papers.db, and no log is left", async (t) => {
  const directory = temporaryDirectory(t);
  for (let i = 0; i < 5; i++) {
    const kindred = await openKindred({ directory });
    await kindred.import(
      (async function* () {
        yield await Promise.resolve(Buffer.from(JSON.stringify({ id: `p${i}`, title: `Paper ${i}` })));
      })(),
    );
    assert.equal((await kindred.status()).papers, i + 1);
    await kindred.close();
    assert.ok(!existsSync(join(directory, "papers.db-wal")), "the log");
  }
});
