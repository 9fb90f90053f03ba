/** Real data for tests: the sample, imported and embedded once per build, then copied for each test that changes it. */
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { DEFAULT_MODEL } from "../src/embedding/description.js";
import { openKindred, type Kindred } from "../src/kindred.js";
import { ROOT } from "../src/core/root.js";

export const SAMPLE = join(ROOT, "src", "sample", "papers.jsonl");
const INDEXED = join(ROOT, "dist", `sample-index-${DEFAULT_MODEL}`);

/** The papers of the sample, as in its file. */
export const samplePapers = (): { id: string; title: string; abstract: string; authors: string[] }[] =>
  readFileSync(SAMPLE, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as ReturnType<typeof samplePapers>[number]);

/** An empty folder that is removed when the test ends. */
export function temporaryDirectory(t: { after(work: () => unknown): void }): string {
  const directory = mkdtempSync(join(tmpdir(), "kindred-test-"));
  // Retries, because a command that is still shutting down may write there.
  t.after(() => rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }));
  return directory;
}

/** Embeds the sample with the model of this process, once per build. */
export async function makeSampleIndex(): Promise<void> {
  if (existsSync(INDEXED)) return;
  const making = `${INDEXED}.${process.pid}`;
  const kindred = await openKindred({ directory: making });
  await kindred.import(SAMPLE);
  await kindred.index();
  await kindred.close();
  try {
    renameSync(making, INDEXED);
  } catch (thrown) {
    // Another process was faster.
    rmSync(making, { recursive: true });
    if (!existsSync(INDEXED)) throw thrown;
  }
}

/** A folder with the embedded sample. */
export async function sampleDirectory(t: { after(work: () => unknown): void }): Promise<string> {
  await makeSampleIndex();
  const directory = temporaryDirectory(t);
  cpSync(INDEXED, directory, { recursive: true });
  return directory;
}

/** The opened sample, closed when the test ends. */
export async function openSample(t: Pick<TestContext, "after">): Promise<Kindred> {
  const directory = await sampleDirectory(t);
  const kindred = await openKindred({ directory });
  t.after(() => kindred.close());
  return kindred;
}
