/** Rows: documents that are read by their ids. What they say of papers is only about their names, texts and imports. */
import { createHash } from "node:crypto";
import type { StoredMap } from "../store/map.js";
import type { Phase } from "../engine/writer.js";
import type { Embedding } from "./document.js";
import type { Draft } from "./ledger.js";

/** Longest id of a document, in bytes; longer ones are hashed. OpenSearch allows 512. */
const LONGEST = 400;

/** The id of a row. */
export function idOf(kind: string, ...parts: (string | number)[]): string {
  const id = [kind, ...parts].join(":");
  if (Buffer.byteLength(id) <= LONGEST) return id;
  return `${kind}#${createHash("sha256").update(id).digest("base64url")}`;
}

/** The labels of papers with a name or a title, ascending. */
export type LabelsRow = { kind: "name" | "title"; labels: number[] };

export type Lease = { holder: string; until: number };

/** A text, its embedding, and the papers that have it. */
export type TextRow = {
  kind: "text";
  hash: string;
  /** The first of its papers; 0 without any. */
  label: number;
  labels: number[];
  title: string;
  abstract: string | null;
  embedding: Embedding;
  failure: { reason: string; tries: number } | null;
  pending: Phase[];
  leases: Partial<Record<Phase, Lease>>;
  /** The holders of its leases. */
  holders: string[];
  /** Whether no paper has it any more. */
  unused: boolean;
};

export type ListsRow = { kind: "lists"; lists: { list: number; name: string; name_key: string; created: string }[] };
/** In the order in which papers were added. */
export type EntriesRow = { kind: "entries"; list: number; entries: [id: string, added: string][] };
export type NoteRow = { kind: "note"; key: string; note: string; changed: string };
export type ImportRow = {
  kind: "import";
  import: number;
  name: string;
  began: string;
  undone: string | null;
  finished: string | null;
};
export type ImportedRow = { kind: "imported"; import: number; label: number; outcome: string; before: string | null };
export type OwnedDocument = { kind: "owned"; owner: string; key: string; value: string };
export type JobsRow = { kind: "jobs"; jobs: Record<string, string | number | null>[] };
/** `version` changes with every point; points of another layout do not count. */
export type MapRow = { kind: "map"; version: number; layout: number; map: StoredMap };
/** Who makes the map. */
export type MapperRow = { kind: "mapper" } & Lease;
/** The number given to the last layout. */
export type LayoutsRow = { kind: "layouts"; last: number };
export type PointRow = { kind: "point"; layout: number; label: number; x: number; y: number };

/** The last number given to a paper, a change, an import and a list; the number of papers. */
export type Counters = { papers: number; changes: number; imports: number; lists: number; count: number };

export async function countersOf(draft: Draft): Promise<Counters> {
  const found = (await draft.rows<{ kind: string } & Counters>([idOf("counters")])).get(idOf("counters"));
  if (found === undefined) return { papers: 0, changes: 0, imports: 0, lists: 2, count: 0 };
  const { kind: _kind, ...counters } = found;
  return counters;
}

/** What of a text is still to be embedded. */
export function pendingOf({ labels, embedding, failure }: Pick<TextRow, "labels" | "embedding" | "failure">): Phase[] {
  if (labels.length === 0 || failure !== null) return [];
  return [
    ...(embedding.vector === undefined ? (["vectors"] as const) : []),
    ...(embedding.sketches === undefined ? (["sentences"] as const) : []),
  ];
}
