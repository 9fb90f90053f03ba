import assert from "node:assert/strict";
import { test } from "node:test";
import { arxiv, setOf } from "../../src/sources/arxiv.js";
import { plusDays } from "../../src/sources/days.js";
import {
  type Answers,
  complete,
  type Read,
  allCome,
  Service,
  Shelf,
  TestClock,
  textOf,
  withNetwork,
} from "./service.js";

interface Entry {
  id: string;
  /** The day it was changed, which is not when it was submitted. */
  stamp: string;
  set: string;
  created?: string;
  updated?: string;
  deleted?: boolean;
}

/** Records as arXiv lists them: by datestamp, then id. */
const recordOf = ({ id, stamp, set, created = stamp, updated, deleted }: Entry): string => `<record>
  <header${deleted ? ' status="deleted"' : ""}><identifier>oai:arXiv.org:${id}</identifier><datestamp>${stamp}</datestamp>
    <setSpec>${set}</setSpec></header>${
      deleted
        ? ""
        : `<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>${id}</id><created>${created}</created>${
            updated === undefined ? "" : `<updated>${updated}</updated>`
          }<title>Łattices &amp; 𝔸 of ${id}</title><categories>cs.CL</categories></arXiv></metadata>`
    }
</record>`;

const wrap = (inner: string, day: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>${day}T08:00:00Z</responseDate>
<request verb="ListRecords">http://oaipmh.arxiv.org/oai</request>${inner}</OAI-PMH>`;
const error = (code: string, day: string): string => wrap(`<error code='${code}'>no &lt;luck&gt;</error>`, day);

/** Speaks OAI-PMH as arXiv does: tokens are the query and an offset, and errors have the status 200. */
function oai(
  entries: () => readonly Entry[],
  {
    size = 3,
    today = () => "2026-11-30",
    expired = () => false,
  }: { size?: number; today?: () => string; expired?: () => boolean } = {},
): Answers {
  return ({ query }) => {
    assert.equal(query.get("verb"), "ListRecords");
    const token = query.get("resumptionToken");
    let asked = query;
    let skip = 0;
    if (token !== null) {
      assert.equal([...query.keys()].length, 2, "a token comes alone");
      if (expired()) return { body: error("badResumptionToken", today()) };
      asked = new URLSearchParams(decodeURIComponent(token));
      skip = Number(asked.get("skip"));
    }
    const [from = "", until = "9999"] = [asked.get("from") ?? undefined, asked.get("until") ?? undefined];
    if (from > today() || from < "2005-09-16" || asked.get("metadataPrefix") !== "arXiv")
      return { body: error("badArgument", today()) };
    const matching = entries()
      .filter(({ stamp, set }) => stamp >= from && stamp <= until && set === asked.get("set"))
      .toSorted((a, b) => (a.stamp + a.id < b.stamp + b.id ? -1 : 1));
    if (matching.length === 0) return { body: error("noRecordsMatch", today()) };
    const page = matching.slice(skip, skip + size).map(recordOf);
    const next = new URLSearchParams({ metadataPrefix: "arXiv", set: asked.get("set")!, from, skip: `${skip + size}` });
    if (until !== "9999") next.set("until", until);
    const end =
      skip + size < matching.length
        ? `<resumptionToken expirationDate="x">${encodeURIComponent(next.toString())}</resumptionToken>`
        : skip > 0
          ? "<resumptionToken/>"
          : "";
    return { body: wrap(`<ListRecords>${page.join("")}${end}</ListRecords>`, today()) };
  };
}

const read: Read = (page) =>
  Promise.resolve(
    [...textOf(page).matchAll(/<record>[^]*?<id>([^<]+)<[^]*?<\/record>/g)].map(
      ([record, id]) => [`arXiv:${id}`, record] as [string, string],
    ),
  );

/** Papers of six weeks in two sets; on some days more than fit on a page. */
const many: Entry[] = Array.from({ length: 120 }, (_, i) => ({
  id: `2611.${String(10_000 + i)}`,
  stamp: plusDays("2026-10-20", i % 7 === 0 ? 30 : i % 42),
  set: i % 3 === 0 ? "stat:stat:ML" : "cs:cs:CL",
}));
const options = { category: ["cs.CL", "stat.ML"], since: "2026-10-20" };

test("categories are sets", () => {
  assert.deepEqual("cs.CL stat.ML cs math hep-th astro-ph.EP cond-mat.soft math-ph math.NA physics physics.optics q-bio.NC".split(" ").map(setOf), [
    "cs:cs:CL", "stat:stat:ML", "cs", "math", "physics:hep-th", "physics:astro-ph:EP", "physics:cond-mat:soft",
    "physics:math-ph", "math:math:NA", "physics:physics", "physics:physics:optics", "q-bio:q-bio:NC",
  ]); // prettier-ignore
});

test("all papers come, and the pages are well-formed", async () => {
  await allCome({ kind: arxiv, options, answers: () => oai(() => many), read }, 120);
});

test("a second run asks for the last days only", async () => {
  const clock = new TestClock();
  const service = await Service.start(
    oai(() => many, { size: 50 }),
    clock,
  );
  const shelf = new Shelf();
  const run = { options: { ...options, baseUrl: service.base, private: true } };
  try {
    await withNetwork({ clock }, async (network) => {
      assert.equal(await shelf.run(arxiv, { ...run, network }, read), "done");
      const asked = service.asked.length;
      clock.time += 24 * 3600 * 1000;
      assert.equal(await shelf.run(arxiv, { ...run, network }, read), "done");
      const again = service.asked
        .slice(asked)
        .map(({ query }) => [query.get("set"), query.get("from"), query.get("until")]);
      assert.deepEqual(again, [
        ["cs:cs:CL", "2026-11-28", null],
        ["stat:stat:ML", "2026-11-28", null],
      ]);
    });
  } finally {
    await service.close();
  }
});

test("an expired token costs no paper", async () => {
  let tokens = 0;
  const { shelf } = await complete({
    kind: arxiv,
    options: { ...options, category: ["cs.CL"] },
    answers: () => oai(() => many, { expired: () => [3, 12, 20].includes(++tokens) }),
    read,
  });
  assert.equal(shelf.papers.size, many.filter(({ set }) => set === "cs:cs:CL").length);
});

test("a token that is always refused ends the run in words", async () => {
  await assert.rejects(
    complete({ kind: arxiv, options, answers: () => oai(() => many, { expired: () => true }), read }),
    /127\.0\.0\.1 refuses the continuation of its own list of 2026-11-19 again and again/,
  );
});

test("a token that leads to itself ends the run in words", async () => {
  const day: Entry = { id: "2611.00001", stamp: "2026-11-29", set: "cs:cs:CL" };
  const body = wrap(
    `<ListRecords>${recordOf(day)}<resumptionToken>verb=x</resumptionToken></ListRecords>`,
    "2026-11-30",
  );
  await assert.rejects(
    complete({ kind: arxiv, options, answers: () => () => ({ body }), read }),
    /127\.0\.0\.1 continues its list with the same page again and again/,
  );
});

test("a record that changes while its list is read does not hide another", async () => {
  // Moving to the end of the list shifts all behind it by one, and a token counts records.
  let asked = 0;
  const changing = (): Entry[] =>
    many.map((entry, i) => (i === 1 && asked > 3 ? { ...entry, stamp: "2026-11-30", updated: "2026-11-30" } : entry));
  const { shelf } = await complete({
    kind: arxiv,
    options: { ...options, category: ["cs.CL"] },
    answers: () => (request) => {
      asked++;
      return oai(changing, { size: 20 })(request);
    },
    read,
  });
  assert.equal(shelf.papers.size, many.filter(({ set }) => set === "cs:cs:CL").length);
});

test("old papers with a new datestamp are left out; changed and deleted ones are reported", async () => {
  const set = "cs:cs:CL";
  const { shelf } = await complete({
    kind: arxiv,
    options: { category: ["cs.CL"], since: "2026-11-01" },
    answers: () =>
      oai(
        () => [
          { id: "1001.0001", stamp: "2026-11-20", set, created: "2010-01-01" },
          { id: "1001.0002", stamp: "2026-11-20", set, created: "2010-01-01", updated: "2026-11-19" },
          { id: "2611.0003", stamp: "2026-11-21", set },
          { id: "2611.0004", stamp: "2026-11-22", set, deleted: true },
          { id: "astro-ph/0601001", stamp: "2026-11-23", set },
        ],
        { size: 100 },
      ),
    read,
  });
  assert.deepEqual([...shelf.papers.keys()], ["arXiv:1001.0002", "arXiv:2611.0003", "arXiv:astro-ph/0601001"]);
  assert.match(
    shelf.papers.get("arXiv:2611.0003")!,
    /^<record>\s+<header>[^]*Łattices &amp; 𝔸 of 2611\.0003[^]*<\/record>$/,
  );
});

test("a paper that is deleted later goes", async () => {
  const clock = new TestClock();
  const entry = { id: "2611.00001", stamp: "2026-11-20", set: "cs:cs:CL" };
  let entries: Entry[] = [entry];
  const service = await Service.start(
    oai(() => entries),
    clock,
  );
  const shelf = new Shelf();
  const run = { options: { category: ["cs.CL"], since: "2026-11-01", baseUrl: service.base, private: true } };
  try {
    await withNetwork({ clock }, async (network) => {
      await shelf.run(arxiv, { ...run, network }, read);
      assert.deepEqual([...shelf.papers.keys()], ["arXiv:2611.00001"]);
      entries = [{ ...entry, stamp: "2026-11-30", deleted: true }];
      await shelf.run(arxiv, { ...run, network }, read);
      assert.deepEqual([...shelf.papers.keys()], []);
    });
  } finally {
    await service.close();
  }
});

test("an interrupted walk keeps the day from which the next asks", async () => {
  // It ends after midnight: what was stamped meanwhile is in the next walk.
  let today = "2026-11-29";
  const clock = new TestClock(Date.parse("2026-11-29T23:50:00Z"));
  const service = await Service.start(
    oai(() => many, { today: () => today }),
    clock,
  );
  const shelf = new Shelf();
  const run = { options: { ...options, baseUrl: service.base, private: true } };
  try {
    await withNetwork({ clock }, async (network) => {
      assert.equal(await shelf.run(arxiv, { ...run, network }, read, 5), "killed");
      today = "2026-11-30";
      clock.time += 3600 * 1000;
      assert.equal(await shelf.run(arxiv, { ...run, network }, read), "done");
    });
    assert.equal((shelf.saved as { at: { read: string } }).at.read, "2026-11-29");
  } finally {
    await service.close();
  }
});

test("the limit stops a run, and the next goes on where it stood", async () => {
  const clock = new TestClock();
  const service = await Service.start(
    oai(() => many),
    clock,
  );
  const shelf = new Shelf();
  const run = (max: number, network: Parameters<Parameters<typeof withNetwork>[1]>[0]) =>
    shelf.run(arxiv, { options: { ...options, max, baseUrl: service.base, private: true }, network }, read);
  try {
    await withNetwork({ clock }, async (network) => {
      assert.equal(await run(40, network), "stopped");
      assert.match(
        shelf.remarks.at(-1)!,
        /stopped after 4\d records, the limit of this source \(40\) for one run: the next run goes on from here; raise it/,
      );
      const before = shelf.papers.size;
      assert.equal(await run(40, network), "stopped");
      assert.ok(shelf.papers.size >= before + 40 && shelf.papers.size < 120);
      assert.equal(await run(1000, network), "done");
      assert.equal(shelf.papers.size, 120);
      assert.equal(shelf.came.length, 120, "no page came twice");
    });
  } finally {
    await service.close();
  }
});

test("errors in a 200, other XML and broken XML are errors in words", async () => {
  for (const [body, message] of [
    [error("badArgument", "2026-11-30"), /127\.0\.0\.1 answered badArgument: no <luck>/],
    ["<feed><entry/></feed>", /answered with XML that is not OAI-PMH/],
    ["<OAI-PMH><ListRecords><record>", /sent XML that cannot be read/],
    ['<!DOCTYPE x [<!ENTITY a "b">]><OAI-PMH><error code="x">&a;</error></OAI-PMH>', /sent XML that cannot be read/],
    [`<OAI-PMH>${"<a>".repeat(200)}`, /nested too deeply/],
  ] as const)
    await assert.rejects(complete({ kind: arxiv, options, answers: () => () => ({ body }), read }), message);
});

test("options are checked", async () => {
  for (const [wrong, message] of [
    [{}, /category/],
    [{ category: [] }, /category/],
    [{ category: ["cs CL"] }, /expected a category like cs\.CL/],
    [{ category: ["cs.CL"], since: "2026-02-30" }, /since/],
    [{ category: ["cs.CL"], baseUrl: "https://user:word@example.org" }, /expected an address like/],
    [{ category: ["cs.CL"], baseUrl: "ftp://example.org" }, /expected an address like/],
    [{ category: ["cs.CL"], max: 0 }, /max/],
    [{ category: ["cs.CL"], maximum: 1 }, /unknown parameter "maximum"/],
  ] as const)
    await withNetwork({}, async (network) => {
      await assert.rejects(new Shelf().run(arxiv, { options: wrong, network }, read), message);
    });
});
