import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { VERSION } from "../../src/core/version.js";
import { isLocalHost, isPrivateAddress } from "../../src/sources/addresses.js";
import { waitAsked } from "../../src/sources/answers.js";
import { Fetcher, type FetcherOptions, redirected } from "../../src/sources/fetch.js";
import { Hosts, paceOf } from "../../src/sources/hosts.js";
import type { NetworkOptions } from "../../src/sources/network.js";
import { SourceError } from "../../src/sources/source-error.js";
import { type Answers, Service, TestClock, withNetwork } from "./service.js";

interface Situation {
  service: Service;
  fetcher: Fetcher;
  clock: TestClock;
  url: (path: string) => URL;
}

async function situation<T>(
  answers: Answers,
  work: (situation: Situation) => Promise<T>,
  network: NetworkOptions = {},
  options: Partial<FetcherOptions> = {},
): Promise<T> {
  const clock = new TestClock();
  const service = await Service.start(answers, clock);
  try {
    return await withNetwork({ clock, ...network }, (made) =>
      work({
        service,
        clock,
        fetcher: new Fetcher({ network: made, home: new URL(service.base), private: true, ...options }),
        url: (path) => new URL(path, service.base),
      }),
    );
  } finally {
    await service.close();
  }
}

const fails = async (asked: Promise<unknown>, message: RegExp): Promise<SourceError> => {
  const thrown = await asked.then(
    () => assert.fail("an error is expected"),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof SourceError, String(thrown));
  assert.match(thrown.message, message);
  return thrown;
};

describe("failures that may pass are tried again", () => {
  for (const fault of ["503", "503 after", "500", "429 date", "408", "cut", "reset", "gzip cut"] as const) {
    test(fault, async () => {
      await situation(
        () => ({ body: { text: "x".repeat(5000) } }),
        async ({ service, fetcher, url, clock }) => {
          let left = 3;
          service.fault = () => (left-- > 0 ? fault : undefined);
          const answer = await fetcher.ask(url("/"), { expect: "json" });
          assert.deepEqual(answer.json, { text: "x".repeat(5000) });
          assert.equal(service.asked.length, 4);
          if (fault === "503 after") assert.ok(clock.waits.filter((wait) => wait >= 12_500).length >= 3);
          if (fault === "429 date") assert.ok(clock.waits.filter((wait) => wait > 28_000).length >= 3);
        },
      );
    });
  }

  test("six times, with growing pauses, and then given up in words that name the host but no query", async () => {
    await situation(
      () => ({ status: 503, body: { message: "overloaded" } }),
      async ({ fetcher, url, service, clock }) => {
        const error = await fails(
          fetcher.ask(url("/works?api_key=secret"), { expect: "json" }),
          /^127\.0\.0\.1 answered with status 503: overloaded: given up after 6 tries$/,
        );
        assert.equal(error.status, 503);
        assert.equal(service.asked.length, 6);
        assert.deepEqual(clock.waits, [1000, 2000, 4000, 8000, 16_000]);
      },
    );
  });

  test("nothing else is: 400, 403, 404", async () => {
    for (const status of [400, 401, 403, 404, 410, 451]) {
      await situation(
        () => ({ status, body: { error: { message: ["no such\nfield"] } } }),
        async ({ fetcher, url, service }) => {
          await fails(fetcher.ask(url("/"), { expect: "json" }), new RegExp(`status ${status}: no such field$`));
          assert.equal(service.asked.length, 1);
        },
      );
    }
  });

  test("a pause of more than an hour ends the run and says until when", async () => {
    await situation(
      () => ({ status: 429, headers: { "retry-after": "86400" } }),
      async ({ fetcher, url, service, clock }) => {
        const error = await fails(fetcher.ask(url("/"), { expect: "json" }), /asks for a pause of 1440 minutes/);
        assert.equal(error.retryAt, clock.now() + 86_400_000);
        // No other source asks this host either.
        await fails(fetcher.ask(url("/"), { expect: "json" }), /nothing is asked before 2026-12-01T08:00:00/);
        assert.equal(service.asked.length, 1);
      },
    );
  });

  test("Backoff is obeyed with any answer", async () => {
    await situation(
      () => ({ headers: { backoff: "10" }, body: [] }),
      async ({ fetcher, url, clock }) => {
        await fetcher.ask(url("/"), { expect: "json" });
        await fetcher.ask(url("/"), { expect: "json" });
        assert.deepEqual(clock.waits, [10_000]);
      },
    );
  });

  test("what a host asks to wait", () => {
    const now = Date.parse("2026-11-30T08:00:00Z");
    assert.equal(waitAsked(503, { "retry-after": "7" }, now), 7000);
    assert.equal(waitAsked(503, { "retry-after": "12.5" }, now), 12_500);
    assert.equal(waitAsked(503, { "retry-after": "Mon, 30 Nov 2026 08:01:00 GMT" }, now), 60_000);
    assert.equal(waitAsked(503, { "retry-after": "Mon, 30 Nov 2026 07:00:00 GMT" }, now), 0);
    assert.equal(waitAsked(503, { "retry-after": "soon" }, now), undefined);
    assert.equal(waitAsked(429, { ratelimit: '"api";r=0;t=55' }, now), 56_000);
    assert.equal(waitAsked(500, { ratelimit: '"api";r=499;t=290' }, now), undefined);
    assert.equal(waitAsked(429, { "x-ratelimit-reset": "1000" }, now), 1_001_000);
    assert.equal(waitAsked(429, { "x-ratelimit-reset": "1796025600" }, now), undefined);
  });

  test("a connection that nobody accepts", async () => {
    const server: Server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await withNetwork({ clock: new TestClock() }, async (network) => {
      const home = new URL(`http://127.0.0.1:${port}`);
      await fails(
        new Fetcher({ network, home, private: true }).ask(home, { expect: "any" }),
        /^127\.0\.0\.1 refuses the connection: is the service running\?: given up after 6 tries$/,
      );
    });
  });

  test("a host that does not speak TLS, once", async () => {
    await situation(
      () => ({ body: [] }),
      async ({ fetcher, url, service }) => {
        const secure = new URL(url("/").href.replace("http:", "https:"));
        await fails(
          fetcher.ask(secure, { expect: "json" }),
          /has no valid certificate, or does not speak TLS \(\w+\)$/,
        );
        assert.equal(service.asked.length, 0);
      },
    );
  });

  test("a name that does not exist", async () => {
    const lookup: NetworkOptions["lookup"] = (hostname, _, callback) =>
      callback(Object.assign(new Error("no"), { code: "ENOTFOUND", hostname }), []);
    await withNetwork({ clock: new TestClock(), lookup }, async (network) => {
      const home = new URL("https://papers.example");
      await fails(new Fetcher({ network, home }).ask(home, { expect: "any" }), /^papers\.example is not found: check/);
    });
  });
});

