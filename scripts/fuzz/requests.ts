/** Requests to every route, valid and nearly valid, and bytes that are not HTTP. */
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { ROUTES, type Route } from "../../src/server/routes.js";
import { segmentOf } from "../../src/core/segment.js";
import { HARD } from "./hard.js";
import { shaped, spoiled, type Words } from "./shapes.js";
import { junk, nasty, spelled } from "./texts.js";

export type Request = {
  /** The route, or the kind of request, for counting: `GET /papers/:id`. */
  what: string;
  /** The route whose schema a successful answer must match; null if any answer will do. */
  route: Route | null;
  method: string;
  /** Path and query, in printable ASCII. */
  path: string;
  headers: Record<string, string>;
  body: Buffer | null;
  /** Whether the body is as long as announced and the client waits: only then must there be an answer. */
  whole: boolean;
};
/** Bytes for a socket; `status` is the only correct answer, if there is a single one. */
export type Raw = { what: string; bytes: Buffer; status?: string };

/** Length of the longest text in an address, and in a body, in characters. */
const LONG_PATH = 70_000;
const LONG_BODY = 300_000;

/** With a valid body these connect to services on the network, which a run must not. */
const ASK_SERVICES = new Set(["/add", "/sources", "/source-kinds/:kind/preview"]);
const OTHERS = [
  "/api/openapi.json",
  "/api/session",
  "/api/health",
  "/api/ready",
  "/api/lists/fuzz/papers",
  "/metrics",
  "/unapi",
  "/opensearch.xml",
  "/",
  "/index.html",
  "/main.js",
];
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "SEARCH"];
const TYPES = [
  "application/json",
  "application/json; charset=utf-16",
  "application/json; charset=nonsense",
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=a",
  "application/vnd.api+json",
  ";;;",
  "",
];

export function requests(words: Words): fc.Arbitrary<Request> {
  return fc.oneof(
    ...ROUTES.filter(({ body, path }) => body !== "papers" && !ASK_SERVICES.has(path)).map((route) => ({
      // Rare, so that some papers are left.
      weight: route.method === "delete" && route.path === "/papers/:id" ? 1 : 4,
      arbitrary: ofRoute(route, words),
    })),
    { weight: 6, arbitrary: ofOther() },
    { weight: 4, arbitrary: anywhere() },
  );
}

