/** Two sources that bring one paper: which fields it has then, from arXiv's and Crossref's answers to the real store. */
import "../tiny.js";
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { openKindred, type Kindred } from "../../src/kindred.js";
import { temporaryDirectory } from "../sample.js";
import { Service } from "./service.js";

const TODAY = new Date().toISOString().slice(0, 10);
const TITLE = "Tides of the Moon and Their Causes";
const DOI = "10.1000/tides";

type Preprint = { title: string; abstract: string; doi?: string };
type Article = { title: string; DOI: string; author?: object[]; year?: number };

/** Both services, with one paper each, and a library with a source for each. */
async function both(t: TestContext) {
  const services = {
    preprint: { title: TITLE, abstract: "We measure tides." } as Preprint,
    article: { title: "Tides of the moon and their causes", DOI } as Article,
  };
  const arxiv = await Service.start(() => {
    const { title, abstract, doi } = services.preprint;
    const record =
      `<record><header><identifier>oai:arXiv.org:2401.00001</identifier><datestamp>${TODAY}</datestamp>` +
      `<setSpec>physics</setSpec></header><metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>2401.00001</id>` +
      `<created>${TODAY}</created><authors><author><keyname>Lovelace</keyname><forenames>Ada</forenames></author></authors>` +
      `<title>${title}</title><categories>physics.ao-ph</categories>${doi === undefined ? "" : `<doi>${doi}</doi>`}` +
      `<abstract>${abstract}</abstract></arXiv></metadata></record>`;
    const list = `<ListRecords>${record}</ListRecords>`;
    return {
      body: `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>${TODAY}T08:00:00Z</responseDate>${list}</OAI-PMH>`,
    };
  });
  const crossref = await Service.start(() => {
    const {
      title,
      DOI,
      author = [{ given: "A.", family: "Lovelace" }],
      year = Number(TODAY.slice(0, 4)),
    } = services.article;
    const work = {
      DOI,
      title: [title],
      author,
      type: "journal-article",
      abstract: "<jats:p>Tides are measured.</jats:p>",
      "container-title": ["Journal of Tides"],
      issued: { "date-parts": [[year, 1, 2]] },
      created: { "date-time": `${TODAY}T12:00:00Z` },
    };
    return { body: { status: "ok", message: { "total-results": 1, "next-cursor": "x", items: [work] } } };
  });
  t.after(() => arxiv.close());
  t.after(() => crossref.close());
  const kindred = await openKindred({ directory: temporaryDirectory(t), workers: 1 });
  t.after(() => kindred.close());
  const local = { private: true, since: TODAY };
  await kindred.sources.add({ kind: "arxiv", options: { ...local, baseUrl: arxiv.base, category: ["physics.ao-ph"] } });
  await kindred.sources.add({ kind: "crossref", options: { ...local, baseUrl: crossref.base, query: "tides" } });
  return { kindred, services };
}

const papersOf = async (kindred: Kindred) => (await kindred.browse({ sort: "added" })).papers.toReversed();

test("one paper: the source that brought it first decides, the other adds what is lacking, and both are remembered", async (t) => {
  const { kindred } = await both(t);
  assert.equal(await kindred.sources.update("arxiv"), "1 added, 0 updated, 0 unchanged");
  assert.equal(await kindred.sources.update("crossref"), "0 added, 1 updated, 0 unchanged");
  const [paper, ...others] = await papersOf(kindred);
  assert.equal(others.length, 0);
  const { title, abstract, authors, venue, doi, arxiv, published, categories, url } = paper!;
  assert.deepEqual(
    { title, abstract, authors, venue, doi, arxiv, published, categories, url },
    {
      title: TITLE,
      abstract: "We measure tides.",
      authors: ["Ada Lovelace"],
      venue: "Journal of Tides",
      doi: DOI,
      arxiv: "2401.00001",
      published: TODAY,
      categories: ["physics.ao-ph"],
      url: "https://arxiv.org/abs/2401.00001",
    },
  );
  assert.deepEqual(await kindred.sources.of(paper!.id), ["arxiv", "crossref"]);
  // Neither changes what the other has said.
  for (const name of ["arxiv", "crossref", "arxiv"])
    assert.equal(await kindred.sources.update(name), "0 added, 0 updated, 1 unchanged");
});

test("the other order gives one paper, too, and what the first source changes is changed", async (t) => {
  const { kindred, services } = await both(t);
  await kindred.sources.update("crossref");
  await kindred.sources.update("arxiv");
  const [first, ...others] = await papersOf(kindred);
  assert.equal(others.length, 0);
  assert.deepEqual(
    [first!.title, first!.abstract, first!.doi, first!.arxiv, first!.categories],
    ["Tides of the moon and their causes", "Tides are measured.", DOI, "2401.00001", ["physics.ao-ph"]],
  );
  services.article.title = "Tides of the moon and their causes, revised";
  services.preprint.abstract = "We measure tides again.";
  await kindred.sources.update("arxiv");
  await kindred.sources.update("crossref");
  const [second] = await papersOf(kindred);
  assert.deepEqual(
    [second!.title, second!.abstract],
    ["Tides of the moon and their causes, revised", "Tides are measured."],
  );
});

test("a DOI that both have is enough, whatever the titles", async (t) => {
  const { kindred, services } = await both(t);
  services.preprint = { title: "On tides", abstract: "We measure tides.", doi: DOI };
  await kindred.sources.update("arxiv");
  await kindred.sources.update("crossref");
  assert.deepEqual((await papersOf(kindred)).map(({ title }) => title), ["On tides"]); // prettier-ignore
});

