/** An embedder thread whose model fails on every text. */
import { EmbeddingModel } from "../../src/embedding/model.js";

EmbeddingModel.prototype.embedBatch = () => Promise.reject(new Error("the session is gone"));
await import("../../src/indexing/embedder.js");
