/** A server that a proxy serves below a path, whether the proxy removes the path or passes it on. */
import "../tiny.js";
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openKindred, type Kindred } from "../../src/kindred.js";
import { basePathOf } from "../../src/server/base-path.js";
import { urnOf } from "../../src/server/feed-text.js";
import { addKey } from "../../src/server/keys.js";
import { createLogger } from "../../src/server/log.js";
import { serve, type Serving } from "../../src/server/serve.js";
import { temporaryDirectory } from "../sample.js";
import { pathProxy } from "./proxy.js";
import { bytesOf, jsonLines } from "./serving.js";
import { call, overHttp } from "../../scripts/common/assistant.js";

const cleaning: (() => unknown)[] = [];
let kindred: Kindred;
let serving: Serving;
let authorization: string;

before(async () => {
  const directory = temporaryDirectory({ after: (work) => void cleaning.push(work) });
  authorization = `Bearer ${await addKey(directory, "Ada")}`;
  kindred = await openKindred({ directory, workers: 1 });
  await kindred.import(bytesOf(jsonLines({ id: "a", title: "Otters" }, { id: "b", title: "Owls" })));
  await kindred.createList("to read");
  await kindred.addToList("to read", "a");
  const log = createLogger("error", { write: (line) => assert.fail(line) });
  serving = await serve(kindred, { host: "127.0.0.1", port: 0, protects: "all", basePath: "/papers", log });
});
after(async () => {
  await serving.close();
  await kindred.close();
  for (const clean of cleaning) await clean();
});

const json = async (response: Response): Promise<never> => {
  assert.equal(response.status, 200);
  return (await response.json()) as never;
};

