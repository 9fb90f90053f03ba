/**
 * Stores the papers in a new index behind the same alias, while others read and write: for another number of shards, or another
 * version of documents.
 *
 * The head of the ledger names the new index. From then on each change also stores which papers it has touched (`stale` rows). All
 * papers are copied, then those that have changed meanwhile, the last of them while nobody else writes; then the alias is switched.
 * After a kill, the next run continues. Servers of the earlier version read and write until the switch, and are refused after it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { titleKey } from "../core/text.js";
import { KindredError } from "../core/errors.js";
import { validate } from "../core/validate.js";
import type { Migrated, Opening } from "../engine/module.js";
import { Cluster, type Change, type Json } from "./cluster.js";
import { fitting, searchable, type PaperDocument } from "./document.js";
import {
  create,
  describe,
  LAYOUT,
  namesOf,
  papersIndex,
  REFRESH,
  wrongFormat,
  type Layout,
  type Names,
} from "./indices.js";
import { Ledger, switchOf, type Move, type StaleRow } from "./ledger.js";
import { idOf } from "./rows.js";
import { settingsSchema } from "./settings.js";
import { countOf } from "./writer.js";

/** Papers copied at a time. */
const PAGE = 500;
/** What the fields of a document are made from. */
const STORED = ["label", "row", "identifiers", "changed", "hash", "embedding", "failed"];
/** How long running searches may still read the index that was replaced, in milliseconds. */
const GRACE = 10_000;

type Options = {
  progress: (done: number, total: number) => void;
  /** As this version stores papers by default. */
  layout?: Layout;
  grace?: number;
};

export async function migrate(
  opening: Opening,
  { progress, layout = LAYOUT, grace = GRACE }: Options,
): Promise<Migrated> {
  const settings = validate(settingsSchema, opening.engine?.settings);
  const cluster = new Cluster(settings);
  const names = namesOf(settings);
  const ledger = new Ledger(cluster, names, (format) => format <= layout.format);
  try {
    const { identity: model, dimensions } = opening.model;
    const current = await describe(cluster, names.papers);
    if (current.format > layout.format) throw wrongFormat(names.papers, current.format);
    if (current.model !== model)
      throw new KindredError("damaged", `the index ${names.papers} has vectors of another model: use that model`);
    const wanted = current.format !== layout.format || current.shards !== settings.shards;
    const move = await begin(ledger, names, current.index, wanted ? { ...settings, ...layout } : null);
    await cluster.request({
      method: "PUT",
      path: `/${names.papers},${names.rows}/_settings`,
      body: { number_of_replicas: settings.replicas },
    });
    await clean(cluster, names);
    if (move !== null) {
      const next = `${names.papers}-next`;
      const { settings: index, mappings } = papersIndex(settings, layout, { model, dimensions }) as Record<
        string,
        Json
      >;
      // Nobody searches it yet.
      const quiet = { index: { ...(index!["index"] as Json), refresh_interval: -1 } };
      await create(cluster, next, { settings: quiet, mappings }, move.index);
      const moving = new Moving(cluster, names, ledger, move, next);
      await moving.copyAll(progress);
      await moving.finish();
      await sleep(grace);
      await clean(cluster, names);
    }
    // Otherwise what was written in the last seconds is not counted.
    await ledger.settle();
    return { papers: await countOf(cluster, names.papers, []), migrated: move !== null };
  } finally {
    await ledger.close();
    await cluster.close();
  }
}

const numberOf = (index: string): number => Number(/-(\d+)$/.exec(index)?.[1] ?? 0);

/** Starts a move, or continues one that was interrupted; with null, gives up that. */
async function begin(
  ledger: Ledger,
  { papers }: Names,
  current: string,
  wanted: { format: number; shards: number } | null,
): Promise<Move | null> {
  return ledger.write(async (draft) => {
    const { move } = draft;
    if (wanted === null) draft.move = null;
    else if (move === null || move.format !== wanted.format || move.shards !== wanted.shards) {
      const number = Math.max(numberOf(current), numberOf(move?.index ?? "")) + 1;
      draft.move = { index: `${papers}-${number}`, format: wanted.format, shards: wanted.shards };
    } else return move;
    // A row, because only changes of rows are stored.
    draft.put(idOf("move"), { kind: "move", ...draft.move });
    return draft.move;
  });
}

class Moving {
  readonly #cluster;
  readonly #names;
  readonly #ledger;
  readonly #move;
  /** An alias of the new index. */
  readonly #next;

  constructor(cluster: Cluster, names: Names, ledger: Ledger, move: Move, next: string) {
    this.#cluster = cluster;
    this.#names = names;
    this.#ledger = ledger;
    this.#move = move;
    this.#next = next;
  }

