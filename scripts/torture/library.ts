/** A simple model of a library: the state after each transaction of each operation. Torture compares the store with it. */
import type { Paper, PaperRecord } from "../../src/core/paper.js";
import type { Store } from "../../src/store/store.js";

export type NamedRecord = PaperRecord & { id: string };

/** An operation on a library. */
export type Operation =
  | { kind: "import"; name: string; records: NamedRecord[] }
  | { kind: "undo"; number: number }
  | { kind: "remove"; id: string }
  | { kind: "create list" | "delete list"; list: string }
  | { kind: "rename list"; list: string; to: string }
  | { kind: "add to list" | "take from list"; list: string; id: string }
  | { kind: "note"; id: string; note: string }
  | { kind: "open" | "reopen" | "index" | "rebuild" }
  | { kind: "backup" | "restore"; file: string }
  /** Opens a folder with the database of an earlier version. */
  | { kind: "migrate"; old: string };

type Outcome = "added" | "updated" | "unchanged";

export type Library = {
  /** The last label assigned; `number` is the last import number assigned. */
  label: number;
  number: number;
  papers: Map<number, Paper>;
  imports: Map<
    number,
    { name: string; undone: boolean; done: Map<number, { outcome: Outcome; before: Paper | undefined }> }
  >;
  lists: Map<string, string[]>;
  notes: Map<string, string>;
};

/** Records per transaction of an import, and papers per transaction of an undo. */
const BATCH = { import: 256, undo: 200 };
/** Source of records whose id is a row number, and may be the id of another paper. */
export const ROW = "rows";
/** Number of imports that the store remembers. */
export const REMEMBERED = 20;

export const emptyLibrary = (): Library => ({
  label: 0,
  number: 0,
  papers: new Map(),
  imports: new Map(),
  lists: new Map([
    ["likes", []],
    ["dislikes", []],
  ]),
  notes: new Map(),
});

/** The library after each transaction of an operation; the last is its state when acknowledged. */
export function states(before: Library, operation: Operation): Library[] {
  const library = structuredClone(before);
  switch (operation.kind) {
    case "import":
      return imported(library, operation.name, operation.records);
    case "undo":
      return undone(library, operation.number);
    case "remove":
      library.papers.delete(labelOf(library, operation.id) ?? 0);
      return [library];
    case "create list":
      if (!library.lists.has(operation.list)) library.lists.set(operation.list, []);
      return [library];
    case "delete list":
      library.lists.delete(operation.list);
      return [library];
    case "rename list":
      library.lists.set(operation.to, library.lists.get(operation.list) ?? []);
      library.lists.delete(operation.list);
      return [library];
    case "add to list": {
      const opposite = { likes: "dislikes", dislikes: "likes" }[operation.list];
      if (opposite !== undefined) take(library, opposite, operation.id);
      const ids = library.lists.get(operation.list);
      if (ids?.includes(operation.id) === false) ids.push(operation.id);
      return [library];
    }
    case "take from list":
      take(library, operation.list, operation.id);
      return [library];
    case "note":
      library.notes.delete(operation.id);
      if (operation.note !== "") library.notes.set(operation.id, operation.note);
      return [library];
    default:
      return [library];
  }
}

function imported(library: Library, name: string, records: NamedRecord[]): Library[] {
  const after: Library[] = [];
  const done = new Map<number, { outcome: Outcome; before: Paper | undefined }>();
  library.imports.set(++library.number, { name, undone: false, done });
  for (let from = 0; from < records.length; from += BATCH.import) {
    for (const record of records.slice(from, from + BATCH.import)) {
      const label = labelOfRecord(library, record) ?? ++library.label;
      const before = library.papers.get(label);
      const paper = paperOf(record, before);
      // A new id for a paper counts as an update.
      const same = paper.id === record.id && JSON.stringify(before) === JSON.stringify(paper);
      const outcome = before === undefined ? "added" : same ? "unchanged" : "updated";
      library.papers.set(label, paper);
      const known = done.get(label);
      if (known === undefined || known.outcome === "unchanged") done.set(label, { outcome, before });
    }
    after.push(structuredClone(library));
  }
  return after;
}

