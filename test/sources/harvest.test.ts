import assert from "node:assert/strict";
import { test } from "node:test";
import { harvest, type Harvested } from "../../src/sources/harvest.js";
import { kindOf, KINDS } from "../../src/sources/kinds.js";
import { openalex } from "../../src/sources/openalex.js";
import { Service, TestClock, withNetwork } from "./service.js";

test("each kind is found by its name", () => {
  for (const [name, kind] of Object.entries(KINDS)) assert.equal(kind.name, name);
});

test("each kind names its service, with https", () => {
  for (const kind of [
    KINDS.arxiv.base,
    KINDS["daily-papers"].base,
    KINDS["semantic-scholar"].base,
    KINDS.crossref.base,
    KINDS.pubmed.base,
    KINDS.europepmc.base,
    KINDS.biorxiv.base,
    KINDS.datacite.base,
    KINDS.dblp.base,
  ])
    assert.match(kind!({} as never)!, /^https:\/\/[\w./]+[^/]$/);
  assert.equal(KINDS.zotero.base!({ local: true, max: 1 }), "http://127.0.0.1:23119/api");
  assert.equal(KINDS.zotero.base!({ user: "1", max: 1 }), "https://api.zotero.org");
});

test("a key is in no address and no saved position; blank is no key", async () => {
  const clock = new TestClock();
  const service = await Service.start(
    () => ({ body: { meta: { next_cursor: null }, results: [{ id: "https://openalex.org/W1", title: "One" }] } }),
    clock,
  );
  try {
    await withNetwork({ clock }, async (network) => {
      for (const key of ["the-key", "\n", undefined]) {
        const pages = [];
        const options = { filter: "x:y", baseUrl: `${service.base}/mirror/`, private: true };
        for await (const page of harvest(openalex, { options, saved: undefined, network, key })) pages.push(page);
        assert.doesNotMatch(JSON.stringify(pages), /the-key/);
      }
      assert.deepEqual(
        service.asked.map(({ headers }) => headers["authorization"]),
        ["Bearer the-key", undefined, undefined],
      );
      assert.ok(service.paths.every((path) => path.startsWith("/mirror/works?") && !path.includes("the-key")));
    });
  } finally {
    await service.close();
  }
});

test("a position that is not known, or of other options, is none; a higher limit or a mirror keeps it", async () => {
  const clock = new TestClock();
  const service = await Service.start(() => ({ body: { meta: { next_cursor: null }, results: [] } }), clock);
  try {
    await withNetwork({ clock }, async (network) => {
      const run = async (saved: unknown, more: object = {}): Promise<unknown> => {
        const options = { filter: "x:y", baseUrl: service.base, private: true, ...more };
        let last: unknown;
        for await (const page of harvest(openalex, { options, saved, network })) last = page.saved;
        return JSON.parse(JSON.stringify(last));
      };
      const saved = (await run(undefined)) as { of: string };
      for (const unknown of ["x", { ...saved, at: { read: "yesterday" } }, { ...saved, of: "other" }])
        assert.deepEqual(await run(unknown), saved);
      await run(saved, { filter: "x:z" });
      assert.deepEqual(
        service.asked.map(({ query }) => query.get("filter")),
        ["x:y", "x:y", "x:y", "x:y", "x:z"],
      );
      await run(saved);
      await run(saved, { max: 20_000, baseUrl: `${service.base}/mirror` });
      assert.deepEqual(
        service.asked.slice(5).map(({ query }) => query.get("filter")),
        ["x:y,from_publication_date:2026-10-31", "x:y,from_publication_date:2026-10-31"],
      );
    });
  } finally {
    await service.close();
  }
});

test("a source on this machine is asked only if it was added as private; Zotero's own address may be", async () => {
  const clock = new TestClock();
  const service = await Service.start(() => ({ body: "TY  - JOUR\nTI  - One\nER  - \n" }), clock);
  try {
    await withNetwork({ clock }, async (network) => {
      const all = async (kind: "url" | "zotero", options: object): Promise<Harvested[]> => {
        const pages: Harvested[] = [];
        const run = { options, saved: undefined, network };
        for await (const page of harvest(kindOf(kind), run)) pages.push(page);
        return pages;
      };
      await assert.rejects(
        all("url", { url: service.base }),
        /127\.0\.0\.1 is on this machine or a private network, where only sources that were added as private are asked/,
      );
      assert.equal(service.asked.length, 0);
      assert.equal((await all("url", { url: service.base, private: true })).at(-1)!.done, true);
      // Whether Zotero runs here or not, it was asked.
      const zotero = await all("zotero", { local: true }).catch((thrown: Error) => thrown.message);
      assert.doesNotMatch(JSON.stringify(zotero), /private network/);
    });
  } finally {
    await service.close();
  }
});
