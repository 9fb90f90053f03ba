/** What keeps other people's web pages out. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { askPlainly } from "./plain.js";
import { answerIn, jsonLines, problemIn, servedSample, type Reply } from "./serving.js";

const served = servedSample();

const ask = (path: string, headers: Record<string, string>, method = "GET", body?: string): Promise<Reply> =>
  askPlainly(new URL(path, served.serving.url), headers, method, body);

const port = (): string => new URL(served.serving.url).port;

describe("a server for this machine alone", () => {
  for (const host of [
    "evil.example",
    "evil.example:3000",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "10.0.0.1",
  ])
    test(`does not answer to the name "${host}"`, async () => {
      for (const path of ["api/status", "api/search?q=a", "", "api/openapi.json"])
        problemIn(await ask(path, { host }), 403);
      problemIn(await ask("api/papers", { host }, "POST", "{}"), 403);
    });

  test("answers to this machine's names, with any port", async () => {
    for (const host of ["localhost", `localhost:${port()}`, "127.0.0.1:80", "[::1]:3000", "LOCALHOST"])
      answerIn(await ask("api/search?q=smoking", { host }));
  });
});

describe("a page of another site", () => {
  const FOREIGN: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { origin: "http://localhost:1" },
    { origin: "null" },
    { origin: "file://" },
    { origin: "nonsense" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ];
  const WRITES = [
    ["POST", "api/papers"],
    ["DELETE", "api/papers/doll-1950-smoking"],
    ["POST", "api/search"],
    ["POST", "api/related"],
    ["POST", "api/recommend"],
  ];
  for (const headers of FOREIGN)
    test(`that sends ${JSON.stringify(headers)} may read and not write`, async () => {
      const { papers } = await served.status();
      for (const [method = "", path = ""] of WRITES)
        problemIn(await ask(path, headers, method, jsonLines({ title: "From elsewhere" })), 403);
      answerIn(await ask("api/search?q=smoking", headers));
      assert.equal((await served.status()).papers, papers);
    });

  test("and no page of another site is told that it may read the answer", async () => {
    const { headers } = await ask("api/search?q=smoking", { origin: "https://evil.example" });
    assert.equal(headers.get("access-control-allow-origin"), null);
  });

  test("while the server's own page may write, and so may what is no browser", async () => {
    const own = { origin: `http://127.0.0.1:${port()}`, "sec-fetch-site": "same-origin" };
    assert.equal((await ask("api/papers", own, "POST", jsonLines({ id: "own", title: "Own" }))).status, 200);
    assert.equal((await ask("api/papers/own", {}, "DELETE")).status, 204);
  });
});

test("every reply says what a page may load, and that its type is its type", async () => {
  for (const path of ["api/status", "api/nope", "api/search?q=smoking", "api/search", "nope", "api/papers/%"]) {
    const { headers } = await served.ask(path);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'self'/, path);
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval|\*/, path);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("x-powered-by"), null);
  }
});
