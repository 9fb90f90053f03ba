import { KindredError } from "../core/errors.js";
import { titleKey } from "../core/text.js";
import { recordOf } from "../store/imports.js";
import type { Jobs } from "../store/jobs.js";
import type { Lists } from "../store/lists.js";
import type { Undone } from "../api.js";
import { importBatch, replace } from "../engine/embedded-writer.js";
import { place, release } from "../engine/placing.js";
import type { Embedded, ImportBatch, ImportedBatch, Mappable, PendingText, Phase, Writer } from "../engine/writer.js";
import type { Cluster, Hit, Json } from "./cluster.js";
import { bytesOf, fitting, searchable, vectorOf, type PaperDocument } from "./document.js";
import type { Names } from "./indices.js";
import type { Draft, Ledger } from "./ledger.js";
import {
  countersOf,
  idOf,
  pendingOf,
  type EntriesRow,
  type ImportedRow,
  type ImportRow,
  type ListsRow,
  type LayoutsRow,
  type MapperRow,
  type MapRow,
  type OwnedDocument,
  type TextRow,
} from "./rows.js";
import type { Workspace } from "./workspace.js";

/** The newest imports, which can be undone, as in `store/imports.ts`. */
const KEPT = 20;
/** Papers restored by one change; rows, and papers with new embeddings, changed by one change; papers read at a time. */
const RESTORED = 200;
const CHANGED = 500;
const DESCRIBED = 500;
const READ = 2_000;
/** Longest stored reason, in characters. */
const REASON = 1_000;

export class OpenSearchWriter implements Writer {
  readonly #cluster;
  readonly #names;
  readonly #ledger;
  readonly #workspace;
  #indexing = false;

  constructor(cluster: Cluster, names: Names, ledger: Ledger, workspace: Workspace) {
    this.#cluster = cluster;
    this.#names = names;
    this.#ledger = ledger;
    this.#workspace = workspace;
  }

  importBatch: Writer["importBatch"] = async (batch) => {
    const { records, ids } = batch;
    const count = fitting(records);
    if (count === records.length) return this.#importAtOnce(batch);
    const part = (from: number, to?: number) => ({
      records: records.slice(from, to),
      ...(ids !== undefined && { ids: { ...ids, keys: ids.keys.slice(from, to) } }),
    });
    // The caller's rows are stored last: if they are missing after a kill, it brings the same records again.
    const first = await this.importBatch({ ...batch, ...part(0, count), rows: [], last: false });
    const rest = await this.importBatch({ ...batch, ...part(count), number: first.number });
    return { number: first.number, papers: [...first.papers, ...rest.papers] };
  };

