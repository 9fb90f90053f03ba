import { Store } from "../../src/store/store.js";
import { temporaryDirectory } from "../sample.js";

/** Four vectors fit a line, and the store asks nothing of a model but these. */
export const MODEL = { identity: "a model", dimensions: 4 };

/** An empty store, closed when the test is over. */
export function openStore(
  t: { after(work: () => void): void },
  directory = temporaryDirectory(t),
  model = MODEL,
): Store {
  const store = Store.open(directory, model);
  t.after(() => store.close());
  return store;
}
