/**
 * Makes a large index for other benchmarks: the papers of an index of real ones, then variations of them (vary.ts), up to
 * COUNT. Nothing is embedded, and all papers are at one point of the map. Never call the result real papers.
 */
import { describeModel } from "../../src/embedding/description.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import { Store } from "../../src/store/store.js";
import { readCommand } from "../common/command.js";
import { vary } from "../common/vary.js";

const { words } = readCommand("npm run bench -- library DIRECTORY NEW-DIRECTORY COUNT", 3, {});
const [from = "", to = "", count = ""] = words;
const model = await describeModel();
const start = performance.now();
const { real } = vary(from, to, model, Number(count), (papers) => {
  if (papers % 20_000 > 0 && papers !== Number(count)) return;
  console.log(`${papers} papers, ${Math.round((1_000 * papers) / (performance.now() - start))} a second`);
});
// Otherwise the first server lays out the map, which takes long.
const store = Store.open(to, model);
const labels = Uint32Array.from({ length: store.papers.newest() }, (_, i) => i + 1);
const map = { laidOut: labels.length, early: false, regions: [] };
const change = store.changes.latest();
store.write(() => store.map.put({ labels, places: new Float32Array(2 * labels.length), replace: true, change, map }));
store.close();
const engine = new EmbeddedEngine(to, model);
await engine.save(new AbortController().signal);
engine.close();
console.log(`${count} papers in ${to}, of which ${real} are those of ${from} and the others variations of them`);
