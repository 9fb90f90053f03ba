/** A folder that is watched, with the real file system. */
import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { FolderWatch } from "../../src/sources/watch.js";
import { temporaryDirectory } from "../sample.js";

/** Milliseconds without a change. */
const QUIET = 100;

async function watched(t: TestContext, settled: () => boolean = () => true) {
  const root = join(temporaryDirectory(t), "papers");
  mkdirSync(join(root, "deep", "er"), { recursive: true });
  const state = { told: 0 };
  const watch = new FolderWatch(
    root,
    () => {
      state.told++;
      return settled();
    },
    QUIET,
  );
  t.after(() => watch.close());
  await watch.look();
  /** Resolves when it has been told once more. */
  const told = async (work: () => void): Promise<void> => {
    const before = state.told;
    work();
    while (state.told === before) await setTimeout(10);
  };
  // What is there when it begins may be new.
  await told(() => {});
  return { root, watch, told, state };
}

/** Long enough for everything that has happened to be told. */
const calm = () => setTimeout(5 * QUIET);

test("new and changed files are told, also in folders that are new", async (t) => {
  const { root, told, state } = await watched(t);
  await told(() => writeFileSync(join(root, "a.ris"), "A"));
  await told(() => writeFileSync(join(root, "deep", "er", "b.bib"), "B"));
  await told(() => appendFileSync(join(root, "deep", "er", "b.bib"), "B"));
  await told(() => mkdirSync(join(root, "new")));
  await told(() => writeFileSync(join(root, "new", "c.json"), "C"));
  await told(() => renameSync(join(root, "new"), join(root, "moved")));
  await told(() => writeFileSync(join(root, "moved", "d.json"), "D"));
  await calm();
  const before = state.told;
  for (const name of ["paper.pdf", ".hidden.ris", "a.ris.part"]) writeFileSync(join(root, name), "x");
  mkdirSync(join(root, ".hidden"));
  writeFileSync(join(root, ".hidden", "e.ris"), "E");
  await calm();
  assert.equal(state.told, before, "other files are not told");
});

test("a folder below that is replaced by another is watched", async (t) => {
  const { root, told } = await watched(t);
  await told(() => {
    renameSync(join(root, "deep"), `${root}-away`);
    mkdirSync(join(root, "deep", "er"), { recursive: true });
  });
  await calm();
  await told(() => writeFileSync(join(root, "deep", "a.ris"), "A"));
  await told(() => writeFileSync(join(root, "deep", "er", "b.ris"), "B"));
});

test("a file is whole the last time it is told", async (t) => {
  const seen: string[] = [];
  const paths: string[] = [];
  const { root } = await watched(t, () => {
    for (const path of paths) seen.push(readFileSync(path, "utf8"));
    return true;
  });
  paths.push(join(root, "a.ris"));
  for (let i = 0; i < 30; i++) {
    appendFileSync(paths[0]!, "x");
    await setTimeout(10);
  }
  while (seen.at(-1) !== "x".repeat(30)) await setTimeout(10);
});

test("what cannot be read now is told again", async (t) => {
  let refuse = 3;
  const { state } = await watched(t, () => --refuse < 0);
  while (state.told < 4) await setTimeout(10);
  await calm();
  assert.equal(state.told, 4);
});

test("a folder that disappears and returns, or is another, is watched again", async (t) => {
  const { root, watch, told, state } = await watched(t);
  renameSync(root, `${root}-away`);
  await watch.look();
  await calm();
  writeFileSync(join(`${root}-away`, "a.ris"), "A");
  await calm();
  const before = state.told;
  renameSync(`${root}-away`, root);
  await watch.look();
  while (state.told === before) await setTimeout(10);
  await told(() => writeFileSync(join(root, "deep", "b.ris"), "B"));
  rmSync(root, { recursive: true });
  mkdirSync(root);
  await watch.look();
  await told(() => writeFileSync(join(root, "c.ris"), "C"));
  watch.close();
  await calm();
  const closed = state.told;
  writeFileSync(join(root, "d.ris"), "D");
  await calm();
  assert.equal(state.told, closed);
});