describe("what is expected", () => {
  const page = "<!DOCTYPE html><html><body>Please log in</body></html>";
  test("a web page instead of JSON or XML is an error", async () => {
    await situation(
      () => ({ body: page }),
      async ({ fetcher, url, service }) => {
        await fails(fetcher.ask(url("/"), { expect: "json" }), /answered with a web page instead of JSON/);
        await fails(fetcher.ask(url("/"), { expect: "xml" }), /answered with a web page instead of XML/);
        assert.equal(service.asked.length, 2);
      },
    );
  });

  test("JSON that is cut off is tried again, text is not", async () => {
    const bodies = ['{"a": [1, 2', '\uFEFF{"a": [1, 2]}', "Rate exceeded."];
    await situation(
      () => ({ body: bodies.shift()! }),
      async ({ fetcher, url }) => {
        assert.deepEqual((await fetcher.ask(url("/"), { expect: "json" })).json, { a: [1, 2] });
        await fails(fetcher.ask(url("/"), { expect: "json" }), /something else than JSON \(no type\): Rate exceeded\./);
        assert.deepEqual(bodies, []);
      },
    );
  });

  test("compressed answers of all kinds", async () => {
    const plain = JSON.stringify({ text: "y".repeat(3000) });
    for (const [encoding, pack] of [
      ["gzip", gzipSync],
      ["x-gzip", gzipSync],
      ["deflate", deflateSync],
      ["deflate", deflateRawSync],
      ["br", brotliCompressSync],
    ] as const) {
      await situation(
        () => ({ headers: { "content-encoding": encoding }, body: pack(plain) }),
        async ({ fetcher, url }) => {
          assert.equal((await fetcher.ask(url("/"), { expect: "json" })).bytes.toString(), plain);
        },
      );
    }
    await situation(
      () => ({ headers: { "content-encoding": "zpaq" }, body: plain }),
      async ({ fetcher, url }) => {
        await fails(fetcher.ask(url("/"), { expect: "json" }), /unknown content encoding "zpaq"/);
      },
    );
  });

  test("sizes are limited as sent and unpacked, also of a page that never ends", async () => {
    const limits = { sent: 100_000, answer: 1_000_000 };
    await situation(
      () => ({ headers: { "content-encoding": "gzip" }, body: gzipSync(Buffer.alloc(2_000_000)) }),
      async ({ fetcher, url, service }) => {
        await fails(fetcher.ask(url("/"), { expect: "any" }), /sent more than 0 MB in one answer/);
        assert.equal(service.asked.length, 1);
      },
      { limits },
    );
    await situation(
      () => (response) => {
        response.writeHead(200);
        const more = (): boolean =>
          response.destroyed || response.write(Buffer.alloc(10_000), () => setImmediate(more));
        more();
      },
      async ({ fetcher, url }) => {
        await fails(fetcher.ask(url("/"), { expect: "any" }), /sent more than 0 MB in one answer/);
      },
      { limits },
    );
  });

  test("times are limited: no answer, a body that stops, an answer that drips", async () => {
    const timeouts = { headers: 50, idle: 50, answer: 400 };
    const silent: Answers = () => () => {};
    const stopping: Answers = () => (response) => void response.writeHead(200).write("{");
    const dripping: Answers = () => (response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(timer));
    };
    for (const [answers, message] of [
      [silent, /does not answer|took longer than 0.4 seconds/],
      [stopping, /stopped in the middle|took longer than 0.4 seconds/],
      [dripping, /took longer than 0\.4 seconds for one answer/],
    ] as const)
      await situation(
        answers,
        async ({ fetcher, url, service }) => {
          await fails(fetcher.ask(url("/"), { expect: "json" }), message);
          assert.equal(service.asked.length, 6);
        },
        { timeouts },
      );
  });

  test("a request can be cancelled, also while it waits", async () => {
    const stop = new AbortController();
    await situation(
      () => ({ status: 503, headers: { "retry-after": "100" } }),
      async ({ fetcher, url, clock }) => {
        const sleep = clock.sleep;
        clock.sleep = async (milliseconds, signal) => {
          stop.abort(new Error("enough"));
          return sleep(milliseconds, signal);
        };
        await assert.rejects(fetcher.ask(url("/"), { expect: "json" }), /enough/);
      },
      {},
      { signal: stop.signal },
    );
  });

  test("unchanged answers are not sent again", async () => {
    await situation(
      ({ headers }) =>
        headers["if-none-match"] === "abc" && headers["if-modified-since"] === "Mon"
          ? { status: 304 }
          : { headers: { etag: "abc", "last-modified": "Mon" }, body: [1] },
      async ({ fetcher, url }) => {
        const first = await fetcher.ask(url("/"), { expect: "json" });
        assert.equal(first.unchanged, false);
        const second = await fetcher.ask(url("/"), {
          expect: "json",
          validators: { etag: first.headers["etag"], lastModified: first.headers["last-modified"] },
        });
        assert.equal(second.unchanged, true);
      },
    );
  });

  test("a download is written to a file, again from its start after a cut", async () => {
    const folder = await mkdtemp(join(tmpdir(), "kindred-download-"));
    try {
      await situation(
        () => ({ headers: { etag: '"1"' }, body: "TY  - JOUR\n".repeat(1000) }),
        async ({ fetcher, url, service }) => {
          let left = 2;
          service.fault = () => (left-- > 0 ? "cut" : undefined);
          const path = join(folder, "file");
          assert.equal((await fetcher.download(url("/"), path, {})).headers["etag"], '"1"');
          assert.equal(await readFile(path, "utf8"), "TY  - JOUR\n".repeat(1000));
        },
      );
      await situation(
        () => ({ body: "x".repeat(20_000) }),
        async ({ fetcher, url }) => {
          await fails(fetcher.download(url("/"), join(folder, "large"), {}), /sent more than/);
        },
        { limits: { download: 10_000 } },
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("who is asked, and what is sent", () => {
  test("the program and its version, and an address only if one is given", async () => {
    for (const contact of [undefined, "ada@example.org"]) {
      await situation(
        () => ({ body: [] }),
        async ({ fetcher, url, service }) => {
          await fetcher.ask(url("/"), { expect: "json" });
          const sent = service.asked[0]!.headers;
          assert.equal(sent["user-agent"], `Kindred/${VERSION}${contact ? ` (mailto:${contact})` : ""}`);
          assert.equal(sent["accept-encoding"], "gzip, deflate, br");
          assert.equal(sent["cookie"], undefined);
        },
        {},
        { contact },
      );
    }
  });

  test("a form is sent with POST, and not to another host", async () => {
    await situation(
      ({ url: { pathname }, form, method }) =>
        pathname === "/moved"
          ? { status: 307, headers: { location: "http://elsewhere.test/" } }
          : { body: { method, id: form.get("id") } },
      async ({ fetcher, url }) => {
        const { json } = await fetcher.ask(url("/"), { expect: "json", form: { id: "1,2" } });
        assert.deepEqual(json, { method: "POST", id: "1,2" });
        await fails(
          fetcher.ask(url("/moved"), { expect: "json", form: { key: "k" } }),
          /redirects a form to elsewhere\.test/,
        );
      },
    );
  });

  test("keys stay out of messages, and with the source's own host", async () => {
    // Every name leads to the local server, as if that were public.
    const lookup: NetworkOptions["lookup"] = (_, __, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]);
    await situation(
      ({ headers, url: { pathname, port } }) =>
        pathname === "/start"
          ? { status: 302, headers: { location: `http://public.test:${port}/other` } }
          : pathname === "/echo"
            ? { status: 400, body: `wrong key ${String(headers["x-api-key"])}` }
            : { body: { key: headers["x-api-key"] ?? null, host: headers.host } },
      async ({ fetcher, url }) => {
        const { json } = await fetcher.ask(url("/start"), { expect: "json" });
        assert.deepEqual(json, { key: null, host: `public.test:${url("/").port}` });
        assert.equal(((await fetcher.ask(url("/"), { expect: "json" })).json as { key: string }).key, "s3cret");
        await fails(fetcher.ask(url("/echo"), { expect: "json" }), /status 400: wrong key \.\.\.$/);
      },
      { lookup, isPrivate: (address) => address !== "127.0.0.1" },
      { headers: { "x-api-key": "s3cret" }, secrets: ["s3cret"] },
    );
  });

  test("redirects end", async () => {
    await situation(
      ({ query }) => ({ status: 302, headers: { location: `/?n=${Number(query.get("n")) + 1}` } }),
      async ({ fetcher, url, service }) => {
        await fails(fetcher.ask(url("/"), { expect: "json" }), /^127\.0\.0\.1 redirects more than 5 times$/);
        assert.equal(service.asked.length, 6);
      },
    );
  });

  test("no redirect leads to this machine or a private network", async () => {
    const names: Record<string, string[]> = {
      "metadata.test": ["169.254.169.254"],
      "mixed.test": ["93.184.216.34", "10.0.0.7"],
      "mapped.test": ["::ffff:127.0.0.1"],
    };
    const lookup: NetworkOptions["lookup"] = (hostname, _, callback) =>
      callback(
        null,
        (names[hostname] ?? ["127.0.0.1"]).map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );
    for (const location of [
      "http://127.0.0.1:1/",
      "http://[::1]/",
      "http://[::ffff:7f00:1]/",
      "http://2130706433/",
      "http://0x7f.1/",
      "http://169.254.169.254/latest/meta-data",
      "http://metadata.test/",
      "http://mixed.test/",
      "http://mapped.test/",
      "http://localhost/",
    ])
      await situation(
        () => ({ status: 301, headers: { location } }),
        async ({ fetcher, url, service }) => {
          await fails(fetcher.ask(url("/"), { expect: "json" }), /is on this machine or a private network/);
          assert.equal(service.asked.length, 1, location);
        },
        { lookup },
      );
  });

  test("a public name that has come to mean this machine is not asked, unless the source was added as private", async () => {
    const lookup: NetworkOptions["lookup"] = (_, __, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]);
    const clock = new TestClock();
    const service = await Service.start(() => ({ body: [1] }));
    try {
      await withNetwork({ lookup, clock }, async (network) => {
        const home = new URL(service.base.replace("127.0.0.1", "papers.example"));
        await fails(
          new Fetcher({ network, home }).ask(home, { expect: "json" }),
          /^papers\.example \(127\.0\.0\.1\) is on this machine or a private network/,
        );
        assert.equal(service.asked.length, 0);
        const own = new Fetcher({ network, home, private: true });
        assert.deepEqual((await own.ask(home, { expect: "json" })).json, [1]);
      });
    } finally {
      await service.close();
    }
  });

  test("whether a source that is added is at a private address", async () => {
    const lookup: NetworkOptions["lookup"] = (hostname, _, callback) =>
      hostname === "none.test"
        ? callback(Object.assign(new Error("no"), { code: "ENOTFOUND" }), [])
        : callback(null, [{ address: hostname === "intranet.test" ? "10.0.0.1" : "93.184.216.34", family: 4 }]);
    await withNetwork({ lookup }, async (network) => {
      const hosts = ["intranet.test", "public.test", "localhost", "[::1]", "192.168.0.1"];
      assert.deepEqual(await Promise.all(hosts.map((hostname) => network.isPrivateHost(hostname))), [
        true,
        false,
        true,
        true,
        true,
      ]);
      await fails(network.isPrivateHost("none.test"), /^none\.test is not found/);
    });
  });

  test("where a redirect leads", () => {
    const from = new URL("https://api.example.org/a/b?key=1");
    assert.equal(redirected(from, "../c").href, "https://api.example.org/c");
    assert.equal(redirected(from, "//other.org/").href, "https://other.org/");
    assert.throws(() => redirected(from, "http://api.example.org/"), /redirects from https to http/);
    assert.throws(() => redirected(from, "file:///etc/passwd"), /redirects to the protocol file:/);
    assert.throws(() => redirected(from, "https://user:word@api.example.org/"), /an address with a password/);
    assert.throws(() => redirected(from, "https://["), /redirects to an invalid address/);
  });

  test("which addresses are private", () => {
    for (const address of (
      "0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.168.1.1 " +
      "198.18.0.1 224.0.0.1 255.255.255.255 :: ::1 ::7f00:1 ::ffff:10.0.0.1 ::ffff:7f00:1 64:ff9b::a00:1 64:ff9b::127.0.0.1 ::ffff:0:7f00:1 " +
      "fc00::1 fd12::1 fe80::1 fe80::1%eth0 ff02::1 2001:db8::1 2002:7f00:1:: 2001::1 nonsense"
    ).split(" "))
      assert.equal(isPrivateAddress(address), true, address);
    for (const address of (
      "1.1.1.1 8.8.8.8 93.184.216.34 172.15.0.1 172.32.0.1 192.167.1.1 100.128.0.1 2606:4700::1111 ::ffff:1.1.1.1 " +
      "64:ff9b::101:101 2a00:1450:4001::200e"
    ).split(" "))
      assert.equal(isPrivateAddress(address), false, address);
    assert.deepEqual(["localhost", "a.localhost", "127.0.0.1", "[::1]"].map(isLocalHost), [true, true, true, true]);
    assert.deepEqual(["localhost.org", "1.1.1.1", "example.org"].map(isLocalHost), [false, false, false]);
  });
});

describe("the pace of a host", () => {
  test("is one for all sources and all hosts below a listed name, one request at a time", async () => {
    assert.deepEqual(paceOf("oaipmh.arxiv.org"), { group: "arxiv.org", pace: 3000 });
    assert.deepEqual(paceOf("notarxiv.org"), { group: "notarxiv.org", pace: 1000 });
    const clock = new TestClock();
    const hosts = new Hosts(clock);
    const started: [string, number][] = [];
    const began = clock.now();
    let open = 0;
    await Promise.all(
      ["oaipmh.arxiv.org", "rss.arxiv.org", "arxiv.org", "api.crossref.org"].map((hostname) =>
        hosts.turn(hostname, 1e9, undefined, async () => {
          if (hostname.includes("arxiv")) assert.equal(++open, 1);
          started.push([hostname, clock.now() - began]);
          await new Promise(setImmediate);
          if (hostname.includes("arxiv")) open--;
        }),
      ),
    );
    const at = started.filter(([hostname]) => hostname.includes("arxiv")).map(([, time]) => time);
    assert.deepEqual(at, [0, 3000, 6000]);
    assert.ok(started.findIndex(([hostname]) => hostname === "api.crossref.org") < 3, "other hosts do not wait");
  });

  test("one that gives up waiting leaves the others their turn", async () => {
    const clock = new TestClock();
    const hosts = new Hosts(clock);
    const stop = new AbortController();
    let finish = (): void => {};
    const first = hosts.turn("a.test", 1e9, undefined, () => new Promise<void>((resolve) => (finish = resolve)));
    const second = hosts.turn("a.test", 1e9, stop.signal, () => Promise.reject(new Error("not reached")));
    const third = hosts.turn("a.test", 1e9, undefined, () => Promise.resolve("third"));
    await new Promise(setImmediate);
    stop.abort(new Error("stopped"));
    await assert.rejects(second, /stopped/);
    finish();
    await first;
    assert.equal(await third, "third");
  });
});
