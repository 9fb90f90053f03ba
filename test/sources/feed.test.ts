import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { feed } from "../../src/sources/feed.js";
import type { Kind } from "../../src/sources/kind.js";
import { url } from "../../src/sources/url.js";
import { type Answers, type Read, readRecords, Service, Shelf, TestClock, textOf, withNetwork } from "./service.js";

async function runs<O extends { max: number }, P>(
  kind: Kind<O, P>,
  path: string,
  answers: Answers,
  read: Read,
  work: (run: () => Promise<string>, shelf: Shelf, service: Service) => Promise<void>,
): Promise<void> {
  const clock = new TestClock();
  const service = await Service.start(answers, clock);
  const shelf = new Shelf();
  try {
    await withNetwork({ clock }, (network) =>
      work(
        () => shelf.run(kind, { options: { url: service.base + path, private: true }, network }, read),
        shelf,
        service,
      ),
    );
  } finally {
    await service.close();
  }
}

const items = (titles: string[]): string =>
  `<rss version="2.0"><channel><title>News</title>${titles.map((title) => `<item><title>${title}</title></item>`).join("")}</channel></rss>`;
const readFeed: Read = (page) =>
  Promise.resolve([...textOf(page).matchAll(/<item><title>(.*?)</g)].map(([, title]) => [title!, title!]));

test("a feed is fetched again only when it has changed", async () => {
  let titles = ["One", "Two"];
  const answers: Answers = ({ headers }) => {
    // arXiv sends its tag without quotation marks.
    const etag = `tag${titles.length}`;
    return headers["if-none-match"] === etag ? { status: 304 } : { headers: { etag }, body: items(titles) };
  };
  await runs(feed, "/rss/cs.CL+stat.ML?version=2.0", answers, readFeed, async (run, shelf, service) => {
    await run();
    await run();
    titles = [...titles, "Three"];
    await run();
    assert.deepEqual(shelf.came, ["One", "Two", "One", "Two", "Three"]);
    assert.deepEqual(service.paths, Array(3).fill("/rss/cs.CL+stat.ML?version=2.0"));
  });
});

test("a feed without a version is compared with the last one; an empty one is no fault", async () => {
  let titles = ["One"];
  await runs(
    feed,
    "/feed",
    () => ({ body: items(titles) }),
    readFeed,
    async (run, shelf) => {
      await run();
      await run();
      assert.deepEqual(shelf.came, ["One"]);
      // As on Saturdays and Sundays.
      titles = [];
      assert.equal(await run(), "done");
      assert.deepEqual(shelf.came, ["One"]);
    },
  );
});

test("a web page instead of a feed is an error", async () => {
  await runs(
    feed,
    "/",
    () => ({ body: "<html><head></head></html>" }),
    readFeed,
    async (run) => {
      await assert.rejects(run(), /127\.0\.0\.1 answered with a web page instead of XML/);
    },
  );
});

test("a file at an address: whole, and again only when it has changed", async () => {
  let [title, cut] = ["One", true];
  const ris = (): string => `TY  - JOUR\nTI  - ${title}\nER  - \n`;
  const before = await readdir(tmpdir());
  await runs(
    url,
    "/papers.ris.gz?key=abc",
    () => ({ body: gzipSync(ris()) }),
    readRecords,
    async (run, shelf, service) => {
      service.fault = () => (cut ? ((cut = false), "cut" as const) : undefined);
      await run();
      await run();
      title = "Two";
      await run();
      assert.deepEqual(shelf.came, ["One", "Two"]);
      assert.equal(service.asked.length, 4);
    },
  );
  const left = (await readdir(tmpdir())).filter((name) => /^kindred-\w{6}$/.test(name) && !before.includes(name));
  assert.deepEqual(left, [], "no temporary file is left");
});

test("an address has no password", async () => {
  await withNetwork({}, async (network) => {
    for (const address of ["https://user:word@example.org/x", "file:///etc/passwd", "https://example.org/a b", "x"])
      await assert.rejects(
        new Shelf().run(url, { options: { url: address }, network }, readRecords),
        /expected an address like/,
      );
  });
});