function ofRoute(route: Route, words: Words): fc.Arbitrary<Request> {
  const { method, path, query, body } = route;
  const names = path
    .split("/")
    .map((part) =>
      part.startsWith(":")
        ? fc.oneof(
            { weight: 4, arbitrary: fc.constantFrom(...words[part.slice(1)]!).map(encoded) },
            { weight: 1, arbitrary: addressed(2_000) },
            { weight: 1, arbitrary: fc.constantFrom(...HARD).map(segmentOf) },
            { weight: 1, arbitrary: fc.constantFrom(...HARD).map(encoded) },
          )
        : fc.constant(part),
    );
  const asked = query === undefined ? fc.constant<unknown>({}) : shaped(query, words);
  const sent = body === undefined || body === "papers" ? null : shaped(body, words);
  return fc
    .record({
      parts: fc.tuple(...names),
      query: fc.oneof(
        { weight: 3, arbitrary: asked.map((value) => queryOf(value)) },
        { weight: 2, arbitrary: spoiled(asked, LONG_PATH).map((value) => queryOf(value)) },
        { weight: 1, arbitrary: junkQuery() },
      ),
      body:
        sent === null
          ? fc.oneof(
              { weight: 9, arbitrary: fc.constant(null) },
              { weight: 1, arbitrary: junk(100).map((value) => Buffer.from(spelled(value))) },
            )
          : fc.oneof(
              { weight: 3, arbitrary: sent.map((value) => Buffer.from(spelled(value))) },
              { weight: 4, arbitrary: spoiled(sent, LONG_BODY).map((value) => Buffer.from(spelled(value))) },
              { weight: 1, arbitrary: junk(LONG_BODY).map((value) => Buffer.from(spelled(value))) },
              { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
            ),
      dress: dress(),
      bent: fc.oneof({ weight: 19, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: bent() }),
    })
    .map(({ parts, query: asked, body, dress, bent }) => {
      const what = `${method.toUpperCase()} ${path}`;
      const names = parts.join("/");
      const address = `/api${bent === null ? names : bent(names)}${asked === "" ? "" : `?${asked}`}`;
      // An empty id, or other slashes, may lead to another route.
      const own = bent !== null || parts.slice(1).includes("") ? null : route;
      return dressed({ what, route: own, method: method.toUpperCase(), path: address, body }, dress);
    });
}

/** Inserts slashes or dots into a path. */
const bent = (): fc.Arbitrary<(path: string) => string> =>
  fc
    .tuple(
      fc.nat({ max: 8 }),
      fc.constantFrom("/", "//", "/./", "/../", "/%2e%2e/", "/.%2E/", "%2F", "%5C", "\\", "/%00/", "/..;/"),
      fc.boolean(),
    )
    .map(([place, added, atEnd]) => (path) => {
      const parts = path.split("/");
      if (atEnd) return path + added;
      const at = 1 + (place % parts.length);
      return `${parts.slice(0, at).join("/")}${added}${parts.slice(at).join("/")}`;
    });

function ofOther(): fc.Arbitrary<Request> {
  return fc
    .tuple(
      fc.constantFrom(...OTHERS),
      fc.constantFrom(
        "",
        "?a=1",
        "?__proto__[a]=1",
        "?%ff",
        "/",
        "//",
        "%00",
        "/../../package.json",
        "/..%2f..%2fpackage.json",
      ),
      fc.constantFrom("GET", "HEAD", "POST", "DELETE"),
      dress(),
    )
    .map(([path, suffix, method, how]) =>
      dressed({ what: `${method} ${path}`, route: null, method, path: path + suffix, body: null }, how),
    );
}

function anywhere(): fc.Arbitrary<Request> {
  const paths = [
    "/api",
    "/api/",
    "/api/papers/a/b/c",
    "/api/search/",
    "/static",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/.git/config",
    "/api/papers/%",
  ];
  return fc
    .tuple(
      fc.constantFrom(...METHODS),
      fc.oneof(
        fc.constantFrom(...paths),
        addressed(LONG_PATH).map((path) => `/${path}`),
      ),
      junkQuery(),
      dress(),
    )
    .map(([method, path, query, how]) =>
      dressed(
        { what: "anywhere", route: null, method, path: query === "" ? path : `${path}?${query}`, body: null },
        how,
      ),
    );
}

type Dress = {
  method: string | null;
  type: string | null;
  headers: Record<string, string>;
  spoil: "no" | "gzip" | "bad gzip" | "bomb" | "deflate" | "longer" | "shorter";
};

function dress(): fc.Arbitrary<Dress> {
  const seldom = <T>(values: fc.Arbitrary<T>, otherwise: T, times = 12) =>
    fc.oneof({ weight: times, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary: values });
  const header = fc.oneof(
    fc.constantFrom(
      ["Host", "evil.example"],
      ["Host", ""],
      ["Host", "127.0.0.1:1@evil.example"],
      ["Origin", "http://evil.example"],
      ["Origin", "null"],
      ["Origin", "http://["],
      ["Sec-Fetch-Site", "cross-site"],
      ["Authorization", "Bearer x"],
      ["Authorization", `Bearer ${"x".repeat(5_000)}`],
      ["Cookie", "kindred_key=x; kindred_0123456789abcdef=x; kindred_0123456789abcdef=y"],
      ["Accept-Encoding", "gzip, br;q=0"],
      ["Accept-Encoding", "*;q=0"],
      ["Accept", "text/html"],
      ["Range", "bytes=0-,1-,2-"],
      ["If-None-Match", "*"],
      ["If-None-Match", '"a", W/"b"'],
      ["If-Modified-Since", "never"],
      ["Expect", "nothing"],
      ["X-Forwarded-For", "1.2.3.4, 5"],
      ["X-HTTP-Method-Override", "DELETE"],
      ["X-Request-Id", "a\tb"],
      ["Transfer-Encoding", "chunked"],
      ["Connection", "close"],
      ["Last-Event-ID", "1"],
    ),
    fc
      .tuple(fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,30}$/), fc.string({ unit: "binary-ascii", maxLength: 200 }))
      .map(([name, value]) => [`X-${name}`, value.replace(/[^\t\x20-\x7e]/g, "")]),
  );
  return fc.record({
    method: seldom<string | null>(fc.constantFrom(...METHODS), null, 20),
    type: seldom<string | null>(fc.constantFrom(...TYPES), null),
    headers: seldom(
      fc
        .array(header, { minLength: 1, maxLength: 3 })
        .map((pairs) => Object.fromEntries(pairs) as Record<string, string>),
      {},
      5,
    ),
    spoil: seldom<Dress["spoil"]>(
      fc.constantFrom("gzip", "bad gzip", "bomb", "deflate", "longer", "shorter"),
      "no",
      20,
    ),
  });
}

