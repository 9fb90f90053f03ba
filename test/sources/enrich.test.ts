/** What papers lack is filled in from OpenAlex, with the real store and a local service. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KindredError, type Kindred } from "../../src/kindred.js";
import { Everywhere, library, openAlexAnswer, openAlexOf } from "./services.js";
import type { Asked } from "./service.js";

/** Works that a filter by DOI or by title finds. */
const openalex =
  (works: readonly ReturnType<typeof openAlexOf>[]) =>
  ({ query }: Asked) => {
    const filter = query.get("filter")!;
    const dois = /^doi:(.*)$/.exec(filter)?.[1]!.split("|");
    const [, words, year] = /^title\.search:(.*),publication_year:(\d+)$/.exec(filter) ?? [];
    return openAlexAnswer(
      works.filter(({ doi, title, publication_date: day }) =>
        dois === undefined
          ? title.toLowerCase().includes(words!) && day.startsWith(year!)
          : dois.includes(doi?.slice("https://doi.org/".length) ?? ""),
      ),
    );
  };

const fields = async (kindred: Kindred, id: string) => {
  const { title, abstract, published, doi, authors, venue } = await kindred.paper(id);
  return { title, abstract, published, doi, authors: authors.join(), venue };
};

const nothing = { authors: "", venue: null };

test("what is missing is filled in, nothing that is there is changed, and undoing restores it", async (t) => {
  const service = await Everywhere.start(t, {
    openalex: openalex([
      openAlexOf("10.1000/a", "Another title of A", "Abstract of A."),
      openAlexOf("10.1000/b", "B", "Another abstract of B."),
      openAlexOf("10.48550/arxiv.2401.01234", "C", "Abstract of C."),
      openAlexOf("10.1000/e", "E", null),
    ]),
  });
  const kindred = await library(
    t,
    service,
    { id: "a", title: "A &amp; \\emph{a}", doi: "10.1000/a", venue: "Mine" },
    { id: "b", title: "B", doi: "10.1000/b", abstract: "My abstract.", published: "1999" },
    { id: "c", title: "C", arxiv: "2401.01234" },
    { id: "d", title: "D", doi: "10.1000/d", abstract: "My abstract of D." },
    { id: "e", title: "E", doi: "10.1000/e", published: "2019" },
    { id: "f", title: "F, which no one can be asked about" },
  );
  const before = await fields(kindred, "a");
  const shown: number[] = [];
  const report = await kindred.enrich({
    onProgress: ({ asked, updated }) => shown.push(asked, updated),
  });
  assert.deepEqual(report, { import: 2, asked: 4, updated: 2, abstracts: 2, dates: 2, dois: 0, error: null, remarks: [] }); // prettier-ignore
  assert.deepEqual(shown, [4, 2]);
  assert.equal(service.requests.length, 1, "all are asked for at once");
  assert.deepEqual(await fields(kindred, "a"), { ...before, abstract: "Abstract of A.", published: "2020-05-06" });
  assert.deepEqual(await fields(kindred, "b"), { title: "B", abstract: "My abstract.", published: "1999", doi: "10.1000/b", ...nothing }); // prettier-ignore
  assert.deepEqual(await fields(kindred, "c"), { title: "C", abstract: "Abstract of C.", published: "2020-05-06", doi: null, ...nothing }); // prettier-ignore
  assert.deepEqual(await fields(kindred, "e"), { title: "E", abstract: null, published: "2019", doi: "10.1000/e", ...nothing }); // prettier-ignore
  assert.deepEqual((await kindred.imports()).imports.map(({ name, added, updated }) => [name, added, updated])[0], [
    "enrich",
    0,
    2,
  ]);
  service.forget();
  const again = await kindred.enrich();
  assert.deepEqual(
    [again.asked, again.import, service.asked],
    [0, null, []],
    "what was asked for is not asked for again",
  );
  const longAgo = new Date(Date.now() - 31 * 86_400_000).toISOString();
  await kindred.putOwned([{ owner: "enrich", key: "e", value: longAgo }]);
  assert.equal((await kindred.enrich()).asked, 1, "after 30 days it is");
  assert.deepEqual(await kindred.undo(2), { removed: 0, restored: 2, kept: 0 });
  assert.deepEqual(await fields(kindred, "a"), before);
  assert.equal((await kindred.enrich()).updated, 2);
});

