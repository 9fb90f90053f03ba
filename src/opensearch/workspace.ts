/**
 * Changes papers, lists and imports by the code of the embedded engine: what a change may touch is read into a database in
 * memory, the change is made there, and what it has changed is written as documents.
 */
import { doiOfArxiv, normalizeUrl } from "../core/identifiers.js";
import { listKey, opposite } from "../core/list.js";
import type { PaperRecord } from "../core/paper.js";
import { titleKey } from "../core/text.js";
import type { Database } from "../store/database.js";
import { derivedId, idOfTitle } from "../store/identity.js";
import { textHash, type Row } from "../store/row.js";
import { Store, type ModelIdentity } from "../store/store.js";
import { searchable, titleHash, type PaperDocument, type PaperRow } from "./document.js";
import type { Draft } from "./ledger.js";
import {
  countersOf,
  idOf,
  pendingOf,
  type EntriesRow,
  type ImportedRow,
  type ImportRow,
  type JobsRow,
  type LabelsRow,
  type ListsRow,
  type MapRow,
  type NoteRow,
  type OwnedDocument,
  type TextRow,
} from "./rows.js";

/** What a change may touch. */
export type Scope = {
  records?: readonly PaperRecord[];
  /** Ids of papers. */
  ids?: readonly string[];
  labels?: readonly number[];
  /** Keys of owned rows, for the ids of the papers above. */
  owned?: (ids: readonly string[]) => { owner: string; key: string }[];
  /** Names of lists whose entries may change; all of them if true. */
  lists?: readonly string[] | true;
  /** Whether notes on the papers above matter. */
  notes?: boolean;
  import?: number;
};

/** Papers with one title that are compared, and tables that a change may touch besides papers and identifiers. */
const TITLED = 10;
const TABLES = {
  lists: ["list"],
  entries: ["list", "id"],
  notes: ["id"],
  imports: ["import"],
  imported: ["import", "label"],
  owned: ["owner", "key"],
} as const;
type Table = keyof typeof TABLES;
type Content = Map<string, Record<string, unknown>>;

type Identifiers = Map<string, { kind: string; value: string; label: number }>;

type Name = { kind: string; value: string };

/** The names under which a record may find papers. */
function namesIn(record: PaperRecord): Name[] {
  const { id, key, doi, arxiv, url } = record;
  const ids = [id, key].filter((one) => one !== undefined);
  const at = url === undefined ? undefined : normalizeUrl(url);
  return [
    ...ids.flatMap((value) => [
      { kind: "id", value },
      { kind: "given", value },
    ]),
    { kind: "id", value: derivedId(record) },
    { kind: "id", value: idOfTitle(record) },
    ...(doi === undefined ? [] : [{ kind: "doi", value: doi }]),
    ...(arxiv === undefined
      ? []
      : [
          { kind: "arxiv", value: arxiv },
          { kind: "doi", value: doiOfArxiv(arxiv) },
        ]),
    ...(at === undefined ? [] : [{ kind: "url", value: at }]),
  ];
}

/** The names that are written with a paper. */
function namesOfRow(row: Pick<PaperRow, "id" | "doi" | "arxiv">): Name[] {
  const { id, doi, arxiv } = row;
  return [
    { kind: "id", value: id },
    ...(doi === null ? [] : [{ kind: "doi", value: doi }]),
    ...(arxiv === null
      ? []
      : [
          { kind: "arxiv", value: arxiv },
          { kind: "doi", value: doiOfArxiv(arxiv) },
        ]),
  ];
}

export class Workspace {
  readonly #store;
  readonly #database: Database;

