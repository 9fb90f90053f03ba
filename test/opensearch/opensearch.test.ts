/** The engine on OpenSearch, on a real cluster: its contract, a whole Kindred, copies, and several processes. */
import "../tiny.js";
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, describe, test, type TestContext } from "node:test";
import { copyLibrary } from "../../src/admin/copy.js";
import { describeModel } from "../../src/embedding/description.js";
import type { PaperRecord } from "../../src/core/paper.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import { embeddedWriter } from "../../src/engine/embedded-writer.js";
import type { Opening, Reader } from "../../src/engine/module.js";
import type { Writer } from "../../src/engine/writer.js";
import { openKindred, openSearch, type Kindred } from "../../src/kindred.js";
import { Cluster, type Hit } from "../../src/opensearch/cluster.js";
import { OpenSearchEngine } from "../../src/opensearch/engine.js";
import { describe as described, LAYOUT, namesOf, type Names } from "../../src/opensearch/indices.js";
import { Ledger, switchOf } from "../../src/opensearch/ledger.js";
import { migrate } from "../../src/opensearch/migrate.js";
import * as module from "../../src/opensearch/module.js";
import type { TextRow } from "../../src/opensearch/rows.js";
import { Workspace } from "../../src/opensearch/workspace.js";
import { Store } from "../../src/store/store.js";
import { quantize } from "../../src/vectors/quantize.js";
import { SAMPLE } from "../../src/cli/serve.js";
import { kindred as command } from "../cli/command.js";
import { contract, DIMENSIONS, MODEL, type Library } from "../engine/contract.js";
import { samplePapers, temporaryDirectory } from "../sample.js";
import { randomNumbers, unitVector } from "../vectors/random.js";
import { randomFilters } from "./random-filters.js";
import { reasonAgainst, startCluster, type TestCluster } from "../../scripts/common/opensearch.js";

