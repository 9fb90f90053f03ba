/** A separate process on a limited disk: imports or embeds, and prints how far it got and why it stopped. */
import { openKindred, KindredError } from "../src/kindred.js";

const [what = "", directory = "", file = ""] = process.argv.slice(2);
let acknowledged = 0;
try {
  const kindred = await openKindred({ directory, workers: 1 });
  try {
    if (what === "import") await kindred.import(file, { onProgress: ({ papers }) => void (acknowledged = papers) });
    if (what === "index") await kindred.index();
    if (what === "search") await kindred.search({ q: "tides", mode: "lexical" });
  } finally {
    await kindred.close();
  }
  console.log(JSON.stringify({ acknowledged }));
} catch (thrown) {
  const code = thrown instanceof KindredError ? thrown.code : "none";
  console.log(JSON.stringify({ acknowledged, code, message: thrown instanceof Error ? thrown.message : "" }));
}
