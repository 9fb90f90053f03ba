/**
 * Kindred as a library: the examples of docs/library.md and the README as one program, on a few papers in a temporary folder. A test
 * compares them. Run with "node dist/scripts/examples/library.js".
 */
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { KindredError, openKindred, writePapers } from "kindred";

const folder = await mkdtemp(join(tmpdir(), "kindred-example-"));
process.chdir(folder);
await writeFile(
  "library.bib",
  `@article{prospects, title = {Prospects and losses}, author = {Smith, Ada}, year = 2015, abstract = {People who choose
     under risk fear a loss more than they enjoy a gain of the same size.}}
   @article{galaxies, title = {A map of galaxies}, author = {Li, Bo}, year = 2019, abstract = {A survey measured the distances
     of two million galaxies.}}
   @article{kelp, title = {Kelp and light}, author = {Orr, Di}, abstract = {Kelp grows as deep as light reaches.}}`,
);

{
  const kindred = await openKindred({ directory: "my-papers" });
  await kindred.import("library.bib");
  await kindred.index({ onProgress: ({ phase, done, total }) => console.log(phase, done, total) });
  const { hits } = await kindred.search({ q: "how do people decide under risk", limit: 5 });
  for (const { paper, matched } of hits) console.log(paper.title, matched.sentence?.text);
  await kindred.close();
}

const kindred = await openKindred({ directory: "my-papers" });
await kindred.import("library.bib");
await kindred.index();
const { hits } = await kindred.recommend({ positive: [{ text: "galaxy surveys" }] });
console.log("recommended:", hits[0]?.paper.title);

try {
  const papers = [
    {
      id: "otters",
      title: "Stone juggling in otters",
      published: "2020-05",
      abstract: "Young otters toss pebbles when they are hungry.",
    },
    {
      id: "crows",
      title: "Crows that bend wire",
      published: "2019",
      abstract: "Captive crows made hooks to lift food out of a tube.",
    },
  ];
  const lines = Readable.from(papers.map((paper) => Buffer.from(`${JSON.stringify(paper)}\n`)));
  const report = await kindred.import(lines, { name: "my program" });
  console.log(report.added, report.problems);
  await kindred.index();

  let cursor: string | null | undefined;
  do {
    const page = await kindred.search({
      q: "animals that use tools",
      from: "2010",
      limit: 100,
      ...(cursor && { cursor }),
    });
    for (const { paper, similarity } of page.hits) console.log(paper.id, similarity);
    cursor = page.next;
  } while (cursor !== null);

  const related = await kindred.related({ id: "otters", limit: 5 });
  const draft = await kindred.related({ title: "My draft", abstract: "We study birds that make tools.", limit: 5 });
  const recommended = await kindred.recommend({ positive: ["otters"], negative: [{ id: "kelp" }], limit: 5 });
  for (const { paper, because } of recommended.hits) console.log(paper.title, because?.for[0]?.title);
  console.log("related:", related.hits[0]?.paper.title, "and", draft.hits[0]?.paper.title);

  await kindred.createList("thesis");
  await kindred.addToList("thesis", "otters");
  await kindred.note("otters", "Read again.");
  await pipeline(writePapers(kindred.papersIn("thesis"), "bibtex"), createWriteStream("thesis.bib"));

  try {
    await kindred.paper("nothing-here");
  } catch (thrown) {
    if (!(thrown instanceof KindredError) || thrown.code !== "not-found") throw thrown;
    console.log(thrown.message);
  }

  const { hits } = await kindred.search({ q: "otters" }, { signal: AbortSignal.timeout(10_000) });
  console.log("in time:", hits.length);

  if (report.import !== null) await kindred.undo(report.import);
} finally {
  await kindred.close();
  process.chdir(tmpdir());
  await rm(folder, { recursive: true });
}
