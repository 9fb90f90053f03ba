/**
 * Memory and time of many calls of tools: by a client with a `kindred mcp` of its own, and by one over HTTP. A tenth of the
 * calls have wrong arguments. DIRECTORY holds an index. The heap is measured after a garbage collection.
 */
import { readFileSync } from "node:fs";
import type { Client } from "@modelcontextprotocol/client";
import { call, overHttp, overStdio } from "../common/assistant.js";
import { MACHINE, readCommand } from "../common/command.js";
import { ServerProcess } from "../common/server-process.js";

const { values, words } = readCommand("npm run bench -- mcp DIRECTORY [--calls 10000] [--at-once 4]", 1, {
  calls: { type: "string", default: "10000" },
  "at-once": { type: "string", default: "4" },
});
const [directory = ""] = words;
const [calls, atOnce] = [Number(values.calls), Number(values["at-once"])];

/** The memory of a process in megabytes. Linux only. */
const memoryOf = (pid: number): string =>
  (Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_000).toFixed(0);

console.log(`${MACHINE}; ${atOnce} calls at once`);
console.log(
  "| transport | calls | memory, MB | heap of the thread that serves, MB | calls a second |\n|---|---|---|---|---|",
);
const { client, pid } = await overStdio(directory);
await run("standard input and output", client, async () => `${memoryOf(pid)} | `);
await client.close();
const server = await ServerProcess.start(directory);
for (const version of ["auto", "legacy"] as const) {
  const over = await overHttp(server.url.href, { version });
  await run(`HTTP, ${over.getNegotiatedProtocolVersion()}`, over, async () => {
    const { resident, heap } = await server.state();
    return `${resident.toFixed(0)} | ${heap.toFixed(0)}`;
  });
  await over.close();
}
await server.stop();

async function run(transport: string, one: Client, memory: () => Promise<string>): Promise<void> {
  const { structured } = await call(one, "search_papers", { query: "measurements", limit: 50 });
  const ids = (structured["papers"] as { id: string }[]).map(({ id }) => id);
  let done = 0;
  for (const end of [0.2, 0.4, 0.6, 0.8, 1].map((share) => Math.round(share * calls))) {
    const [before, start] = [done, performance.now()];
    const work = async () => {
      while (done < end) {
        const i = done++;
        await call(one, ...asked(i, ids[i % ids.length]!));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    const rate = ((done - before) / (performance.now() - start)) * 1_000;
    console.log(`| ${transport} | ${done} | ${await memory()} | ${rate.toFixed(0)} |`);
  }
}

/** No two searches are the same, because answers are kept. */
function asked(i: number, id: string): [tool: string, given: Record<string, unknown>] {
  switch (i % 10) {
    case 0:
      return ["search_papers", { query: `waves of size ${i}`, limit: -1 }];
    case 1:
      return ["get_paper", { id }];
    case 2:
      return ["related_papers", { id, limit: 1 + (i % 20) }];
    case 3:
      return ["recommend_papers", { likes: [id], limit: 5 }];
    case 4:
      return ["cite", { ids: [id], format: "ris" }];
    case 5:
      return ["explain_result", { query: `waves ${i}`, id }];
    case 6:
      return ["daily_papers", {}];
    default:
      return ["search_papers", { query: `waves of size ${i}`, detail: i % 2 === 0 ? "short" : "full" }];
  }
}
