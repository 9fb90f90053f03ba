/** The engine on OpenSearch, on a real cluster: its contract, a whole Kindred, copies, and several processes. */
import "../tiny.js";
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, describe, test, type TestContext } from "node:test";
import { copyLibrary } from "../../src/admin/copy.js";
import { describeModel, type ModelDescription } from "../../src/embedding/description.js";
import type { Opening } from "../../src/engine/module.js";
import { openKindred, openSearch, type Kindred } from "../../src/kindred.js";
import { Cluster, type Hit } from "../../src/opensearch/cluster.js";
import { namesOf } from "../../src/opensearch/indices.js";
import { Ledger } from "../../src/opensearch/ledger.js";
import * as module from "../../src/opensearch/module.js";
import { SAMPLE } from "../../src/cli/serve.js";
import { kindred as command } from "../cli/command.js";
import { contract, DIMENSIONS, type Library } from "../engine/contract.js";
import { samplePapers, temporaryDirectory } from "../sample.js";
import { reasonAgainst, startCluster, type TestCluster } from "../../scripts/common/opensearch.js";

const MODEL: ModelDescription = {
  name: "none",
  dtype: "q8",
  pooling: "mean",
  cut: 256,
  sha256: "",
  dimensions: DIMENSIONS,
  identity: "none",
};

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

    async function open(t: TestContext): Promise<Library> {
      const settings = settingsOf();
      const opening: Opening = { engine: { module: "", settings }, directory: "", model: MODEL, polite: false };
      await module.check(opening);
      const reader = await module.openReader(opening);
      const indexers = [await module.openIndexer(opening)];
      t.after(async () => {
        for (const indexer of indexers) await indexer.close();
        await reader.close();
      });
      cleaned(t, settings);
      return {
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
      const settings = settingsOf();
      cleaned(t, settings);
      const opening: Opening = { engine: { module: "", settings }, directory: "", model: MODEL, polite: false };
      await module.check(opening);
      const names = namesOf(settings);
      const client = new Cluster(settings);
      t.after(() => client.close());
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
      assert.deepEqual(
        [...(await client.read<{ value: string }>(names.rows, ["one", "two"])).values()].map(({ value }) =>
          Number(value),
        ),
        [3, 4],
      );
      // The first continues with what it knows of an earlier state.
      await put(killed, "one");
      assert.equal((await client.read<{ value: string }>(names.rows, ["one"])).get("one")!.value, "5");
    });

    test("writers in several processes take turns, and none of their changes is lost", async (t) => {
      const settings = settingsOf();
      cleaned(t, settings);
      const opening: Opening = { engine: { module: "", settings }, directory: "", model: MODEL, polite: false };
      await module.check(opening);
      const names = namesOf(settings);
      const client = new Cluster(settings);
      t.after(() => client.close());
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
