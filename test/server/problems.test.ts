/** Errors of every route have one schema, the right status, the parameter, and a reason. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ROUTES } from "../../src/server/routes.js";
import { askPlainly } from "./plain.js";
import { raw } from "./raw.js";
import { parsed, problemIn, servedSample, type Query } from "./serving.js";
import { answerSchema, MAX_TEXT } from "../../src/api.js";

const served = servedSample();
const JSON_TYPE = { "content-type": "application/json" };

/** Invalid in any request. */
const WRONG: [query: Query, parameter: string][] = [
  ...["0", "-1", "1e9", "NaN", "501", "abc", "1.5", "", " 5", "0x10", "Infinity", "1e400"].map(
    (limit): [Query, string] => [{ limit }, "limit"],
  ),
  [{ limit: [5, 6] }, "limit"],
  [{ sort: "oldest" }, "sort"],
  [{ sort: ["date", "date"] }, "sort"],
  ...["2017-13", "2017-00", "2017-02-30", "2017-1-1", "17", "yesterday", "2017-06-12T00:00", "", "-2017"].flatMap(
    (date): [Query, string][] => [
      [{ from: date }, "from"],
      [{ to: date }, "to"],
    ],
  ),
  [{ from: ["2017", "2018"] }, "from"],
  [{ year: "abc" }, "year.0"],
  [{ year: ["2017", "-1"] }, "year.1"],
  [{ year: Array.from({ length: 101 }, () => 2017) }, "year"],
  [{ category: "" }, "category.0"],
  [{ author: "x".repeat(2_001) }, "author.0"],
  [{ cursor: "" }, "cursor"],
  [{ cursor: "made-up" }, "cursor"],
  [{ cursor: Buffer.from('{"k":1,"l":1,"r":"x"}').toString("base64url") }, "cursor"],
  [{ cursor: Buffer.from('{"k":{},"l":"1"}').toString("base64url") }, "cursor"],
  [{ cursor: "x".repeat(2_001) }, "cursor"],
  ...["unknown", "Q", "__proto__", "constructor", "toString", "hasOwnProperty", "limit[]"].map(
    (name): [Query, string] => [{ [name]: "1" }, name],
  ),
];
const LISTS: [path: string, query: Query][] = [
  ["api/search", { q: "smoking" }],
  ["api/papers", {}],
  ["api/papers/doll-1950-smoking/related", {}],
];
for (const [path, query] of LISTS)
  describe(`an invalid parameter of GET ${path} answers 400 and is named`, () => {
    for (const [wrong, parameter] of WRONG)
      test(JSON.stringify(wrong).slice(0, 60), async () => {
        // __proto__ in a literal would set the prototype.
        const asked = Object.fromEntries([...Object.entries(query), ...Object.entries(wrong)]);
        const problem = problemIn(await served.ask(served.path(path, asked)), 400);
        assert.equal(problem.parameter, parameter);
        assert.ok(problem.detail.includes(parameter) && problem.detail.length < 500, problem.detail);
        assert.doesNotMatch(problem.detail, /Invalid|undefined|received/);
      });
  });

describe("errors specific to a search", () => {
  const TABLE: [body: string | object, parameter: string | undefined][] = [
    [{}, "q"],
    [{ q: 5 }, "q"],
    [{ q: null }, "q"],
    [{ q: ["a"] }, "q"],
    [{ q: "x".repeat(MAX_TEXT + 1) }, "q"],
    [{ q: "a", mode: "vector" }, "mode"],
    [{ q: "a", explain: "true" }, "explain"],
    [{ q: "a", limit: "5" }, "limit"],
    [{ q: "a", limit: null }, "limit"],
    [{ q: "a", year: 2017 }, "year"],
    [{ q: "a", within: "x" }, "within"],
    [{ q: "a", within: Array.from({ length: 10_001 }, () => "x") }, "within"],
    ['{"q":"a","__proto__":{"limit":5}}', "__proto__"],
    ['{"q":"a","constructor":1}', "constructor"],
    ["[]", undefined],
    ['"a"', undefined],
    ["null", undefined],
    ["{", undefined],
    ['{"q":"a"} trailing', undefined],
    ["\ufeff{", undefined],
    ["[".repeat(100_000), undefined],
  ];
  for (const [body, parameter] of TABLE)
    test(JSON.stringify(body).slice(0, 60), async () => {
      assert.equal(problemIn(await served.post("api/search", body), 400).parameter, parameter);
    });

  test("q is missing, or given twice, in the address", async () => {
    for (const query of ["", "?limit=5", "?q=a&q=b"])
      assert.equal(problemIn(await served.ask(`api/search${query}`), 400).parameter, "q");
  });

  test("the cursor is of another query, another order, or other filters", async () => {
    const { next } = await served.answer({ q: "smoking", limit: 2 });
    assert.ok(next !== null);
    parsed(answerSchema, await served.ask(served.path("api/search", { q: "smoking", cursor: next })));
    for (const other of [{ q: "smoke" }, { q: "smoking", sort: "date" }, { q: "smoking", year: 1950 }])
      assert.match(
        problemIn(await served.ask(served.path("api/search", { ...other, cursor: next })), 400).detail,
        /cursor: it belongs to another request/,
      );
  });
});

