import "../tiny.js";
import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test, type TestContext } from "node:test";
import { KindredError, openKindred, type Kindred } from "../../src/kindred.js";
import { SAMPLE, sampleDirectory, temporaryDirectory } from "../sample.js";

const bytes = (...records: object[]): Readable =>
  Readable.from([Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(""))]);

async function open(t: TestContext, directory: string): Promise<Kindred> {
  const kindred = await openKindred({ directory, workers: 1 });
  t.after(() => kindred.close());
  return kindred;
}

test("importing the same file again embeds nothing", async (t) => {
  const kindred = await open(t, await sampleDirectory(t));
  const report = await kindred.import(SAMPLE);
  assert.deepEqual([report.added, report.updated, report.unchanged], [0, 0, 154]);
  assert.deepEqual(await kindred.index(), { state: "done", abstracts: 0, sentences: 0 });
});

test("reported progress never decreases, also if papers arrive while the index is written", async (t) => {
  const kindred = await open(t, temporaryDirectory(t));
  await kindred.import(SAMPLE);
  const told: Record<string, { done: number; total: number }[]> = { vectors: [], sentences: [] };
  let late: Promise<unknown> | undefined;
  const report = await kindred.index({
    onProgress: ({ phase, done, total }) => {
      told[phase]?.push({ done, total });
      if (phase === "sentences" && done === total)
        late ??= kindred.import(bytes({ id: "late", title: "Otters", abstract: "They juggle pebbles." }));
    },
  });
  await late;
  assert.deepEqual(report, { state: "done", abstracts: 155, sentences: 155 });
  for (const news of Object.values(told)) {
    const counts = news.map(({ done }) => done);
    assert.deepEqual(
      counts,
      [...new Set(counts)].toSorted((a, b) => a - b),
    );
    assert.deepEqual(news.at(-1), { done: 155, total: 155 });
  }
});

test("after a changed abstract only that paper is embedded, and search reflects it", async (t) => {
  const kindred = await open(t, await sampleDirectory(t));
  const abstract = "A study of how penguins keep their eggs warm through the Antarctic winter, huddling in turns.";
  await kindred.import(bytes({ id: "farman-1985-ozone", doi: "10.1038/315207a0", title: "Penguin huddles", abstract }));
  assert.deepEqual(await kindred.index(), { state: "done", abstracts: 1, sentences: 1 });
  const { hits } = await kindred.search({
    q: "how penguins keep their eggs warm, huddling in turns",
    mode: "semantic",
    limit: 1,
  });
  assert.equal(hits[0]?.paper.id, "farman-1985-ozone");
});

test("a changed date or venue embeds nothing", async (t) => {
  const kindred = await open(t, await sampleDirectory(t));
  const { title } = await kindred.paper("farman-1985-ozone");
  const report = await kindred.import(
    bytes({ id: "farman-1985-ozone", title, published: "1985-05-16", venue: "Elsewhere" }),
  );
  assert.equal(report.updated, 1);
  assert.deepEqual(await kindred.index(), { state: "done", abstracts: 0, sentences: 0 });
  assert.equal((await kindred.paper("farman-1985-ozone")).venue, "Elsewhere");
});

test("the same abstract from two sources is embedded once", async (t) => {
  const kindred = await open(t, temporaryDirectory(t));
  const paper = {
    title: "On huddling",
    abstract: "Penguins huddle in turns to keep their eggs warm through the winter.",
  };
  await kindred.import(bytes({ id: "a", ...paper }, { id: "b", ...paper }, { id: "c", ...paper, title: "On eggs" }));
  assert.deepEqual(await kindred.index(), { state: "done", abstracts: 2, sentences: 2 });
  const { embedded, pending } = await kindred.status();
  assert.deepEqual([embedded, pending], [3, 0]);
});

test("texts that occur more often than a batch is large do not keep others from being embedded", async (t) => {
  const kindred = await open(t, temporaryDirectory(t));
  const paper = (i: number) => ({ id: `p${i}`, title: i % 60 === 59 ? `Paper ${i}` : "On huddling" });
  await kindred.import(bytes(...Array.from({ length: 120 }, (_, i) => paper(i))));
  assert.deepEqual(await kindred.index(), { state: "done", abstracts: 3, sentences: 3 });
  const { embedded, pending } = await kindred.status();
  assert.deepEqual([embedded, pending], [120, 0]);
});

