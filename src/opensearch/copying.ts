import { titleKey } from "../core/text.js";
import { textHash } from "../store/row.js";
import type { CopiedMap, CopiedPaper, Copying, Kept } from "../engine/copying.js";
import type { OwnedRow } from "../engine/writer.js";
import { all, type Cluster, type Json } from "./cluster.js";
import {
  bytesOf,
  fitting,
  searchable,
  sentencesOf,
  titleHash,
  vectorOf,
  type Embedding,
  type PaperDocument,
} from "./document.js";
import type { Names } from "./indices.js";
import type { Draft, Ledger } from "./ledger.js";
import {
  countersOf,
  idOf,
  pendingOf,
  type EntriesRow,
  type LabelsRow,
  type ListsRow,
  type MapRow,
  type NoteRow,
  type OwnedDocument,
  type PointRow,
  type TextRow,
} from "./rows.js";

export class OpenSearchCopying implements Copying {
  readonly #cluster;
  readonly #names;
  readonly #ledger;
  /** Settles when all papers that were given are stored. */
  #stored = Promise.resolve();

  constructor(cluster: Cluster, names: Names, ledger: Ledger) {
    this.#cluster = cluster;
    this.#names = names;
    this.#ledger = ledger;
  }

  async newest(): Promise<number> {
    const rows = await this.#cluster.read<{ papers: number }>(this.#names.rows, [idOf("counters")]);
    return rows.get(idOf("counters"))?.papers ?? 0;
  }

  async papers(after: number, limit: number): Promise<CopiedPaper[]> {
    await this.#ledger.settle();
    const { hits } = await this.#cluster.search<PaperDocument>(this.#names.papers, {
      query: { range: { label: { gt: after } } },
      sort: [{ label: "asc" }],
      size: limit,
      _source: ["label", "row", "identifiers", "hash"],
    });
    const papers = hits.hits.map(({ _source }) => _source);
    const texts = await this.#cluster.read<TextRow>(
      this.#names.rows,
      papers.map(({ hash }) => idOf("text", hash)),
    );
    return papers.map(({ label, row, identifiers, hash }) => {
      const { embedding = {}, failure = null } = texts.get(idOf("text", hash)) ?? {};
      const names = identifiers.map(([kind, value]) => ({ kind, value }));
      return {
        label,
        row,
        identifiers: names,
        vector: vectorOf(embedding),
        sentences: sentencesOf(embedding),
        failure,
      };
    });
  }

  async kept(): Promise<Kept> {
    await this.#ledger.settle();
    const { lists = [] } = (await this.#rows<ListsRow>([idOf("lists")])).get(idOf("lists")) ?? {};
    const entries = await this.#rows<EntriesRow>(lists.map(({ list }) => idOf("entries", list)));
    const notes = await all<NoteRow>(this.#cluster, this.#names.rows, { term: { kind: "note" } }, "key");
    return {
      lists: lists.map((list) => ({ ...list, entries: entries.get(idOf("entries", list.list))?.entries ?? [] })),
      notes: notes.map(({ key, note, changed }) => ({ id: key, note, changed })),
    };
  }

  async owned({ owner, key }: { owner: string; key: string }, limit: number): Promise<OwnedRow[]> {
    await this.#ledger.settle();
    const { hits } = await this.#cluster.search<OwnedDocument>(this.#names.rows, {
      query: { term: { kind: "owned" } },
      sort: [{ owner: "asc" }, { key: "asc" }],
      size: limit,
      search_after: [owner, key],
    });
    return hits.hits.map(({ _source: row }) => ({ owner: row.owner, key: row.key, value: row.value }));
  }

  async map(): Promise<CopiedMap | null> {
    await this.#ledger.settle();
    const row = (await this.#rows<MapRow>([idOf("map")])).get(idOf("map"));
    if (row === undefined) return null;
    const query = { bool: { filter: [{ term: { kind: "point" } }, { term: { layout: row.layout } }] } };
    const points = await all<PointRow>(this.#cluster, this.#names.rows, query, "label");
    return { map: row.map, points: points.map(({ label, x, y }) => [label, x, y]) };
  }

  putPapers(papers: readonly CopiedPaper[]): Promise<void> {
    for (let from = 0; from < papers.length;) {
      const count = fitting(papers.slice(from).map(({ row }) => row));
      const documents = papers.slice(from, from + count).map((paper) => ({ paper, document: documentOf(paper) }));
      // If some are not stored, those after them must not be: a copy continues after the last paper.
      this.#stored = this.#stored.then(() => this.#put(documents));
      from += count;
    }
    return this.#stored;
  }

  #put(documents: readonly { paper: CopiedPaper; document: Json }[]): Promise<void> {
    const papers = documents.map(({ paper }) => paper);
    return this.#ledger.write(async (draft) => {
      const counters = await countersOf(draft);
      const names = await this.#labels(
        draft,
        "name",
        papers.flatMap(({ label, identifiers }) =>
          identifiers.map(({ kind, value }) => ({ id: idOf("name", kind, value), label })),
        ),
      );
      const titles = await this.#labels(
        draft,
        "title",
        papers.flatMap(({ label, row }) => {
          const key = titleKey(row.title);
          return key === "" ? [] : [{ id: idOf("title", titleHash(key)), label }];
        }),
      );
      for (const [id, row] of [...names, ...titles]) draft.put(id, row);
      const hashes = papers.map(hashOf);
      const texts = await draft.rows<TextRow>(hashes.map((hash) => idOf("text", hash)));
      let { changes } = counters;
      for (const [i, { paper, document }] of documents.entries()) {
        const id = idOf("text", hashes[i]!);
        const text = textOf(paper, hashes[i]!, texts.get(id));
        texts.set(id, text);
        draft.put(id, text);
        draft.putPaper(paper.label, { ...document, changed: ++changes });
      }
      const last = Math.max(counters.papers, ...papers.map(({ label }) => label));
      draft.put(idOf("counters"), {
        kind: "counters",
        ...counters,
        papers: last,
        changes,
        count: counters.count + papers.length,
      });
    });
  }

  /** Rows of names or titles, to which the labels of papers were added. */
  async #labels(
    draft: Draft,
    kind: LabelsRow["kind"],
    added: readonly { id: string; label: number }[],
  ): Promise<Map<string, LabelsRow>> {
    const found = await draft.rows<LabelsRow>(added.map(({ id }) => id));
    const rows = new Map<string, LabelsRow>();
    for (const { id, label } of added) {
      const labels = new Set([...((rows.get(id) ?? found.get(id))?.labels ?? []), label]);
      rows.set(id, { kind, labels: [...labels].toSorted((a, b) => a - b) });
    }
    return rows;
  }

  putKept({ lists, notes }: Kept, newest: number): Promise<void> {
    return this.#ledger.write(async (draft) => {
      await this.#ledger.settle();
      const counters = await countersOf(draft);
      const before = (await draft.rows<ListsRow>([idOf("lists")])).get(idOf("lists"))?.lists ?? [];
      for (const { list } of before) draft.put(idOf("entries", list), null);
      for (const { key } of await all<NoteRow>(this.#cluster, this.#names.rows, { term: { kind: "note" } }, "key"))
        draft.put(idOf("note", key), null);
      draft.put(idOf("lists"), { kind: "lists", lists: lists.map(({ entries: _entries, ...list }) => list) });
      for (const { list, entries } of lists) draft.put(idOf("entries", list), { kind: "entries", list, entries });
      for (const { id, note, changed } of notes) draft.put(idOf("note", id), { kind: "note", key: id, note, changed });
      draft.put(idOf("counters"), {
        kind: "counters",
        ...counters,
        papers: Math.max(counters.papers, newest),
        lists: Math.max(counters.lists, ...lists.map(({ list }) => list)),
      });
    });
  }

  #rows<S>(ids: readonly string[]): Promise<Map<string, S>> {
    return this.#cluster.read<S>(this.#names.rows, ids);
  }
}

