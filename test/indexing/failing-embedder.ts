/** The thread that embeds, but its model fails on some words: it throws on "poison", and its thread ends on "killer". */
import { EmbeddingModel } from "../../src/embedding/model.js";

// eslint-disable-next-line typescript/unbound-method -- It is called with the model it is called on.
const { embedBatch } = EmbeddingModel.prototype;
EmbeddingModel.prototype.embedBatch = async function (texts) {
  for (const text of texts) {
    if (text.includes("poison")) throw new RangeError("an index is out of bounds");
    if (text.includes("killer")) process.exit(3);
  }
  return embedBatch.call(this, texts);
};
await import("../../src/indexing/embedder.js");
