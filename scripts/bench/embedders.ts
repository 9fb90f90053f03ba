/**
 * One and two processes that embed the same papers in an OpenSearch cluster: how many texts a second each embeds, and whether any
 * text is embedded twice. Each process has one embedding thread; the cluster runs on the same machine (needs Java and Maven).
 */
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Phase } from "../../src/indexing/embed.js";
import { openKindred, openSearch } from "../../src/kindred.js";
import { textHash } from "../../src/store/row.js";
import { MACHINE, readCommand } from "../common/command.js";
import { startCluster } from "../common/opensearch.js";
import type { EmbedderMessage } from "./embedder-run.js";
import { firstPapers } from "./first-papers.js";

const { values, words } = readCommand("npm run bench -- embedders FILE [--papers 600] [--processes 1,2]", 1, {
  papers: { type: "string", default: "600" },
  processes: { type: "string", default: "1,2" },
});
const RUN = fileURLToPath(new URL("embedder-run.js", import.meta.url));
const PHASES = { vectors: "abstracts", sentences: "sentences" } as const;
/** `first` and `last` are the times of its first and last results, in milliseconds. */
type Done = { texts: number; first: number; last: number };

const folder = mkdtempSync(join(tmpdir(), "kindred-embedders-"));
const cluster = await startCluster(1, "1g");
try {
  const source = await firstPapers(words[0]!, Number(values.papers), join(folder, "papers.jsonl"));
  console.log(`${MACHINE}; one node of OpenSearch on the same machine`);
  console.log("\n| processes | texts of | texts | embedded by each | embedded twice | texts/s of each | all |");
  console.log("|---|---|---|---|---|---|---|");
  for (const count of values.processes.split(",").map(Number)) await measure(source, count);
} finally {
  await cluster.stop();
  rmSync(folder, { recursive: true });
}

async function measure(source: string, count: number): Promise<void> {
  const settings = { urls: cluster.urls, prefix: `bench-${randomBytes(4).toString("hex")}`, replicas: 0 };
  const kindred = await openKindred({ directory: join(folder, settings.prefix), engine: openSearch(settings) });
  await kindred.import(source);
  const texts = new Set<string>();
  for await (const { title, abstract } of kindred.papers()) texts.add(textHash(title, abstract).toString("hex"));
  await kindred.close();
  const children = Array.from({ length: count }, (_, i) =>
    fork(RUN, [join(folder, `${settings.prefix}-${i}`), JSON.stringify(settings)]),
  );
  await Promise.all(children.map((child) => once(child, "message")));
  const all = children.map((child) => {
    const done = { vectors: [] as number[], sentences: [] as number[] };
    child.on("message", (message: EmbedderMessage) => {
      if (typeof message === "string") return;
      const times = done[message.phase];
      while (times.length < message.done) times.push(performance.now());
    });
    return done;
  });
  for (const child of children) child.send("go");
  await Promise.all(children.map((child) => once(child, "exit")));
  for (const phase of ["vectors", "sentences"] as const)
    row(
      count,
      phase,
      texts.size,
      all.map((done) => summary(done[phase])),
    );
}

function summary(times: readonly number[]): Done {
  return { texts: times.length, first: times[0] ?? 0, last: times.at(-1) ?? 0 };
}

/** Rates are from the first result on: starting is not counted. */
function row(count: number, phase: Phase, texts: number, all: readonly Done[]): void {
  const rate = (embedded: number, first: number, last: number) => ((1_000 * embedded) / (last - first)).toFixed(1);
  const embedded = all.reduce((sum, done) => sum + done.texts, 0);
  const whole = rate(embedded, Math.min(...all.map(({ first }) => first)), Math.max(...all.map(({ last }) => last)));
  const each = all.map((done) => rate(done.texts, done.first, done.last)).join(" + ");
  const by = all.map((done) => done.texts).join(" + ");
  console.log(`| ${count} | ${PHASES[phase]} | ${texts} | ${by} | ${embedded - texts} | ${each} | ${whole} |`);
}
