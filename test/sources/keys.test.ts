import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { harvest } from "../../src/sources/harvest.js";
import { keyOf, variablesOf } from "../../src/sources/keys.js";
import { openalex } from "../../src/sources/openalex.js";
import { temporaryDirectory } from "../sample.js";
import { Service, TestClock, withNetwork } from "./service.js";

test("a key comes from the environment or from a file that it names", (t) => {
  const file = join(temporaryDirectory(t), "key");
  writeFileSync(file, "from-file\r\n");
  assert.deepEqual(variablesOf("semantic-scholar"), [
    "KINDRED_SEMANTIC_SCHOLAR_KEY",
    "KINDRED_SEMANTIC_SCHOLAR_KEY_FILE",
  ]);
  assert.equal(keyOf("openalex", {}), undefined);
  assert.equal(keyOf("openalex", { KINDRED_OPENALEX_KEY: " \n" }), undefined);
  assert.equal(keyOf("openalex", { KINDRED_OPENALEX_KEY: "abc" }), "abc");
  assert.equal(keyOf("openalex", { KINDRED_OPENALEX_KEY_FILE: file }), "from-file");
  assert.throws(
    () => keyOf("openalex", { KINDRED_OPENALEX_KEY_FILE: `${file}.none` }),
    /the file that KINDRED_OPENALEX_KEY_FILE names cannot be read \(ENOENT\)/,
  );
  assert.throws(
    () => keyOf("openalex", { KINDRED_OPENALEX_KEY: "a\nb-secret" }),
    (thrown: Error) => {
      assert.match(thrown.message, /^KINDRED_OPENALEX_KEY is not a key/);
      assert.doesNotMatch(thrown.message, /secret/);
      return true;
    },
  );
});

test("a key is not sent to a host that only the source's options name", async () => {
  const clock = new TestClock();
  const service = await Service.start(() => ({ body: { meta: {}, results: [] } }), clock);
  const { port } = new URL(service.base);
  try {
    await withNetwork(
      {
        clock,
        lookup: (_, __, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]),
        isPrivate: () => false,
      },
      async (network) => {
        for (const host of ["mirror.example", "127.0.0.1"]) {
          const options = { search: "x", baseUrl: `http://${host}:${port}`, private: true };
          for await (const page of harvest(openalex, { options, saved: undefined, network, key: "abc" }))
            assert.equal(page.done, true);
        }
        assert.deepEqual(
          service.asked.map(({ headers }) => headers["authorization"]),
          [undefined, "Bearer abc"],
        );
      },
    );
  } finally {
    await service.close();
  }
});
