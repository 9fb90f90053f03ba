/** Runs the contract of an engine against each engine. */
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import { embeddedWriter } from "../../src/engine/embedded-writer.js";
import { Store } from "../../src/store/store.js";
import { temporaryDirectory } from "../sample.js";
import { contract, MODEL, type Library } from "./contract.js";
import { strict, strictWriter } from "./strict.js";

function embedded(t: { after(work: () => void): void }): Library & { engine: EmbeddedEngine } {
  const directory = temporaryDirectory(t);
  const store = Store.open(directory, MODEL);
  const other = Store.open(directory, MODEL);
  const engine = new EmbeddedEngine(directory, MODEL);
  t.after(() => {
    engine.close();
    other.close();
    store.close();
  });
  return {
    engine,
    writer: embeddedWriter(store),
    another: async () => embeddedWriter(other),
    settled: async () => {
      while (engine.advance(1_000) || engine.stale) engine.catchUp();
    },
  };
}

contract("the embedded engine", async (t) => embedded(t));
contract("the embedded engine, called as if it were in another process", async (t) => {
  const library = embedded(t);
  return {
    ...library,
    engine: strict(library.engine),
    writer: strictWriter(library.writer),
    another: async () => strictWriter(await library.another()),
  };
});