test("papers without a vector are found by their words at once, and answers say how many are pending", async (t) => {
  const kindred = await open(t, temporaryDirectory(t));
  await kindred.import(SAMPLE);
  const answer = await kindred.search({ q: "smoking and lung cancer" });
  assert.equal(answer.hits[0]?.paper.id, "doll-1950-smoking");
  assert.equal(answer.hits[0]?.similarity, null);
  assert.equal(answer.pending, 154);
});

test("a paper without an abstract is embedded from its title, and says so", async (t) => {
  const kindred = await open(t, temporaryDirectory(t));
  await kindred.import(bytes({ id: "a", title: "How penguins keep their eggs warm" }));
  await kindred.index();
  const { hits } = await kindred.search({ q: "birds in the cold", mode: "semantic" });
  assert.equal(hits[0]?.paper.basis, "title");
  assert.equal(hits[0]?.paper.abstract, null);
});

test("a removed paper disappears from all answers at once", async (t) => {
  const kindred = await open(t, await sampleDirectory(t));
  await kindred.remove("doll-1950-smoking");
  for (const mode of ["hybrid", "semantic", "lexical"] as const) {
    const { hits } = await kindred.search({ q: "does smoking cause lung cancer", mode, limit: 200 });
    assert.ok(!hits.some(({ paper }) => paper.id === "doll-1950-smoking"), mode);
  }
  await assert.rejects(kindred.paper("doll-1950-smoking"), /no paper with the id/);
  await assert.rejects(kindred.remove("doll-1950-smoking"), /no paper with the id/);
});

test("with two handles on one directory, each finds what the other imports, and only one indexes at a time", async (t) => {
  const directory = temporaryDirectory(t);
  const one = await open(t, directory);
  const other = await open(t, directory);
  await one.import(SAMPLE);
  assert.equal((await other.search({ q: "smoking", mode: "lexical" })).hits[0]?.paper.id, "doll-1950-smoking");
  const indexing = one.index();
  await new Promise<void>((resolve) => {
    const look = setInterval(() => {
      void other.status().then(({ embedded }) => {
        if (embedded === 0) return;
        clearInterval(look);
        resolve();
      });
    }, 20);
  });
  assert.deepEqual(await other.index(), { state: "busy" });
  assert.equal((await indexing).state, "done");
  const { hits } = await other.search({ q: "birds that sing", mode: "semantic", limit: 1 });
  assert.equal(hits.length, 1);
});

test("an import from a stalled source ends when it is aborted, and keeps complete records", async (t) => {
  const kindred = await open(t, temporaryDirectory(t));
  const stop = new AbortController();
  const lines = Array.from({ length: 3_000 }, (_, i) => `${JSON.stringify({ id: `p${i}`, title: `Paper ${i}` })}\n`);
  async function* silent(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(lines.join(""));
    await new Promise(() => {});
  }
  const importing = kindred.import(silent(), { signal: stop.signal, onProgress: () => stop.abort() });
  await assert.rejects(importing, /was cancelled; the papers read before are kept/);
  const { papers } = await kindred.status();
  assert.ok(papers >= 256 && papers <= 3_000, `${papers} of 3,000 stayed`);
});

test("an error of the source is rethrown unchanged, and the complete records before it are kept", async (t) => {
  const kindred = await open(t, temporaryDirectory(t));
  const lines = Array.from({ length: 3_000 }, (_, i) => `${JSON.stringify({ id: `p${i}`, title: `Paper ${i}` })}\n`);
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(lines.join(""));
    throw new KindredError("too-large", "got more than is allowed");
  }
  await assert.rejects(
    kindred.import(broken()),
    (error) =>
      error instanceof KindredError && error.code === "too-large" && /more than is allowed/.test(error.message),
  );
  assert.equal((await kindred.status()).papers, 3_000);
});

test("a single paper keeps a place on the map when its abstract changes", async (t) => {
  const kindred = await open(t, temporaryDirectory(t));
  for (const abstract of ["Penguins huddle in turns.", "Otters juggle pebbles when they are hungry."]) {
    await kindred.import(bytes({ id: "a", title: "Play", abstract }));
    assert.equal((await kindred.index()).state, "done");
    assert.equal((await kindred.status()).pendingPoints, 0);
  }
});

