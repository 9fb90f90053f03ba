/** What a caller stores in the transactions of an import. */
import "../tiny.js";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openKindred, type Kindred } from "../../src/kindred.js";
import { temporaryDirectory } from "../sample.js";
import { bytesOf, jsonLines } from "../server/serving.js";
import { importPages, PAGES, PER_PAGE } from "./pages.js";

const PAGES_PROCESS = fileURLToPath(new URL("./pages.js", import.meta.url));

const records = (count: number, name: string) =>
  Array.from({ length: count }, (_, i) => ({ id: `${name}-${i}`, title: `Vole ${name} number ${i}` }));
const position = (value: string) => ({ rows: [{ owner: "pages", key: "position", value }] });
const positionIn = async (kindred: Kindred) => (await kindred.owned("pages", "position"))[0]?.value;

async function opened(t: { after(work: () => unknown): void }): Promise<Kindred> {
  const kindred = await openKindred({ directory: temporaryDirectory(t), workers: 1 });
  t.after(() => kindred.close());
  return kindred;
}

test("several files are one import, which is undone as a whole", async (t) => {
  const kindred = await opened(t);
  const first = await kindred.import(bytesOf(jsonLines(...records(2, "a"))), { more: true, own: position("1") });
  const second = await kindred.import(bytesOf(jsonLines(...records(300, "b"))), {
    continues: first.import!,
    own: position("2"),
  });
  assert.deepEqual([first.added, second.added, second.import], [2, 300, first.import]);
  assert.equal(await positionIn(kindred), "2");
  assert.deepEqual(
    (await kindred.imports()).imports.map(({ added }) => added),
    [302],
  );
  assert.deepEqual(await kindred.undo(first.import!), { removed: 302, restored: 0, kept: 0 });
  const more = kindred.import(bytesOf(jsonLines(...records(2, "c"))), { continues: first.import!, own: position("3") });
  await assert.rejects(more, { code: "busy" });
  assert.deepEqual([(await kindred.status()).papers, await positionIn(kindred)], [0, "2"]);
});

test("a file that breaks off, or in no known format, leaves the position where it was", async (t) => {
  const kindred = await opened(t);
  const breaking = async function* () {
    yield Buffer.from(jsonLines(...records(300, "a")));
    throw new Error("the connection was lost");
  };
  await assert.rejects(kindred.import(breaking(), { own: position("1") }), /the connection was lost/);
  assert.deepEqual([(await kindred.status()).papers, await positionIn(kindred)], [300, undefined]);
  const { format } = await kindred.import(bytesOf("Service unavailable"), { own: position("1") });
  assert.equal(format, null);
  assert.equal(await positionIn(kindred), undefined);
  await kindred.import(bytesOf("[]"), { own: position("1") });
  assert.equal(await positionIn(kindred), "1", "a page without papers");
});

test("after kills at any moment, the position and the caller's rows agree with the papers", async (t) => {
  const directory = temporaryDirectory(t);
  for (const pages of [1, 2]) {
    const child = spawn(process.execPath, [PAGES_PROCESS, directory], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    for (let seen = 0; seen < pages; seen++) await once(child.stdout, "data");
    // Wherever it is then.
    await setTimeout(5 * pages);
    child.kill("SIGKILL");
    await exited;
    const kindred = await openKindred({ directory, workers: 1 });
    const done = Number(await positionIn(kindred));
    const seen = await kindred.owned("pages", "seen ");
    const { papers } = await kindred.status();
    assert.equal(seen.length, papers);
    assert.ok(done >= pages && papers >= done * PER_PAGE && papers <= (done + 1) * PER_PAGE, `${papers} at ${done}`);
    await kindred.close();
  }
  await importPages(directory, () => {});
  const kindred = await openKindred({ directory, workers: 1 });
  t.after(() => kindred.close());
  assert.deepEqual(
    [(await kindred.status()).papers, await positionIn(kindred), (await kindred.owned("pages", "seen ")).length],
    [PAGES * PER_PAGE, String(PAGES), PAGES * PER_PAGE],
  );
  const [list] = (await kindred.lists()).lists.filter(({ name }) => name === "Voles");
  assert.equal(list!.papers, PAGES * PER_PAGE);
});

test("an import that was undone says so, even if its source breaks off as well", async (t) => {
  const kindred = await opened(t);
  // More than is read to detect the format, so that a transaction is stored before the source ends.
  const many = (name: string) =>
    Buffer.from(jsonLines(...records(300, name).map((one) => ({ ...one, abstract: "Voles dig. ".repeat(40) }))));
  async function* source(): AsyncGenerator<Uint8Array> {
    yield many("a");
    for (;;) {
      const [running] = (await kindred.imports()).imports;
      if (running !== undefined) {
        await kindred.undo(running.import);
        break;
      }
    }
    yield many("b");
    throw new DOMException("The operation was aborted", "AbortError");
  }
  await assert.rejects(kindred.import(source()), { code: "busy" });
});