test("papers without a DOI are found by title, year and author, and only if there is one such work", async (t) => {
  const title = "Tides: of the moon and the sun";
  const service = await Everywhere.start(t, {
    openalex: openalex([
      openAlexOf("10.1000/tides", "Tides of the Moon and the Sun", "Of tides."),
      openAlexOf("10.1000/otters1", "On otters that juggle pebbles", "One."),
      openAlexOf("10.1000/otters2", "On otters that juggle pebbles", "Two."),
      openAlexOf("10.1000/moles", "On moles that map their cellars", "Of moles.", {
        authorships: [{ author: { display_name: "Bo Builder" } }],
      }),
      openAlexOf("10.1000/longer", "On voles that live in walls, part two", "Of voles."),
      openAlexOf("10.1000/here", "On shrews that never sleep at all", "Of shrews."),
    ]),
  });
  const known = { authors: ["A. Author"], published: "2020" };
  const kindred = await library(
    t,
    service,
    { id: "tides", title, ...known },
    { id: "otters", title: "On otters that juggle pebbles", ...known },
    { id: "moles", title: "On moles that map their cellars", ...known },
    { id: "voles", title: "On voles that live in walls", ...known },
    { id: "year", title, authors: ["A. Author"] },
    { id: "short", title: "Preface", ...known },
    { id: "shrews", title: "On shrews that never sleep at all", ...known },
    { id: "copy", title: "Shrews", doi: "10.1000/here", abstract: "Of shrews.", published: "2020" },
  );
  const report = await kindred.enrich();
  assert.deepEqual([report.asked, report.updated, report.abstracts, report.dois, report.remarks], [5, 2, 2, 1, []]);
  assert.deepEqual(await fields(kindred, "tides"), { title, abstract: "Of tides.", published: "2020", doi: "10.1000/tides", authors: "A. Author", venue: null }); // prettier-ignore
  assert.deepEqual([(await fields(kindred, "shrews")).abstract, (await fields(kindred, "shrews")).doi], ["Of shrews.", null]); // prettier-ignore
  for (const id of ["otters", "moles", "voles", "year", "short"]) {
    const { abstract, doi } = await fields(kindred, id);
    assert.deepEqual([id, abstract, doi], [id, null, null]);
  }
});

test("a service that fails ends the run; what came stays, and the next run goes on from there", async (t) => {
  const all = Array.from({ length: 130 }, (_, i) => ({ id: `p${i}`, title: `Paper ${i}`, doi: `10.1000/p${i}` }));
  const answers = openalex(all.map(({ doi, title }) => openAlexOf(doi, title, `Abstract of ${title}.`)));
  const failures = [{ body: "<html><body>Log in</body></html>" }, { status: 404, body: "Not here" }];
  let answered = 0;
  const service = await Everywhere.start(t, {
    openalex: (asked) => (++answered === 2 ? failures.shift()! : answers(asked)),
  });
  const kindred = await library(t, service, ...all);
  const numbers: (number | null)[] = [];
  for (const why of [/^127\.0\.0\.1 .* a web page instead of JSON/, /^127\.0\.0\.1 .* status 404/]) {
    answered = 0;
    const { error, updated, import: number } = await kindred.enrich();
    assert.match(error!, why);
    assert.equal(updated, 50);
    numbers.push(number);
  }
  assert.deepEqual(numbers, [2, 3]);
  answered = 2;
  const last = await kindred.enrich();
  assert.deepEqual([last.asked, last.updated, last.error], [30, 30, null]);
  const asked = service.requests.map(({ query }) => query.get("filter")!.split("|").length);
  assert.deepEqual(asked, [50, 50, 50, 30, 30], "the batch that failed is asked for again, and no other");
});

test("a long pause that OpenAlex asks for ends the run in words", async (t) => {
  const service = await Everywhere.start(t, {
    openalex: () => ({ status: 429, headers: { "retry-after": "7200" }, body: { message: "Budget spent" } }),
  });
  const kindred = await library(t, service, { id: "a", title: "A", doi: "10.1000/a" });
  const report = await kindred.enrich();
  assert.match(report.error!, /status 429: Budget spent.*asks for a pause of 120 minutes/);
  assert.deepEqual([report.asked, report.import, service.requests.length], [0, null, 1]);
});

test("a run asks for a list, or for so many papers, only; a cancelled one keeps what came", async (t) => {
  const all = Array.from({ length: 120 }, (_, i) => ({ id: `p${i}`, title: `Paper ${i}`, doi: `10.1000/p${i}` }));
  const stop = new AbortController();
  const answers = openalex(all.map(({ doi, title }) => openAlexOf(doi, title, `Abstract of ${title}.`)));
  let answered = 0;
  const service = await Everywhere.start(t, {
    openalex: (asked) => {
      if (++answered === 4) stop.abort();
      return answers(asked);
    },
  });
  const kindred = await library(t, service, ...all);
  await kindred.createList("tides");
  for (const id of ["p3", "p7"]) await kindred.addToList("tides", id);
  const run = (more: object) => kindred.enrich({ ...more });
  assert.equal((await run({ list: "tides" })).updated, 2);
  const some = await run({ max: 7 });
  assert.deepEqual([some.asked, some.error], [7, null]);
  assert.match(some.remarks[0]!, /stopped after 7 papers, the limit of one run/);
  await assert.rejects(
    run({ signal: stop.signal }),
    (thrown) =>
      thrown instanceof KindredError && thrown.code === "cancelled" && /what was filled in stays/.test(thrown.message),
  );
  assert.equal((await run({})).updated, 120 - 2 - 7 - 50);
  await assert.rejects(
    run({ list: "none" }),
    (thrown) => thrown instanceof KindredError && thrown.code === "not-found",
  );
  assert.equal((await run({ max: 1 })).asked, 0);
});