  async #importAtOnce(batch: ImportBatch): Promise<ImportedBatch> {
    const { records, rows = [], each, ids, number } = batch;
    const keys = [
      ...rows,
      ...(ids === undefined ? [] : ids.keys.flatMap((key) => (key === undefined ? [] : { owner: ids.owner, key }))),
    ];
    const { owner = "", key = "", others = [] } = each ?? {};
    const result = await this.#ledger.write((draft) =>
      this.#workspace.change(
        draft,
        {
          records,
          owned: (of) => [
            ...keys.map((row) => ({ owner: row.owner, key: row.key })),
            ...(each === undefined
              ? []
              : of.flatMap((id) => [key, ...others].map((start) => ({ owner, key: start + id })))),
          ],
          ...(each?.list !== undefined && { lists: [each.list] }),
          ...(number !== null && { import: number }),
        },
        (store) => importBatch(store, batch),
      ),
    );
    if (number === null && result.number !== null) await this.#forgetImports(result.number - KEPT);
    return result;
  }

  /** Deletes what imports up to a number have done: they cannot be undone any more. */
  async #forgetImports(last: number): Promise<void> {
    if (last < 1) return;
    const query = { bool: { filter: [{ term: { kind: "imported" } }, { range: { import: { lte: last } } }] } };
    await this.#cluster.request({
      method: "POST",
      path: `/${this.#names.rows}/_delete_by_query`,
      query: { conflicts: "proceed", wait_for_completion: false },
      body: { query },
    });
  }

  undo: Writer["undo"] = async (number) => {
    const undone: Undone = { removed: 0, restored: 0, kept: 0 };
    const kept = new Set<number>();
    for (let after = 0; ;) {
      const last = await this.#ledger.write(async (draft) => {
        const row = await this.#undoable(draft, number);
        if (after === 0)
          draft.put(idOf("import", number), { ...row, finished: row.finished ?? new Date().toISOString() });
        await this.#ledger.settle();
        const steps = await this.#done(number, after);
        const later = await this.#laterThan(
          number,
          steps.map(({ label }) => label),
        );
        const records = steps.map((step) => {
          const record = recordOf(step.outcome, step.before);
          if (record === undefined)
            throw new KindredError(
              "damaged",
              `import ${number} was not undone: its record of the paper with label ${step.label} cannot be read`,
            );
          return { label: step.label, ...record };
        });
        const change = { removed: 0, restored: 0 };
        await this.#workspace.change(draft, { labels: steps.map(({ label }) => label) }, (store) => {
          for (const { label, outcome, before } of records) {
            if (later.has(label)) continue;
            if (before !== undefined) change.restored += store.papers.restore(label, before) ? 1 : 0;
            else if (outcome === "added") change.removed += store.papers.removeLabel(label) ? 1 : 0;
          }
        });
        const end = steps.length < RESTORED;
        if (end && kept.size + later.size === 0)
          draft.put(idOf("import", number), {
            ...row,
            finished: row.finished ?? new Date().toISOString(),
            undone: new Date().toISOString(),
          });
        return { label: steps.at(-1)?.label ?? 0, end, later, change };
      });
      for (const label of last.later) kept.add(label);
      undone.removed += last.change.removed;
      undone.restored += last.change.restored;
      undone.kept = kept.size;
      if (last.end) break;
      after = last.label;
    }
    if (kept.size > 0) await this.#forgetDone(number, kept);
    return undone;
  };

  async #undoable(draft: Draft, number: number): Promise<ImportRow> {
    const row = (await draft.rows<ImportRow>([idOf("import", number)])).get(idOf("import", number));
    const parameter = { parameter: "import" };
    if (row === undefined)
      throw new KindredError("not-found", `there is no import ${number}: api/imports lists them`, parameter);
    if (row.undone !== null) throw new KindredError("invalid", `import ${number} was already undone`, parameter);
    if (number <= (await countersOf(draft)).imports - KEPT)
      throw new KindredError("invalid", `import ${number} is too old: the last ${KEPT} can be undone`, parameter);
    return row;
  }

  /** What an import has done to papers, by label. */
  async #done(number: number, after: number): Promise<ImportedRow[]> {
    const filter = [{ term: { kind: "imported" } }, { term: { import: number } }, { range: { label: { gt: after } } }];
    const query = { bool: { filter, must_not: [{ term: { outcome: "unchanged" } }] } };
    const found = await this.#search<ImportedRow>({ query, sort: [{ label: "asc" }], size: RESTORED });
    return found.map(({ _source }) => _source);
  }

  /** Those of some papers that a later import, which was not undone, has brought as well. */
  async #laterThan(number: number, labels: readonly number[]): Promise<Set<number>> {
    const filter = [
      { term: { kind: "imported" } },
      { range: { import: { gt: number } } },
      { terms: { label: labels } },
    ];
    const found = await this.#search<ImportedRow>({ query: { bool: { filter } }, size: KEPT * RESTORED });
    const numbers = [...new Set(found.map(({ _source }) => _source.import))];
    const imports = await this.#cluster.read<ImportRow>(
      this.#names.rows,
      numbers.map((one) => idOf("import", one)),
    );
    const undone = new Set([...imports.values()].flatMap((row) => (row.undone === null ? [] : row.import)));
    return new Set(found.flatMap(({ _source }) => (undone.has(_source.import) ? [] : _source.label)));
  }

  async #forgetDone(number: number, but: ReadonlySet<number>): Promise<void> {
    for (let after = 0; ;) {
      const last = await this.#ledger.write(async (draft) => {
        await this.#ledger.settle();
        const done = await this.#done(number, after);
        for (const { label } of done) if (!but.has(label)) draft.put(idOf("imported", number, label), null);
        return done.length < RESTORED ? null : done.at(-1)!.label;
      });
      if (last === null) return;
      after = last;
    }
  }

  remove: Writer["remove"] = (id) =>
    this.#ledger.write((draft) => this.#workspace.change(draft, { ids: [id] }, (store) => store.papers.remove(id)));

  createList: Writer["createList"] = (name) => this.#changeLists([name], (lists) => void lists.create(name));
  renameList: Writer["renameList"] = ({ name, to, own }) =>
    this.#ledger.write((draft) =>
      this.#workspace.change(
        draft,
        { lists: [name], owned: () => [...(own?.read ?? []), ...(own?.rows ?? [])] },
        (store) => {
          if (own !== undefined && !replace(store, own)) return false;
          store.lists.rename(name, to);
          return true;
        },
      ),
    );
  deleteList: Writer["deleteList"] = (name) => this.#changeLists([name], (lists) => lists.delete(name));
  addToList: Writer["addToList"] = ({ name, id }) => this.#changeLists([name], (lists) => void lists.add(name, id));

  #changeLists(names: string[], work: (lists: Lists) => void): Promise<void> {
    return this.#ledger.write((draft) => this.#workspace.change(draft, { lists: names }, (store) => work(store.lists)));
  }

  removeFromList: Writer["removeFromList"] = ({ name, id }) =>
    this.#ledger.write((draft) =>
      this.#workspace.change(draft, { ids: [id], lists: [name] }, (store) =>
        store.papers.idsOf(id).forEach((one) => store.lists.remove(name, one)),
      ),
    );

  place: Writer["place"] = (change) =>
    this.#ledger.write((draft) => {
      const all = [...change.into, ...change.out];
      const owned = all.flatMap(({ owner, key, made }) => [key, made].map((one) => ({ owner, key: one })));
      return this.#workspace.change(draft, { lists: all.map(({ list }) => list), owned: () => owned }, (store) =>
        place(store, change),
      );
    });

  release: Writer["release"] = (change) =>
    this.#ledger.write((draft) => {
      const { owner, keys, ids, others } = change;
      const owned = (of: readonly string[]) => [
        ...keys.map((key) => ({ owner, key })),
        ...of.flatMap((id) => others.map((other) => ({ owner, key: other + id }))),
      ];
      return this.#workspace.change(draft, { ids, lists: true, notes: true, owned }, (store) => release(store, change));
    });

  note: Writer["note"] = ({ id, note }) =>
    this.#ledger.write((draft) =>
      this.#workspace.change(draft, { ids: [id], notes: true }, (store) =>
        store.papers.idsOf(id).forEach((one) => store.lists.note(one, note)),
      ),
    );

  importVersion: Writer["importVersion"] = async () => {
    const rows = await this.#cluster.read<{ changes: number }>(this.#names.rows, [idOf("counters")]);
    return String(rows.get(idOf("counters"))?.changes ?? 0);
  };

  countPapers: Writer["countPapers"] = async () => {
    const found = await this.#cluster.read<{ count: number }>(this.#names.rows, [idOf("counters")]);
    return found.get(idOf("counters"))?.count ?? 0;
  };

  /** Any number of processes may. */
  startIndexing: Writer["startIndexing"] = async () => {
    if (this.#indexing) return false;
    this.#indexing = true;
    return true;
  };

  stopIndexing: Writer["stopIndexing"] = async () => {
    this.#indexing = false;
  };

  countPending: Writer["countPending"] = async (phase) => {
    await this.#ledger.settle();
    return this.#count(this.#names.rows, [{ term: { kind: "text" } }, { term: { pending: phase } }]);
  };

  firstPending: Writer["firstPending"] = async ({ phase, after }) => {
    await this.#ledger.settle();
    const state = phase === "vectors" ? "vector" : "sentences";
    const query = {
      bool: { filter: [{ range: { label: { gt: after } } }], must_not: [{ terms: { state: [state, "failed"] } }] },
    };
    const { hits } = await this.#cluster.search(this.#names.papers, {
      query,
      sort: [{ label: "asc" }],
      size: 1,
      _source: false,
    });
    return hits.hits[0] === undefined ? null : Number(hits.hits[0]._id);
  };

  takePending: Writer["takePending"] = ({ phase, after, limit, holder, now, until }) =>
    this.#ledger.write(async (draft) => {
      await this.#ledger.settle();
      const texts: PendingText[] = [];
      let held = false;
      for (let from = after; ;) {
        const filter = [{ term: { kind: "text" } }, { term: { pending: phase } }, { range: { label: { gt: from } } }];
        const found = await this.#search<TextRow>({
          query: { bool: { filter } },
          sort: [{ label: "asc" }],
          size: CHANGED,
          _source: false,
        });
        const rows = await draft.rows<TextRow>(found.map(({ _id }) => _id));
        for (const [id, text] of rows) {
          if (texts.length === limit) break;
          if (!text.pending.includes(phase)) continue;
          const lease = text.leases[phase];
          if (lease !== undefined && lease.until > now) {
            held ||= lease.holder !== holder;
            continue;
          }
          const leases = { ...text.leases, [phase]: { holder, until } };
          draft.put(id, { ...text, leases, holders: holdersOf(leases) });
          const { label, hash, title, abstract } = text;
          texts.push({ label, hash: Buffer.from(hash, "hex"), title, abstract });
        }
        if (found.length < CHANGED || texts.length === limit) return { texts, held };
        from = Number(found.at(-1)!.sort![0]);
      }
    });

  releasePending: Writer["releasePending"] = async (holder) => {
    for (;;) {
      const more = await this.#ledger.write(async (draft) => {
        await this.#ledger.settle();
        const found = await this.#search({
          query: { bool: { filter: [{ term: { holders: holder } }] } },
          size: CHANGED,
          _source: false,
        });
        for (const [id, text] of await draft.rows<TextRow>(found.map(({ _id }) => _id))) {
          const leases = Object.fromEntries(Object.entries(text.leases).filter(([, lease]) => lease.holder !== holder));
          draft.put(id, { ...text, leases, holders: holdersOf(leases) });
        }
        return found.length === CHANGED;
      });
      if (!more) return;
    }
  };

  putEmbedded: Writer["putEmbedded"] = (results) => {
    const idOfResult = ({ hash }: Embedded) => idOf("text", Buffer.from(hash).toString("hex"));
    return this.#changeTexts(results.map(idOfResult), (texts) => {
      const changed = new Map<string, TextRow>();
      for (const result of results) {
        const id = idOfResult(result);
        const text = changed.get(id) ?? texts.get(id);
        if (text !== undefined && text.labels.length > 0) changed.set(id, embeddedText(text, result));
      }
      return changed;
    });
  };

  retryFailed: Writer["retryFailed"] = async () => {
    for (;;) {
      await this.#ledger.settle();
      const query = { bool: { filter: [{ term: { failed: true } }] } };
      const found = await this.#search({ query, size: CHANGED, _source: false });
      await this.#changeTexts(
        found.map(({ _id }) => _id),
        (texts) =>
          new Map(
            Array.from(texts, ([id, text]) => {
              const again = { ...text, failure: null };
              return [id, { ...again, failed: false, pending: pendingOf(again) }];
            }),
          ),
      );
      if (found.length < CHANGED) return;
    }
  };

  /**
   * Changes texts, and writes the papers that have them again: in several changes, if there are many. The texts come last, so if
   * the process ends before that, they are taken again.
   */
  async #changeTexts(
    ids: readonly string[],
    changedOf: (texts: ReadonlyMap<string, TextRow>) => Map<string, TextRow>,
  ): Promise<void> {
    const described = new Set<number>();
    for (;;) {
      const labels = await this.#ledger.write(async (draft) => {
        const changed = changedOf(await draft.rows<TextRow>(ids));
        const papers = [...changed.values()].flatMap((text) => text.labels.map((label) => ({ label, text })));
        const left = papers.filter(({ label }) => !described.has(label));
        if (left.length <= DESCRIBED) for (const [id, text] of changed) draft.put(id, text);
        await this.#describe(draft, left.slice(0, DESCRIBED));
        return left.map(({ label }) => label);
      });
      if (labels.length <= DESCRIBED) return;
      for (const label of labels.slice(0, DESCRIBED)) described.add(label);
    }
  }

  /** Writes papers again, each with its text. */
  async #describe(draft: Draft, all: readonly { label: number; text: TextRow }[]): Promise<void> {
    const papers = await draft.papers<PaperDocument>(all.map(({ label }) => label));
    for (const { label, text } of all) {
      const paper = papers.get(label);
      if (paper === undefined) continue;
      const { row, identifiers, changed, hash } = paper;
      const document = {
        label,
        row,
        identifiers,
        changed,
        hash,
        embedding: text.embedding,
        failed: text.failure !== null,
      };
      draft.putPaper(label, searchable(document, titleKey(row.title)));
    }
  }

  forgetUnused: Writer["forgetUnused"] = () =>
    this.#ledger.write(async (draft) => {
      await this.#ledger.settle();
      const found = await this.#search({
        query: { bool: { filter: [{ term: { unused: true } }] } },
        size: CHANGED,
        _source: false,
      });
      for (const [id, { labels }] of await draft.rows<TextRow>(found.map(({ _id }) => _id)))
        if (labels.length === 0) draft.put(id, null);
      return found.length === CHANGED;
    });

  leaseMap: Writer["leaseMap"] = ({ holder, now, until }) =>
    this.#ledger.write(async (draft) => {
      const known = (await draft.rows<MapperRow>([idOf("mapper")])).get(idOf("mapper"));
      if (known !== undefined && known.holder !== holder && known.until > now) return false;
      draft.put(idOf("mapper"), { kind: "mapper", holder, until } satisfies MapperRow);
      return true;
    });

  releaseMap: Writer["releaseMap"] = (holder) =>
    this.#ledger.write(async (draft) => {
      const known = (await draft.rows<MapperRow>([idOf("mapper")])).get(idOf("mapper"));
      if (known?.holder === holder) draft.put(idOf("mapper"), null);
    });

  mapState: Writer["mapState"] = async () => {
    await this.#ledger.settle();
    const rows = await this.#cluster.read<MapRow & { changes: number }>(this.#names.rows, [
      idOf("map"),
      idOf("counters"),
    ]);
    const map = rows.get(idOf("map"));
    const vectors = await this.#count(this.#names.papers, [{ term: { state: "vector" } }]);
    return {
      map: map?.map ?? null,
      change: rows.get(idOf("counters"))?.changes ?? 0,
      pending: Math.max(0, vectors - (await countPoints(this.#cluster, this.#names, map))),
    };
  };

  mappable: Writer["mappable"] = async ({ after, limit }) => {
    await this.#ledger.settle();
    const map = (await this.#cluster.read<MapRow>(this.#names.rows, [idOf("map")])).get(idOf("map"));
    const papers: Mappable[] = [];
    for (let from = after; ;) {
      const size = Math.min(READ, limit - papers.length);
      const filter = [{ term: { state: "vector" } }, { range: { label: { gt: from } } }];
      const { hits } = await this.#cluster.search<PaperDocument>(this.#names.papers, {
        query: { bool: { filter } },
        sort: [{ label: "asc" }],
        size,
        _source: ["label", "row.title", "embedding.vector", "embedding.scale"],
      });
      const labels = hits.hits.map(({ _source }) => _source.label);
      const points =
        map === undefined
          ? new Map()
          : await this.#cluster.read<{ x: number; y: number }>(
              this.#names.rows,
              labels.map((label) => idOf("point", map.layout, label)),
            );
      for (const {
        _source: { label, row, embedding },
      } of hits.hits) {
        const point = map === undefined ? undefined : points.get(idOf("point", map.layout, label));
        papers.push({
          label,
          title: row.title,
          vector: vectorOf(embedding)!,
          point: point === undefined ? null : { x: point.x, y: point.y },
        });
      }
      if (hits.hits.length < size || papers.length === limit) return papers;
      from = labels.at(-1)!;
    }
  };

  putMap: Writer["putMap"] = async ({ labels, places, replace, change, map }) => {
    const mapIn = async (draft: Draft) => (await draft.rows<MapRow>([idOf("map")])).get(idOf("map"));
    const known = await this.#ledger.write(mapIn);
    // Another process may make a map at the same time: each new layout has a number of its own.
    const layout =
      replace || known === undefined
        ? await this.#ledger.write(async (draft) => {
            const last = (await draft.rows<LayoutsRow>([idOf("layouts")])).get(idOf("layouts"))?.last ?? 0;
            draft.put(idOf("layouts"), { kind: "layouts", last: last + 1 });
            return last + 1;
          })
        : known.layout;
    // Points of a new layout count when its map is stored.
    for (let from = 0; from < labels.length; from += CHANGED)
      await this.#ledger.write(async (draft) => {
        const some = Array.from(labels.subarray(from, from + CHANGED));
        const papers = await draft.papers<PaperDocument>(some);
        for (const [i, label] of some.entries()) {
          const paper = papers.get(label);
          if (paper === undefined || paper.changed > change) continue;
          const [x, y] = [places[2 * (from + i)]!, places[2 * (from + i) + 1]!];
          draft.put(idOf("point", layout, label), { kind: "point", layout, label, x, y });
        }
      });
    const stored = await this.#ledger.write(async (draft) => {
      const present = await mapIn(draft);
      // Points of an earlier layout may be deleted already.
      if (present?.layout !== known?.layout) return false;
      draft.put(idOf("map"), { kind: "map", version: (present?.version ?? 0) + 1, layout, map });
      return true;
    });
    if (!stored) return;
    const query = { bool: { filter: [{ term: { kind: "point" } }, { range: { layout: { lt: layout } } }] } };
    await this.#cluster.request({
      method: "POST",
      path: `/${this.#names.rows}/_delete_by_query`,
      query: { conflicts: "proceed", wait_for_completion: false },
      body: { query },
    });
  };

  putOwned: Writer["putOwned"] = (rows) =>
    this.#ledger.write(async (draft) => {
      for (const { owner, key, value } of rows)
        draft.put(idOf("owned", owner, key), value === null ? null : { kind: "owned", owner, key, value });
    });

  replaceOwned: Writer["replaceOwned"] = (replacement) =>
    this.#ledger.write((draft) => {
      const owned = [...replacement.read, ...replacement.rows];
      return this.#workspace.change(draft, { owned: () => owned }, (store) => replace(store, replacement));
    });

  removeOwned: Writer["removeOwned"] = async ({ owner, prefix }) => {
    for (;;) {
      const more = await this.#ledger.write(async (draft) => {
        await this.#ledger.settle();
        const query = ownedQuery(owner, prefix);
        const found = await this.#search<OwnedDocument>({ query, size: CHANGED, _source: false });
        for (const { _id } of found) draft.put(_id, null);
        return found.length === CHANGED;
      });
      if (!more) return;
    }
  };

  addJob: Writer["addJob"] = (job) => this.#changeJobs((jobs) => jobs.add(job));
  removeJob: Writer["removeJob"] = (name) => this.#changeJobs((jobs) => jobs.remove(name));
  takeJob: Writer["takeJob"] = (wanted) => this.#changeJobs((jobs) => jobs.take(wanted, (work) => work()));
  renewJob: Writer["renewJob"] = (lease) => this.#changeJobs((jobs) => jobs.renew(lease));
  finishJob: Writer["finishJob"] = (ended) => this.#changeJobs((jobs) => jobs.finish(ended));

  #changeJobs<T>(work: (jobs: Jobs) => T): Promise<T> {
    return this.#ledger.write((draft) => this.#workspace.changeJobs(draft, (store) => work(store.jobs)));
  }

  async #search<S>(body: Json): Promise<Hit<S>[]> {
    return (await this.#cluster.search<S>(this.#names.rows, body)).hits.hits;
  }

  async #count(index: string, filter: Json[]): Promise<number> {
    return countOf(this.#cluster, index, filter);
  }
}

