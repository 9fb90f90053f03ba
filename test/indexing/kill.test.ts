import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { describeModel } from "../../src/embedding/description.js";
import { openKindred } from "../../src/kindred.js";
import { Store } from "../../src/store/store.js";
import { SAMPLE, sampleDirectory, temporaryDirectory } from "../sample.js";

const RUN = fileURLToPath(new URL("./run.js", import.meta.url));
/** What can be in hand when a process is killed: two calls of eight texts for each of the workers. */
const IN_HAND = 2 * 8;

/** Runs until a line of the output is `until`, kills, and tells the texts embedded in each phase; to the end without one. */
async function run(directory: string, until?: RegExp): Promise<{ vectors: number; sentences: number; ended: boolean }> {
  const child = spawn(process.execPath, [RUN, directory, SAMPLE], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const counts = { vectors: 0, sentences: 0 };
  for await (const line of createInterface({ input: child.stdout })) {
    const [phase = "", done] = line.split(" ");
    if (phase === "vectors" || phase === "sentences") counts[phase] = Number(done);
    if (until?.test(line) === true) child.kill("SIGKILL");
  }
  return { ...counts, ended: (await exited) === 0 };
}

/** Every stored vector and sketch, by paper. */
async function everything(directory: string): Promise<Map<string, string>> {
  const store = Store.openForReading(directory, await describeModel());
  try {
    return new Map(
      store.vectors.changesSince(0, 1_000_000).map(({ label, vector, sketches }) => {
        const bytes = [vector?.vector ?? [], sketches ?? []].map((part) =>
          Buffer.from(part as Uint8Array).toString("hex"),
        );
        return [String(store.papers.get(label)?.id), bytes.join(" ")];
      }),
    );
  } finally {
    store.close();
  }
}

test("a run that is killed among abstracts, and again among sentences, ends as if it never had been", async (t) => {
  const directory = temporaryDirectory(t);
  const first = await run(directory, /^vectors (2\d|[3-9]\d)/);
  assert.equal(first.ended, false, "it was killed before its end");
  const second = await run(directory, /^vectors (4\d|[5-9]\d|1\d\d)/);
  assert.equal(second.ended, false);
  const third = await run(directory, /^sentences (3\d|[4-9]\d)/);
  assert.equal(third.ended, false);
  const last = await run(directory);
  assert.equal(last.ended, true);

  const total = 154;
  const runs = [first, second, third, last];
  for (const phase of ["vectors", "sentences"] as const) {
    const embedded = runs.reduce((sum, counts) => sum + counts[phase], 0);
    // What was stored but not yet told when the kill came is missing from the count; nothing is in it twice.
    assert.ok(embedded <= total, `${phase}: ${embedded} stored, of ${total} texts`);
    assert.ok(embedded >= total - 3 * 2 * IN_HAND, `${phase}: only ${embedded} told, of ${total} texts`);
  }
  assert.deepEqual(await everything(directory), await everything(await sampleDirectory(t)));

  const kindred = await openKindred({ directory });
  t.after(() => kindred.close());
  const status = await kindred.status();
  assert.deepEqual([status.papers, status.embedded, status.pending, status.pendingSentences], [total, total, 0, 0]);
});

test("an import that is killed leaves whole papers only, and importing again completes it", async (t) => {
  const directory = temporaryDirectory(t);
  await run(directory, /^imported/);
  const kindred = await openKindred({ directory });
  t.after(() => kindred.close());
  const { papers } = await kindred.status();
  const again = await kindred.import(SAMPLE);
  assert.equal(again.unchanged, papers);
  assert.equal(again.added + again.unchanged, 154);
  assert.equal(
    (await kindred.search({ q: "smoking lung cancer", mode: "lexical" })).hits[0]?.paper.id,
    "doll-1950-smoking",
  );
});