/** Papers that a later import also contained stay as they are. */
function undone(library: Library, number: number): Library[] {
  const undoing = library.imports.get(number)!;
  const later = [...library.imports].filter(([other, { undone }]) => other > number && !undone);
  const steps = [...undoing.done].filter(([, { outcome }]) => outcome !== "unchanged").toSorted(([a], [b]) => a - b);
  const isLater = (label: number) => later.some(([, { done }]) => done.has(label));
  const kept = steps.filter(([label]) => isLater(label));
  const after: Library[] = [];
  for (let from = 0; ; from += BATCH.undo) {
    const batch = steps.slice(from, from + BATCH.undo);
    for (const [label, { before }] of batch) {
      if (isLater(label) || !library.papers.has(label)) continue;
      if (before === undefined) library.papers.delete(label);
      else library.papers.set(label, before);
    }
    if (batch.length < BATCH.undo && kept.length > 0) undoing.done = new Map(kept);
    else if (batch.length < BATCH.undo) undoing.undone = true;
    after.push(structuredClone(library));
    if (batch.length < BATCH.undo) return after;
  }
}

function take(library: Library, list: string, id: string): void {
  library.lists.set(
    list,
    (library.lists.get(list) ?? []).filter((other) => other !== id),
  );
}

function labelOf(library: Library, id: string): number | undefined {
  for (const [label, paper] of library.papers) if (paper.id === id) return label;
  return undefined;
}

/**
 * The label of the paper that a record is a version of. Records with another id have a DOI of their paper; records with the
 * row number of another paper have their own DOI, title and authors.
 */
function labelOfRecord(library: Library, record: NamedRecord): number | undefined {
  if (record.source === ROW) return undefined;
  return labelOf(library, record.id) ?? labelOf(library, workOf(record.doi ?? "") ?? "");
}

/** The work that a DOI belongs to. */
const workOf = (doi: string): string | undefined => /^10\.1000\/(paper-\d+)/.exec(doi)?.[1];

/** Fields that a record leaves out keep their values. */
function paperOf(record: NamedRecord, before: Paper | undefined): Paper {
  const empty: Omit<Paper, "id" | "title" | "basis"> = {
    abstract: null,
    authors: [],
    venue: null,
    categories: [],
    published: null,
    updated: null,
    doi: null,
    arxiv: null,
    url: null,
    source: null,
    organization: null,
    listed: null,
    upvotes: null,
    comments: null,
    keywords: [],
    notice: null,
  };
  const { key: _, ...fields } = record;
  const id = before?.id ?? (record.source === ROW ? `doi:${record.doi}` : record.id);
  const paper = { ...empty, ...before, ...fields, id } as Paper;
  return { ...paper, basis: paper.abstract === null ? "title" : "abstract" };
}

/** The same text without fields that are stored only once: verify cannot detect a changed byte in these. */
export function promised(text: string): string {
  const { papers, lists } = JSON.parse(text) as { papers: [number, Paper][]; lists: unknown };
  return JSON.stringify(
    {
      papers: papers.map(([label, paper]) => [label, { ...paper, updated: 0, organization: 0, comments: 0, url: 0 }]),
      lists,
    },
    null,
    1,
  );
}

/** A library as text: equal texts mean equal libraries, and equal those of `storeText`. */
export function libraryText(library: Library): string {
  const last = [...library.imports].filter(([number]) => number > library.number - REMEMBERED);
  return JSON.stringify(
    {
      papers: [...library.papers].toSorted(([a], [b]) => a - b).map(([label, paper]) => [label, sorted(paper)]),
      imports: last.map(([number, { name, undone, done }]) => {
        const count = (wanted: Outcome) => [...done.values()].filter(({ outcome }) => outcome === wanted).length;
        return [number, name, undone, count("added"), count("updated")];
      }),
      lists: [...library.lists].toSorted(([a], [b]) => (a < b ? -1 : 1)),
      notes: [...library.notes].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    },
    null,
    1,
  );
}

/** The content of a store as text, comparable with `libraryText`. */
export function storeText(store: Store): string {
  const { lists, notes } = store.lists.all();
  return JSON.stringify(
    {
      papers: store.papers.export(0, 1_000_000).map(({ label, paper }) => [label, sorted(paper)]),
      imports: store.imports
        .all()
        .toReversed()
        .map((one) => [one.import, one.name, one.undone !== null, one.added, one.updated]),
      lists: lists.map(({ name, ids }) => [name, ids]).toSorted(([a], [b]) => (a! < b! ? -1 : 1)),
      notes: notes.map(({ id, note }) => [id, note]).toSorted(([a], [b]) => (a! < b! ? -1 : 1)),
    },
    null,
    1,
  );
}

const sorted = (paper: Paper): unknown =>
  Object.fromEntries(Object.entries(paper).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** The lines around the first difference of two texts. */
export function difference(got: string, expected: string): string {
  const [a, b] = [got.split("\n"), expected.split("\n")];
  const at = a.findIndex((line, i) => line !== b[i]);
  if (at < 0) return "it ends early";
  return `got\n${a.slice(Math.max(0, at - 3), at + 4).join("\n")}\nexpected\n${b.slice(Math.max(0, at - 3), at + 4).join("\n")}`;
}