const hashOf = ({ row }: CopiedPaper): string => textHash(row.title, row.abstract).toString("hex");

const embeddingOf = ({ vector, sentences }: CopiedPaper): Embedding => ({
  ...(vector !== null && { vector: bytesOf(vector.vector), scale: vector.scale }),
  ...(sentences !== null && { spans: bytesOf(sentences.spans), sketches: bytesOf(sentences.sketches) }),
});

/** The document of a paper, without the number of its change. */
function documentOf(paper: CopiedPaper): Json {
  const { label, row, identifiers, failure } = paper;
  const names = identifiers.map(({ kind, value }): [string, string] => [kind, value]);
  const stored = { label, row, identifiers: names, changed: 0, hash: hashOf(paper), failed: failure !== null };
  return searchable({ ...stored, embedding: embeddingOf(paper) }, titleKey(row.title));
}

/** The row of a paper's text, with what is known of it. */
function textOf(paper: CopiedPaper, hash: string, known: TextRow | undefined): TextRow {
  const { label, row, failure } = paper;
  const labels = [...new Set([...(known?.labels ?? []), label])];
  const text: TextRow = {
    kind: "text",
    hash,
    label: labels[0]!,
    labels,
    title: row.title,
    abstract: row.abstract,
    embedding: embeddingOf(paper),
    failure,
    pending: [],
    leases: {},
    holders: [],
    unused: false,
  };
  return { ...text, pending: pendingOf(text), ...(failure !== null && { failed: true }) };
}
