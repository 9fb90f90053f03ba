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

test("other XML instead of a feed is an error, and what was read stays read", async () => {
  let broken = false;
  const answers: Answers = () => ({
    headers: { etag: "v1" },
    body: broken ? '<?xml version="1.0"?><!-- <rss> --><error>Try again later</error>' : items(["One"]),
  });
  await runs(feed, "/feed", answers, readFeed, async (run, shelf) => {
    await run();
    const { saved } = shelf;
    broken = true;
    await assert.rejects(run(), /127\.0\.0\.1 answered with XML that is not a feed \(<error>\)/);
    assert.deepEqual(shelf.saved, saved);
  });
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

test("a file that is compressed on its way is unpacked; one that is cut off is asked for again", async () => {
  const all = Array.from({ length: 2_000 }, (_, i) => `TY  - JOUR\nTI  - Paper ${i}\nER  - \n`).join("");
  const answers: Answers = ({ headers }) =>
    headers["if-none-match"] === "v1" ? { status: 304 } : { headers: { etag: "v1" }, body: all };
  await runs(url, "/papers.ris", answers, readRecords, async (run, shelf, service) => {
    let cut = true;
    service.fault = () => (cut ? ((cut = false), "gzip cut" as const) : undefined);
    await run();
    assert.deepEqual([shelf.papers.size, service.asked.length], [2_000, 2]);
  });
  const packed: Answers = () => ({ headers: { "content-encoding": "gzip" }, body: gzipSync(all) });
  await runs(url, "/papers.ris", packed, readRecords, async (run, shelf) => {
    await run();
    assert.equal(shelf.papers.size, 2_000);
  });
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