/** A text with what became of it. */
function embeddedText(text: TextRow, result: Embedded): TextRow {
  const leases = { ...text.leases };
  if (!("sentences" in result)) delete leases.vectors;
  if (!("vector" in result)) delete leases.sentences;
  const embedding = { ...text.embedding };
  if ("vector" in result && embedding.vector === undefined)
    Object.assign(embedding, { vector: bytesOf(result.vector.vector), scale: result.vector.scale });
  if ("sentences" in result && embedding.sketches === undefined)
    Object.assign(embedding, { spans: bytesOf(result.sentences.spans), sketches: bytesOf(result.sentences.sketches) });
  const failure =
    "failed" in result ? { reason: result.failed.reason.slice(0, REASON), tries: result.failed.tries } : text.failure;
  const changed = { ...text, embedding, failure, leases, holders: holdersOf(leases) };
  return { ...changed, ...(failure !== null && { failed: true }), pending: pendingOf(changed) };
}

const holdersOf = (leases: Partial<Record<Phase, { holder: string }>>): string[] => [
  ...new Set(Object.values(leases).map(({ holder }) => holder)),
];

export const ownedQuery = (owner: string, prefix: string): Json => ({
  bool: {
    filter: [{ term: { kind: "owned" } }, { term: { owner } }, ...(prefix === "" ? [] : [{ prefix: { key: prefix } }])],
  },
});

export async function countOf(cluster: Cluster, index: string, filter: Json[]): Promise<number> {
  const { hits } = await cluster.search(index, { query: { bool: { filter } }, size: 0, track_total_hits: true });
  return hits.total!.value;
}

export const countPoints = async (cluster: Cluster, names: Names, map: MapRow | undefined): Promise<number> =>
  map === undefined ? 0 : countOf(cluster, names.rows, [{ term: { kind: "point" } }, { term: { layout: map.layout } }]);

export type { EntriesRow, ListsRow };
