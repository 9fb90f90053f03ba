/** A short run of scripts/torture: kills at random moments and while operations replace files, and damaged files. */
import "./tiny.js";
import assert from "node:assert/strict";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { cut } from "../scripts/torture/cuts.js";
import { operation } from "../scripts/torture/draw.js";
import { kill } from "../scripts/torture/kills.js";
import { difference, emptyLibrary, ROW, states, libraryText, storeText } from "../scripts/torture/library.js";
import { describeModel } from "../src/embedding/description.js";
import { embeddedWriter } from "../src/engine/embedded-writer.js";
import { importPapers } from "../src/indexing/import.js";
import { mulberry32 } from "../src/map/random.js";
import { Store } from "../src/store/store.js";
import { temporaryDirectory } from "./sample.js";

const model = await describeModel();
/** Rounds of five kills; usually one round is enough to interrupt the operation. */
const ROUNDS = 12;

test("whatever is killed at any moment, everything acknowledged is there, and the directory is consistent", async (t) => {
  const done = await kill(join(temporaryDirectory(t), "kills"), model, { seed: 7, kills: 15 });
  assert.equal(done.kills, 15);
  assert.equal(done.rebuilt, 1);
});

for (const at of ["migrate", "remove", "backup", "restore"] as const)
  test(`${at}: killed at any moment, it is done completely or not at all`, async (t) => {
    // The moment of a kill depends on the machine, so this repeats until one interrupts the operation.
    let interrupted = 0;
    for (let seed = 11; interrupted === 0 && seed < 11 + ROUNDS; seed++) {
      const { kills, hit } = await kill(join(temporaryDirectory(t), "kills"), model, { seed, kills: 5, at });
      assert.equal(kills, 5);
      interrupted = hit.get(at) ?? 0;
    }
    assert.ok(interrupted > 0, "no kill interrupted the operation");
  });

test("the model that torture compares with matches the store, also for shared and replaced DOIs and row numbers", async (t) => {
  let rows = 0;
  for (const seed of [14, 15, 16]) {
    const store = Store.open(temporaryDirectory(t), model);
    t.after(() => store.close());
    const random = mulberry32(seed);
    let library = emptyLibrary();
    for (let i = 0; i < 60; i++) {
      const one = operation(random, library, `name ${i}`);
      if (one.kind === "import") {
        const lines = one.records.map((record) => `${JSON.stringify(record)}\n`).join("");
        rows += one.records.filter(({ source }) => source === ROW).length;
        const signal = new AbortController().signal;
        await importPapers(embeddedWriter(store), one.name, Readable.from([Buffer.from(lines)]), {
          signal,
          progress: () => {},
        });
      } else if (one.kind === "undo") Array.from(store.imports.undo(one.number, (work) => store.write(work)));
      else if (one.kind === "remove") store.write(() => store.papers.remove(one.id));
      else continue;
      library = states(library, one).at(-1)!;
      const got = storeText(store);
      assert.ok(
        got === libraryText(library),
        `seed ${seed}, ${one.kind} ${i}: ${difference(got, libraryText(library))}`,
      );
    }
  }
  assert.ok(rows > 0, `${rows} records with the row number of another paper`);
});

test("whatever file is cut, changed, removed or replaced, no answer is wrong", async (t) => {
  const { cuts, faults } = await cut(join(temporaryDirectory(t), "cuts"), { seed: 3, cuts: 50 });
  assert.deepEqual(faults, []);
  assert.equal(cuts, 50);
});
