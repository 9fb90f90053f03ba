/** Sources over HTTP: each route, and what a client on the network may not have the server do. */
import "../tiny.js";
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { join } from "node:path";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import {
  browseAnswerSchema,
  paperAnswerSchema,
  previewAnswerSchema,
  removedSourceSchema,
  sourceAnswerSchema,
  sourceKindsAnswerSchema,
  sourcesAnswerSchema,
} from "../../src/api.js";
import { KindredError, openKindred } from "../../src/kindred.js";
import { addKey } from "../../src/server/keys.js";
import { serve, type ServeOptions } from "../../src/server/serve.js";
import { KINDS } from "../../src/sources/kinds.js";
import { Network } from "../../src/sources/network.js";
import { refuseLocal } from "../../src/sources/remote.js";
import { Sources } from "../../src/sources/sources.js";
import { temporaryDirectory } from "../sample.js";
import { Service } from "../sources/service.js";
import { Asking, parsed, problemIn, type Reply } from "./serving.js";

/** A server, and a service with papers. */
async function serving(t: TestContext, options: Partial<ServeOptions> = {}) {
  const service = await Service.start(({ query }) => {
    const first = query.get("cursor") === "*";
    const works = Array.from({ length: 25 }, (_, i) => ({
      id: `https://openalex.org/W${i}`,
      title: `Work ${i} on tides`,
      publication_date: "2026-11-20",
      authorships: [{ author: { display_name: "Ada Lovelace" } }],
    }));
    return { body: { meta: { next_cursor: first ? "end" : null }, results: first ? works : [] } };
  });
  const asking = new Asking();
  // Removed last.
  const cleaning: (() => unknown)[] = [];
  asking.directory = temporaryDirectory({ after: (work) => void cleaning.push(work) });
  asking.kindred = await openKindred({ directory: asking.directory, workers: 1 });
  asking.serving = await serve(asking.kindred, { host: "127.0.0.1", port: 0, ...options });
  t.after(async () => {
    await asking.serving.close();
    await asking.kindred.close();
    await service.close();
    for (const work of cleaning) await work();
  });
  const key = options.protects === "writes" ? await addKey(asking.directory, "Ada") : undefined;
  const send = (method: string, path: string, body?: object): Promise<Reply> =>
    asking.ask(path, {
      method,
      headers: {
        ...(body && { "content-type": "application/json" }),
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  return { asking, service, send, source: { kind: "openalex", options: { filter: "a:b", baseUrl: service.base } } };
}

test("a source is previewed, added, run, changed, shown and removed with its papers", async (t) => {
  const { asking, send, source, service } = await serving(t);
  const { kinds } = parsed(sourceKindsAnswerSchema, await send("GET", "api/source-kinds"));
  assert.deepEqual(
    kinds.map(({ name }) => name),
    Object.keys(KINDS),
  );
  const arxiv = kinds.find(({ name }) => name === "arxiv")?.options as {
    required: string[];
    properties: Record<string, { type: string; format: string }>;
  };
  assert.deepEqual(arxiv.required, ["category"]);
  const { type, format } = arxiv.properties["since"]!;
  assert.deepEqual([type, format], ["string", "date"]);

  const preview = parsed(
    previewAnswerSchema,
    await send("POST", "api/source-kinds/openalex/preview", { options: source.options }),
  );
  assert.equal(preview.papers.length, 10, "no more than ten, of 25");
  assert.deepEqual(preview.papers[0], {
    title: "Work 0 on tides",
    authors: ["Ada Lovelace"],
    published: "2026-11-20",
    venue: null,
  });
  assert.deepEqual(parsed(sourcesAnswerSchema, await send("GET", "api/sources")), { sources: [] });
  assert.equal((await asking.status()).papers, 0, "a preview stores nothing");

  const added = parsed(
    sourceAnswerSchema,
    await send("POST", "api/sources", { ...source, name: "my tides", every: "6h", list: "Tides" }),
  ).source;
  assert.deepEqual([added.name, added.every, added.list, added.paused], ["my tides", "6h", "Tides", false]);
  const at = "api/sources/my%20tides";
  const get = async () => parsed(sourceAnswerSchema, await send("GET", at));
  while ((await get()).source.last === null) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal((await get()).source.papers, 25);

  const asked = service.asked.length;
  assert.equal((await send("POST", `${at}/run`)).status, 204);
  while ((await get()).runs.length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(service.asked.length > asked);

  const changed = await send("PATCH", at, { paused: true, every: "1w", list: null, max: 7 });
  const { source: after } = parsed(sourceAnswerSchema, changed);
  assert.deepEqual(
    [after.paused, after.every, after.list, after.options["max"], after.next],
    [true, "1w", null, 7, null],
  );
  assert.equal(after.options["filter"], "a:b", "what is not named stays");
  assert.deepEqual(parsed(removedSourceSchema, await send("DELETE", `${at}?papers=true`)), { removed: 25 });
  assert.equal((await asking.status()).papers, 0);
});

test("what is wrong is said", async (t) => {
  const { send, source } = await serving(t);
  for (const [method, path, body, status, words] of [
    ["POST", "api/sources", { ...source, kind: "myspace" }, 400, /kind: got "myspace", expected one of arxiv/],
    ["POST", "api/sources", { ...source, kind: "constructor" }, 400, /expected one of arxiv/],
    ["POST", "api/sources", { ...source, every: "1s" }, 400, /every: .*6h, 1d or 1w/],
    ["POST", "api/sources", { ...source, options: {} }, 400, /expected a filter/],
    ["POST", "api/sources", { ...source, options: [] }, 400, /options/],
    ["POST", "api/sources", { ...source, more: 1 }, 400, /unknown parameter "more"/],
    ["POST", "api/source-kinds/myspace/preview", { options: {} }, 400, /expected one of arxiv/],
    ["POST", "api/source-kinds/openalex/preview", { options: { nonsense: 1 } }, 400, /nonsense/],
    ["PATCH", "api/sources/none", { paused: true }, 404, /there is no source called none/],
    ["PATCH", "api/sources/none", { max: 0 }, 400, /max/],
    ["POST", "api/sources/none/run", undefined, 404, /there is no source called none/],
    ["DELETE", "api/sources/none", undefined, 404, /there is no source called none/],
    ["DELETE", "api/sources/none?papers=perhaps", undefined, 400, /papers/],
  ] as const)
    assert.match(problemIn(await send(method, path, body), status).detail, words, `${method} ${path}`);
});

test("a source that waits for its service says why, and a paused one has no next run and no age", async (t) => {
  let down = true;
  const slow = await Service.start(() =>
    down ? { status: 503, headers: { "retry-after": "2" } } : { body: { meta: { next_cursor: null }, results: [] } },
  );
  t.after(() => slow.close());
  const { asking, send } = await serving(t);
  const source = { kind: "openalex", options: { filter: "a:b", baseUrl: slow.base } };
  await send("POST", "api/sources", source);
  const get = async () => parsed(sourceAnswerSchema, await asking.ask("api/sources/openalex")).source;
  const until = async (done: (source: Awaited<ReturnType<typeof get>>) => boolean) => {
    while (!done(await get())) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await until(
    ({ waiting }) => waiting !== null && /^127\.0\.0\.1 answered with status 503; try [2-6] of 6 in /.test(waiting),
  );
  down = false;
  await until(({ running, waiting, last }) => !running && waiting === null && last?.error === null);
  const age = async () =>
    /^kindred_job_age_seconds\{job="source openalex"\} (\S+)$/m.exec((await asking.ask("metrics")).text)?.[1];
  assert.match(String(await age()), /^\d/);
  await send("PATCH", "api/sources/openalex", { paused: true });
  assert.equal(await age(), "Nan");
  assert.equal((await get()).next, null);
});

test("a paper says which sources have brought it, also after its answer was given", async (t) => {
  const { asking, send, source } = await serving(t);
  const brought = async () => {
    const { papers } = parsed(browseAnswerSchema, await asking.ask("api/papers?limit=1"));
    if (papers.length === 0) return undefined;
    return parsed(paperAnswerSchema, await asking.ask(`api/papers/${encodeURIComponent(papers[0]!.id)}`)).sources;
  };
  const until = async (names: string[]) => {
    while (JSON.stringify(await brought()) !== JSON.stringify(names))
      await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await send("POST", "api/sources", source);
  await until(["openalex"]);
  await send("POST", "api/sources", { ...source, name: "again" });
  await until(["again", "openalex"]);
  await send("DELETE", "api/sources/openalex");
  await until(["again"]);
});

/** Sources that read this machine or a private network. */
const LOCAL: [kind: string, options: object][] = [
  ["folder", { path: "/etc" }],
  ["zotero", { local: true }],
  ["openalex", { filter: "a:b", private: true, baseUrl: "https://papers.example" }],
  ["openalex", { filter: "a:b", baseUrl: "http://127.0.0.1:9" }],
  ["openalex", { filter: "a:b", baseUrl: "http://localhost.:9" }],
  ["openalex", { filter: "a:b", baseUrl: "http://0x7f.1" }],
  ["openalex", { filter: "a:b", baseUrl: "http://[::ffff:10.0.0.1]" }],
  ["feed", { url: "http://192.168.1.1/feed.xml" }],
  ["feed", { url: "https://papers.example/", baseUrl: "http://169.254.169.254/latest" }],
  ["url", { url: "http://2130706433/file" }],
];

for (const [who, options] of [
  ["with a key", { protects: "writes" }],
  ["behind a proxy", { allowedHosts: ["papers.example"], protects: "nothing" }],
  ["behind a proxy under a path", { basePath: "/papers/", protects: "nothing" }],
] as const)
  describe(`a client ${who}`, () => {
    test("cannot have the server read its files or private addresses", async (t) => {
      const { send, service } = await serving(t, options);
      for (const [kind, fields] of LOCAL)
        for (const reply of [
          await send("POST", "api/sources", { kind, options: fields }),
          await send("POST", `api/source-kinds/${kind}/preview`, { options: fields }),
        ])
          assert.match(
            problemIn(reply, 400).detail,
            new RegExp(`person at this machine .*"kindred source add ${kind}" on the command line`),
          );
      assert.deepEqual(parsed(sourcesAnswerSchema, await send("GET", "api/sources")).sources, []);
      assert.equal(service.asked.length, 0);
    });

    test("is not offered them, and may run and remove what a person at the machine has added", async (t) => {
      const { asking, send, source } = await serving(t, options);
      const { kinds } = parsed(sourceKindsAnswerSchema, await send("GET", "api/source-kinds"));
      assert.ok(!kinds.some(({ name }) => name === "folder"));
      for (const { name, options: schema } of kinds)
        for (const field of ["private", "local"])
          assert.ok(!(field in (schema["properties"] as object)), `${name}: ${field}`);
      await asking.kindred.sources.add(source);
      assert.equal((await send("POST", "api/sources/openalex/run")).status, 204);
      while ((await asking.status()).papers < 25) await new Promise((resolve) => setTimeout(resolve, 50));
      parsed(removedSourceSchema, await send("DELETE", "api/sources/openalex"));
    });
  });

test("public addresses are not refused; a public name that points to a private address is, when it is asked", async (t) => {
  for (const [kind, options] of [
    ["feed", { url: "https://papers.example/feed.xml" }],
    ["openalex", { filter: "a:b", baseUrl: "https://papers.example", private: false }],
    ["zotero", { user: "1" }],
  ] as const)
    refuseLocal(kind, options);
  const { asking, service } = await serving(t, { protects: "writes" });
  const network = new Network({
    lookup: (_name, _options, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]),
  });
  t.after(() => network.close());
  const sources = new Sources(asking.kindred, network);
  const baseUrl = service.base.replace("127.0.0.1", "papers.example");
  await assert.rejects(
    sources.preview({ kind: "openalex", options: { filter: "a:b", baseUrl } }, { local: false }),
    (thrown) =>
      thrown instanceof KindredError && thrown.code === "unreachable" && /papers\.example/.test(thrown.message),
  );
  assert.equal(service.asked.length, 0);
});

test("the person at this machine may add a folder, and preview it", async (t) => {
  const { send } = await serving(t);
  const folder = join(temporaryDirectory(t), "papers");
  mkdirSync(folder);
  writeFileSync(join(folder, "one.bib"), "@article{one, title={Tides of the moon}}");
  utimesSync(join(folder, "one.bib"), 1_000, 1_000);
  const options = { path: folder };
  const preview = await send("POST", "api/source-kinds/folder/preview", { options });
  assert.deepEqual(parsed(previewAnswerSchema, preview).papers[0]?.title, "Tides of the moon");
  parsed(sourceAnswerSchema, await send("POST", "api/sources", { kind: "folder", options }));
});
