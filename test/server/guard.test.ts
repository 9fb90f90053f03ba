/** Checks that keep other sites' pages out. */
import "../tiny.js";
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createLogger } from "../../src/server/log.js";
import { serve, type Serving } from "../../src/server/serve.js";
import { askPlainly } from "./plain.js";
import { raw } from "./raw.js";
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

  test("and no CORS header lets a page of another site read the answer", async () => {
    const { headers } = await ask("api/search?q=smoking", { origin: "https://evil.example" });
    assert.equal(headers.get("access-control-allow-origin"), null);
  });

  test("while the server's own page may write, and so may clients that are not browsers", async () => {
    const own = { origin: `http://127.0.0.1:${port()}`, "sec-fetch-site": "same-origin" };
    assert.equal((await ask("api/papers", own, "POST", jsonLines({ id: "own", title: "Own" }))).status, 200);
    assert.equal((await ask("api/papers/own", {}, "DELETE")).status, 204);
  });
});

test("every response has a content security policy and forbids sniffing", async () => {
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

describe("a server behind a proxy", () => {
  const PROXY = "Lab.example";
  let proxied: Serving;
  before(async () => {
    const log = createLogger("error", { write: (line) => assert.fail(line) });
    const options = { host: "127.0.0.1", port: 0, allowedHosts: [PROXY], log };
    const safe = await serve(served.kindred, options);
    assert.equal(safe.protects, "writes", "others come through a proxy");
    await safe.close();
    proxied = await serve(served.kindred, { ...options, protects: "nothing" });
  });
  after(() => proxied.close());
  const change = (headers: Record<string, string>): Promise<Reply> =>
    askPlainly(new URL("api/lists/proxied", proxied.url), headers, "PUT");

  test("accepts changes from a page with a configured name, whatever Host the proxy sends", async () => {
    for (const headers of [
      { origin: "https://lab.example" },
      { origin: "http://lab.example:8080", "sec-fetch-site": "same-origin" },
      { host: "lab.example", origin: "https://lab.example" },
      // The scheme's default port, explicit or not.
      { host: "lab.example:443", origin: "https://lab.example" },
      { host: "LAB.example:80", origin: "http://lab.example" },
      { host: "localhost:80", origin: "http://localhost" },
      { host: "localhost.:80", origin: "http://localhost." },
      { host: "localhost:" },
      { host: "lab.example." },
    ])
      assert.equal((await change(headers)).status, 204, JSON.stringify(headers));
  });

  test("says what to do if no name is configured", async () => {
    const { detail } = problemIn(await change({ origin: "https://other.example" }), 403);
    assert.match(detail, /^the Origin header: got "https:\/\/other\.example", expected .* of the Host header, "127\.0/);
    assert.match(detail, /--allow-host other\.example, or have the proxy pass on the Host header it gets$/);
    assert.match(problemIn(await change({ origin: "null" }), 403).detail, /^the Origin header: got "null"/);
  });

  test("refuses changes from a page of another site through the proxy", async () => {
    for (const headers of [
      { origin: "https://lab.example", "sec-fetch-site": "cross-site" },
      { origin: "https://lab.example:8443", "sec-fetch-site": "same-site" },
      { origin: "https://lab.example.evil.example" },
      { host: "lab.example:443", origin: "http://lab.example.evil.example" },
      { host: "localhost:443", origin: "http://localhost:80" },
      { host: "localhost:3000", origin: "http://localhost:3001" },
    ])
      problemIn(await change(headers), 403);
  });
});

test("a request with two Host headers is refused, in any order and case", async () => {
  const own = `127.0.0.1:${port()}`;
  for (const hosts of [
    `Host: ${own}\r\nHost: ${own}`,
    `Host: ${own}\r\nhost: evil.example`,
    `HOST: x\r\nHost: ${own}`,
  ]) {
    const reply = await raw(served.serving.url, `GET /api/status HTTP/1.1\r\n${hosts}\r\nConnection: close\r\n\r\n`);
    assert.match(problemIn(reply, 400).detail, /Host header: got several, expected one/);
  }
});
