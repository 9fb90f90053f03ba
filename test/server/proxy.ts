/**
 * Reverse proxies. `decodingProxy` is like nginx with `location /kindred/ { proxy_pass http://upstream/; }`: it decodes the path, merges slashes,
 * resolves dots, escapes only characters that are invalid in an address, and sends its own Host. `pathProxy` is a kept one.
 */
import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createProxyServer } from "httpxy";

const PREFIX = "/kindred/";

/** @returns The proxy's address for Kindred, and all requests that it forwarded, as `METHOD /path`. */
export async function decodingProxy(
  t: { after(work: () => unknown): void },
  upstream: string,
): Promise<{ url: string; passed: string[] }> {
  const to = new URL(upstream);
  const passed: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const [raw = "", query] = (incoming.url ?? "").split(/\?(.*)/s);
    let path: string | null;
    try {
      path = normalized(decodeURIComponent(raw));
    } catch {
      path = null;
    }
    if (path?.startsWith(PREFIX) !== true) {
      outgoing.writeHead(path === null ? 400 : 404, { "content-type": "text/plain" }).end();
      return;
    }
    const target = escaped(`/${path.slice(PREFIX.length)}`) + (query === undefined ? "" : `?${query}`);
    passed.push(`${incoming.method} ${target}`);
    const { hostname, port, host } = to;
    const headers = { ...incoming.headers, host };
    const asking = request({ hostname, port, method: incoming.method, path: target, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    asking.on("error", () => outgoing.destroy());
    outgoing.on("close", () => asking.destroy());
    incoming.pipe(asking);
  });
  const { url, close } = await listening(server);
  t.after(close);
  return { url: `${url}${PREFIX}`, passed };
}

type Proxy = { url: string; close: () => void };

/**
 * A proxy that serves a server below a path, and passes on the Host it gets.
 *
 * @param removes Whether the server gets addresses without the path.
 * @returns The address of the page. `close` it when the pages that use it are closed, which complain otherwise.
 */
export async function pathProxy(upstream: string, path: string, removes: boolean): Promise<Proxy> {
  const proxy = createProxyServer({ target: new URL(upstream).origin, xfwd: true });
  // A client that goes away.
  proxy.on("error", (_error, _incoming, outgoing) => outgoing?.destroy());
  const { url, close } = await listening(
    createServer((incoming, outgoing) => {
      if (removes) incoming.url = incoming.url!.replace(path, "/");
      void proxy.web(incoming, outgoing);
    }),
  );
  return { url: url + path, close };
}

async function listening(server: Server): Promise<Proxy> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** @returns null if the path leads above the root or contains NUL: nginx then answers 400. */
function normalized(path: string): string | null {
  if (path.includes("\0")) return null;
  const kept: string[] = [];
  const parts = path.replaceAll(/\/+/g, "/").split("/").slice(1);
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1;
    if (part === "..") {
      if (kept.pop() === undefined) return null;
    } else if (part !== ".") {
      kept.push(part);
      continue;
    }
    if (last) kept.push("");
  }
  return `/${kept.join("/")}`;
}

/** Characters that nginx escapes in a forwarded path. */
const escaped = (path: string): string =>
  // oxlint-disable-next-line no-control-regex -- control characters are meant
  path.replaceAll(/[\u0000- #%?\u007f-\u{10ffff}]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, "0").toUpperCase()}`).join(""),
  );
