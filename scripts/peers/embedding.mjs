/** Compares embedding speed: sentence-transformers with its defaults, if Python has it, and Kindred, alternately. */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DEFAULT_MODEL } from "../../dist/src/embedding/description.js";
import { EmbedderPool } from "../../dist/src/indexing/pool.js";
import { readPapers } from "./papers.mjs";
import { median } from "./times.mjs";

const PYTHON = process.env.PYTHON ?? "python3";
const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), "embed.py");
/** Texts per call, as in indexing. */
const BATCH = 8;

export async function compareEmbedding({ source, checkpoint, documents, runs }) {
  console.log(`\nEmbedding ${documents} abstracts, documents per second, without loading:\n`);
  const found = spawnSync(PYTHON, ["-c", "import sentence_transformers as s; print(s.__version__)"], {
    encoding: "utf8",
  });
  if (found.status !== 0) return console.log(`not measured: ${PYTHON} lacks sentence_transformers`);
  if (checkpoint === undefined) return console.log("not measured: --checkpoint is needed, a folder with the model");
  const papers = [];
  for await (const batch of readPapers(source, documents, documents)) papers.push(...batch);
  console.log(`| run | sentence-transformers ${found.stdout.trim()}, fp32, CPU, its defaults | Kindred, int8 |`);
  console.log("|---|---|---|");
  const rates = { peer: [], own: [] };
  for (let run = 1; run <= runs; run++) {
    const { status, stdout, stderr } = spawnSync(PYTHON, [PROGRAM, checkpoint], {
      input: JSON.stringify(papers.map(({ text }) => text)),
      encoding: "utf8",
      // Nothing is downloaded.
      env: { ...process.env, HF_HUB_OFFLINE: "1" },
    });
    if (status !== 0) return console.log(`not measured: ${stderr.trim().split("\n").at(-1)}`);
    rates.peer.push(Number(stdout));
    rates.own.push(await ownRate(papers.map(({ paper }) => paper)));
    console.log(`| ${run} | ${rates.peer.at(-1).toFixed(1)} | ${rates.own.at(-1).toFixed(1)} |`);
  }
  console.log(`| median | ${median(rates.peer).toFixed(1)} | ${median(rates.own).toFixed(1)} |`);
}

/** One thread per core, as in indexing. */
async function ownRate(papers) {
  const pool = new EmbedderPool({ model: DEFAULT_MODEL, polite: false }, availableParallelism());
  const batches = [];
  for (let i = 0; i < papers.length; i += BATCH)
    batches.push(papers.slice(i, i + BATCH).map(({ title, abstract }) => ({ title, abstract: abstract ?? null })));
  try {
    await Promise.all(Array.from({ length: pool.capacity }, () => pool.call("vectors", batches[0])));
    const left = batches.values();
    const start = performance.now();
    await Promise.all(
      Array.from({ length: pool.capacity }, async () => {
        for (const batch of left) await pool.call("vectors", batch);
      }),
    );
    return (1_000 * papers.length) / (performance.now() - start);
  } finally {
    await pool.close();
  }
}