for (const removes of [true, false])
  describe(`a proxy that ${removes ? "removes the path" : "passes on the path"}`, () => {
    let url: string;
    let close: () => void;
    before(async () => {
      ({ url, close } = await pathProxy(serving.url, "/papers/", removes));
    });
    after(() => close());
    const ask = (path: string, headers = {}, method = "GET") =>
      fetch(new URL(path, url), { headers: { authorization, ...headers }, method, redirect: "manual" });

    test("serves the page, and all that it loads, by relative addresses", async () => {
      const page = await (await ask("")).text();
      const parts = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
      assert.equal(parts.length, 6);
      for (const part of parts) assert.equal((await ask(part)).status, 200, part);
    });

    test("describes the API with addresses that are valid for clients", async () => {
      const { servers, paths }: { servers: { url: string }[]; paths: object } = await json(
        await ask("api/openapi.json"),
      );
      assert.deepEqual(servers, [{ url: "/papers" }]);
      for (const path of Object.keys(paths).filter((one) => !one.includes("{") && !one.includes("events")))
        assert.notEqual((await ask(servers[0]!.url + path)).status, 404, path);
    });

    test("passes on pages of answers and events", async () => {
      const { next }: { next: string } = await json(await ask("api/papers?limit=1"));
      const { papers }: { papers: { id: string }[] } = await json(await ask(`api/papers?limit=1&cursor=${next}`));
      assert.deepEqual(
        papers.map(({ id }) => id),
        ["b"],
      );
      const events = (await ask("api/events")).body!.getReader();
      assert.match(Buffer.from((await events.read()).value ?? []).toString(), /^event: status\ndata: \{/);
      await events.cancel();
    });

    test("serves feeds that name themselves as clients reach them, with the same ids and secrets as elsewhere", async () => {
      type JsonFeed = { feed_url: string; home_page_url: string; items: { id: string; url: string }[] };
      const read = async (address: string | URL, headers = {}): Promise<JsonFeed> =>
        json(await fetch(address, { headers }));
      const feed = await read(new URL("feeds/json/lists/base64url:dG8gcmVhZA", url), { authorization });
      assert.equal(feed.home_page_url, url);
      assert.equal(feed.items[0]!.url, `${url}?paper=a`);
      assert.ok(feed.feed_url.startsWith(`${url}feeds/json/lists/`), feed.feed_url);
      assert.deepEqual(await read(feed.feed_url), feed, "its own address needs no key");
      const without = new URL(feed.feed_url.replace(url, ""), new URL("/", serving.url));
      assert.deepEqual((await read(without)).items[0]!.id, feed.items[0]!.id);
      const atom = await (await ask("feeds/atom/daily")).text();
      assert.ok(atom.includes(`<link rel="self" type="application/atom+xml" href="${url}feeds/atom/daily?secret=`));
      // The id of the feed of this path on a server without a base path.
      assert.ok(atom.includes(`<id>${urnOf("feed /feeds/atom/daily")}</id>`), atom);
      const opml = await (await ask("feeds/opml")).text();
      const addresses = [...opml.matchAll(/xmlUrl="([^"]+)"/g)].map(([, address]) => address!);
      for (const address of addresses) assert.equal((await fetch(address)).status, 200, address);
    });

    test("keeps sessions below the path", async () => {
      for (const headers of [{}, { "Kindred-Path": "/papers/" }]) {
        const cookies = (await ask("api/session", headers, "POST")).headers.getSetCookie();
        const cookie = cookies.find((one) => /^kindred_[0-9a-f]{16}=/.test(one)) ?? "";
        assert.match(cookie, /; Path=\/papers\/;/);
        const status = await fetch(new URL("api/status", url), { headers: { cookie: cookie.split(";")[0]! } });
        assert.equal(status.status, 200);
      }
    });

    test("serves assistants, with and without a handshake", async () => {
      for (const version of ["legacy", "auto"] as const) {
        const client = await overHttp(url, { version, headers: { authorization } });
        const { structured } = await call(client, "add_to_list", { list: "to read", ids: ["b"] });
        assert.deepEqual(structured, { list: "to read", size: 2, created: false, added: ["b"] });
        assert.equal((await call(client, "remove_from_list", { list: "to read", ids: ["b"] })).structured["size"], 1);
        await client.close();
      }
      await assert.rejects(overHttp(url, { version: "legacy" }), /401|Unauthorized|needs a key/);
    });

    test("gets the same problem for what is not there", async () => {
      const reply = await ask("nowhere");
      assert.equal(reply.status, 404);
      assert.match(await reply.text(), /there is nothing at \/nowhere;/);
    });
  });

test("the path without its last slash leads to the page, with the query", async () => {
  const reply = await fetch(new URL("/papers?q=otters", serving.url), { redirect: "manual" });
  assert.deepEqual([reply.status, reply.headers.get("location")], [308, "/papers/?q=otters"]);
  assert.equal((await fetch(new URL("/papersand", serving.url))).status, 404);
});

describe("the base path", () => {
  const LAB = "https://lab.example/papers/";
  for (const [given, url, path] of [
    [undefined, null, "/"],
    ["", null, "/"],
    ["/", null, "/"],
    ["/papers", null, "/papers/"],
    ["/a/b.c/", null, "/a/b.c/"],
    [undefined, LAB, "/papers/"],
    ["/papers", LAB, "/papers/"],
    [undefined, "https://lab.example/", "/"],
  ] as const)
    test(`is ${path} for ${String(given)} and ${url}`, () => assert.equal(basePathOf(given, url), path));

  for (const [given, url, why] of [
    ["papers", null, /got "papers\/", expected a path such as \/papers\/$/],
    ["//lab.example/", null, /expected a path/],
    ["/a/../b", null, /expected a path/],
    ["/a?b", null, /expected a path/],
    ["https://lab.example/papers/", null, /expected a path/],
    ["/api/v1", null, /Kindred's own addresses/],
    ["/chunks", null, /Kindred's own addresses/],
    ["/other/", LAB, /KINDRED_URL has the path "\/papers\/"/],
    ["/", LAB, /KINDRED_URL has the path/],
  ] as const)
    test(`refuses ${given} for ${url}`, () =>
      assert.throws(() => basePathOf(given, url), { code: "invalid", message: why }));
});