describe("a body that is not valid JSON", () => {
  const TABLE: [
    what: string,
    status: number,
    headers: Record<string, string>,
    body: string | Uint8Array | undefined,
  ][] = [
    ["no body", 400, JSON_TYPE, undefined],
    ["no body and no type", 400, {}, undefined],
    ["plain text", 400, { "content-type": "text/plain" }, '{"q":"a"}'],
    ["a form", 400, { "content-type": "application/x-www-form-urlencoded" }, "q=a"],
    ["a charset that is not read", 415, { "content-type": "application/json; charset=latin1" }, '{"q":"a"}'],
    ["a content encoding that is not read", 415, { ...JSON_TYPE, "content-encoding": "zstd" }, '{"q":"a"}'],
    ["bytes that are not gzip", 400, { ...JSON_TYPE, "content-encoding": "gzip" }, '{"q":"a"}'],
    ["bytes that are no UTF-8", 400, JSON_TYPE, Uint8Array.of(0x7b, 0xff, 0xfe)],
    ["five megabytes", 413, JSON_TYPE, JSON.stringify({ q: "a".repeat(5 * 1024 ** 2) })],
  ];
  for (const path of ["api/search", "api/related", "api/recommend"])
    for (const [what, status, headers, body] of TABLE) {
      // Requests trending papers.
      if (path === "api/recommend" && what === "no body") continue;
      test(`${what} to ${path}`, async () => {
        const init = { method: "POST", headers, ...(body === undefined ? {} : { body }) };
        problemIn(await served.ask(path, init), status);
      });
    }
});

describe("addresses and methods", () => {
  for (const path of ["api", "api/", "api/nope", "api/search/x", "nope", "api/papers/", "api/lists/a/b", "api/status/"])
    test(`${path} does not exist`, async () => {
      assert.match(problemIn(await served.ask(path), 404).detail, new RegExp(`nothing at /${path};`));
    });

  for (const path of ["api/papers/%", "api/papers/%zz", "api/papers/%FF", "api/papers/%E0%A4%A/related"])
    test(`${path} cannot be decoded`, async () => void problemIn(await served.ask(path), 400));

  test("an unsupported method answers 405 with the supported ones", async () => {
    for (const path of new Set(ROUTES.map((route) => route.path))) {
      const allowed = ROUTES.filter((route) => route.path === path).flatMap(({ method }) =>
        method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()],
      );
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
        if (allowed.includes(method)) continue;
        const reply = await served.ask(`api${path.replaceAll(/:\w+/g, "x")}`, { method });
        problemIn(reply, 405);
        assert.equal(reply.headers.get("allow"), allowed.join(", "), `${method} ${path}`);
      }
    }
    for (const path of ["openapi.json", "events"])
      assert.equal((await served.ask(`api/${path}`, { method: "POST" })).status, 405);
  });

  test("an address that is too long answers with advice to use POST", async () => {
    const problem = problemIn(await served.ask(`api/search?q=${"smoking+".repeat(10_000)}`), 431);
    assert.match(problem.detail, /POST/);
  });

  test("invalid HTTP gets an error with the same schema", async () => {
    const reply = await raw(served.serving.url, "smoking\r\n\r\n");
    problemIn(reply, 400);
  });
});

describe("JSON beyond the limits", () => {
  const BODIES: [what: string, body: string, said: RegExp][] = [
    ["lists in one another", `{"q": ${"[".repeat(100_000)}${"]".repeat(100_000)}}`, /nested more than 20 levels deep/],
    ["objects in one another", `${'{"q": '.repeat(50)}1${"}".repeat(50)}`, /nested more than 20 levels deep/],
    [
      "fields of one object",
      `{${Array.from({ length: 100_000 }, (_, i) => `"${i}":1`).join()}}`,
      /100000 fields, expected at most 1000/,
    ],
  ];
  for (const [what, body, said] of BODIES)
    test(`${what} are refused, on every route that takes JSON`, async () => {
      for (const { method, path, body: schema } of ROUTES)
        if (schema !== undefined && schema !== "papers") {
          const asked = `api${path.replace(":id", "doll-1950-smoking").replace(":list", "likes")}`;
          const reply = await served.ask(asked, { method: method.toUpperCase(), headers: JSON_TYPE, body });
          assert.match(problemIn(reply, 400).detail, said, path);
        }
    });
});

test("unsupported expectations are refused", async () => {
  const reply = await askPlainly(new URL("api/status", served.serving.url), { expect: "wonders" });
  assert.match(problemIn(reply, 417).detail, /got wonders, expected 100-continue or nothing/);
});
