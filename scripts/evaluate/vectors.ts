/**
 * What smaller vectors cost in quality, and what they save: compares ways to store the vectors of abstracts, and of titles and
 * sentences, with floating-point ones.
 *
 * A SET is a folder as for `npm run evaluate -- search`. What is fitted (means, principal axes, segments) is fitted on the first
 * papers of --fit, a file of JSON Lines with title and abstract, which must not be those of a SET. --keep names a folder for
 * indexes and floating-point vectors, so that a second run embeds nothing.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { searchSchema, type Selection } from "../../src/api.js";
import { describeModel } from "../../src/embedding/description.js";
import type { Text } from "../../src/embedding/embed.js";
import { EmbeddingModel } from "../../src/embedding/model.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import type { Block } from "../../src/engine/engine.js";
import { search } from "../../src/questions/search.js";
import { MACHINE, readCommand } from "../common/command.js";
import { cpuTime, mean } from "../common/numbers.js";
import {
  chooseSegments,
  float32,
  float8,
  integers,
  principalAxes,
  segmented,
  sketches,
  turned,
  type Axes,
  type Encoder,
} from "./encoders.js";
import { floatVectors } from "./float-vectors.js";
import { readJudged, relevantTo, withCorpus, type Judged } from "./judged.js";
import { ndcg } from "./measures.js";

/** Papers from which parameters are fitted, and the most vectors of them. */
const FIT = { papers: 2_000, vectors: 4_000 };
/** Of the true nearest vectors, how many are looked for; and among how many they are found to be compared again. */
const [NEAREST, AGAIN] = [10, 40];
/** Vectors encoded and scanned to measure speed, and how often. */
const SPEED = { encoded: 1_000, scanned: 10_000, rounds: 5 };

type Kind = "abstracts" | "sentences";

/** The engine with the scores of an encoder for one kind of vector; all else is as it is. */
class StudyEngine extends EmbeddedEngine {
  /** A score per label for a judged query; the engine's own for any other vector. */
  scores: { kind: Kind; of: (query: Float32Array) => Map<number, number> | undefined } | undefined;

  override async nearest(query: Float32Array, filters: Selection, k: number) {
    const all = this.scores?.kind === "abstracts" ? this.scores.of(query) : undefined;
    if (all === undefined) return super.nearest(query, filters, k);
    const neighbours = [...all].map(([label, similarity]) => ({ label, similarity }));
    neighbours.sort((a, b) => b.similarity - a.similarity || a.label - b.label);
    return { neighbours: neighbours.slice(0, k), way: "exact" as const };
  }

  override async inspect(): Promise<Block> {
    const block = await super.inspect();
    const { scores } = this;
    if (scores === undefined) return block;
    const valuesOf = (query: Float32Array, labels: ArrayLike<number>) => {
      const all = scores.of(query);
      return all && Float64Array.from(labels, (label) => all.get(label) ?? NaN);
    };
    if (scores.kind === "sentences")
      return {
        ...block,
        bestSentences: (query, labels) => valuesOf(query, labels) ?? block.bestSentences(query, labels),
      };
    return {
      ...block,
      cosines: (queries, labels) =>
        queries.map((query) => Float32Array.from(valuesOf(query, labels) ?? block.cosines([query], labels)[0]!)),
    };
  }
}

const { values, words } = readCommand(
  "npm run evaluate -- vectors SET... --fit FILE [--split test] [--keep DIRECTORY]",
  1,
  { split: { type: "string", default: "test" }, keep: { type: "string" }, fit: { type: "string", default: "" } },
);

const description = await describeModel();
const { dimensions } = description;
const model = await EmbeddingModel.load(description.name);
const fitted = await floatVectors(model, readTexts(values.fit), values.keep);
const encoders = { abstracts: encodersFor(fitted.abstracts), sentences: encodersFor(fitted.sentences) };
console.log(`${MACHINE}, ${description.name}, fitted on ${fitted.counts.length} other papers`);
for (const set of words) {
  const judged = readJudged(set, values.split);
  await withCorpus(set, values.keep, ({ directory }) => compare(directory, judged));
}
speed(fitted.sentences, encoders.sentences);

function encodersFor(rows: Float32Array): Encoder[] {
  const all = vectorsOf(rows);
  const every = Math.max(1, Math.floor(all.length / FIT.vectors));
  const axes = principalAxes(all.filter((_, i) => i % every === 0));
  const whole = [{ from: 0, to: dimensions, bits: 1 }];
  const saq = (bytes: number) => {
    const segments = chooseSegments(axes.variances, 8 * bytes);
    const kept = segments.filter(({ bits }) => bits > 0);
    const plan = kept.map(({ from, to, bits }) => `${to - from} x ${bits}`).join(", ");
    return segmented(`SAQ (${plan})`, turned(axes, segments), segments);
  };
  const half: Axes = { mean: axes.mean, rows: axes.rows.slice(0, dimensions / 2) };
  return [
    float32(dimensions),
    float8(dimensions, 3),
    float8(dimensions, 2),
    integers(dimensions, 8),
    integers(dimensions, 4),
    float8(dimensions, 3, half),
    saq(dimensions / 2),
    saq(dimensions / 4),
    saq(dimensions / 8 + 16),
    segmented("RaBitQ, signs with a factor", turned(axes, whole), whole),
    sketches(dimensions),
  ];
}

