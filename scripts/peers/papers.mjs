/**
 * The papers that every peer gets: those of an index that have a vector, in the order in which they were embedded. Each is
 * assigned at random, from a fixed seed, to two groups that filters select.
 */
import { describeModel } from "../../dist/src/embedding/description.js";
import { Store } from "../../dist/src/store/store.js";
import { dequantize } from "../../dist/src/vectors/quantize.js";
import { passageOf } from "../../dist/src/embedding/embed.js";
import { mulberry32 } from "../../dist/src/map/random.js";

/** Share of the papers in each group. */
export const GROUPS = { half: 0.5, rare: 0.01 };

/** Hits per query. */
export const K = 10;

/**
 * Batches of `{ paper, text, half, rare, vector, stored, sentences }`: `text` is title and abstract as embedded, `vector` the
 * unit vector as floats, `stored` the same vector as the index stores it.
 */
export async function* readPapers(directory, limit, batchSize) {
  const store = Store.openForReading(directory, await describeModel());
  const random = mulberry32(7);
  try {
    let left = limit;
    for (let change = 0; left > 0;) {
      const changes = store.vectors.changesSince(change, batchSize);
      const last = changes.at(-1);
      if (last === undefined) return;
      change = last.change;
      const batch = changes
        .filter(({ vector }) => vector !== null)
        .slice(0, left)
        .map(({ label, vector }) => {
          const paper = store.papers.get(label);
          const half = random() < GROUPS.half;
          const rare = random() < GROUPS.rare;
          return {
            paper,
            text: passageOf({ title: paper.title, abstract: paper.abstract ?? null }),
            half,
            rare,
            vector: dequantize(vector),
            stored: vector,
            sentences: () => store.vectors.sentences(label),
          };
        });
      left -= batch.length;
      if (batch.length > 0) yield batch;
    }
  } finally {
    store.close();
  }
}
