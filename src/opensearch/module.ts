/** The engine on an OpenSearch cluster: Kindred holds no papers, so any number of servers may use one cluster. */
import { KindredError } from "../core/errors.js";
import { DISLIKES, LIKES } from "../core/list.js";
import { validate } from "../core/validate.js";
import type { Indexer, Opening, Reader } from "../engine/module.js";
import type { Hold } from "../engine/reading.js";
import { Cluster } from "./cluster.js";
import { OpenSearchCopying } from "./copying.js";
import { OpenSearchEngine } from "./engine.js";
import { namesOf, prepare } from "./indices.js";
import { Ledger } from "./ledger.js";
import { idOf } from "./rows.js";
import { settingsSchema } from "./settings.js";
import { Workspace } from "./workspace.js";
import { OpenSearchWriter } from "./writer.js";

/** How often a server looks for changes of other processes, in milliseconds: less often where that takes the cluster long. */
const LOOK_EVERY = 250;
const REST = 4;

/** Nothing is held: each request sees the newest state that searches find. */
const HOLD: Hold = { release() {}, resume: async () => {}, end() {} };

function opened({ engine, model }: Opening) {
  const settings = validate(settingsSchema, engine?.settings);
  return { settings, cluster: new Cluster(settings), names: namesOf(settings), model };
}

export { verify } from "./verify.js";
export { migrate } from "./migrate.js";

export async function check(opening: Opening): Promise<KindredError | null> {
  const { settings, cluster, names, model } = opened(opening);
  try {
    await prepare(cluster, settings, model);
    await addLists(new Ledger(cluster, names));
    return null;
  } finally {
    await cluster.close();
  }
}

/** Stores the lists that every library has, unless they are there. */
async function addLists(ledger: Ledger): Promise<void> {
  const id = idOf("lists");
  await ledger.write(async (draft) => {
    if ((await draft.rows([id])).size > 0) return;
    const created = new Date().toISOString();
    const lists = [LIKES, DISLIKES].map((name, i) => ({ list: i + 1, name, name_key: name, created }));
    draft.put(id, { kind: "lists", lists });
  });
}

export async function openReader(opening: Opening): Promise<Reader> {
  const { cluster, names, model } = opened(opening);
  const workspace = new Workspace(model);
  const ledger = new Ledger(cluster, names);
  let version = await ledger.settle();
  const engine = new OpenSearchEngine(cluster, names, workspace, model.dimensions, () => version);
  /** Set while the papers are of another version. */
  let refused: KindredError | null = null;
  const readable = <T>(value: T): T => {
    if (refused !== null) throw refused;
    return value;
  };
  // What is remembered of a version must have seen its changes: it counts when searches do.
  const settle = async () => {
    try {
      version = Math.max(version, await ledger.settle());
      refused = null;
    } catch (thrown) {
      if (thrown instanceof KindredError && thrown.code === "damaged") refused = thrown;
      throw thrown;
    }
  };
  let closed = false;
  let looking: NodeJS.Timeout;
  const look = () => {
    const begin = performance.now();
    settle()
      // The next question meets the same error and reports it.
      .catch(() => {})
      .finally(() => {
        if (!closed) looking = setTimeout(look, Math.max(LOOK_EVERY, REST * (performance.now() - begin))).unref();
      });
  };
  looking = setTimeout(look, LOOK_EVERY).unref();
  return {
    engine,
    get version() {
      return version;
    },
    begin: async () => readable(HOLD),
    latest: async () => readable(engine),
    settle,
    notice: async () => null,
    written: async () => {},
    health: async () => ({ ...(await cluster.health()), requests: cluster.traffic }),
    explained: (thrown) => thrown,
    close: async () => {
      closed = true;
      clearTimeout(looking);
      workspace.close();
      await cluster.close();
    },
  };
}

export async function openIndexer(opening: Opening): Promise<Indexer> {
  const { cluster, names, model } = opened(opening);
  const workspace = new Workspace(model);
  const ledger = new Ledger(cluster, names);
  return {
    writer: new OpenSearchWriter(cluster, names, ledger, workspace),
    copying: new OpenSearchCopying(cluster, names, ledger),
    traffic: () => cluster.traffic,
    // Nothing is derived from the papers.
    save: async () => null,
    close: async () => {
      await ledger.close();
      workspace.close();
      await cluster.close();
    },
  };
}
