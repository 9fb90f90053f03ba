/**
 * Feeds: what they hold, as a reader sees it; that others' validators accept every document, and what RFC 4287 and JSON Feed 1.1
 * demand beyond these; who may read them, and what is sent again.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import sax from "sax";
import { z } from "zod";
import { readPapers } from "../../src/formats/index.js";
import { openKindred, type Kindred } from "../../src/kindred.js";
import { urnOf } from "../../src/server/feed-text.js";
import { addKey, removeKey } from "../../src/server/keys.js";
import { createLogger } from "../../src/server/log.js";
import { serve, type Serving } from "../../src/server/serve.js";
import { sampleDirectory } from "../sample.js";
import { expectValidAtom, expectValidJsonFeed } from "./feed-rules.js";
import { bytesOf, jsonLines, problemIn, servedSample } from "./serving.js";

const ODD = {
  id: "odd/ä & <b>",
  title: 'On $\\alpha < \\beta$ & "quotes" <i>in</i> Gödel\u0007\ufffe',
  abstract: "A]]>B & <script>alert(1)</script> \ud800 tides",
  authors: ["O'Neill, <Ann>"],
  categories: ["cs.<LG>"],
  url: "javascript:alert(1)",
  published: "2031-02",
  listed: "2031-02-03",
  upvotes: 3,
};

/** Too much of everything. */
const LONG = {
  id: "long",
  title: "The longest abstract on tides",
  abstract: "Tides rise and fall. ".repeat(9_000),
  authors: Array.from({ length: 3_000 }, (_, i) => `Author ${i}`),
  categories: Array.from({ length: 3_000 }, (_, i) => `category ${i}`),
  doi: "10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2#?x=1",
};

const served = servedSample(async (kindred) => {
  await kindred.createList("to read");
  await kindred.createList("empty");
  await kindred.createList("long");
  await kindred.import(bytesOf(jsonLines(ODD, LONG)));
  await kindred.index();
  for (const id of ["vaswani-2017-attention", ODD.id]) await kindred.addToList("to read", id);
  await kindred.addToList("likes", "vaswani-2017-attention");
  await kindred.addToList("long", LONG.id);
  await kindred.alerts.add({ name: "all of them", ask: { q: "language models" }, since: "2015" });
  await kindred.alerts.run();
});

type Node = { name: string; attributes: Record<string, string>; children: Node[]; text: string };

/** The document as a tree. Fails if it is not well-formed. */
function treeOf(xml: string): Node {
  const root: Node = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  const parser = Object.assign(sax.parser(true), {
    onerror: (error: Error) => {
      throw error;
    },
    onopentag: ({ name, attributes }: sax.Tag) => {
      const node = { name, attributes, children: [], text: "" };
      open.at(-1)!.children.push(node);
      open.push(node);
    },
    onclosetag: () => void open.pop(),
    ontext: (text: string) => (open.at(-1)!.text += text),
  });
  parser.write(xml).close();
  return root.children[0]!;
}

