/** An assistant: starts `kindred mcp`, prints its process id, keeps it busy, and ends only with the test that started it. */
import { start } from "../cli/command.js";

const child = start(["mcp", "--directory", process.argv[2]!]);
const send = (message: object) => child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const initialize = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } };
send({ id: 0, method: "initialize", params: initialize });
child.stdout?.once("data", () => {
  for (let id = 1; id <= 200; id++)
    send({ id, method: "tools/call", params: { name: "search_papers", arguments: { query: `tides ${id}` } } });
  console.log(child.pid);
});
process.stdin.resume().once("end", () => process.exit());
