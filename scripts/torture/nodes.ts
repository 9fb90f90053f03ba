/**
 * Kills nodes of an OpenSearch cluster, one at a time, while two servers ask and write. No request may fail, no answer may lack
 * a paper, and what was acknowledged must be there in the end.
 */
import { randomBytes } from "node:crypto";
import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { SAMPLE } from "../../src/cli/serve.js";
import { messageOf } from "../../src/core/errors.js";
import { openKindred, openSearch, type Kindred } from "../../src/kindred.js";
import { mulberry32 } from "../../src/map/random.js";
import { startCluster } from "../common/opensearch.js";
import { below, oneOf } from "./draw.js";
import { Fault } from "./fault.js";

/** How long a node stays away, and how long the cluster is whole before the next is killed, in milliseconds. */
const AWAY = 4_000;
const WHOLE = 2_000;
const NODES = 3;
const SEARCHERS = 3;

export type Lost = { kills: number; searches: number; writes: number; slowest: number };

export async function loseNodes(
  { seed, kills }: { seed: number; kills: number },
  progress: (lost: Lost) => void = () => {},
): Promise<Lost> {
  const random = mulberry32(seed);
  const cluster = await startCluster(NODES, "512m");
  const folder = mkdtempSync(join(tmpdir(), "kindred-nodes-"));
  const engine = openSearch({
    urls: cluster.urls,
    prefix: `t${randomBytes(4).toString("hex")}`,
    shards: 3,
    replicas: 1,
  });
  const servers: Kindred[] = [];
  const lost: Lost = { kills: 0, searches: 0, writes: 0, slowest: 0 };
  const faults: string[] = [];
  try {
    for (const name of ["one", "two"])
      servers.push(await openKindred({ directory: join(folder, name), workers: 1, engine }));
    const [first] = servers as [Kindred];
    await first.import(createReadStream(SAMPLE), { name: "sample" });
    await first.index();
    const papers: { id: string; title: string }[] = [];
    for await (const { id, title } of first.papers()) papers.push({ id, title });

    const notes = new Map<string, string>();
    const added: string[] = [];
    const stop = new AbortController();
    const timed = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
      const start = performance.now();
      try {
        return await work();
      } catch (thrown) {
        faults.push(`${what}: ${messageOf(thrown)}`);
        return undefined;
      } finally {
        lost.slowest = Math.max(lost.slowest, performance.now() - start);
      }
    };
    const search = async () => {
      while (!stop.signal.aborted) {
        const { id, title } = oneOf(random, papers);
        const found = await timed("search", () => oneOf(random, servers).search({ q: title, limit: 5 }));
        if (found !== undefined && !found.hits.some(({ paper }) => paper.id === id))
          faults.push(`"${title}" was not found`);
        lost.searches++;
      }
    };
    const write = async () => {
      for (let number = 0; !stop.signal.aborted; number++) {
        const server = oneOf(random, servers);
        if (below(random, 2) === 0) {
          const { id } = oneOf(random, papers);
          const note = `note ${number}`;
          if ((await timed("note", async () => (await server.note(id, note), true))) === true) notes.set(id, note);
        } else {
          const paper = { id: `new-${number}`, title: `A new paper with the number ${number}` };
          const bytes = Readable.from([Buffer.from(JSON.stringify(paper))]);
          const report = await timed("import", () => server.import(bytes, { name: "new.jsonl" }));
          if (report !== undefined) added.push(paper.id);
        }
        lost.writes++;
      }
    };
    const load = [...Array.from({ length: SEARCHERS }, () => search()), write()];
    for (; lost.kills < kills;) {
      await sleep(WHOLE);
      const node = below(random, NODES);
      await cluster.kill(node);
      await sleep(AWAY);
      await cluster.restart(node);
      await cluster.whole();
      lost.kills++;
      progress(lost);
      if (faults.length > 0) break;
    }
    stop.abort();
    await Promise.all(load);
    const kept = new Map((await first.lists()).notes.map(({ id, note }) => [id, note]));
    for (const [id, note] of notes)
      if (kept.get(id) !== note) faults.push(`the note on ${id} is "${kept.get(id)}", expected "${note}"`);
    for (const id of added) if ((await first.paper(id)) === undefined) faults.push(`the paper ${id} is gone`);
    if (faults.length > 0)
      throw new Fault(`${faults.length} faults after ${lost.kills} kills: ${faults.slice(0, 5).join("; ")}`);
    return lost;
  } finally {
    for (const server of servers) await server.close();
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