/** 16 MB of spaces, compressed: more than a JSON body may have. */
const BOMB = gzipSync(Buffer.alloc(16_000_000, " "));

function dressed(plain: Pick<Request, "what" | "route" | "method" | "path" | "body">, how: Dress): Request {
  const method = how.method ?? plain.method;
  const request: Request = {
    ...plain,
    method,
    // The route's schema applies only to its own method.
    route: method === plain.method && how.headers["Transfer-Encoding"] === undefined ? plain.route : null,
    headers: { ...(plain.body === null ? {} : { "Content-Type": "application/json" }), ...how.headers },
    whole: true,
  };
  if (how.type !== null) request.headers["Content-Type"] = how.type;
  const { body } = plain;
  if (body === null) return request;
  switch (how.spoil) {
    case "gzip":
      return { ...request, body: gzipSync(body), headers: { ...request.headers, "Content-Encoding": "gzip" } };
    case "bad gzip":
      return {
        ...request,
        body: gzipSync(body).subarray(0, -6),
        headers: { ...request.headers, "Content-Encoding": "gzip" },
      };
    case "bomb":
      return { ...request, body: BOMB, headers: { ...request.headers, "Content-Encoding": "gzip" } };
    case "deflate":
      return { ...request, headers: { ...request.headers, "Content-Encoding": "deflate" } };
    case "longer":
    case "shorter": {
      const length = Math.max(0, body.length + (how.spoil === "longer" ? 10 : -5));
      return { ...request, whole: false, headers: { ...request.headers, "Content-Length": String(length) } };
    }
    default:
      return request;
  }
}

const encoded = (text: string): string => encodeURIComponent(Buffer.from(text).toString());

/** A text in an address, escaped correctly, more than needed, or wrongly. */
const addressed = (most: number): fc.Arbitrary<string> =>
  fc.tuple(nasty(most), fc.nat({ max: 5 })).map(([text, how]) => {
    if (how > 1) return encoded(text);
    const bytes = [...Buffer.from(text)];
    if (how === 1) return bytes.map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
    return bytes
      .map((byte) => (byte > 0x20 && byte < 0x7f && byte !== 0x23 ? String.fromCharCode(byte) : "%"))
      .join("");
  });

/** A query string; lists become repeated parameters. */
function queryOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return encoded(String(value));
  return Object.entries(value as Record<string, unknown>)
    .flatMap(([name, one]) =>
      (Array.isArray(one) ? one : [one])
        .slice(0, 2_000)
        .map(
          (each: unknown) =>
            `${encoded(name)}=${encoded(typeof each === "object" ? spelled(each).slice(0, LONG_PATH) : `${each as string | number | boolean}`)}`,
        ),
    )
    .join("&");
}

const junkQuery = (): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant(""),
    fc.constantFrom(
      "__proto__=1",
      "__proto__[polluted]=1",
      "constructor[prototype][polluted]=1",
      "q[]=a&q[]=b",
      "q=a&q=b",
      "q[a]=b",
      "limit=1&limit=2",
      "=&&=&",
      "%",
      "%=%",
      "q=%E0%A4%A",
      "q=%00",
      "toString=1",
      "q=a&hasOwnProperty=1",
      "a=1&".repeat(5_000),
      "year=1&".repeat(3_000),
      `q=${"%F0%9F%A7%AC".repeat(2_000)}`,
    ),
    fc
      .array(fc.tuple(addressed(200), addressed(200)), { maxLength: 4 })
      .map((pairs) => pairs.map((pair) => pair.join("=")).join("&")),
  );

