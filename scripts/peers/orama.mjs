/** Orama, in process and in memory; saved to disk as the JSON of its `save`. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { create, insertMultiple, load, save, search } from "@orama/orama";
import { stopwords } from "@orama/stopwords/english";
import { K } from "./papers.mjs";

const BATCH = 1_000;
const FILE = "orama.json";

/** It compares all vectors and all postings of a word, so that a query among 10,000 papers takes a tenth of a second. */
export const most = 10_000;

export const variants = [{ name: "Orama" }];

export const settings =
  "in process and in memory, saved as JSON; English stemming, stop words removed; hybrid with its default weights, one " +
  "half each; similarity from 0, because hardly any abstract reaches its default of 0.8; answers with whole documents, as " +
  "always";

const empty = (dimensions) =>
  create({
    schema: { text: "string", half: "boolean", rare: "boolean", vector: `vector[${dimensions}]` },
    components: { tokenizer: { language: "english", stemming: true, stopWords: stopwords } },
  });

export async function build(directory, papers) {
  let database;
  let dimensions = 0;
  for await (const batch of papers(BATCH)) {
    dimensions = batch[0].vector.length;
    database ??= empty(dimensions);
    await insertMultiple(
      database,
      batch.map(({ paper, text, half, rare, vector }) => ({ id: paper.id, text, half, rare, vector: [...vector] })),
      BATCH,
    );
  }
  await writeFile(join(directory, FILE), JSON.stringify({ dimensions, saved: save(database) }));
}

export async function open(directory) {
  const { dimensions, saved } = JSON.parse(await readFile(join(directory, FILE), "utf8"));
  const database = empty(dimensions);
  load(database, saved);
  const ids = ({ hits }) => hits.map(({ id }) => id);
  const near = (vector) => ({ vector: { value: vector, property: "vector" }, similarity: 0, limit: K });
  return {
    pid: process.pid,
    async search({ text, vector }, group) {
      const where = group === undefined ? {} : { where: { [group]: true } };
      return ids(await search(database, { mode: "hybrid", term: text, ...near(vector), ...where }));
    },
    nearest: async (vector) => ids(await search(database, { mode: "vector", ...near(vector) })),
    close: async () => {},
  };
}