test("when the first source is paused or removed, the other decides", async (t) => {
  const { kindred } = await both(t);
  await kindred.sources.update("arxiv");
  await kindred.sources.update("crossref");
  await kindred.sources.change("arxiv", { paused: true });
  await kindred.sources.update("crossref");
  assert.equal((await papersOf(kindred))[0]!.abstract, "Tides are measured.");
  await kindred.sources.change("arxiv", { paused: false });
  for (const [name, count] of [
    ["arxiv", "1 updated"],
    ["crossref", "0 updated"],
  ] as const)
    // prettier-ignore
    assert.match(await kindred.sources.update(name), new RegExp(count));
  assert.equal((await papersOf(kindred))[0]!.abstract, "We measure tides.");
  await kindred.sources.remove("arxiv");
  await kindred.sources.update("crossref");
  assert.equal((await papersOf(kindred))[0]!.title, "Tides of the moon and their causes");
});

test("when the first source is paused or removed, exactly one of the others decides", async (t) => {
  const { kindred } = await both(t);
  let asked = 0;
  const service = await Service.start(() => ({
    type: "application/jsonl",
    body: JSON.stringify({ title: "Tides", doi: DOI, abstract: "A third text.", comments: asked++ }),
  }));
  t.after(() => service.close());
  await kindred.sources.add({ kind: "url", options: { private: true, url: `${service.base}/papers.jsonl` } });
  for (const name of ["arxiv", "crossref", "url"]) await kindred.sources.update(name);
  const abstract = async () => {
    for (const name of ["url", "crossref", "url"]) await kindred.sources.update(name);
    const [paper, ...others] = await papersOf(kindred);
    assert.equal(others.length, 0);
    return paper!.abstract;
  };
  assert.equal(await abstract(), "We measure tides.");
  await kindred.sources.change("arxiv", { paused: true });
  assert.equal(await abstract(), "Tides are measured.");
  await kindred.sources.remove("arxiv");
  assert.equal(await abstract(), "Tides are measured.");
  await kindred.sources.remove("crossref");
  await kindred.sources.update("url");
  assert.equal((await papersOf(kindred))[0]!.abstract, "A third text.");
});

test("a preprint and its article of one source are two papers, and every run finds both", async (t) => {
  const paper = { title: TITLE, authors: ["Ada Lovelace"], published: TODAY };
  const papers = [
    { ...paper, id: "preprint", arxiv: "2401.00001", venue: "arXiv" },
    { ...paper, id: "article", doi: DOI, venue: "Journal of Tides" },
  ];
  let asked = 0;
  const service = await Service.start(() => ({
    type: "application/jsonl",
    body: [...papers, { id: "other", title: `Another ${asked++}` }].map((one) => JSON.stringify(one)).join("\n"),
  }));
  t.after(() => service.close());
  const kindred = await openKindred({ directory: temporaryDirectory(t), workers: 1 });
  t.after(() => kindred.close());
  await kindred.sources.add({ kind: "url", options: { private: true, url: `${service.base}/papers.jsonl` } });
  assert.equal(await kindred.sources.update("url"), "3 added, 0 updated, 0 unchanged");
  assert.equal(await kindred.sources.update("url"), "1 added, 0 updated, 2 unchanged");
  assert.deepEqual((await papersOf(kindred)).map(({ venue, doi }) => [venue, doi]).slice(0, 2), [["arXiv", null], ["Journal of Tides", DOI]]); // prettier-ignore
});

test("papers that may be different stay apart", async (t) => {
  for (const [preprint, article] of [
    [
      { title: "Introduction", abstract: "A." },
      { title: "Introduction", DOI },
    ],
    [
      { title: TITLE, abstract: "A." },
      { title: TITLE, DOI, author: [{ given: "Charles", family: "Babbage" }] },
    ],
    [
      { title: TITLE, abstract: "A." },
      { title: TITLE, DOI, author: [] },
    ],
    [
      { title: TITLE, abstract: "A." },
      { title: TITLE, DOI, year: 1999 },
    ],
    [
      { title: TITLE, abstract: "A.", doi: "10.1000/other" },
      { title: TITLE, DOI },
    ],
  ] as [Preprint, Article][]) {
    const { kindred, services } = await both(t);
    Object.assign(services, { preprint, article });
    await kindred.sources.update("arxiv");
    assert.equal(await kindred.sources.update("crossref"), "1 added, 0 updated, 0 unchanged", JSON.stringify(article));
  }
});

test("a file that a person imports says what it says, and undoing what a source added gives the paper back", async (t) => {
  const { kindred } = await both(t);
  await kindred.sources.update("arxiv");
  const mine = { id: "mine", title: "Tides, as I call it", doi: DOI, arxiv: "2401.00001" };
  await kindred.sources.update("crossref");
  const { imports } = await kindred.imports();
  await kindred.undo(imports[0]!.import);
  const [paper] = await papersOf(kindred);
  assert.deepEqual([paper!.title, paper!.doi, paper!.venue], [TITLE, null, null]);
  await kindred.import((async function* () { yield await Promise.resolve(Buffer.from(JSON.stringify(mine))); })()); // prettier-ignore
  assert.equal((await papersOf(kindred))[0]!.title, "Tides, as I call it");
});