  constructor(model: ModelIdentity) {
    ({ store: this.#store, database: this.#database } = Store.inMemory(model));
  }

  close(): void {
    this.#store.close();
  }

  /** Runs `work` on what is in the scope, and writes what it has changed. */
  async change<T>(draft: Draft, scope: Scope, work: (store: Store) => T): Promise<T> {
    const papers = await this.#load(draft, scope);
    const before = this.#content();
    const identifiers = this.#identifiers();
    const result = this.#store.write(() => work(this.#store));
    await this.#write(draft, papers, before, identifiers);
    return result;
  }

  /** Runs `work` on the jobs, and writes what it has changed. */
  async changeJobs<T>(draft: Draft, work: (store: Store) => T): Promise<T> {
    const jobs = (await draft.rows<JobsRow>([idOf("jobs")])).get(idOf("jobs"))?.jobs ?? [];
    const result = this.withJobs(jobs, work);
    const after = this.#database.prepare<[], JobsRow["jobs"][number]>("SELECT * FROM jobs ORDER BY name").all();
    if (JSON.stringify(after) !== JSON.stringify(jobs)) draft.put(idOf("jobs"), { kind: "jobs", jobs: after });
    return result;
  }

  /** Runs `work` on some jobs. */
  withJobs<T>(jobs: JobsRow["jobs"], work: (store: Store) => T): T {
    this.#database.prepare("DELETE FROM jobs").run();
    for (const job of jobs) this.#insert("jobs", job);
    return this.#store.write(() => work(this.#store));
  }

  #insert(table: string, row: Record<string, unknown>): void {
    const columns = Object.keys(row);
    this.#database
      .prepare(
        `INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${columns.map((one) => `@${one}`).join(", ")})`,
      )
      .run(row);
  }

  async #load(draft: Draft, scope: Scope): Promise<Map<number, PaperDocument>> {
    const records = scope.records ?? [];
    const names = [...records.flatMap(namesIn), ...(scope.ids ?? []).map((value) => ({ kind: "id", value }))];
    const titles = records.map(({ title }) => titleKey(title)).filter((key) => key !== "");
    const idsOfNames = names.map(({ kind, value }) => idOf("name", kind, value));
    const idsOfTitles = titles.map((key) => idOf("title", titleHash(key)));
    const found = await draft.rows<LabelsRow>([...idsOfNames, ...idsOfTitles]);
    const labels = new Set(scope.labels);
    for (const id of idsOfNames) for (const label of found.get(id)?.labels ?? []) labels.add(label);
    for (const id of idsOfTitles) for (const label of (found.get(id)?.labels ?? []).slice(0, TITLED)) labels.add(label);
    const papers = await draft.papers<PaperDocument>([...labels]);

    // The papers' own names: others may have them too.
    const own = [...papers.values()].flatMap(({ row, identifiers }) => [
      ...namesOfRow(row),
      ...identifiers.map(([kind, value]) => ({ kind, value })),
    ]);
    const known = await draft.rows<LabelsRow>(own.map(({ kind, value }) => idOf("name", kind, value)));
    const counters = await countersOf(draft);
    this.#clear();
    for (const [table, last] of Object.entries(counters).filter(([table]) => table !== "count"))
      this.#database.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)").run(table, last);
    for (const { label, row, identifiers } of papers.values()) {
      const { title, abstract } = row;
      this.#insert("papers", { ...row, label, title_key: titleKey(title), text_hash: textHash(title, abstract) });
      for (const [kind, value] of identifiers) this.#insert("identifiers", { kind, value, label });
    }
    for (const { kind, value } of [...names, ...own])
      for (const label of (found.get(idOf("name", kind, value)) ?? known.get(idOf("name", kind, value)))?.labels ?? [])
        this.#insert("identifiers", { kind, value, label });
    await this.#loadLists(draft, scope);
    await this.#loadRest(draft, scope, papers);
    return papers;
  }

