/** Runs the contract of an engine against each engine. */
import type { ModelDescription } from "../../src/embedding/description.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import { embeddedWriter } from "../../src/engine/embedded-writer.js";
import { textHash } from "../../src/store/row.js";
import { Store } from "../../src/store/store.js";
import { quantize } from "../../src/vectors/quantize.js";
import { sketchOf } from "../../src/vectors/sketch.js";
import { temporaryDirectory } from "../sample.js";
import { contract, DIMENSIONS, type Given, type Library } from "./contract.js";
import { strict, strictWriter } from "./strict.js";

const MODEL: ModelDescription = {
  name: "none",
  dtype: "q8",
  pooling: "mean",
  cut: 256,
  sha256: "",
  dimensions: DIMENSIONS,
  identity: "none",
};

function embedded(t: { after(work: () => void): void }): Library & { engine: EmbeddedEngine } {
  const directory = temporaryDirectory(t);
  const store = Store.open(directory, MODEL);
  const engine = new EmbeddedEngine(directory, MODEL);
  t.after(() => {
    engine.close();
    store.close();
  });
  const write = async (work: () => void) => {
    store.write(work);
    while (engine.advance(1_000));
  };
  const put = ({ vector, titleVector, sentences, ...record }: Given) => {
    store.papers.put(record);
    if (vector === undefined) return;
    const hash = textHash(record.title, record.abstract ?? null);
    const changed = (label: number) => store.changes.recordVectors(label);
    store.vectors.putVector(hash, quantize(vector), changed);
    if (titleVector === undefined || sentences === undefined) return;
    const spans = Uint32Array.from(sentences.flatMap(({ start, end }) => [start, end]));
    const sketches = Buffer.concat([titleVector, ...sentences.map((sentence) => sentence.vector)].map(sketchOf));
    store.vectors.putSentences(hash, { spans, sketches }, changed);
  };
  return {
    engine,
    writer: embeddedWriter(store),
    settled: async () => {
      while (engine.stale) engine.advance(1_000);
    },
    put: (papers) => write(() => papers.forEach(put)),
    remove: (ids) => write(() => ids.forEach((id) => store.papers.remove(id))),
  };
}

contract("the embedded engine", async (t) => embedded(t));
contract("the embedded engine, called as if it were in another process", async (t) => {
  const library = embedded(t);
  return { ...library, engine: strict(library.engine), writer: strictWriter(library.writer) };
});
