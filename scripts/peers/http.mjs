/** The cost of HTTP alone: a client with keep-alive and, when run as a script, a server that answers without work. */
import { Agent, createServer, get } from "node:http";

/** A client for paths below an address, with one kept-alive connection. */
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

/** A port that is free now. */
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
