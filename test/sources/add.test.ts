/** Single papers by their identifiers, with the real store and local services. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KindredError } from "../../src/kindred.js";
import { Everywhere, feedOf, library, openAlexAnswer, openAlexOf, pubmedOf, workOf } from "./services.js";

test("papers come from the service that knows their identifier, as one import that can be undone", async (t) => {
  const dataCite = {
    id: "10.5072/data",
    type: "dois",
    attributes: {
      doi: "10.5072/data",
      titles: [{ title: "Tides measured" }],
      creators: [{ name: "Author, Ada", nameType: "Personal", givenName: "Ada", familyName: "Author" }],
      publicationYear: 2021,
      descriptions: [{ description: "All tides of a year.", descriptionType: "Abstract" }],
      types: { resourceTypeGeneral: "Dataset" },
    },
  };
  const services = await Everywhere.start(t, {
    arxiv: ({ query }) => {
      assert.equal(query.get("id_list"), "2401.01234,hep-th/9901001");
      return { body: feedOf([{ id: "hep-th/9901001", title: "Strings" }, { id: "2401.01234", title: "Models" }]) }; // prettier-ignore
    },
    crossref: (_, path) =>
      path === "/works/10.1000/x(1)/y"
        ? { body: workOf("10.1000/X(1)/y", "Tides", { abstract: "<jats:p>Of tides.</jats:p>" }) }
        : undefined,
    datacite: (_, path) => (path === "/dois/10.5072/data" ? { body: { data: dataCite } } : undefined),
    pubmed: ({ url, form }) => {
      assert.deepEqual([url.pathname, form.get("id")], ["/pubmed/efetch.fcgi", "123"]);
      return { body: pubmedOf(123, "Otters", "10.1000/otters", "Of otters.") };
    },
  });
  const kindred = await library(t, services);
  const given = [
    "2401.01234v3",
    "https://arxiv.org/pdf/hep-th/9901001",
    "https://doi.org/10.1000/X(1)/y",
    "doi:10.5072/DATA",
    "https://pubmed.ncbi.nlm.nih.gov/123/?from=x",
    "10.48550/arXiv.2401.01234",
  ];
  const shown: number[] = [];
  const report = await kindred.add(given, {
    onProgress: ({ done, total }) => shown.push(done, total),
  });
  assert.deepEqual(
    report.identifiers.map(({ given, outcome, paper, reason }) => [given, outcome, paper?.title, reason]),
    [
      [given[0], "added", "Models", null],
      [given[1], "added", "Strings", null],
      [given[2], "added", "Tides", null],
      [given[3], "added", "Tides measured", null],
      [given[4], "added", "Otters", null],
      [given[5], "added", "Models", null],
    ],
  );
  assert.deepEqual([report.added, report.updated, report.unchanged, report.remarks], [5, 0, 0, []]);
  assert.deepEqual(shown.slice(-2), [5, 5]);
  assert.deepEqual(services.asked, ["arxiv", "pubmed", "crossref", "crossref", "datacite"]);
  const { papers } = await kindred.browse({ sort: "added" });
  assert.deepEqual(new Map(papers.map(({ title, abstract }) => [title, abstract])).get("Tides measured"), "All tides of a year."); // prettier-ignore
  assert.ok(papers.every(({ abstract }) => abstract !== null));
  const { imports } = await kindred.imports();
  assert.deepEqual(
    imports.map(({ import: number, name, added }) => [number, name, added]),
    [[report.import, "add", 5]],
  );
  assert.deepEqual(await kindred.undo(report.import!), { removed: 5, restored: 0, kept: 0 });
  assert.equal((await kindred.status()).papers, 0);
});

test("nothing is asked about papers that are here", async (t) => {
  const services = await Everywhere.start(t, {});
  const kindred = await library(
    t,
    services,
    { id: "mine", title: "Tides", doi: "10.1000/tides" },
    { id: "other", title: "Models", arxiv: "2401.01234" },
    { id: "PMID:7", title: "Otters" },
    { id: "page", title: "Moles", url: "https://example.org/10.1000/moles" },
    { id: "merged", title: "Voles", url: "https://pubmed.ncbi.nlm.nih.gov/8/" },
  );
  const given = ["10.1000/TIDES", "10.48550/arXiv.2401.01234", "pmid 7", "https://example.org/10.1000/moles", "PMID:8"];
  const report = await kindred.add(given);
  assert.deepEqual(
    report.identifiers.map(({ outcome, paper }) => [outcome, paper?.id]),
    [
      ["here", "mine"],
      ["here", "other"],
      ["here", "PMID:7"],
      ["here", "page"],
      ["here", "merged"],
    ],
  );
  assert.deepEqual([services.asked, report.import], [[], null]);
  assert.equal((await kindred.imports()).imports.length, 1);
});

test("a missing abstract is asked of one service after the other until one has it", async (t) => {
  const services = await Everywhere.start(t, {
    crossref: (_, path) => ({ body: workOf(path.slice("/works/".length), `Paper ${path.at(-1)}`) }),
    openalex: ({ query }) => {
      assert.match(query.get("filter")!, /^doi:10\.1000\/a\|10\.1000\/b\|10\.1000\/c\|10\.1000\/d$/);
      return openAlexAnswer([openAlexOf("10.1000/a", "A", "From OpenAlex."), openAlexOf("10.1000/b", "B", null)]);
    },
    "semantic-scholar": (_, path) =>
      path === "/graph/v1/paper/DOI:10.1000/b"
        ? { body: { paperId: "0".repeat(40), title: "B", abstract: "From Semantic Scholar.", externalIds: {} } }
        : undefined,
    pubmed: ({ url, form }) => {
      if (url.pathname.endsWith("efetch.fcgi")) return { body: pubmedOf(5, "C", "10.1000/C", "From PubMed.") };
      assert.equal(form.get("term"), '"10.1000/c"[doi] OR "10.1000/d"[doi]');
      return { body: { esearchresult: { count: "1", idlist: ["5"] } } };
    },
  });
  const kindred = await library(t, services);
  const report = await kindred.add(["10.1000/a", "10.1000/b", "10.1000/c", "10.1000/d"]);
  assert.deepEqual([report.added, report.remarks], [4, []]);
  const abstracts = await Promise.all(report.identifiers.map(async ({ paper }) => (await kindred.paper(paper!.id)).abstract)); // prettier-ignore
  assert.deepEqual(abstracts, ["From OpenAlex.", "From Semantic Scholar.", "From PubMed.", null]);
  const { doi, published, venue } = await kindred.paper(report.identifiers[2]!.paper!.id);
  assert.deepEqual([doi, published, venue], ["10.1000/c", "2020-05-06", null], "nothing else is taken from them");
});

test("services that fail to give an abstract do not fail the paper, and are asked once", async (t) => {
  const services = await Everywhere.start(t, {
    crossref: (_, path) => ({ body: workOf(path.slice("/works/".length), `Paper ${path.at(-1)}`) }),
    openalex: () =>
      spent
        ? { status: 429, headers: { "retry-after": "3600" }, body: { error: "Budget", message: "spent" } }
        : { status: 401, body: { error: "Invalid key" } },
    "semantic-scholar": () => ({ status: 403, body: { message: "Forbidden" } }),
    pubmed: () => ({ body: "<!DOCTYPE html><html><body>Please log in</body></html>" }),
  });
  let spent = false;
  const kindred = await library(t, services);
  const report = await kindred.add(["10.1000/a", "10.1000/b"]);
  assert.equal(report.added, 2);
  assert.deepEqual(services.asked, ["crossref", "crossref", "openalex", "semantic-scholar", "pubmed"]);
  for (const [i, why] of [/status 401: Invalid key/, /status 403: Forbidden/, /web page instead of JSON/].entries()) {
    assert.match(report.remarks[i]!, /^abstracts may be missing: 127\.0\.0\.1 answered/);
    assert.match(report.remarks[i]!, why);
  }
  spent = true;
  const { added, remarks } = await kindred.add(["10.1000/c"]);
  assert.equal(added, 1);
  assert.match(remarks[0]!, /status 429: spent.*asks for a pause of 60 minutes/);
});

test("each identifier says what happened: unknown, failed, or part of a paper that is here", async (t) => {
  const services = await Everywhere.start(t, {
    arxiv: () => ({ body: "<html><body>Maintenance</body></html>" }),
    crossref: (_, path) => {
      if (path.endsWith("same")) return { body: workOf("10.1000/SAME", "Tides of the moon", { abstract: "Tides." }) };
      if (path.endsWith("mine")) return { body: workOf("10.1000/mine", "Otters", { abstract: "Of otters." }) };
      if (path.endsWith("broken")) return { body: { message: { DOI: "10.1000/broken", title: [], type: "other" } } };
      if (path.endsWith("html")) return { body: "<html><body>Log in</body></html>" };
      return undefined;
    },
    pubmed: () => ({ body: pubmedOf(9, "Tides of the moon", "10.1000/same", "Tides.") }),
  });
  const kindred = await library(t, services, { id: "mine", title: "Otters", doi: "10.1000/mine" });
  const given = ["PMID:9", "10.1000/same", "10.1000/absent", "10.1000/broken", "10.1000/html", "2401.01234", "10.1000/mine"]; // prettier-ignore
  const report = await kindred.add(given);
  assert.deepEqual(
    report.identifiers.map(({ outcome, paper }) => [outcome, paper?.title ?? null]),
    [
      ["added", "Tides of the moon"],
      ["updated", "Tides of the moon"],
      ["not-found", null],
      ["failed", null],
      ["failed", null],
      ["failed", null],
      ["here", "Otters"],
    ],
  );
  const reasons = report.identifiers.map(({ reason }) => reason);
  assert.equal(reasons[2], "neither Crossref nor DataCite knows it");
  assert.match(reasons[3]!, /^127\.0\.0\.1 sent a record that cannot be read: no title/);
  for (const reason of reasons.slice(4, 6)) assert.match(reason!, /127\.0\.0\.1 answered with a web page instead of/);
  assert.equal(report.identifiers[0]!.paper!.id, report.identifiers[1]!.paper!.id);
  assert.equal((await kindred.status()).papers, 2);
  assert.equal((await kindred.paper("mine")).abstract, null, "what is here is not asked for");
});

test("errors and empty lists of arXiv's API are not taken for papers, nor for their absence", async (t) => {
  let lists = 0;
  let body = feedOf([], 1);
  const services = await Everywhere.start(t, {
    arxiv: () => {
      lists++;
      return { body: lists === 2 ? feedOf([{ id: "2401.01234", title: "Models" }]) : body };
    },
  });
  const kindred = await library(t, services);
  const one = async (id: string) => (await kindred.add([id])).identifiers[0]!;
  assert.equal((await one("2401.01234")).outcome, "added");
  const empty = await one("2401.00001");
  assert.deepEqual([empty.outcome, /lists 0 of the 1 papers/.test(empty.reason!), lists], ["failed", true, 5]);
  body = feedOf([{ id: "x", title: "Error" }]).replace(
    "http://arxiv.org/abs/xv2",
    "https://arxiv.org/api/errors#incorrect_id",
  );
  const error = await one("2401.00001");
  assert.deepEqual([error.outcome, /Abstract of Error/.test(error.reason!)], ["failed", true]);
  body = feedOf([]);
  assert.deepEqual(
    [(await one("2401.00001")).outcome, (await one("2401.00001")).reason],
    ["not-found", "arXiv does not know it"],
  );
  assert.equal((await kindred.status()).papers, 1);
});

test("what is no identifier is refused before anything is asked; a cancelled call imports nothing", async (t) => {
  const stop = new AbortController();
  const services = await Everywhere.start(t, {
    crossref: (_, path) => {
      if (path.endsWith("b")) stop.abort();
      return { body: workOf(path.slice("/works/".length), "Tides", { abstract: "Tides." }) };
    },
  });
  const kindred = await library(t, services);
  for (const given of [
    ["10.1000/a", "tides"],
    ["https://example.org/tides"],
    [],
    [" "],
    Array.from({ length: 101 }, (_, i) => `10.1000/${i}`),
  ])
    // prettier-ignore
    await assert.rejects(
      kindred.add(given),
      (thrown) => thrown instanceof KindredError && thrown.code === "invalid" && thrown.parameter!.startsWith("identifiers"),
    );
  assert.deepEqual(services.asked, []);
  await assert.rejects(
    kindred.add(["10.1000/a", "10.1000/b"], { signal: stop.signal }),
    (thrown) =>
      thrown instanceof KindredError && thrown.code === "cancelled" && /nothing was imported/.test(thrown.message),
  );
  assert.equal((await kindred.status()).papers, 0);
});

test("keys go to services, never into an address", async (t) => {
  process.env["KINDRED_OPENALEX_KEY"] = "secret-one";
  process.env["KINDRED_PUBMED_KEY"] = "secret-two";
  t.after(() => {
    delete process.env["KINDRED_OPENALEX_KEY"];
    delete process.env["KINDRED_PUBMED_KEY"];
  });
  const services = await Everywhere.start(t, { crossref: () => ({ body: workOf("10.1000/a", "Tides") }) });
  const kindred = await library(t, services);
  await kindred.add(["10.1000/a"]);
  const [crossref, openalex, , pubmed] = services.requests;
  assert.equal(crossref!.headers.authorization, undefined);
  assert.equal(openalex!.headers.authorization, "Bearer secret-one");
  assert.equal(pubmed!.form.get("api_key"), "secret-two");
  for (const { url } of services.requests) assert.doesNotMatch(url.href, /secret/);
});