test("importing a file with two versions of a paper again embeds nothing", async (t) => {
  const kindred = await open(t, temporaryDirectory(t));
  const versions = [
    { id: "a", title: "Huddling", doi: "10.1000/x", abstract: "Penguins huddle in turns." },
    { id: "b", title: "Huddling again", doi: "10.1000/x", abstract: "Penguins huddle in turns, as we now know." },
  ];
  await kindred.import(bytes(...versions));
  assert.deepEqual(await kindred.index(), { state: "done", abstracts: 1, sentences: 1 });
  assert.equal((await kindred.import(bytes(...versions))).updated, 2);
  assert.deepEqual(await kindred.index(), { state: "done", abstracts: 0, sentences: 0 });
});

test("an invalid number of workers is refused", async (t) => {
  const directory = temporaryDirectory(t);
  for (const workers of [0, -1, 1.5, NaN]) await assert.rejects(openKindred({ directory, workers }), /workers: got/);
});

test("a rebuild requested during embedding runs afterwards; callers that only wait can stop waiting", async (t) => {
  const directory = await sampleDirectory(t);
  const kindred = await open(t, directory);
  const written = () => statSync(join(directory, "tables.bin")).ino;
  await kindred.import(bytes({ id: "new", title: "Otters juggle pebbles" }));
  const told: number[] = [];
  const first = kindred.index();
  const joined = kindred.index({ onProgress: ({ done }) => told.push(done) });
  const stop = new AbortController();
  const waiting = kindred.index({ signal: stop.signal });
  const rebuilt = kindred.index({ rebuild: true });
  stop.abort();
  await assert.rejects(waiting, (error) => error instanceof KindredError && error.code === "cancelled");
  const report = { state: "done", abstracts: 1, sentences: 1 };
  assert.deepEqual(await first, report);
  const before = written();
  assert.deepEqual(await joined, report);
  assert.ok(told.includes(1), "who joins is told of progress");
  assert.deepEqual(await rebuilt, { state: "done", abstracts: 0, sentences: 0 });
  assert.notEqual(written(), before, "the files were written again");
});

test("a caller that joined a run gets another run if the first caller stops it", async (t) => {
  const kindred = await open(t, temporaryDirectory(t));
  await kindred.import(
    bytes(...Array.from({ length: 40 }, (_, i) => ({ id: `${i}`, title: `Otters and ${i} pebbles` }))),
  );
  const stop = new AbortController();
  const first = kindred.index({ signal: stop.signal, onProgress: () => stop.abort() });
  const joined = kindred.index();
  await assert.rejects(first, /indexing was stopped/);
  assert.equal((await joined).state, "done");
  const { embedded, pending } = await kindred.status();
  assert.deepEqual([embedded, pending], [40, 0]);
});

const DAMAGED = /tables\.bin is damaged, of another version, or of another papers\.db: it is made again/;
const DAMAGE: { what: string; damage: (path: string) => void; notice: RegExp | null }[] = [
  { what: "a truncated file", damage: (path) => truncateSync(path, 1000), notice: DAMAGED },
  { what: "a flipped byte", damage: flip, notice: DAMAGED },
  { what: "another file", damage: (path) => writeFileSync(path, "{"), notice: DAMAGED },
  { what: "a missing file", damage: rmSync, notice: null },
];

for (const { what, damage, notice } of DAMAGE)
  test(`tables.bin: ${what} is reported, written again by the next run, and answers stay the same`, async (t) => {
    const directory = await sampleDirectory(t);
    const whole = await open(t, directory);
    const request = { q: "gravitational waves from black holes", limit: 50 };
    const expected = await whole.search(request);
    await whole.close();
    damage(join(directory, "tables.bin"));
    const kindred = await open(t, directory);
    assert.deepEqual(await kindred.search(request), expected);
    const found = await kindred.openingNotice();
    if (notice === null) assert.equal(found, null);
    else assert.match(found ?? "", notice);
    assert.deepEqual(await kindred.index({ rebuild: true }), { state: "done", abstracts: 0, sentences: 0 });
    assert.deepEqual(await kindred.search(request), expected);
    const { index } = await kindred.status();
    assert.deepEqual([index.state, index.count, index.notice], ["ready", 154, null]);
  });

function flip(path: string): void {
  const at = statSync(path).size >> 1;
  const byte = readFileSync(path)[at] as number;
  const file = openSync(path, "r+");
  writeSync(file, Buffer.from([byte ^ 1]), 0, 1, at);
  closeSync(file);
}
