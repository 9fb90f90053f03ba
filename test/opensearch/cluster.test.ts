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

test("searches that met a lost node are repeated", async (t) => {
  const reason = { type: "node_disconnected_exception", reason: "[node-3] disconnected" };
  const error = { type: "search_phase_execution_exception", reason: "all shards failed", root_cause: [reason] };
  const found = { hits: { hits: [] }, _shards: { failed: 0 } };
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url!.split("?")[0]!;
    const lost = !asked.includes(path);
    asked.push(path);
    const all = path === "/_msearch";
    const failed = { error, status: 500 };
    const body = all ? { responses: [found, lost ? failed : found] } : lost ? failed : found;
    response.writeHead(lost && !all ? 500 : 200, { "content-type": "application/json" }).end(JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const cluster = new Cluster({ urls: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`] });
  t.after(() => cluster.close());
  assert.equal((await cluster.search("papers", {})).hits.hits.length, 0);
  assert.equal((await cluster.searchAll("papers", [{}, {}])).length, 2);
  assert.deepEqual(asked, ["/papers/_search", "/papers/_search", "/_msearch", "/_msearch"]);
});
