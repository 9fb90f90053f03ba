/** How a cluster is reached; none is needed. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { engineAt, engineFrom } from "../../src/cli/engine.js";
import { openSearch } from "../../src/kindred.js";
import { Cluster } from "../../src/opensearch/cluster.js";

test("a wrong address is reported without its password", () => {
  const wrong = [
    "ftp://anna:secret@one:9200",
    "https://anna:se%cret@one:9200",
    "anna:secret@one",
    "https://anna:secret@",
  ];
  const attempts = wrong.flatMap((address) => [
    () => openSearch({ urls: [address] }),
    () => engineFrom({ KINDRED_OPENSEARCH: `https://two:9200,${address}` }),
  ]);
  for (const attempt of [...attempts, () => engineAt("opensearch://anna:se%cret@one:9200/papers", {})])
    assert.throws(attempt, ({ code, message }: { code: string; message: string }) => {
      assert.equal(code, "invalid");
      assert.match(message, /expected https:\/\/user/);
      assert.doesNotMatch(message, /se%?cret/);
      return true;
    });
});

test("a password from the environment may have any characters", () => {
  const found = engineFrom({ KINDRED_OPENSEARCH: "https://anna@one:9200", KINDRED_OPENSEARCH_PASSWORD: "a%b@c/d" });
  assert.deepEqual((found!.settings as { urls: string[] }).urls, ["https://anna:a%25b%40c%2Fd@one:9200/"]);
});

test("certificates that cannot be read are reported", () => {
  assert.throws(() => new Cluster({ urls: ["https://one:9200"], ca: "/nowhere/ca.pem" }), {
    code: "invalid",
    message: /nowhere/,
  });
});

test("searches that met a lost node are repeated, and none is answered in part", async (t) => {
  const found = { hits: { hits: [] }, _shards: { failed: 0 } };
  const failed = (type: string, reason: string, status: number, causes: object[] = []) => ({
    error: { type, reason, root_cause: causes },
    status,
  });
  const phase = "search_phase_execution_exception";
  const lost = [
    failed(phase, "all shards failed", 500, [{ type: "node_disconnected_exception", reason: "[node-3] disconnected" }]),
    failed(phase, "Partial shards failure", 500),
    failed(phase, "all shards failed", 404, [{ type: "search_context_missing_exception", reason: "No context" }]),
    failed("no_shard_available_action_exception", "No shard available", 503),
    { hits: { hits: [] }, _shards: { failed: 1 } },
  ];
  let answers: object[] = [];
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    const body = answers.shift() ?? found;
    const all = request.url!.startsWith("/_msearch");
    const status = all || !("status" in body) ? 200 : Number(body.status);
    response
      .writeHead(status, { "content-type": "application/json" })
      .end(JSON.stringify(all ? { responses: [found, body] } : body));
  }).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const cluster = new Cluster({ urls: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`] });
  t.after(() => cluster.close());
  for (const first of lost) {
    [answers, asked] = [[first], 0];
    assert.equal((await cluster.search("papers", {})).hits.hits.length, 0);
    assert.equal(asked, 2);
    [answers, asked] = [[first], 0];
    assert.equal((await cluster.searchAll("papers", [{}, {}])).length, 2);
    assert.equal(asked, 2);
  }
  answers = [failed(phase, "all shards failed", 400, [{ type: "query_shard_exception", reason: "a wrong query" }])];
  await assert.rejects(cluster.search("papers", {}), /a wrong query/);
});
