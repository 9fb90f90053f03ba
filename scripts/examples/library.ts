/** Kindred as a library: imports three papers and asks three questions. Run with "node dist/scripts/examples/library.js". */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKindred } from "kindred";

const papers = [
  { id: "otters", title: "Stone juggling in otters", abstract: "Young otters toss pebbles when they are hungry." },
  { id: "crows", title: "Crows that bend wire", abstract: "Captive crows made hooks to lift food out of a tube." },
  { id: "tides", title: "Tides in narrow bays", abstract: "Sea level in a funnel-shaped bay rises twice a day." },
];

// `import` takes bytes, or the path of a file, in any format that Kindred reads: BibTeX, RIS, CSV, JSON or JSON Lines.
async function* file(): AsyncGenerator<Uint8Array> {
  for (const paper of papers) yield Buffer.from(`${JSON.stringify(paper)}\n`);
}

// Kindred keeps everything in one folder, and creates it if it is missing.
const directory = await mkdtemp(join(tmpdir(), "kindred-example-"));
const kindred = await openKindred({ directory });
try {
  const { added } = await kindred.import(file(), { name: "example" });
  console.log(`imported ${added} papers; they can be found by their words`);

  await kindred.index();
  console.log("embedded them; they can be found by their meaning");

  const { hits } = await kindred.search({ q: "birds using tools", limit: 1 });
  for (const { paper, similarity } of hits) console.log(`found "${paper.title}", cosine ${similarity?.toFixed(2)}`);

  const related = await kindred.related({ id: "otters", limit: 1 });
  console.log(`related to the otters: "${related.hits[0]?.paper.title}"`);

  const liked = { positive: [{ text: "how the ocean moves" }], negative: [{ id: "crows" }], limit: 1 };
  const recommended = await kindred.recommend(liked);
  console.log(`recommended: "${recommended.hits[0]?.paper.title}"`);
} finally {
  await kindred.close();
  await rm(directory, { recursive: true });
}
