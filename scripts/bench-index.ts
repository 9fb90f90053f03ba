/**
 * What importing and indexing a file costs, and whether it survives being killed.
 *
 *   npm run bench-index -- FILE
 *
 * Runs twice, each in processes of its own: once in one go, for time and peak memory; once killed with SIGKILL among
 * the abstracts, again among the abstracts, and among the sentences, each time run on. Then compares what is stored.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describeModel } from "../src/embedding/model.js";
import { openKindred } from "../src/kindred.js";
import { Store } from "../src/store/store.js";
import { VERSION } from "../src/version.js";

/** What the working process tells, a line of JSON each. */
type News =
  | { told: "imported"; papers: number; seconds: number }
  | { told: "vectors" | "sentences"; done: number; total: number }
  | { told: "indexed"; seconds: { vectors: number; sentences: number; snapshot: number }; peakMb: number };

const [file, directory] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: npm run bench-index -- FILE");
  process.exit(2);
}
if (directory === undefined) await measure(file);
else await work(file, directory);

async function work(source: string, into: string): Promise<void> {
  const tell = (news: News) => console.log(JSON.stringify(news));
  let start = performance.now();
  const lap = () => {
    const seconds = (performance.now() - start) / 1000;
    start = performance.now();
    return seconds;
  };
  const kindred = await openKindred({ directory: into });
  const { added, unchanged } = await kindred.import(source);
  tell({ told: "imported", papers: added + unchanged, seconds: lap() });
  const seconds = { vectors: 0, sentences: 0, snapshot: 0 };
  let phase: "vectors" | "sentences" = "vectors";
  await kindred.index({
    onProgress: ({ phase: now, done, total }) => {
      if (now !== phase) seconds[phase] += lap();
      phase = now;
      tell({ told: now, done, total });
      if (done === total) seconds[phase] += lap();
    },
  });
  seconds.snapshot = lap();
  // Of the whole process, all of its threads and native memory included.
  tell({ told: "indexed", seconds, peakMb: process.resourceUsage().maxRSS / 1024 });
  await kindred.close();
}

async function measure(source: string): Promise<void> {
  console.log(`Kindred ${VERSION}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}`);
  const [whole, killed] = [mkdtempSync(join(tmpdir(), "kindred-")), mkdtempSync(join(tmpdir(), "kindred-"))];
  try {
    const { imported, indexed } = await run(source, whole);
    if (imported === undefined || indexed === undefined) throw new Error("the run did not come to its end");
    const { papers } = imported;
    const rate = (seconds: number) => `${seconds.toFixed(1)} s (${(papers / seconds).toFixed(0)}/s)`;
    console.log(`${papers} papers from ${source}`);
    console.log(`import      ${rate(imported.seconds)}`);
    console.log(`abstracts   ${rate(indexed.seconds.vectors)}`);
    console.log(`sentences   ${rate(indexed.seconds.sentences)}`);
    console.log(`snapshot    ${indexed.seconds.snapshot.toFixed(1)} s`);
    console.log(`peak memory ${indexed.peakMb.toFixed(0)} MB`);
    for (const name of ["papers.db", "vectors.hnsw"])
      console.log(`${name.padEnd(12)}${(statSync(join(whole, name)).size / 2 ** 20).toFixed(1)} MB`);

    const points = [
      { told: "vectors", at: 0.2 },
      { told: "vectors", at: 0.7 },
      { told: "sentences", at: 0.5 },
    ] as const;
    const counts = { vectors: 0, sentences: 0 };
    for (const point of [...points, undefined]) {
      const stop = (news: News) =>
        point !== undefined && news.told === point.told && "total" in news && news.done >= point.at * news.total;
      const { embedded } = await run(source, killed, stop);
      counts.vectors += embedded.vectors;
      counts.sentences += embedded.sentences;
      const where =
        point === undefined ? "to the end" : `killed at ${point.at * 100}% of what was left of ${point.told}`;
      console.log(`${where}: ${embedded.vectors} abstracts, sentences of ${embedded.sentences} stored`);
    }
    const { texts, digest } = await everything(whole);
    console.log(`together ${counts.vectors} abstracts and sentences of ${counts.sentences}, of ${texts} texts`);
    const same = digest === (await everything(killed)).digest;
    console.log(same ? "every vector and sketch is the same as in one go" : "DIFFERENT from the run in one go");
    if (!same || counts.vectors > texts || counts.sentences > texts) process.exitCode = 1;
  } finally {
    rmSync(whole, { recursive: true });
    rmSync(killed, { recursive: true });
  }
}

async function run(source: string, into: string, stop?: (news: News) => boolean) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), source, into], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const embedded = { vectors: 0, sentences: 0 };
  let imported: Extract<News, { told: "imported" }> | undefined;
  let indexed: Extract<News, { told: "indexed" }> | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const news = JSON.parse(line) as News;
    if (news.told === "imported") imported = news;
    else if (news.told === "indexed") indexed = news;
    else embedded[news.told] = news.done;
    if (stop?.(news) === true) child.kill("SIGKILL");
  }
  return { imported, indexed, embedded };
}

/** A digest of every stored vector and sketch, and how many texts there are. */
async function everything(of: string): Promise<{ digest: string; texts: number }> {
  const store = Store.openForReading(of, await describeModel());
  try {
    const hash = createHash("sha256");
    const texts = new Set<string>();
    for (let after = 0; ;) {
      const papers = store.papers.export(after, 1_000);
      for (const { label, paper } of papers) {
        texts.add(`${paper.title}\0${paper.abstract ?? ""}`);
        hash.update(store.vectors.sentences(label)?.sketches ?? "none");
      }
      const last = papers.at(-1);
      if (last === undefined) break;
      after = last.label;
    }
    const vectors = store.vectors.changesSince(0, 1e7).toSorted((a, b) => a.label - b.label);
    for (const { label, vector } of vectors) hash.update(String(label)).update(vector?.vector ?? "none");
    return { digest: hash.digest("hex"), texts: texts.size };
  } finally {
    store.close();
  }
}