/** Requests as bytes, cut, mixed and doubled; and random bytes. */
export function raws(host: string): fc.Arbitrary<Raw> {
  const head = `Host: ${host}\r\n`;
  const json = '{"q":"a"}';
  const wholes = [
    `GET /api/search?q=a HTTP/1.1\r\n${head}\r\n`,
    `POST /api/search HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`,
    `POST /api/search HTTP/1.1\r\n${head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n${json}\r\n0\r\n\r\n`,
    `POST /api/papers HTTP/1.1\r\n${head}Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"tit\r\nzz\r\n`,
    `POST /api/search HTTP/1.1\r\n${head}Content-Length: 9\r\nContent-Length: 10\r\n\r\n${json}`,
    `POST /api/search HTTP/1.1\r\n${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n`,
    `POST /api/search HTTP/1.1\r\n${head}Content-Length: -1\r\n\r\n`,
    `POST /api/search HTTP/1.1\r\n${head}Transfer-Encoding: nonsense\r\n\r\n${json}`,
    `POST /api/papers HTTP/1.1\r\n${head}Expect: 100-continue\r\nContent-Length: 15\r\n\r\n{"title":"raw"}`,
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/0.9\r\n\r\n",
    "GET / HTTP/3.0\r\n\r\n",
    "GET /\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    `OPTIONS * HTTP/1.1\r\n${head}\r\n`,
    `CONNECT example.org:443 HTTP/1.1\r\n${head}\r\n`,
    `GET http://example.org/api/status HTTP/1.1\r\n${head}\r\n`,
    `GET /api/events HTTP/1.1\r\n${head}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    `GET /api/search?q=\u00e9\0 HTTP/1.1\r\n${head}\r\n`,
    `GET / HTTP/1.1\r\n${head}X: a\0b\r\n\r\n`,
    `GET / HTTP/1.1\r\n${head}${head}\r\n`,
    `GET / HTTP/1.1\r\n${head}X: a\r\n folded\r\n\r\n`,
    `GET / HTTP/1.1\n${head}\n`,
    `GET / HTTP/1.1\r\n${head}${"X-A: b\r\n".repeat(3_000)}\r\n`,
    `GET /${"a".repeat(80_000)} HTTP/1.1\r\n${head}\r\n`,
    `GET / HTTP/1.1\r\n${head}\r\n`.repeat(50),
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "\r\n".repeat(5_000),
  ].map((text) => Buffer.from(text, "latin1"));
  const end = `${head}Connection: close\r\n\r\n`;
  const exact = Object.entries({
    "400": [
      `GET /api/status HTTP/1.1\r\n${head}${end}`,
      `GET /api/status HTTP/1.1\r\nhost: evil.example\r\n${end}`,
      `GET /api/status HTTP/1.1\r\n${head}HOST: evil.example\r\nConnection: close\r\n\r\n`,
      `PUT /api/lists/%2e%2e HTTP/1.1\r\n${end}`,
      `PUT /api/lists/base64url:Li4 HTTP/1.1\r\n${end}`,
      `PUT /api/lists/base64url:* HTTP/1.1\r\n${end}`,
      `POST /api/imports/1e0/undo HTTP/1.1\r\n${end}`,
    ],
    "404": ["lists/likes/", "lists/likes/papers/", "status/", "search/?q=a", "papers/", "imports/1/undo/"].flatMap(
      (path) => ["GET", "PUT", "DELETE", "POST"].map((method) => `${method} /api/${path} HTTP/1.1\r\n${end}`),
    ),
    "200": ["events", "status", "search?q=a"].map((path) => `HEAD /api/${path} HTTP/1.1\r\n${end}`),
  }).flatMap(([status, texts]) =>
    texts.map((text) => ({ what: "bytes that have one answer", bytes: Buffer.from(text), status })),
  );
  const change = fc.tuple(fc.nat(), fc.nat({ max: 4 }), fc.uint8Array({ maxLength: 4 }));
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...exact) },
    {
      weight: 9,
      arbitrary: fc
        .tuple(fc.constantFrom(...wholes), fc.array(change, { maxLength: 4 }), fc.constantFrom(1, 1, 1, 0.7))
        .map(([whole, changes, kept]) => {
          const bytes = changes.reduce((all, [place, removed, added]) => {
            const at = place % (all.length + 1);
            return Buffer.concat([all.subarray(0, at), added, all.subarray(at + removed)]);
          }, whole);
          return { what: "bytes on the socket", bytes: bytes.subarray(0, Math.ceil(bytes.length * kept)) };
        }),
    },
    {
      weight: 1,
      arbitrary: fc
        .uint8Array({ maxLength: 300 })
        .map((bytes) => ({ what: "bytes on the socket", bytes: Buffer.from(bytes) })),
    },
  );
}
