/** Kindred's threads are terminated during their work: stored data stays, and the work is completed. */
import "./tiny.js";
import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test, type TestContext } from "node:test";
import type { Worker } from "node:worker_threads";
import { DEFAULT_MODEL } from "../src/embedding/description.js";
import { KindredError, openKindred, type Kindred } from "../src/kindred.js";
import { EmbedderPool } from "../src/indexing/pool.js";
import { openSample, SAMPLE, samplePapers, temporaryDirectory } from "./sample.js";

/** The threads that this process starts from now on, in order. */
function threads(t: TestContext): Worker[] {
  const begun: Worker[] = [];
  const on = (worker: Worker) => void begun.push(worker);
  process.on("worker", on);
  t.after(() => process.off("worker", on));
  return begun;
}

const interrupted = (error: unknown) => error instanceof KindredError && error.code === "interrupted";

async function first(kindred: Kindred, q: string): Promise<string | undefined> {
  return (await kindred.search({ q })).hits[0]?.paper.id;
}

describe("a thread that ends", () => {
  test("while it answers: the caller gets an error, and the next answer is correct", async (t) => {
    const begun = threads(t);
    const kindred = await openSample(t);
    assert.equal(await first(kindred, "smoking and lung cancer"), "doll-1950-smoking");
    const asked = assert.rejects(kindred.search({ q: "penguins in the cold" }), interrupted);
    await begun[0]!.terminate();
    await asked;
    assert.equal(await first(kindred, "smoking and lung cancer"), "doll-1950-smoking");
    await kindred.remove("doll-1950-smoking");
    assert.notEqual(await first(kindred, "smoking and lung cancer"), "doll-1950-smoking");
  });

  test("while it imports: acknowledged papers are stored, and the next import works", async (t) => {
    const begun = threads(t);
    const kindred = await openKindred({ directory: temporaryDirectory(t) });
    t.after(() => kindred.close());
    let stored = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (let i = 0; ; i++) yield Buffer.from(`${JSON.stringify({ id: `p${i}`, title: `Paper ${i}` })}\n`);
    }
    const importing = kindred.import(endless(), {
      onProgress: ({ papers }) => {
        stored = papers;
        if (papers > 1_000) void begun[0]!.terminate();
      },
    });
    await assert.rejects(importing, interrupted);
    assert.ok(stored > 1_000 && (await kindred.status()).papers >= stored);
    assert.equal((await kindred.import(SAMPLE)).added, 154);
  });

  test("while papers are embedded, if it is the search thread: indexing continues, and nothing is left out", async (t) => {
    const begun = threads(t);
    const kindred = await openKindred({ directory: temporaryDirectory(t), workers: 1 });
    t.after(() => kindred.close());
    await kindred.import(SAMPLE);
    let ended: Promise<unknown> | undefined;
    const report = await kindred.index({
      onProgress: ({ done }) => {
        if (done > 16) ended ??= Promise.all([once(begun[1]!, "exit"), begun[1]!.terminate()]);
      },
    });
    assert.ok(ended !== undefined);
    await ended;
    assert.equal(report.state, "done");
    const { embedded, pending, pendingSentences, pendingPoints } = await kindred.status();
    assert.deepEqual([embedded, pending, pendingSentences, pendingPoints], [154, 0, 0, 0]);
    assert.equal(await first(kindred, "smoking and lung cancer"), "doll-1950-smoking");
  });

  test("while it embeds: another thread does its work", async (t) => {
    const begun = threads(t);
    const pool = new EmbedderPool({ model: DEFAULT_MODEL, polite: false }, 1);
    t.after(() => pool.close());
    const texts = samplePapers().slice(0, 4);
    const expected = await pool.call("vectors", texts);
    // After its current call, because terminating a thread in native code would crash the process.
    begun[0]!.postMessage({ end: true });
    const calls = Array.from({ length: 4 }, () => pool.call("vectors", texts));
    for (const vectors of await Promise.all(calls)) assert.deepEqual(vectors, expected);
    assert.ok(begun.length > 1, "it has ended");
  });
});