  /** Copies all papers, from where an earlier run has stopped. */
  async copyAll(progress: (done: number, total: number) => void): Promise<void> {
    // Searches must find all papers that changed before changes were noted.
    await this.#ledger.settle();
    const id = idOf("copied", this.#move.index);
    const rows = await this.#cluster.read<{ after: number }>(this.#names.rows, [id]);
    let after = rows.get(id)?.after ?? 0;
    const total = await countOf(this.#cluster, this.#names.papers, []);
    let done = await countOf(this.#cluster, this.#names.papers, [{ range: { label: { lte: after } } }]);
    for (;;) {
      progress(done, total);
      const { hits } = await this.#cluster.search(this.#names.papers, {
        query: { range: { label: { gt: after } } },
        sort: [{ label: "asc" }],
        size: PAGE,
        _source: false,
      });
      const labels = hits.hits.map(({ _id }) => Number(_id));
      if (labels.length === 0) return;
      await this.#copy(labels);
      after = labels.at(-1)!;
      done += labels.length;
      const source = { kind: "copied", after };
      await this.#cluster.write([{ index: this.#names.rows, id, version: after, source }]);
    }
  }

  /** Copies what has changed meanwhile, and lets the new index take the place of the old one. */
  async finish(): Promise<void> {
    const { index } = this.#move;
    const settings = { method: "PUT", path: `/${index}/_settings`, body: { refresh_interval: REFRESH } } as const;
    await this.#cluster.request(settings);
    while ((await this.#copyStale()) === PAGE);
    for (let switched = false; !switched;) {
      await this.#cluster.request({ method: "PUT", path: `/${index}/_alias/${switchOf(this.#names)}` });
      switched = await this.#ledger.write(async (draft) => {
        const { index: current } = await describe(this.#cluster, this.#names.papers);
        if (draft.move?.index !== index && current !== index)
          throw new KindredError("busy", "another process has started another migration: see which one is wanted");
        if (current !== index) {
          while ((await this.#copyStale()) > 0);
          await this.#compare();
          if (!(await this.#switch(current))) return false;
        }
        draft.format = this.#move.format;
        draft.move = null;
        draft.put(idOf("copied", index), null);
        draft.put(idOf("move"), null);
        return true;
      }, true);
    }
  }

  /** @returns Whether this process may still do so: another one may have waited too long for it. */
  async #switch(current: string): Promise<boolean> {
    const { index } = this.#move;
    const alias = this.#names.papers;
    const actions = [
      { remove: { index, alias: switchOf(this.#names), must_exist: true } },
      { remove: { index, alias: this.#next } },
      { remove: { index: current, alias } },
      { add: { index, alias } },
    ];
    const request = { method: "POST", path: "/_aliases", body: { actions } } as const;
    return (await this.#cluster.request(request, [404])).status !== 404;
  }

  /** @throws KindredError `damaged` when papers are missing from the new index. */
  async #compare(): Promise<void> {
    await this.#cluster.refresh(this.#next);
    const before = await countOf(this.#cluster, this.#names.papers, []);
    const after = await countOf(this.#cluster, this.#next, []);
    if (before !== after)
      throw new KindredError(
        "damaged",
        `${before} papers were to be copied, but ${this.#move.index} has ${after}: delete that index, and migrate again`,
      );
  }

  /** Copies some of the papers that have changed. @returns How many. */
  async #copyStale(): Promise<number> {
    const applied = await this.#ledger.settle();
    const { hits } = await this.#cluster.search<StaleRow>(this.#names.rows, {
      query: { term: { kind: "stale" } },
      sort: [{ label: "asc" }],
      size: PAGE,
    });
    // Papers of later changes may not be found yet.
    const stale = hits.hits.map(({ _source }) => _source).filter(({ change }) => change <= applied);
    const found = await this.#copy(stale.map(({ label }) => label));
    const gone = stale.filter(({ label }) => !found.has(label));
    const { rows } = this.#names;
    await this.#cluster.write([
      ...gone.map(({ label, change }): Change => this.#change(label, change, null)),
      // Not if the paper has changed again.
      ...stale.map(({ label, change }): Change => ({
        index: rows,
        id: idOf("stale", label),
        version: change,
        source: null,
      })),
    ]);
    if (stale.length > 0) await this.#cluster.refresh(rows);
    return stale.length;
  }

  /** Copies some papers. @returns The labels of those that exist. */
  async #copy(labels: readonly number[]): Promise<Set<number>> {
    const { hits } = await this.#cluster.search<PaperDocument>(this.#names.papers, {
      query: { terms: { label: labels } },
      size: labels.length,
      version: true,
      _source: STORED,
    });
    const papers = hits.hits;
    for (let from = 0; from < papers.length;) {
      const count = fitting(papers.slice(from).map(({ _source }) => _source.row));
      const some = papers.slice(from, from + count);
      await this.#cluster.write(
        some.map(({ _source: paper, _version: version }) =>
          this.#change(paper.label, version!, searchable(paper, titleKey(paper.row.title))),
        ),
      );
      from += count;
    }
    return new Set(papers.map(({ _id }) => Number(_id)));
  }

  /** One version later, so that a process that writes the change late does not replace it after the switch. */
  #change(label: number, version: number, source: Json | null): Change {
    return { index: this.#next, id: String(label), version: version + 1, source };
  }
}

/** Deletes indices that were replaced or given up, and what was noted for them. */
async function clean(cluster: Cluster, { papers, rows }: Names): Promise<void> {
  const ledger = new Ledger(cluster, { papers, rows }, () => true);
  await ledger.write(async ({ move }) => {
    const { body } = await cluster.request({ method: "GET", path: `/${papers}-*/_alias` });
    const { index: current } = await describe(cluster, papers);
    for (const index of Object.keys(body))
      if (/^-\d+$/.test(index.slice(papers.length)) && index !== current && index !== move?.index)
        await cluster.request({ method: "DELETE", path: `/${index}` }, [404]);
    if (move === null)
      await cluster.request({
        method: "POST",
        path: `/${rows}/_delete_by_query`,
        query: { conflicts: "proceed", refresh: true },
        body: { query: { term: { kind: "stale" } } },
      });
  }, true);
  await ledger.close();
}
