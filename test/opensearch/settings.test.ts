/** Settings of the engine on OpenSearch; no cluster is needed. */
import assert from "node:assert/strict";
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