const reason = reasonAgainst();
if (reason !== null) {
  console.error(`\n*** The engine on OpenSearch is NOT tested: ${reason}. ***\n`);
  test("the engine on OpenSearch", { skip: reason }, () => {});
} else
  describe("on a cluster", () => {
    let cluster: TestCluster;
    before(async () => {
      cluster = await startCluster();
    });
    after(() => cluster.stop());

    const settingsOf = () => ({
      urls: cluster.urls,
      prefix: `test-${randomBytes(6).toString("hex")}`,
      replicas: 0,
    });

    /** Deletes the indices of a test when it ends. */
    function cleaned(t: Pick<TestContext, "after">, settings: { urls: string[]; prefix: string }): void {
      t.after(async () => {
        const client = new Cluster(settings);
        await client.request({ method: "DELETE", path: `/${settings.prefix}-*` });
        await client.close();
      });
    }

    /** An empty library, and a client of its cluster. */
    async function prepared(t: TestContext): Promise<{ opening: Opening; names: Names; client: Cluster }> {
      const settings = settingsOf();
      const opening: Opening = { engine: { module: "", settings }, directory: "", model: MODEL, polite: false };
      await module.check(opening);
      cleaned(t, settings);
      const client = new Cluster(settings);
      t.after(() => client.close());
      return { opening, names: namesOf(settings), client };
    }

    type Opened = Library & Awaited<ReturnType<typeof prepared>> & { reader: Reader };

    async function open(t: TestContext): Promise<Opened> {
      const { opening, names, client } = await prepared(t);
      const reader = await module.openReader(opening);
      const indexers = [await module.openIndexer(opening)];
      t.after(async () => {
        for (const indexer of indexers) await indexer.close();
        await reader.close();
      });
      return {
        opening,
        names,
        client,
        reader,
        engine: reader.engine,
        writer: indexers[0]!.writer,
        another: async () => {
          const indexer = await module.openIndexer(opening);
          indexers.push(indexer);
          return indexer.writer;
        },
        settled: () => reader.settle(),
      };
    }

    contract("the engine on OpenSearch", open);

    const sample = samplePapers().slice(0, 60);
    const ids = sample.map(({ id }) => id);
    const file = (papers: readonly unknown[]) =>
      Readable.from([Buffer.from(papers.map((paper) => JSON.stringify(paper)).join("\n"))]);

    async function opened(t: TestContext, options: Parameters<typeof openKindred>[0]): Promise<Kindred> {
      const kindred = await openKindred({ directory: temporaryDirectory(t), workers: 1, ...options });
      t.after(() => kindred.close());
      return kindred;
    }

    /** The hits of some questions. */
    async function answersOf(kindred: Kindred) {
      const idsOf = ({ hits }: { hits: readonly { paper: { id: string } }[] }) => hits.map(({ paper }) => paper.id);
      return {
        search: idsOf(await kindred.search({ q: "gravitational waves" })),
        filtered: idsOf(await kindred.search({ q: "learning from:1990", sort: "date" })),
        author: idsOf(await kindred.search({ q: "author:hinton" })),
        phrase: idsOf(await kindred.search({ q: '"neural network" -image' })),
        related: idsOf(await kindred.related({ id: ids[1]! })),
        recommended: idsOf(await kindred.recommend({ positive: ids.slice(0, 5), negative: [ids[7]!] })),
        fromList: idsOf(await kindred.recommend({ basedOn: ["to read"] })),
        browsed: (await kindred.browse({ sort: "date", limit: 20 })).papers.map(({ id }) => id),
        listed: (await kindred.browse({ list: ["to read"] })).papers.map(({ id }) => id),
      };
    }

    /** Both sets of hits, as far as they may be compared: scores of words are rounded, so neighbours may change places. */
    const sorted = (answers: Awaited<ReturnType<typeof answersOf>>) =>
      Object.fromEntries(Object.entries(answers).map(([name, hits]) => [name, hits.toSorted()]));

    async function fill(kindred: Kindred): Promise<void> {
      assert.equal((await kindred.import(file(sample))).added, 60);
      assert.deepEqual(await kindred.index(), { state: "done", abstracts: 60, sentences: 60 });
      await kindred.createList("to read");
      for (const id of ids.slice(20, 23)) await kindred.addToList("to read", id);
      await kindred.note(ids[4]!, "A note.");
    }

    test("a whole Kindred finds the same papers, another server sees them, and they are copied both ways", async (t) => {
      const settings = settingsOf();
      cleaned(t, settings);
      const engine = openSearch(settings);
      const remote = await opened(t, { engine });
      const folder = temporaryDirectory(t);
      const local = await opened(t, { directory: folder });
      await fill(remote);
      await fill(local);
      const [answers, expected] = [await answersOf(remote), await answersOf(local)];
      assert.deepEqual(sorted(answers), sorted(expected));
      assert.deepEqual(answers.search.slice(0, 3), expected.search.slice(0, 3));
      assert.deepEqual(answers.listed, expected.listed, "a list keeps its order");

      const other = await opened(t, { engine });
      assert.deepEqual(await answersOf(other), answers, "another server");
      await other.addToList("likes", ids[3]!);
      await remote.note(ids[5]!, "Another note.");
      assert.equal((await remote.lists()).lists[0]!.papers, 1);
      assert.equal((await remote.lists()).notes.length, 2);
      await remote.addToList("likes", ids[8]!);
      await remote.removeFromList("likes", ids[8]!);
      await remote.note(ids[8]!, "At once.");
      assert.deepEqual([(await remote.lists()).lists[0]!.papers, (await remote.lists()).notes.length], [1, 3]);
      await remote.note(ids[8]!, "");
      assert.equal((await remote.lists()).notes.length, 2, "one's own changes are found at once");
      const { map } = { map: await remote.map() };
      assert.equal(map.points, 60);

      // Back into a folder, and from there into a second library.
      const model = await describeModel();
      const back = temporaryDirectory(t);
      const openings = [
        { engine, directory: "", model, polite: false },
        { engine: undefined, directory: back, model, polite: false },
        { engine: openSearch({ ...settingsOf() }), directory: "", model, polite: false },
      ] as const;
      cleaned(t, openings[2].engine.settings as { urls: string[]; prefix: string });
      assert.deepEqual(await copyLibrary(openings[0], openings[1]), { copied: 60, papers: 60 });
      const copied = await opened(t, { directory: back });
      assert.deepEqual(
        await copied.index(),
        { state: "done", abstracts: 0, sentences: 0 },
        "nothing is embedded again",
      );
      assert.deepEqual(sorted(await answersOf(copied)), sorted(expected));
      assert.deepEqual((await copied.lists()).notes.map(({ id }) => id).toSorted(), [ids[4]!, ids[5]!].toSorted());
      assert.deepEqual(await copyLibrary(openings[1], openings[2]), { copied: 60, papers: 60 });
      assert.deepEqual(
        await copyLibrary(openings[1], openings[2]),
        { copied: 0, papers: 60 },
        "a copy can be repeated",
      );
      const again = await opened(t, { engine: openings[2].engine });
      await again.note(ids[9]!, "Only in the copy.");
      await copyLibrary(openings[1], openings[2]);
      await again.note(ids[4]!, "A note.");
      assert.deepEqual((await again.lists()).notes.map(({ id }) => id).toSorted(), [ids[4]!, ids[5]!].toSorted());
      assert.equal((await again.browse({ list: ["to read"] })).papers.length, 3);
      await remote.import(file([{ id: "later", title: "A later paper" }]));
      await assert.rejects(
        copyLibrary(openings[0], openings[2]).then(() => copyLibrary(openings[1], openings[0])),
        { code: "invalid" },
      );
    });

    test("commands work on a cluster, check it, and say what they cannot do", async (t) => {
      const settings = settingsOf();
      cleaned(t, settings);
      const environment = {
        KINDRED_OPENSEARCH: cluster.urls[0]!.replace("//", "//anna@"),
        KINDRED_OPENSEARCH_PREFIX: settings.prefix,
        KINDRED_OPENSEARCH_REPLICAS: "0",
        KINDRED_OPENSEARCH_PASSWORD: "secret",
      };
      const on = (...words: string[]) => command(words, { env: environment });
      const imported = await on("import", SAMPLE, "--no-index", "--workers", "1");
      assert.equal(imported.code, 0, imported.stderr);
      assert.match((await on("search", "gravitational", "waves", "-n", "1")).stdout, /gravitational waves/);
      assert.match((await on("verify", "--texts", "0")).stdout, /All is well with 154 papers/);

      const client = new Cluster(settings);
      t.after(() => client.close());
      const { rows } = namesOf(settings);
      const names = await client.search<{ labels: number[] }>(rows, { query: { term: { kind: "name" } }, size: 1 });
      const [{ _id: id }] = names.hits.hits as [Hit];
      await client.request({ method: "DELETE", path: `/${rows}/_doc/${encodeURIComponent(id)}` });
      const broken = await on("verify", "--texts", "0");
      assert.deepEqual(
        [broken.code, /1 papers that are not found by one of their identifiers/.test(broken.stdout)],
        [1, true],
      );
      assert.match((await on("verify", "--texts", "0", "--repair")).stdout, /repaired/);
      assert.match((await on("verify", "--texts", "0")).stdout, /All is well/);

      const refused = await on("backup", join(temporaryDirectory(t), "backup"));
      assert.deepEqual([refused.code, /use its snapshots/.test(refused.stderr)], [2, true]);
      const unreachable = await command(["search", "x", "--opensearch", "http://anna:secret@127.0.0.1:9"]);
      assert.equal(unreachable.code, 1);
      assert.match(unreachable.stderr, /the cluster at 127\.0\.0\.1:9 does not answer/);
      assert.doesNotMatch(unreachable.stderr, /secret/);
      const missing = await command(["status", "--engine", "opensearch"]);
      assert.deepEqual([missing.code, /needs the addresses of the cluster/.test(missing.stderr)], [2, true]);
    });

    test("a change that was stored but not written is finished by the next writer", async (t) => {
      const { names, client } = await prepared(t);
      const write = client.writeLines.bind(client);
      const killed = new Ledger(client, names);
      const put = (ledger: Ledger, id: string) =>
        ledger.write(async (draft) => draft.put(id, { kind: "owned", value: String(draft.number) }));
      await put(killed, "zero");
      client.writeLines = async () => {
        throw new Error("killed");
      };
      await assert.rejects(put(killed, "one"), { message: "killed" });
      client.writeLines = write;
      assert.equal((await client.read(names.rows, ["one"])).size, 0);
      const next = new Ledger(client, names);
      await put(next, "two");
      const numberOf = async (id: string) =>
        Number((await client.read<{ value: string }>(names.rows, [id])).get(id)!.value);
      const two = await numberOf("two");
      assert.ok((await numberOf("zero")) < (await numberOf("one")) && (await numberOf("one")) < two);
      // The first continues with what it knows of an earlier state.
      await put(killed, "one");
      assert.ok((await numberOf("one")) > two);
    });

    test("readers do not count a change before it is written, and a start finishes it", async (t) => {
      const library = await open(t);
      const { reader, opening, names, client } = library;
      const write = client.writeLines.bind(client);
      client.writeLines = async () => {
        throw new Error("killed");
      };
      const { version } = reader;
      await assert.rejects(
        new Ledger(client, names).write(async (draft) => draft.put("one", { kind: "owned" })),
        { message: "killed" },
      );
      client.writeLines = write;
      await reader.settle();
      assert.equal(reader.version, version);
      await module.check(opening);
      assert.equal((await client.read(names.rows, ["one"])).size, 1);
      await reader.settle();
      assert.ok(reader.version > version);
    });

    test("a change counts once although its answer was lost and others have written since", async (t) => {
      const { opening, names, client } = await open(t);
      const other = new Ledger(client, names);
      const unlucky = new Cluster(opening.engine!.settings);
      t.after(() => unlucky.close());
      const request = unlucky.request.bind(unlucky);
      let lost = false;
      unlucky.request = async (asked, allowed) => {
        if (!lost && asked.path.endsWith("/_doc/head") && asked.method === "PUT") {
          lost = true;
          await request(asked, allowed);
          await other.write(async (draft) => draft.put("other", { kind: "owned" }));
        }
        return request(asked, allowed);
      };
      await new Ledger(unlucky, names).write(async (draft) => {
        const sum = (await draft.rows<{ sum: number }>(["sum"])).get("sum")?.sum ?? 0;
        draft.put("sum", { kind: "owned", sum: sum + 1 });
      });
      assert.equal(lost, true);
      assert.equal((await client.read<{ sum: number }>(names.rows, ["sum"])).get("sum")!.sum, 1);
    });

    test("a deleted index is reported, and not made again", async (t) => {
      const { opening, names, writer, engine, client } = await open(t);
      const records = [{ id: "a", title: "Tides" }];
      await writer.importBatch({ number: null, name: "a file", records, last: true });
      await client.request({ method: "DELETE", path: `/${names.papers}-1` });
      await assert.rejects(writer.remove("a"), /no such index/);
      await assert.rejects(engine.counts(), /no such index/);
      await assert.rejects(module.check(opening), { code: "damaged", message: /-papers is missing/ });
      await client.request({ method: "DELETE", path: `/${names.rows}-1` });
      await assert.rejects(writer.remove("a"), /no such index/);
      const { status } = await client.request({ method: "HEAD", path: `/${names.rows}` }, [404]);
      assert.equal(status, 404);
    });

    test("writes to a blocked index fail with the reason, and are finished when the block is gone", async (t) => {
      const { opening, names, writer, engine, settled, client } = await open(t);
      const block = (blocked: boolean | null) =>
        client.request({
          method: "PUT",
          path: `/${names.papers}/_settings`,
          body: { "index.blocks.read_only": blocked },
        });
      const put = (id: string) =>
        writer.importBatch({ number: null, name: "a file", records: [{ id, title: `Paper ${id}` }], last: true });
      await put("a");
      await settled();
      await block(true);
      await assert.rejects(put("b"), /read-only/);
      await assert.rejects(client.request({ method: "PUT", path: `/${names.papers}/_doc/1`, body: {} }), /read-only/);
      await settled();
      assert.equal(await engine.count({}), 1);
      assert.equal(await module.check(opening).catch(({ message }: Error) => /read-only/.test(message)), true);
      await block(null);
      await put("c");
      await settled();
      assert.deepEqual(
        (await engine.papersAfter(0, 10)).map(({ paper }) => paper.id),
        ["a", "b", "c"],
      );
    });

    test("an index that the cluster refuses to create is reported", async (t) => {
      const settings = { ...settingsOf(), shards: 1_000 };
      cleaned(t, settings);
      const opening: Opening = { engine: { module: "", settings }, directory: "", model: MODEL, polite: false };
      await assert.rejects(module.check(opening), /-papers-1 could not be created: .*shards/);
    });

    test("papers of any allowed size are stored", async (t) => {
      const { writer, engine, settled } = await open(t);
      const names = Array.from({ length: 500 }, (_, i) => `a${i}`)
        .join(" ")
        .slice(0, 2_000);
      const records = [
        { id: "word", title: "One word", abstract: "q".repeat(200_000) },
        { id: "words", title: "Many words", abstract: Array.from({ length: 25_000 }, (_, i) => `w${i}`).join(" ") },
        { id: "i".repeat(2_000), title: "Names", venue: "日".repeat(2_000), categories: ["日".repeat(2_000)] },
        { id: "authors", title: "Authors", authors: Array.from({ length: 2_000 }, () => names) },
        { id: "after", title: "After them" },
      ];
      for (const record of records)
        await writer.importBatch({ number: null, name: "a file", records: [record], last: true });
      await settled();
      assert.equal(await engine.count({}), records.length);
      assert.deepEqual(await engine.passing({ venue: ["日".repeat(2_000)] }, 10), [3]);
      // More than fit in one request.
      const large = Array.from({ length: 12 }, (_, i) => ({
        id: `large-${i}`,
        title: `Large ${i}`,
        abstract: `large${i} `.repeat(20_000),
      }));
      const rows = [{ owner: "a", key: "position", value: "12" }];
      const ids = { owner: "a", keys: large.map((_, i) => `line ${i}`) };
      const imported = await writer.importBatch({ number: null, name: "large", records: large, last: true, rows, ids });
      await settled();
      assert.deepEqual(
        imported.papers.map(({ id, outcome }) => [id, outcome]),
        large.map(({ id }) => [id, "added"]),
      );
      assert.equal(await engine.countOwned({ owner: "a", prefix: "" }), 13);
      assert.deepEqual(
        (await engine.imports()).imports.slice(0, 1).map(({ import: number, added }) => [number, added]),
        [[imported.number, 12]],
      );
      assert.deepEqual(await writer.undo(imported.number!), { removed: 12, restored: 0, kept: 0 });
    });

    test("the same papers pass filters as in the embedded engine", async (t) => {
      const { writer, engine, settled } = await open(t);
      const directory = temporaryDirectory(t);
      const store = Store.open(directory, MODEL);
      t.after(() => store.close());
      const embedded = new EmbeddedEngine(directory, MODEL);
      t.after(() => embedded.close());
      const records: PaperRecord[] = samplePapers();
      const batch = { number: null, name: "a file", records, last: true };
      await writer.importBatch(batch);
      await embeddedWriter(store).importBatch(batch);
      await settled();
      while (embedded.advance(1_000) || embedded.stale) embedded.catchUp();
      let some = 0;
      for (const filters of randomFilters(records, 400)) {
        const expected = await embedded.passing(filters, 1_000);
        assert.deepEqual(await engine.passing(filters, 1_000), [...expected], JSON.stringify(filters));
        if (expected.length > 0 && expected.length < records.length) some++;
      }
      assert.ok(some > 200);
      const many = Array.from({ length: 120_000 }, (_, i) => `none-${i}`);
      assert.deepEqual(await engine.passing({ within: [...many, records[4]!.id!] }, 10), [5]);
      const prefixed = Array.from({ length: 200 }, (_, i) => ({
        id: `prefixed-${i}`,
        title: `Prefix ${i}`,
        authors: [`Anna Zq${i}x`],
      }));
      await writer.importBatch({ ...batch, records: prefixed });
      await settled();
      assert.equal(await engine.count({ author: ["anna zq*"] }), 200, "more words than a query may name");
      const phrase = (value: string) => engine.count({ restrictions: [{ is: "phrase", value, not: false }] });
      const varied = Array.from({ length: 1_200 }, (_, i) => ({ id: `varied-${i}`, title: `Varied zz${i}x` }));
      await writer.importBatch({ ...batch, records: varied });
      await settled();
      assert.equal(await phrase("varied zz11*"), 111);
      await assert.rejects(phrase("varied zz*"), { code: "invalid", message: /more letters/ });
    });

    test("frequencies are right while papers change during a question", async (t) => {
      const { names, writer, settled, client } = await open(t);
      const records = [{ id: "a", title: "Tides and owls" }];
      await writer.importBatch({ number: null, name: "a file", records, last: true });
      await settled();
      const workspace = new Workspace(MODEL);
      t.after(() => workspace.close());
      let version = 1;
      const engine = new OpenSearchEngine(client, names, workspace, DIMENSIONS, () => version);
      assert.deepEqual(await engine.frequencies(["tide"]), [1]);
      const searchAll = client.searchAll.bind(client);
      client.searchAll = async (...asked) => {
        const found = await searchAll(...asked);
        client.searchAll = searchAll;
        version++;
        await engine.frequencies(["verb"]);
        return found;
      };
      assert.deepEqual(await engine.frequencies(["tide", "owl"]), [1, 1]);
    });

    test("embedding is no import, and two maps at once leave one of them whole", async (t) => {
      const { writer, another, engine, settled } = await open(t);
      const records = Array.from({ length: 30 }, (_, i) => ({ id: `p${i}`, title: `Paper ${i}` }));
      await writer.importBatch({ number: null, name: "a file", records, last: true });
      const version = await writer.importVersion();
      const random = randomNumbers(3);
      const lease = { holder: "a", now: Date.now(), until: Date.now() + 60_000 };
      const { texts } = await writer.takePending({ phase: "vectors", after: 0, limit: 100, ...lease });
      await writer.putEmbedded(texts.map(({ hash }) => ({ hash, vector: quantize(unitVector(random, DIMENSIONS)) })));
      assert.equal(await writer.importVersion(), version);
      const { change } = await writer.mapState();
      const map = { laidOut: 30, early: false, regions: [] };
      const labels = Uint32Array.from(records, (_, i) => i + 1);
      const put = async (by: Writer, at: number) =>
        by.putMap({ labels, places: new Float32Array(60).fill(at), replace: true, change, map });
      await Promise.all([put(writer, 0.25), put(await another(), 0.75)]);
      await settled();
      const places = (await engine.points(0, 100)).map(([, x]) => x);
      assert.equal(places.length, 30);
      assert.equal(new Set(places).size, 1);
      assert.equal((await writer.mapState()).pending, 0);
    });

    test("a document that the cluster refuses is reported, and does not stop what is written after it", async (t) => {
      const { opening, names, writer, engine, client, settled } = await open(t);
      // A stricter mapping stands for a reason that nobody has foreseen.
      for (const [index, field] of [
        [names.papers, "venue"],
        [names.rows, "key"],
      ] as const) {
        const properties = { [field]: { type: "keyword", fields: { number: { type: "integer" } } } };
        await client.request({ method: "PUT", path: `/${index}/_mapping`, body: { properties } });
      }
      const put = (records: PaperRecord[]) => writer.importBatch({ number: null, name: "a file", records, last: true });
      const found = async () =>
        (await module.verify(opening, { repair: false, texts: 0, progress() {} })).findings.map(
          ({ about, count, examples }) => `${about} ${count}: ${examples[0]!.slice(0, 12)}`,
        );
      const both = [
        { id: "a", title: "Tides", venue: "Crows" },
        { id: "b", title: "Owls" },
      ];
      await assert.rejects(put(both), {
        code: "unreachable",
        message: /refused 1 of \S+-papers-1: .*everything else of this change was stored/,
      });
      await assert.rejects(writer.putOwned([{ owner: "a", key: "word", value: "1" }]), /refused owned:a:word of/);
      await writer.putOwned([{ owner: "a", key: "12", value: "1" }]);
      await settled();
      assert.equal(await engine.countOwned({ owner: "a", prefix: "" }), 1);
      assert.deepEqual(
        (await engine.papersAfter(0, 10)).map(({ paper }) => paper.venue),
        ["Crows", null],
      );
      assert.deepEqual(await found(), ["refused 1: a: failed to", "refused 1: owned:a:word"]);
      await put([{ id: "a", title: "Tides", venue: "7" }]);
      assert.deepEqual(await found(), ["refused 1: owned:a:word"]);
    });

    test("many papers with one text are written in several changes", async (t) => {
      const { names, writer, engine, client, settled } = await open(t);
      const count = 600;
      const records = Array.from({ length: count }, (_, i) => ({ id: `p${i}`, title: "Editorial", doi: `10.1/${i}` }));
      await writer.importBatch({ number: null, name: "a file", records, last: true });
      const lease = { holder: "a", now: Date.now(), until: Date.now() + 60_000 };
      const { texts } = await writer.takePending({ phase: "vectors", after: 0, limit: 100, ...lease });
      assert.equal(texts.length, 1);
      const vector = quantize(unitVector(randomNumbers(3), DIMENSIONS));
      await writer.putEmbedded([{ hash: texts[0]!.hash, vector }]);
      await settled();
      assert.equal((await writer.mapState()).pending, count);
      assert.equal((await writer.takePending({ phase: "vectors", after: 0, limit: 100, ...lease })).texts.length, 0);
      const { body } = await client.request<{ _source: { redo: string[] } }>({
        method: "GET",
        path: `/${names.rows}/_doc/head`,
      });
      // oxlint-disable-next-line no-underscore-dangle -- the cluster's name
      const lines = body._source.redo.join("").split("\n").length;
      assert.ok(lines < count, `the last change has ${lines} lines`);
      assert.equal(await engine.count({}), count);
    });

    test("a repaired text belongs to all of its papers", async (t) => {
      const { opening, names, writer, client } = await open(t);
      const records = ["a", "b"].map((id, i) => ({ id, title: "The same text", doi: `10.1/${i}` }));
      await writer.importBatch({ number: null, name: "a file", records, last: true });
      await client.refresh(names.rows);
      const text = () => client.search<TextRow>(names.rows, { query: { term: { kind: "text" } } });
      const [{ _id: id, _source: before }] = (await text()).hits.hits as [Hit<TextRow>];
      assert.deepEqual(before.labels, [1, 2]);
      await client.request({ method: "DELETE", path: `/${names.rows}/_doc/${id}` });
      const { findings } = await module.verify(opening, { repair: true, texts: 0, progress() {} });
      assert.deepEqual(
        findings.map(({ about, count }) => [about, count]),
        [["texts", 2]],
      );
      assert.deepEqual((await client.read<TextRow>(names.rows, [id])).get(id)!.labels, [1, 2]);
    });

    test("a cluster in trouble: requests wait, then fail at once and in words, and go on when it is back", async (t) => {
      const { opening, names, client } = await open(t);
      const settings = opening.engine!.settings as { urls: string[] };
      // Between Kindred and the cluster: "429", "503", "413" and "part" answer, "hang" does not, "" passes on.
      let mode = "";
      const asked: string[] = [];
      const proxy = createServer((request, response) => {
        asked.push(`${request.method} ${request.url!.split("?")[0]}`);
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        const answer = async () => {
          const body = Buffer.concat(chunks);
          if (mode === "hang") return;
          const headers = { "content-type": "application/json" };
          const large = mode === "413" && body.length > 1_000;
          if (/^\d+$/.test(mode) && (large || mode !== "413")) {
            const error = { type: "too_much", reason: `no ${mode}` };
            response.writeHead(Number(mode), headers).end(JSON.stringify({ error, status: Number(mode) }));
            return;
          }
          const { method } = request;
          const passed = await fetch(`${settings.urls[0]}${request.url}`, {
            method: method!,
            headers: { "content-type": request.headers["content-type"] ?? "application/json" },
            ...(body.length > 0 && { body }),
          });
          const text = await passed.text();
          const part = text.replace('"failed":0', '"failed":1');
          response.writeHead(passed.status, headers).end(mode === "part" ? part : text);
        };
        request.on("end", () => void answer());
      }).listen(0, "127.0.0.1");
      t.after(() => {
        proxy.closeAllConnections();
        proxy.close();
      });
      await new Promise((resolve) => proxy.once("listening", resolve));
      const urls = [`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`];
      const through = new Cluster({ ...settings, urls });
      t.after(() => through.close());
      const search = () => through.search(names.papers, { query: { match_all: {} } });
      await search();
      assert.equal(((await through.health()) as { status: string }).status, "green");

      mode = "429";
      const waiting = search();
      while (through.traffic.busy < 2) await new Promise((resolve) => setTimeout(resolve, 20));
      mode = "";
      await waiting;
      assert.ok(through.traffic.repeated >= 2, "what the cluster refused was repeated");
      mode = "413";
      const documents = Array.from({ length: 40 }, (_, i) => ({
        index: names.rows,
        id: `document-${i}`,
        version: 1,
        source: { kind: "none", text: "word ".repeat(20) },
      }));
      await through.write(documents);
      mode = "";
      const ids = documents.map(({ id }) => id);
      assert.equal((await client.read(names.rows, ids)).size, 40, "in smaller parts");

      const another = new Cluster({ ...settings, urls }, { patience: 300, read: 500, ping: 100, rest: 300 });
      t.after(() => another.close());
      const ask = () => another.search(names.papers, { query: { match_all: {} } });
      mode = "part";
      await assert.rejects(ask(), { code: "unreachable", message: /a part of the papers could not be searched/ });
      mode = "";
      await ask();
      mode = "429";
      await assert.rejects(ask(), { code: "overloaded", message: /too much to do/ });
      const { repeated } = another.traffic;
      await assert.rejects(ask(), { code: "overloaded" });
      assert.equal(another.traffic.repeated, repeated, "others wait no more");
      mode = "";
      await ask();
      mode = "hang";
      await assert.rejects(ask(), { code: "unreachable", message: /does not answer/ });
      asked.length = 0;
      for (let i = 0; i < 50; i++) await assert.rejects(ask(), { code: "unreachable", message: /does not answer/ });
      assert.ok(another.traffic.skipped >= 45 && asked.length <= 10, "they fail without asking");
      assert.equal((await another.health()).reachable, false);
      mode = "";
      while (
        (await ask().then(
          () => "answered",
          () => "refused",
        )) === "refused"
      )
        await new Promise((resolve) => setTimeout(resolve, 20));
    });

    test("papers get another index while others search and write, and a migration that was killed continues", async (t) => {
      const { opening, names, reader, engine, writer, client, settled } = await open(t);
      const put = (...ids: string[]) => {
        const records = ids.map((id) => ({ id, title: `Paper ${id}`, authors: ["Anna Miller"] }));
        return writer.importBatch({ number: null, name: "a file", records, last: true });
      };
      const ids = Array.from({ length: 1_100 }, (_, i) => `p${i}`);
      for (let i = 0; i < ids.length; i += 275) await put(...ids.slice(i, i + 275));
      const to = (shards: number) => ({
        ...opening,
        engine: { module: "", settings: { ...(opening.engine!.settings as object), shards } },
      });
      const options = { progress() {}, grace: 0 };
      assert.deepEqual(await migrate(to(1), options), { papers: 1_100, migrated: false });

      const searching = new AbortController();
      const searches = (async () => {
        for (let count = 0; ; count++) {
          if (searching.signal.aborted) return count;
          assert.ok((await engine.count({ author: ["miller"] })) >= 1_000);
        }
      })();
      let changed = 0;
      const change = async () => {
        await writer.remove(ids[changed]!);
        await put(ids[changed + 500]!, `new${changed++}`);
        await writer.remove(`new${changed - 1}`);
        await put(`new${changed - 1}`);
      };
      const killed = { message: "killed" };
      const progress = (done: number) => {
        if (done > 0) throw new Error("killed");
      };
      await assert.rejects(migrate(to(3), { ...options, progress }), killed);
      await change();
      await settled();
      assert.equal((await described(client, names.papers)).index, `${names.papers}-1`);
      const resumed: number[] = [];
      const changes = (async () => {
        for (let i = changed; i < 5; i++) await change();
      })();
      const migrated = await migrate(to(3), { ...options, progress: (done) => void resumed.push(done) });
      await changes;
      searching.abort();
      assert.ok((await searches) > 0);
      assert.deepEqual([migrated.migrated, resumed[0]! > 0], [true, true]);
      const { index, shards } = await described(client, names.papers);
      assert.deepEqual([index, shards], [`${names.papers}-2`, 3]);
      await put("after");
      await settled();
      const expected = [...ids.slice(5), ...Array.from({ length: 5 }, (_, i) => `new${i}`), "after"];
      const there = (await engine.papersAfter(0, 2_000)).map(({ paper }) => paper.id);
      assert.deepEqual(there.toSorted(), expected.toSorted());
      const none = Array.from({ length: 40 }, (_, i) => `none${i}`);
      const counts = await engine.frequencies([...none, "paper"]);
      assert.deepEqual(counts, [...none.map(() => 0), expected.length], "of all shards");
      const { findings } = await module.verify(opening, { repair: false, texts: 0, progress() {} });
      assert.deepEqual(findings, []);
      const indices = await client.request({ method: "GET", path: `/${names.papers}-*/_alias` });
      assert.deepEqual(indices.body, { [index]: { aliases: { [names.papers]: {} } } });

      // A later version, which this one cannot read.
      const mapping = (dimensions: number) => ({ ...LAYOUT.mapping(dimensions), date_detection: false });
      const layout = { format: 2, mapping };
      assert.equal((await migrate(to(1), { ...options, layout })).migrated, true);
      const refused = { code: "damaged", message: /stored as in version 2.*update this server/ };
      await assert.rejects(put("refused"), refused);
      await assert.rejects(settled(), refused);
      await assert.rejects(reader.begin(), refused);
      await assert.rejects(module.check(opening), refused);
      await assert.rejects(migrate(to(1), options), refused);
    });

    test("a process that is killed when it has switched the papers leaves a library that others can change", async (t) => {
      const { opening, names, writer, client, engine, settled } = await open(t);
      const put = (id: string) =>
        writer.importBatch({ number: null, name: "a file", records: [{ id, title: `Paper ${id}` }], last: true });
      await put("a");
      const to = {
        ...opening,
        engine: { module: "", settings: { ...(opening.engine!.settings as object), shards: 2 } },
      };
      await assert.rejects(
        migrate(to, {
          progress: () => {
            throw new Error("killed");
          },
        }),
        { message: "killed" },
      );
      const index = `${names.papers}-2`;
      const alias = (name: string, method: "PUT" | "HEAD" | "DELETE", of = index) =>
        client.request({ method, path: `/${of}/_alias/${name}` }, [404]);
      await alias(switchOf(names), "PUT");
      await new Promise<void>((stopped) => {
        void new Ledger(client, names).write(async () => {
          await alias(names.papers, "DELETE", `${names.papers}-1`);
          await alias(names.papers, "PUT");
          stopped();
          return new Promise(() => {});
        }, true);
      });
      await put("b");
      assert.equal((await alias(switchOf(names), "HEAD")).status, 404, "it may not switch any more");
      await settled();
      assert.deepEqual(
        (await engine.papersAfter(0, 10)).map(({ paper }) => paper.id),
        ["b"],
        "only what the test has copied",
      );
      assert.equal((await migrate(to, { progress() {}, grace: 0 })).migrated, false);
    });

    test("writers in several processes take turns, and none of their changes is lost", async (t) => {
      const { names, client } = await prepared(t);
      const ledgers = Array.from({ length: 4 }, () => new Ledger(client, names));
      const add = (ledger: Ledger) =>
        ledger.write(async (draft) => {
          const sum = (await draft.rows<{ sum: number }>(["sum"])).get("sum")?.sum ?? 0;
          draft.put("sum", { kind: "owned", sum: sum + 1 });
        });
      await Promise.all(ledgers.flatMap((ledger) => Array.from({ length: 10 }, () => add(ledger))));
      assert.equal((await client.read<{ sum: number }>(names.rows, ["sum"])).get("sum")!.sum, 40);
    });
  });
