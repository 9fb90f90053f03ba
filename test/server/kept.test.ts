import "../tiny.js";
import assert from "node:assert/strict";
import { get } from "node:http";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { servedSample } from "./serving.js";

const served = servedSample();

/** The body as sent over the wire. */
function raw(path: string, headers: Record<string, string>): Promise<{ encoding: string | undefined; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    get(served.serving.url + path, { headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ encoding: response.headers["content-encoding"], bytes: Buffer.concat(chunks) }),
      );
    }).on("error", reject);
  });
}

test("answers are compressed for clients elsewhere that accept it, with the same content", async () => {
  const path = "api/search?q=why+do+people+make+irrational+choices";
  const elsewhere = { "x-forwarded-for": "203.0.113.1" };
  const plain = await raw(path, { ...elsewhere, "accept-encoding": "identity" });
  const compressed = await raw(path, { ...elsewhere, "accept-encoding": "gzip" });
  const here = await raw(path, { "accept-encoding": "gzip" });
  assert.deepEqual([plain.encoding, compressed.encoding, here.encoding], [undefined, "gzip", undefined]);
  assert.deepEqual(here.bytes, plain.bytes);
  assert.equal(gunzipSync(compressed.bytes).toString(), plain.bytes.toString());
  assert.ok(
    compressed.bytes.length < plain.bytes.length / 2,
    `${compressed.bytes.length} of ${plain.bytes.length} bytes`,
  );
});

test("the same question has the same answer, until papers are added, changed or removed", async () => {
  const path = served.path("api/search", { q: "zygomorphic lanterns", limit: 3 });
  const titles = async () => {
    const { hits } = JSON.parse((await served.ask(path)).text) as { hits: { paper: { title: string } }[] };
    return hits.map(({ paper }) => paper.title);
  };
  const before = (await served.ask(path)).text;
  assert.equal((await served.ask(path)).text, before);
  await served.import('{"id": "lanterns", "title": "Zygomorphic lanterns"}\n');
  assert.equal((await titles())[0], "Zygomorphic lanterns");
  await served.import('{"id": "lanterns", "title": "Zygomorphic lanterns, revised"}\n');
  assert.equal((await titles())[0], "Zygomorphic lanterns, revised");
  await served.ask("api/papers/lanterns", { method: "DELETE" });
  assert.ok(!(await titles()).includes("Zygomorphic lanterns, revised"));
});
