import { Store } from "../../src/store/store.js";
import { temporaryDirectory } from "../sample.js";

/** The store needs only these properties of a model. Four dimensions keep vectors readable. */
export const MODEL = { identity: "a model", dimensions: 4 };

/** An empty store, closed when the test ends. */
export function openStore(
  t: { after(work: () => void): void },
  directory = temporaryDirectory(t),
  model = MODEL,
): Store {
  const store = Store.open(directory, model);
  t.after(() => store.close());
  return store;
}
