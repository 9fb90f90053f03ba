/** An embedder thread whose model throws on "poison", and whose thread exits on "killer". */
import { EmbeddingModel } from "../../src/embedding/model.js";

// eslint-disable-next-line typescript/unbound-method -- called with the model as `this`
const { embedBatch } = EmbeddingModel.prototype;
EmbeddingModel.prototype.embedBatch = async function (texts) {
  for (const text of texts) {
    if (text.includes("poison")) throw new RangeError("an index is out of bounds");
    if (text.includes("killer")) process.exit(3);
  }
  return embedBatch.call(this, texts);
};
await import("../../src/indexing/embedder.js");