  async #loadLists(draft: Draft, scope: Scope): Promise<void> {
    if (scope.lists === undefined) return;
    const { lists } = (await draft.rows<ListsRow>([idOf("lists")])).get(idOf("lists"))!;
    for (const list of lists) this.#insert("lists", list);
    const keys = scope.lists === true ? null : scope.lists.map(listKey).flatMap((key) => [key, opposite(key) ?? key]);
    const wanted = lists.filter(
      ({ name, name_key: key }) => keys === null || keys.includes(key) || keys.includes(listKey(name)),
    );
    const found = await draft.rows<EntriesRow>(wanted.map(({ list }) => idOf("entries", list)));
    for (const { list, entries } of found.values())
      for (const [id, added] of entries) this.#insert("entries", { list, id, added });
  }

  async #loadRest(draft: Draft, scope: Scope, papers: ReadonlyMap<number, PaperDocument>): Promise<void> {
    const ids = [
      ...(scope.ids ?? []),
      ...(scope.records ?? []).flatMap((record) =>
        namesIn(record).flatMap(({ kind, value }) => (kind === "id" ? [value] : [])),
      ),
      ...[...papers.values()].flatMap(({ row, identifiers }) => [
        row.id,
        ...identifiers.flatMap(([kind, value]) => (kind === "id" ? [value] : [])),
      ]),
    ];
    const owned = scope.owned?.([...new Set(ids)]) ?? [];
    const rows = await draft.rows<OwnedDocument>(owned.map(({ owner, key }) => idOf("owned", owner, key)));
    for (const { owner, key, value } of rows.values()) this.#insert("owned", { owner, key, value });
    if (scope.notes === true)
      for (const { key, note, changed } of (await draft.rows<NoteRow>(ids.map((id) => idOf("note", id)))).values())
        this.#insert("notes", { id: key, note, changed });
    if (scope.import === undefined) return;
    const number = scope.import;
    const imported = [...papers.keys()].map((label) => idOf("imported", number, label));
    const found = await draft.rows<ImportRow | ImportedRow>([idOf("import", number), ...imported]);
    for (const row of found.values())
      if (row.kind === "import") {
        const { import: one, name, began, undone, finished } = row;
        this.#insert("imports", { import: one, name, began, undone, finished });
      } else {
        const { import: one, label, outcome, before } = row;
        this.#insert("imported", { import: one, label, outcome, before });
      }
  }

  #clear(): void {
    const tables = [
      ...Object.keys(TABLES),
      "papers",
      "identifiers",
      "categories",
      "changes",
      "points",
      "vectors",
      "sentences",
    ];
    for (const table of tables) this.#database.prepare(`DELETE FROM ${table}`).run();
    this.#database.exec("INSERT INTO words (words) VALUES ('delete-all'); DELETE FROM sqlite_sequence;");
  }

  #content(): Record<Table, Content> {
    const contentOf = (table: Table): Content => {
      const rows = this.#database.prepare<[], Record<string, unknown>>(`SELECT * FROM ${table}`).all();
      return new Map(rows.map((row) => [JSON.stringify(TABLES[table].map((column) => row[column])), row]));
    };
    return Object.fromEntries(Object.keys(TABLES).map((table) => [table, contentOf(table as Table)])) as Record<
      Table,
      Content
    >;
  }

  #identifiers(): Identifiers {
    const rows = this.#database
      .prepare<[], { kind: string; value: string; label: number }>("SELECT kind, value, label FROM identifiers")
      .all();
    return new Map(rows.map((row) => [JSON.stringify(Object.values(row)), row]));
  }

  async #write(
    draft: Draft,
    old: ReadonlyMap<number, PaperDocument>,
    before: Record<Table, Content>,
    identifiers: Identifiers,
  ): Promise<void> {
    const changed = this.#database
      .prepare<[], { label: number; row: number }>("SELECT label, row FROM changes ORDER BY label")
      .all();
    const rowOf = this.#database.prepare<[number], Row>("SELECT * FROM papers WHERE label = ?");
    const now = new Map(changed.map(({ label }) => [label, rowOf.get(label)]));
    await this.#writeNames(draft, identifiers);
    await this.#writeTitles(draft, old, now);
    const texts = await this.#writeTexts(draft, old, now);
    const map = (await draft.rows<MapRow>([idOf("map")])).get(idOf("map"));
    let count = 0;
    for (const { label, row: change } of changed) {
      const row = now.get(label);
      const was = old.get(label);
      // The text has changed, so its point may too.
      if (map !== undefined && was !== undefined && row?.text_hash.toString("hex") !== was.hash)
        draft.put(idOf("point", map.layout, label), null);
      count += (row === undefined ? 0 : 1) - (was === undefined ? 0 : 1);
      if (row === undefined) {
        if (was !== undefined) draft.putPaper(label, null);
        continue;
      }
      const { label: _label, title_key: key, text_hash: hash, ...columns } = row;
      const text = texts.get(hash.toString("hex"))!;
      const own = this.#database
        .prepare<[number], { kind: string; value: string }>(
          "SELECT kind, value FROM identifiers WHERE label = ? ORDER BY kind, value",
        )
        .all(label);
      draft.putPaper(
        label,
        searchable(
          {
            label,
            row: columns,
            identifiers: own.map(({ kind, value }) => [kind, value]),
            changed: change,
            hash: hash.toString("hex"),
            embedding: text.embedding,
            failed: text.failure !== null,
          },
          key,
        ),
      );
    }
    this.#writeTables(draft, before);
    const counters = await countersOf(draft);
    const sequences = this.#database
      .prepare<[], { name: string; seq: number }>("SELECT name, seq FROM sqlite_sequence")
      .all();
    const next = { ...counters, ...Object.fromEntries(sequences.map(({ name, seq }) => [name, seq])) };
    next.count += count;
    if (JSON.stringify(next) !== JSON.stringify(counters)) draft.put(idOf("counters"), { kind: "counters", ...next });
  }

  async #writeNames(draft: Draft, before: Identifiers): Promise<void> {
    const after = this.#identifiers();
    const changes = new Map<string, { gone: Set<number>; come: Set<number> }>();
    const changeOf = ({ kind, value }: Name) => {
      const id = idOf("name", kind, value);
      const known = changes.get(id) ?? { gone: new Set<number>(), come: new Set<number>() };
      changes.set(id, known);
      return known;
    };
    for (const [key, row] of before) if (!after.has(key)) changeOf(row).gone.add(row.label);
    for (const [key, row] of after) if (!before.has(key)) changeOf(row).come.add(row.label);
    await changeLabels(draft, "name", changes);
  }

  async #writeTitles(
    draft: Draft,
    old: ReadonlyMap<number, PaperDocument>,
    now: ReadonlyMap<number, Row | undefined>,
  ): Promise<void> {
    const changes = new Map<string, { gone: Set<number>; come: Set<number> }>();
    const note = (key: string | undefined, what: "gone" | "come", label: number) => {
      if (key === undefined || key === "") return;
      const id = idOf("title", titleHash(key));
      const known = changes.get(id) ?? { gone: new Set<number>(), come: new Set<number>() };
      known[what].add(label);
      changes.set(id, known);
    };
    for (const [label, row] of now) {
      const was = old.get(label);
      const key = was === undefined ? undefined : titleKey(was.row.title);
      if (key === row?.title_key) continue;
      note(key, "gone", label);
      note(row?.title_key, "come", label);
    }
    await changeLabels(draft, "title", changes);
  }

  /** @returns The text of each changed paper, by its hash. */
  async #writeTexts(
    draft: Draft,
    old: ReadonlyMap<number, PaperDocument>,
    now: ReadonlyMap<number, Row | undefined>,
  ): Promise<Map<string, TextRow>> {
    const hashOf = (row: Row | undefined) => row?.text_hash.toString("hex");
    const hashes = [...now].flatMap(([label, row]) => [hashOf(row) ?? [], old.get(label)?.hash ?? []].flat());
    const ids = hashes.map((hash) => idOf("text", hash));
    const found = await draft.rows<TextRow>(ids);
    const texts = new Map<string, TextRow>();
    for (const [i, hash] of hashes.entries()) {
      const known = found.get(ids[i]!);
      if (known !== undefined) texts.set(hash, known);
    }
    const touched = new Set<string>();
    for (const [label, row] of now) {
      const [was, is] = [old.get(label)?.hash, hashOf(row)];
      if (was === is) continue;
      if (was !== undefined) {
        const text = texts.get(was)!;
        texts.set(was, { ...text, labels: text.labels.filter((one) => one !== label) });
        touched.add(was);
      }
      if (row === undefined || is === undefined) continue;
      const text = texts.get(is) ?? newText(row);
      texts.set(is, { ...text, labels: [...text.labels, label].toSorted((a, b) => a - b) });
      touched.add(is);
    }
    for (const hash of touched) {
      const text = texts.get(hash)!;
      // A removed paper takes its text along; that of a changed one stays for a while.
      const removed = [...now].some(([label, row]) => row === undefined && old.get(label)?.hash === hash);
      if (text.labels.length === 0 && removed) draft.put(idOf("text", hash), null);
      else {
        const stored = {
          ...text,
          label: text.labels[0] ?? 0,
          pending: pendingOf(text),
          unused: text.labels.length === 0,
        };
        texts.set(hash, stored);
        draft.put(idOf("text", hash), stored);
      }
    }
    return texts;
  }

  #writeTables(draft: Draft, before: Record<Table, Content>): void {
    const after = this.#content();
    const changed = (table: Table): { key: string; row: Record<string, unknown> | undefined }[] =>
      [...new Set([...before[table].keys(), ...after[table].keys()])]
        .filter((key) => JSON.stringify(before[table].get(key)) !== JSON.stringify(after[table].get(key)))
        .map((key) => ({ key, row: after[table].get(key) }));
    const partsOf = (key: string) => JSON.parse(key) as [string | number, string | number];
    if (changed("lists").length > 0) draft.put(idOf("lists"), { kind: "lists", lists: [...after.lists.values()] });
    for (const list of new Set(
      [...changed("entries"), ...changed("lists")].map(({ key }) => Number(partsOf(key)[0])),
    )) {
      const entries = [...after.entries.values()]
        .filter((row) => row["list"] === list)
        .toSorted((a, b) =>
          `${String(a["added"])}\0${String(a["id"])}` < `${String(b["added"])}\0${String(b["id"])}` ? -1 : 1,
        )
        .map((row) => [row["id"], row["added"]]);
      const gone = ![...after.lists.values()].some((row) => row["list"] === list);
      draft.put(idOf("entries", list), gone ? null : { kind: "entries", list, entries });
    }
    for (const { key, row } of changed("notes"))
      draft.put(
        idOf("note", partsOf(key)[0]),
        row === undefined ? null : { kind: "note", key: row["id"], note: row["note"], changed: row["changed"] },
      );
    for (const { key, row } of changed("imports"))
      draft.put(idOf("import", partsOf(key)[0]), row === undefined ? null : { kind: "import", ...row });
    for (const { key, row } of changed("imported"))
      draft.put(idOf("imported", ...partsOf(key)), row === undefined ? null : { kind: "imported", ...row });
    for (const { key, row } of changed("owned"))
      draft.put(idOf("owned", ...partsOf(key)), row === undefined ? null : { kind: "owned", ...row });
  }
}

/** Changes rows that hold the labels of papers. */
async function changeLabels(
  draft: Draft,
  kind: string,
  changes: ReadonlyMap<string, { gone: Set<number>; come: Set<number> }>,
): Promise<void> {
  const found = await draft.rows<LabelsRow>([...changes.keys()]);
  for (const [id, { gone, come }] of changes) {
    const known = found.get(id)?.labels ?? [];
    const labels = [...new Set([...known.filter((label) => !gone.has(label)), ...come])].toSorted((a, b) => a - b);
    draft.put(id, labels.length === 0 ? null : { kind, labels });
  }
}

const newText = ({ title, abstract, text_hash: hash }: Row): TextRow => ({
  kind: "text",
  hash: hash.toString("hex"),
  label: 0,
  labels: [],
  title,
  abstract,
  embedding: {},
  failure: null,
  pending: [],
  leases: {},
  holders: [],
  unused: false,
});