const named = (node: Node, name: string): Node[] => node.children.filter((child) => child.name === name);
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** What RFC 4287 demands of feeds (4.1.1), entries (4.1.2) and their parts. */
function expectAtom(xml: string): Node {
  expectValidAtom(xml);
  const feed = treeOf(xml);
  assert.equal(feed.name, "feed");
  assert.equal(feed.attributes["xmlns"], "http://www.w3.org/2005/Atom");
  const IN_FEED = ["id", "title", "updated", "author", "generator", "link", "entry"];
  const IN_ENTRY = ["id", "title", "updated", "published", "author", "category", "link", "content"];
  const common = (node: Node, allowed: string[]) => {
    for (const child of node.children) assert.ok(allowed.includes(child.name), child.name);
    for (const once of ["id", "title", "updated"]) assert.equal(named(node, once).length, 1, once);
    for (const most of ["generator", "published", "content"]) assert.ok(named(node, most).length <= 1, most);
    assert.match(
      named(node, "id")[0]!.text,
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    for (const name of ["updated", "published"])
      for (const { text } of named(node, name)) {
        assert.match(text, TIME);
        assert.ok(!Number.isNaN(Date.parse(text)));
      }
    for (const author of named(node, "author"))
      assert.deepEqual(
        author.children.map(({ name, text }) => [name, text.length > 0]),
        [["name", true]],
      );
    for (const { attributes } of named(node, "link")) {
      assert.ok(URL.canParse(attributes["href"]!), attributes["href"]);
      assert.match(attributes["href"]!, /^https?:/);
    }
    for (const { attributes } of named(node, "category")) assert.ok("term" in attributes);
    const kinds = named(node, "link").map(({ attributes }) => `${attributes["rel"]} ${attributes["type"]}`);
    assert.equal(new Set(kinds).size, kinds.length, "one link of each relation and type");
  };
  common(feed, IN_FEED);
  assert.equal(named(feed, "author").length, 1, "the author of entries that name none");
  assert.deepEqual(
    named(feed, "link").map(({ attributes }) => attributes["rel"]),
    ["self", "alternate"],
  );
  for (const entry of named(feed, "entry")) {
    common(entry, IN_ENTRY);
    assert.equal(named(entry, "content")[0]?.attributes["type"], "html");
  }
  const last = named(feed, "entry")
    .map((entry) => named(entry, "updated")[0]!.text)
    .toSorted()
    .at(-1);
  if (last !== undefined) assert.ok(named(feed, "updated")[0]!.text >= last);
  const ids = named(feed, "entry").map((entry) => named(entry, "id")[0]!.text);
  assert.equal(new Set(ids).size, ids.length);
  return feed;
}

const author = z.strictObject({ name: z.string().min(1) });
/** https://www.jsonfeed.org/version/1.1/ */
const jsonFeedSchema = z.strictObject({
  version: z.literal("https://jsonfeed.org/version/1.1"),
  title: z.string().min(1),
  home_page_url: z.url(),
  feed_url: z.url(),
  authors: z.array(author).min(1),
  items: z.array(
    z.strictObject({
      id: z.string().regex(/^urn:uuid:/),
      url: z.url({ protocol: /^https?$/ }),
      title: z.string(),
      content_html: z.string().min(1),
      date_published: z.iso.datetime().optional(),
      date_modified: z.iso.datetime(),
      authors: z.array(author).min(1).optional(),
      tags: z.array(z.string()).min(1).optional(),
    }),
  ),
});

const FEEDS = [
  "search?q=language+models",
  "search?category=cs",
  "search?q=zzzz+qqqq+xxxx",
  "recommend?basedOn=likes",
  "recommend?from=2015&like=vaswani-2017-attention",
  "daily",
  "trending",
  "lists/base64url:dG8gcmVhZA",
  "lists/likes",
  "lists/empty",
  "lists/long",
  "alerts/base64url:YWxsIG9mIHRoZW0",
];

describe("every feed", () => {
  for (const path of FEEDS)
    test(`${path}: valid as Atom and as JSON Feed, with the same entries, which a reader can read`, async () => {
      const [xml, text] = [await served.ask(`feeds/atom/${path}`), await served.ask(`feeds/json/${path}`)];
      assert.deepEqual([xml.status, text.status], [200, 200], xml.text.slice(0, 300));
      assert.equal(xml.headers.get("content-type"), "application/atom+xml; charset=utf-8");
      assert.equal(text.headers.get("content-type"), "application/feed+json; charset=utf-8");
      const feed = expectAtom(xml.text);
      const { items, feed_url } = feedIn(text.text);
      assert.equal(feed_url, `${served.serving.url}feeds/json/${path}`);
      assert.deepEqual(
        named(feed, "entry").map((entry) => named(entry, "id")[0]!.text),
        items.map(({ id }) => id),
      );
      if (!/zzzz|empty/.test(path)) assert.ok(items.length > 0);
      const titles: string[] = [];
      for await (const one of readPapers(bytesOf(xml.text))) if (one.kind === "paper") titles.push(one.paper.title);
      assert.equal(titles.length, items.length, "as a source of Kindred");
    });
});

test("the validators refuse what is not a feed", async () => {
  const xml = (await served.ask("feeds/atom/lists/likes")).text;
  for (const [from, to] of [
    [/<updated>/, "<updated>on "],
    [/<updated>.*?<\/updated>/, ""],
    [/(<id>.*?<\/id>)/, "$1$1"],
    [/<name>.*?<\/name>/, ""],
    [/term="/, 'word="'],
    [/href="/, 'src="'],
    [/type="html"/, 'type="markdown"'],
    [/<\/entry>/, "<other/></entry>"],
    [/2005\/Atom/, "2005/Molecule"],
  ] as const) {
    const wrong = xml.replace(from, to);
    assert.notEqual(wrong, xml);
    assert.throws(() => expectValidAtom(wrong), Error, to);
  }
  const feed = JSON.parse((await served.ask("feeds/json/lists/likes")).text) as object;
  for (const wrong of [{ version: "1" }, { items: [{ url: "https://example.org" }] }, { authors: "Ann" }])
    assert.throws(() => expectValidJsonFeed({ ...feed, ...wrong }), /not a JSON Feed/);
});

/** The feed in a text that is valid as JSON Feed, and as Kindred writes it. */
function feedIn(text: string): z.output<typeof jsonFeedSchema> {
  // Programs in other languages refuse halves of surrogate pairs, written as they are or escaped.
  assert.ok(!/\p{Surrogate}|\\ud[89a-f]/iu.test(text));
  const feed: unknown = JSON.parse(text);
  expectValidJsonFeed(feed);
  return jsonFeedSchema.parse(feed);
}

const json = async (path: string) => feedIn((await served.ask(`feeds/json/${path}`)).text);

test("titles with markup, TeX and characters that XML lacks are text, and no address runs a script", async () => {
  const [entry] = named(expectAtom((await served.ask("feeds/atom/lists/base64url:dG8gcmVhZA")).text), "entry");
  assert.match(named(entry!, "title")[0]!.text, /^On \$\\alpha < \\beta\$ & "quotes" in Gödel/);
  const html = named(entry!, "content")[0]!.text;
  assert.match(html, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
  assert.ok(!/<(?!\/?[pa]\b)/.test(html), html);
  assert.equal(named(entry!, "id")[0]!.text, urnOf(`paper ${ODD.id}`));
  const [item] = (await json("lists/base64url:dG8gcmVhZA")).items;
  assert.equal(item?.url, `${served.serving.url}?paper=odd%2F%C3%A4+%26+%3Cb%3E`);
  assert.equal(item.date_published, "2031-02-01T00:00:00Z");
});

test("very long abstracts, authors and categories are shortened, and a DOI with any characters is a whole address", async () => {
  const [item] = (await json("lists/long")).items;
  assert.ok(item!.content_html.length < 8_000, `${item!.content_html.length} characters`);
  assert.match(item!.content_html, /and others.*Tides rise and fall\. Tides.* …<\/p>/);
  assert.deepEqual([item!.authors!.length, item!.tags!.length], [50, 50]);
  assert.equal(decodeURIComponent(new URL(item!.url).pathname), `/${LONG.doi}`);
});

test("a query whose title is cut within a character is well-formed", async () => {
  const { title } = await json(`search?mode=lexical&q=${encodeURIComponent(`${"x".repeat(199)}\u{1f600}`)}`);
  assert.equal(title, `Search: ${"x".repeat(199)}\ufffd`);
});

test("papers of a list have the time at which they were added", async () => {
  const { items } = await json("lists/base64url:dG8gcmVhZA");
  const entries = await served.kindred.entries("to read");
  assert.deepEqual(
    items.map(({ date_modified }) => date_modified),
    entries.toReversed().map(({ added }) => `${added.slice(0, 19)}Z`),
  );
});

test("an alert's feed says why; papers that were removed stay with their titles", async () => {
  const { items } = await json("alerts/base64url:YWxsIG9mIHRoZW0");
  const { runs } = await served.kindred.alerts.get("all of them");
  assert.deepEqual(
    items.map(({ title }) => title),
    runs[0]!.papers.map(({ title }) => title),
  );
  assert.match(items[0]!.content_html, /<p>Matches: /);
  assert.equal(items[0]!.date_modified, `${runs[0]!.at.slice(0, 19)}Z`);
  const paper = await served.kindred.paper(runs[0]!.papers[0]!.id);
  await served.kindred.remove(paper.id);
  const again = await json("alerts/base64url:YWxsIG9mIHRoZW0");
  assert.deepEqual([again.items[0]?.title, again.items[0]?.id], [items[0]!.title, items[0]!.id]);
});

test("the newest daily lists come first", async () => {
  const { items } = await json("daily");
  assert.match(items[0]!.title, /^On \$\\alpha/);
  assert.match(items[0]!.content_html, /3 upvotes/);
});

test("what a reader has is not sent again, and what changed is", async () => {
  const path = "feeds/atom/lists/likes";
  const first = await served.ask(path);
  const [etag, modified] = [first.headers.get("etag")!, first.headers.get("last-modified")!];
  assert.ok(etag.length > 10 && Date.parse(modified) <= Date.now());
  const known: Record<string, string>[] = [
    { "if-none-match": etag },
    // As a proxy that compresses changes it.
    { "if-none-match": `"another", W/${etag}`, "cache-control": "no-cache" },
    { "if-modified-since": modified },
  ];
  for (const headers of known) {
    const { status, text } = await served.ask(path, { headers });
    assert.deepEqual([status, text], [304, ""]);
  }
  await served.kindred.addToList("likes", ODD.id);
  for (const headers of known) assert.equal((await served.ask(path, { headers })).status, 200, JSON.stringify(headers));
});

test("OPML lists the feeds of alerts and lists, and each can be read", async () => {
  const { status, headers, text } = await served.ask("feeds/opml");
  assert.deepEqual([status, headers.get("content-type")], [200, "text/x-opml; charset=utf-8"]);
  const [head, body] = treeOf(text).children;
  assert.deepEqual([head?.name, body?.name, treeOf(text).attributes["version"]], ["head", "body", "2.0"]);
  const titles = body!.children.map(({ attributes }) => attributes["text"]);
  for (const title of ["Alert: all of them", "List: to read", "List: likes", "Daily papers"])
    assert.ok(titles.includes(title));
  for (const { attributes } of body!.children) {
    assert.equal(attributes["type"], "rss");
    const response = await fetch(attributes["xmlUrl"]!);
    assert.equal(response.status, 200);
    expectAtom(await response.text());
  }
});

test("what is not there is not found, and wrong parameters are refused", async () => {
  for (const [path, status, words] of [
    ["feeds/rss/daily", 404, /only in atom and json/],
    ["feeds/atom/lists/none", 404, /there is no list "none"/],
    ["feeds/atom/alerts/none", 404, /there is no alert called none/],
    ["feeds/atom/nothing", 404, /there is nothing at/],
    ["feeds/atom/daily?limit=3", 400, /unknown parameter "limit"/],
    ["feeds/atom/search?mode=loud", 400, /mode/],
    ["feeds/atom/recommend?like=none", 404, /there is no paper with the id "none"/],
  ] as const)
    assert.match(problemIn(await served.ask(path), status).detail, words, path);
  problemIn(await served.ask("feeds/atom/daily", { method: "POST" }), 405);
});

describe("where reading needs a key", () => {
  let kindred: Kindred;
  let serving: Serving;
  const cleaning: (() => unknown)[] = [];
  before(async () => {
    const directory = await sampleDirectory({ after: (work) => void cleaning.push(work) });
    kindred = await openKindred({ directory, workers: 1 });
    serving = await serve(kindred, { host: "127.0.0.1", port: 0, protects: "all", log: createLogger("error") });
  });
  after(async () => {
    await serving.close();
    await kindred.close();
    for (const clean of cleaning) await clean();
  });

  test("the address that a feed gives itself works without one, for this feed, until the key is removed", async () => {
    const key = await addKey(kindred.directory, "Ada");
    const ask = async (path: string, headers: Record<string, string> = {}) => {
      const response = await fetch(path.startsWith("http") ? path : serving.url + path, { headers });
      return { status: response.status, text: await response.text() };
    };
    const search = "feeds/json/search?q=neural+networks&from=2015";
    assert.equal((await ask(search)).status, 401);
    assert.equal((await ask(`${search}&secret=`)).status, 401);
    assert.equal((await ask(`${search}&secret=a&secret=b`)).status, 401);
    const own = await ask(search, { authorization: `Bearer ${key}` });
    const { feed_url } = feedIn(own.text);
    assert.match(feed_url, /&secret=[\w-]{43}$/);
    const read = await ask(feed_url);
    assert.equal(read.status, 200);
    assert.equal(feedIn(read.text).feed_url, feed_url);
    const [, secret] = feed_url.split("secret=");
    assert.equal(
      (await ask(`feeds/json/search?secret=${secret}&from=2015&q=neural+networks`)).status,
      200,
      "in any order",
    );
    for (const other of [
      `feeds/json/search?q=neural+networks&from=2014&secret=${secret}`,
      `feeds/atom/search?q=neural+networks&from=2015&secret=${secret}`,
      `feeds/json/lists/likes?secret=${secret}`,
      `feeds/opml?secret=${secret}`,
      `api/search?q=neural+networks&secret=${secret}`,
    ])
      assert.equal((await ask(other)).status, 401, other);
    const opml = treeOf((await ask("feeds/opml", { authorization: `Bearer ${key}` })).text);
    for (const { attributes } of opml.children[1]!.children)
      assert.equal((await ask(attributes["xmlUrl"]!)).status, 200, attributes["xmlUrl"]);
    await removeKey(kindred.directory, "Ada");
    assert.equal((await ask(feed_url)).status, 401);
    await addKey(kindred.directory, "Ada");
    assert.equal((await ask(feed_url)).status, 401, "another key of the same name");
  });
});
