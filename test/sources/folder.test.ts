import assert from "node:assert/strict";
import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { folder } from "../../src/sources/folder.js";
import { readRecords, Shelf, TestClock, withNetwork } from "./service.js";

async function inFolder(
  work: (options: {
    root: string;
    put: (name: string, title: string, secondsAgo?: number) => Promise<void>;
    run: (killAfter?: number) => Promise<string>;
    shelf: Shelf;
  }) => Promise<void>,
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "kindred-folder-"));
  const clock = new TestClock();
  const shelf = new Shelf();
  const put = async (name: string, title: string, secondsAgo = 60): Promise<void> => {
    const path = join(root, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `TY  - JOUR\nTI  - ${title}\nER  - \n`);
    const time = clock.now() / 1000 - secondsAgo;
    await utimes(path, time, time);
  };
  try {
    await withNetwork({ clock }, (network) =>
      work({
        root,
        put,
        run: (killAfter) => shelf.run(folder, { options: { path: root }, network }, readRecords, killAfter),
        shelf,
      }),
    );
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

test("new and changed files are read, each once", async () => {
  await inFolder(async ({ put, run, shelf }) => {
    await put("a.ris", "A");
    await put("deep/er/b.RIS", "B");
    await put("paper.pdf", "not for Kindred");
    await put(".hidden/c.ris", "hidden");
    await run();
    await run();
    assert.deepEqual(shelf.came, ["A", "B"]);
    await put("a.ris", "A, changed");
    await put("c.ris", "C");
    await run();
    assert.deepEqual(shelf.came, ["A", "B", "A, changed", "C"]);
  });
});

test("a file that is being written is read when it is whole", async () => {
  await inFolder(async ({ root, put, run, shelf }) => {
    await put("a.ris", "A", 2);
    await put("b.ris.part", "B");
    await run();
    assert.deepEqual(shelf.came, []);
    await put("a.ris", "A", 20);
    await rename(join(root, "b.ris.part"), join(root, "b.ris"));
    await run();
    assert.deepEqual(shelf.came, ["A", "B"]);
  });
});

test("a folder that disappears is an error, and what was read is not read again when it is back", async () => {
  await inFolder(async ({ root, put, run, shelf }) => {
    await put("a.ris", "A");
    await run();
    await rename(root, `${root}-away`);
    await assert.rejects(run(), /cannot be read \(ENOENT\): does it exist, and is its disk connected\?/);
    // An empty folder, as a disk that is not mounted leaves it.
    await mkdir(root);
    assert.equal(await run(), "done");
    assert.match(shelf.remarks[0]!, /has no files any more: is its disk connected\?/);
    await rm(root, { recursive: true });
    await rename(`${root}-away`, root);
    await run();
    assert.deepEqual(shelf.came, ["A"]);
  });
});

test("many files, with kills: all are read, and few twice", async () => {
  await inFolder(async ({ put, run, shelf }) => {
    for (let i = 0; i < 450; i++) await put(`${i % 7}/${i}.ris`, `Paper ${i}`);
    assert.equal(await run(130), "killed");
    assert.equal(await run(250), "killed");
    assert.equal(await run(), "done");
    assert.equal(shelf.papers.size, 450);
    assert.ok(shelf.came.length < 650);
    assert.equal(await run(), "done");
    assert.ok(shelf.came.length < 650, "nothing is read again");
  });
});

test("the path is absolute", async () => {
  await withNetwork({}, async (network) => {
    await assert.rejects(
      new Shelf().run(folder, { options: { path: "papers" }, network }, readRecords),
      /path: expected an absolute path/,
    );
  });
});
