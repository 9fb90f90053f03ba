/** A separate process without a network: loads a model, embeds a text, and prints one component or the error. */
import { Socket } from "node:net";
import { EmbeddingModel } from "../../src/embedding/model.js";
import { KindredError } from "../../src/core/errors.js";

const refuse = (): never => {
  console.log("the network was called");
  process.exit(1);
};
globalThis.fetch = refuse;
Socket.prototype.connect = refuse;

try {
  const model = await EmbeddingModel.load(process.argv[2]);
  const [first] = await model.embed("Penguins keep their eggs warm.");
  console.log(JSON.stringify({ first }));
} catch (thrown) {
  if (!(thrown instanceof KindredError)) throw thrown;
  console.log(JSON.stringify({ code: thrown.code, message: thrown.message }));
}