async function compare(directory: string, judged: Judged): Promise<void> {
  const engine = new StudyEngine(directory, description);
  const papers = await engine.papersAfter(0, 1e7);
  const labels = papers.map(({ label }) => label);
  const ids = papers.map(({ paper }) => paper.id);
  const texts = papers.map(({ paper: { title, abstract } }) => ({ title, abstract }));
  const floats = await floatVectors(model, texts, values.keep);
  /** For each row of sentences, its paper. */
  const owners = Uint32Array.from([...floats.counts].flatMap((count, i) => Array<number>(count).fill(i)));
  const queries = await Promise.all(
    judged.queries.map(async (query) => ({ ...query, vector: await model.embed(query.text) })),
  );
  console.log(`\n${judged.name} ${values.split}: ${papers.length} papers, ${queries.length} queries`);
  for (const kind of ["abstracts", "sentences"] as const) {
    const rows = kind === "abstracts" ? Uint32Array.from(papers.keys()) : owners;
    console.log(`\n| ${kind} (${rows.length}) | bytes | recall@10 | in 40 | nDCG@10 alone | fused |`);
    console.log("|---|---|---|---|---|---|");
    const exact = queries.map(({ vector }) => best(float32(dimensions).scores(vector, bytesOf(floats[kind])), NEAREST));
    for (const encoder of encoders[kind]) {
      const codes = encoded(encoder, floats[kind]);
      const found: number[] = [];
      const again: number[] = [];
      const alone: number[] = [];
      const byQuery = new Map<Float32Array, Map<number, number>>();
      for (const [i, { id, vector }] of queries.entries()) {
        const scores = encoder.scores(vector, codes);
        const nearest = best(scores, AGAIN);
        found.push(shared(exact[i]!, nearest.slice(0, NEAREST)));
        again.push(shared(exact[i]!, nearest));
        const byPaper = new Float32Array(papers.length).fill(-Infinity);
        for (const [row, paper] of rows.entries()) byPaper[paper] = Math.max(byPaper[paper]!, scores[row]!);
        alone.push(
          gain(
            judged,
            id,
            Array.from(best(byPaper, 11), (paper) => ids[paper]!),
          ),
        );
        byQuery.set(vector, new Map(labels.map((label, paper) => [label, byPaper[paper]!])));
      }
      engine.scores = { kind, of: (query) => byQuery.get(query) };
      const fused: number[] = [];
      for (const { id, text, vector } of queries) {
        const { hits } = await search(engine, async () => vector, searchSchema.parse({ q: text, limit: 11 }));
        fused.push(
          gain(
            judged,
            id,
            hits.map(({ paper }) => paper.id),
          ),
        );
      }
      const cells = [found, again, alone, fused].map((each, i) => mean(each).toFixed(i < 2 ? 3 : 4));
      console.log(`| ${encoder.name} | ${encoder.bytes} | ${cells.join(" | ")} |`);
    }
  }
  engine.close();
}

/** Encoders take turns on the same vectors, in one thread; CPU time, of which the fastest round counts. */
function speed(floats: Float32Array, all: readonly Encoder[]): void {
  const some = floats.subarray(0, SPEED.scanned * dimensions);
  const scanned = all.map((encoder) => encoded(encoder, some));
  const query = vectorsOf(floats).at(-1)!;
  const least = all.map(() => ({ encode: Infinity, scan: Infinity }));
  for (let round = 0; round < SPEED.rounds; round++)
    for (const [i, encoder] of all.entries()) {
      const start = cpuTime();
      encoded(encoder, some.subarray(0, SPEED.encoded * dimensions));
      const middle = cpuTime();
      encoder.scores(query, scanned[i]!);
      least[i]!.encode = Math.min(least[i]!.encode, middle - start);
      least[i]!.scan = Math.min(least[i]!.scan, cpuTime() - middle);
    }
  const rate = (count: number, milliseconds: number) => Number(((1_000 * count) / milliseconds).toPrecision(2));
  console.log("\n| in JavaScript, one thread | bytes | encoded per second | scanned per second |");
  console.log("|---|---|---|---|");
  for (const [i, { name, bytes }] of all.entries()) {
    const rates = [rate(SPEED.encoded, least[i]!.encode), rate(scanned[i]!.length / bytes, least[i]!.scan)];
    console.log(`| ${name} | ${bytes} | ${rates.map((one) => one.toLocaleString("en")).join(" | ")} |`);
  }
}

function gain(judged: Judged, query: string, ranking: readonly string[]): number {
  return ndcg(
    ranking.filter((id) => id !== judged.sources.get(query)),
    relevantTo(judged, query),
    10,
  );
}

function readTexts(file: string): Text[] {
  const bytes = readFileSync(file);
  return (file.endsWith(".gz") ? gunzipSync(bytes) : bytes)
    .toString()
    .split("\n")
    .slice(0, FIT.papers)
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Text)
    .map(({ title, abstract }) => ({ title, abstract: abstract ?? null }));
}

function encoded(encoder: Encoder, rows: Float32Array): Uint8Array {
  const vectors = vectorsOf(rows);
  const codes = new Uint8Array(vectors.length * encoder.bytes);
  vectors.forEach((vector, i) => encoder.encode(vector, codes.subarray(i * encoder.bytes, (i + 1) * encoder.bytes)));
  return codes;
}

function vectorsOf(rows: Float32Array): Float32Array[] {
  return Array.from({ length: rows.length / dimensions }, (_, i) =>
    rows.subarray(i * dimensions, (i + 1) * dimensions),
  );
}

function bytesOf(floats: Float32Array): Uint8Array {
  return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
}

/** The positions of the k largest values, largest first; ties by position. */
function best(values: Float32Array, k: number): Uint32Array {
  const smallest = values.toSorted().at(-k) ?? -Infinity;
  const positions = Array.from(values.keys()).filter((i) => values[i]! >= smallest);
  return Uint32Array.from(positions.sort((a, b) => values[b]! - values[a]! || a - b).slice(0, k));
}

/** The share of `wanted` that is in `found`. */
function shared(wanted: Uint32Array, found: Uint32Array): number {
  return wanted.filter((one) => found.includes(one)).length / wanted.length;
}
