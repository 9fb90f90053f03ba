/** The floating-point vectors of papers. Kindred stores smaller ones only, so texts are embedded again, and kept in a file. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { embedSentences, passageOf, type Text } from "../../src/embedding/embed.js";
import type { EmbeddingModel } from "../../src/embedding/model.js";

/** Unit vectors in rows of `dimensions` floats. */
export type FloatVectors = {
  /** One row per paper. */
  abstracts: Float32Array;
  /** One row per title and sentence, paper by paper, the title first. */
  sentences: Float32Array;
  /** For each paper, how many of those rows it has. */
  counts: Uint32Array;
};

/** @param folder Where the vectors are kept for the next run; undefined to keep nothing. */
export async function floatVectors(
  model: EmbeddingModel,
  texts: readonly Text[],
  folder: string | undefined,
): Promise<FloatVectors> {
  const { name, dimensions } = model.description;
  const key = createHash("sha256")
    .update(JSON.stringify([name, texts]))
    .digest("hex")
    .slice(0, 16);
  const path = folder === undefined ? undefined : join(folder, `${key}.floats`);
  const counts = new Uint32Array(texts.length);
  if (path !== undefined && existsSync(path)) {
    const words = new Uint8Array(readFileSync(path)).buffer;
    counts.set(new Uint32Array(words, 0, texts.length));
    const floats = new Float32Array(words, 4 * texts.length);
    const split = texts.length * dimensions;
    return { counts, abstracts: floats.subarray(0, split), sentences: floats.subarray(split) };
  }
  const abstracts = new Float32Array(texts.length * dimensions);
  const sentences: Float32Array[] = [];
  for (const [i, text] of texts.entries()) {
    abstracts.set(await model.embed(passageOf(text)), i * dimensions);
    const { vectors } = await embedSentences(model, text);
    counts[i] = vectors.length;
    sentences.push(...vectors);
    if (i % 50 === 0) process.stderr.write(`\rembedded ${i} of ${texts.length} papers   `);
  }
  process.stderr.write("\r");
  const rows = new Float32Array(sentences.length * dimensions);
  sentences.forEach((vector, i) => rows.set(vector, i * dimensions));
  if (path !== undefined) {
    mkdirSync(folder!, { recursive: true });
    writeFileSync(path, Buffer.concat([counts, abstracts, rows].map(({ buffer }) => new Uint8Array(buffer))));
  }
  return { counts, abstracts, sentences: rows };
}
