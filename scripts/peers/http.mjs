/** What asking over HTTP takes: a client that keeps its connection, and, run by itself, a server that does nothing else. */
import { Agent, createServer, get } from "node:http";

/** Asks for paths below an address, one connection kept. */
export function asker(url) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (path) =>
    new Promise((resolve, reject) => {
      get(`${url}${path}`, { agent }, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`${path}: got ${response.statusCode}: ${text.slice(0, 200)}`));
        });
      }).on("error", reject);
    });
  return { ask, close: () => agent.destroy() };
}

/** A port that was free a moment ago. */
export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

if (process.argv[1] === import.meta.filename) {
  const server = createServer((_, response) => response.end("{}")).listen(0, "127.0.0.1", () => {
    process.send(server.address().port);
  });
  process.once("disconnect", () => process.exit());
}
