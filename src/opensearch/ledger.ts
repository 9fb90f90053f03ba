/**
 * Changes of a library in OpenSearch, one at a time over all processes, each as a whole or not at all.
 *
 * A change is prepared in memory; then all of it is stored in one document, the head, on the condition that nobody else has
 * written: from then on it counts. Otherwise it is prepared again, while a lease stops the others. Then its documents are
 * written, and last the number of the change in a small document, which readers look at. If the process ends in between, the next
 * one that writes does that first. What a process writes late is ignored, because each document has the number of its change as
 * its version.
 *
 * A document that the cluster refuses because of what is in it must not stop the changes after it. A paper is then stored so that
 * searches do not find it; anything else is set aside in a row.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { KindredError } from "../core/errors.js";
import { linesOf, Refused, type Change, type Cluster, type Json, type RefusedDocument } from "./cluster.js";
import { unsearchable } from "./document.js";
import { FORMAT, wrongFormat, type Names } from "./indices.js";
import { idOf } from "./rows.js";

const HEAD = "head";
/** The row with the last change whose documents are all written. */
const APPLIED = "applied";
/** How long a process may write while others wait, in milliseconds: by the clock of each that waits. */
const LEASE = 10_000;
/** Processes whose last writes the head keeps: others may write before a process looks whether its own was stored. */
const REMEMBERED = 100;
/** How long a write waits for others, in milliseconds. */
const PATIENCE = 120_000;

/** A new index that papers are being copied to, and the version of its documents (`migrate.ts`). */
export type Move = { index: string; format: number; shards: number };
/** An alias that the new index has until papers may no longer be switched to it. */
export const switchOf = ({ papers }: Names): string => `${papers}-switch`;
/** A paper that has changed during a move, and the number of the change: it must be copied again. */
export type StaleRow = { kind: "stale"; label: number; change: number };

/**
 * `changes` is the number of the last change, `redo` its documents; `writes` names the last write of each process, the newest last.
 * `format` is the version of papers: processes of another version refuse.
 */
type Head = {
  kind: "head";
  format: number;
  move: Move | null;
  changes: number;
  holder: string | null;
  writes: string[];
  redo: string[];
};
type Stored = { head: Head; at: { if_seq_no: number; if_primary_term: number } };

/** The documents of one change: reads see what it has written. */
export class Draft {
  readonly number: number;
  /** Stored with the change. */
  format: number = FORMAT;
  move: Move | null = null;
  readonly #cluster;
  readonly #names;
  readonly #read = { rows: new Map<string, Json | null>(), papers: new Map<string, Json | null>() };
  readonly #written = { rows: new Map<string, Json | null>(), papers: new Map<string, Json | null>() };

  constructor(cluster: Cluster, names: Names, number: number) {
    this.#cluster = cluster;
    this.#names = names;
    this.number = number;
  }

  /** Reads rows by their ids; those that do not exist are left out. */
  async rows<S>(ids: readonly string[]): Promise<Map<string, S>> {
    return this.#get<S>("rows", ids);
  }

  async papers<S>(labels: readonly number[]): Promise<Map<number, S>> {
    const found = await this.#get<S>("papers", labels.map(String));
    return new Map(Array.from(found, ([id, source]) => [Number(id), source]));
  }

  put(id: string, source: Json | null): void {
    this.#written.rows.set(id, source);
  }

  putPaper(label: number, source: Json | null): void {
    this.#written.papers.set(String(label), source);
  }

  /** Notes that the papers written so far must be copied again. */
  markStale(): void {
    for (const id of this.#written.papers.keys())
      this.put(idOf("stale", id), { kind: "stale", label: Number(id), change: this.number } satisfies StaleRow);
  }

  /** What was written so far. */
  changes(): Change[] {
    return (["rows", "papers"] as const).flatMap((index) =>
      Array.from(this.#written[index], ([id, source]) => ({
        index: this.#names[index],
        id,
        version: this.number,
        source,
      })),
    );
  }

  async #get<S>(index: "rows" | "papers", ids: readonly string[]): Promise<Map<string, S>> {
    const [read, written] = [this.#read[index], this.#written[index]];
    const unread = [...new Set(ids)].filter((id) => !read.has(id) && !written.has(id));
    const found = await this.#cluster.read<Json>(this.#names[index], unread);
    for (const id of unread) read.set(id, found.get(id) ?? null);
    const result = new Map<string, S>();
    for (const id of ids) {
      const source = written.has(id) ? written.get(id) : read.get(id);
      if (source !== null && source !== undefined) result.set(id, source as S);
    }
    return result;
  }
}

/** Larger than all before, also when the cluster was reset to an earlier state. */
const numberAfter = ({ changes }: Head): number => Math.max(changes + 1, Date.now());

export class Ledger {
  readonly #cluster;
  readonly #names;
  readonly #reads;
  readonly #holder = randomBytes(9).toString("base64url");
  #stored: Stored | null = null;
  #writes = 0;
  /** The last write, which the next waits for. */
  #last: Promise<unknown> = Promise.resolve();
  /** Up to which change searches see everything. */
  #searchable = -1;
  #closed = false;

  /** @param reads Which versions of papers this process knows. */
  constructor(cluster: Cluster, names: Names, reads: (format: number) => boolean = (format) => format === FORMAT) {
    this.#cluster = cluster;
    this.#names = names;
    this.#reads = reads;
  }

  /**
   * The number of the last change of any process that is written; it grows with each.
   *
   * @throws KindredError `damaged` when the papers are of another version.
   */
  async changes(): Promise<number> {
    const rows = await this.#cluster.read<Pick<Head, "changes"> & Partial<Head>>(this.#names.rows, [APPLIED]);
    const { changes = 0, format } = rows.get(APPLIED) ?? {};
    if (format !== undefined) this.#expect(format);
    return changes;
  }

  #expect(format: number): void {
    if (!this.#reads(format)) throw wrongFormat(this.#names.papers, format);
  }

  /** Waits until searches see every change of any process. */
  async settle(): Promise<number> {
    const changes = await this.changes();
    if (changes > this.#searchable) {
      await Promise.all(Object.values(this.#names).map((index) => this.#cluster.refresh(index)));
      this.#searchable = Math.max(this.#searchable, changes);
    }
    return changes;
  }

  /** For reading only. */
  draft(): Draft {
    return new Draft(this.#cluster, this.#names, 0);
  }

  /**
   * Runs `work`, again if somebody else has written meanwhile, and stores what it has written; nothing if it fails.
   *
   * @param alone Whether nobody else may write while it runs: for work with other effects.
   */
  write<T>(work: (draft: Draft) => Promise<T>, alone = false): Promise<T> {
    const done = this.#last.then(() => this.#write(work, alone));
    this.#last = done.catch(() => {});
    return done;
  }

  async close(): Promise<void> {
    await this.#last;
    this.#closed = true;
  }

  async #write<T>(work: (draft: Draft) => Promise<T>, alone: boolean): Promise<T> {
    if (this.#closed) throw new KindredError("interrupted", "the engine was closed");
    const end = Date.now() + PATIENCE;
    for (let leased = alone; ; leased = true) {
      // Most often nobody else writes. If somebody does, the lease stops the others.
      if (leased) await this.#acquire(end);
      else this.#stored ??= await this.#get();
      const { head, at } = this.#stored!;
      if (!leased && head.holder !== null) continue;
      const draft = new Draft(this.#cluster, this.#names, numberAfter(head));
      Object.assign(draft, { format: head.format, move: head.move });
      let result: T;
      try {
        this.#expect(head.format);
        await this.#finish();
        result = await work(draft);
      } catch (thrown) {
        if (leased) await this.#release();
        // It may have failed because another process has written meanwhile.
        else if ((this.#stored = await this.#get()).at.if_seq_no !== at.if_seq_no) continue;
        throw thrown;
      }
      if (head.move !== null) draft.markStale();
      const redo = linesOf(draft.changes());
      if (redo.length === 0) {
        if (leased) await this.#release();
        return result;
      }
      const write = `${this.#holder}.${++this.#writes}`;
      const others = head.writes.filter((one) => !one.startsWith(`${this.#holder}.`));
      const writes = [...others, write].slice(-REMEMBERED);
      const { format, move, number: changes } = draft;
      if (await this.#put({ kind: "head", format, move, changes, holder: null, writes, redo })) {
        const [refused, ...more] = await this.#apply();
        if (refused !== undefined)
          throw new KindredError(
            "unreachable",
            `the cluster refused ${refused.id} of ${refused.index}${more.length > 0 ? `, and ${more.length} more` : ""}: ${refused.reason}; everything else of this change was stored ("kindred verify" lists what was refused)`,
          );
      } else {
        // The answer to the first attempt may have been lost.
        this.#stored = await this.#get();
        // Otherwise another process has written, so what was read may be old.
        if (!this.#stored.head.writes.includes(write)) continue;
        await this.#finish();
      }
      return result;
    }
  }

  async #release(): Promise<void> {
    await this.#put({ ...this.#stored!.head, holder: null }).catch(() => {});
  }

  /** Takes the lease, and finishes what its last holder has not. */
  async #acquire(end: number): Promise<void> {
    let seen = { number: -1, since: 0 };
    for (let pause = 10; ; pause = Math.min(200, 1.5 * pause)) {
      const { head, at } = (this.#stored = await this.#get());
      if (at.if_seq_no !== seen.number) seen = { number: at.if_seq_no, since: Date.now() };
      // The holder's clock may differ, so a lease ends when nothing has happened for its time.
      const late = Date.now() - seen.since > LEASE;
      const free = head.holder === null || head.holder === this.#holder || late;
      const next = late && head.move !== null ? await this.#switched(head, head.move) : head;
      if (free && (await this.#put({ ...next, holder: this.#holder }))) {
        if (next !== head) await this.#apply();
        return;
      }
      if (Date.now() > end)
        throw new KindredError("busy", "other processes have been writing for two minutes: try again later");
      await sleep(pause * (0.5 + Math.random()));
    }
  }

  /** The head after a holder that did not end its lease: it can switch the papers no more, but may have done so. */
  async #switched(head: Head, { index, format }: Move): Promise<Head> {
    await this.#cluster.request({ method: "DELETE", path: `/${index}/_alias/${switchOf(this.#names)}` }, [404]);
    const alias = { method: "HEAD", path: `/${index}/_alias/${this.#names.papers}` } as const;
    return (await this.#cluster.request(alias, [404])).status === 404
      ? head
      : // The holder had applied the last change before.
        { ...head, format, move: null, redo: [] };
  }

  /** Writes the documents of the last change, unless they are written. */
  async #finish(): Promise<void> {
    const { head } = this.#stored!;
    if (head.redo.length === 0) return;
    if ((await this.changes()) < head.changes) await this.#apply();
    // In memory only: the next change replaces them.
    else this.#stored!.head = { ...head, redo: [] };
  }

  /** @returns Which documents the cluster has refused. */
  async #apply(): Promise<readonly RefusedDocument[]> {
    const { head } = this.#stored!;
    const refused: RefusedDocument[] = [];
    for (const lines of head.redo)
      try {
        await this.#cluster.writeLines(lines);
      } catch (thrown) {
        if (!(thrown instanceof Refused)) throw thrown;
        refused.push(...thrown.documents);
        await this.#setAside(lines, thrown.documents);
      }
    const { changes, format } = head;
    const source = { kind: APPLIED, changes, format };
    await this.#cluster.write([{ index: this.#names.rows, id: APPLIED, version: changes, source }]);
    this.#stored!.head = { ...head, redo: [] };
    return refused;
  }

  /** Stores refused documents where they can be stored. */
  async #setAside(lines: string, refused: readonly RefusedDocument[]): Promise<void> {
    const { changes: version } = this.#stored!.head;
    for (const { index, id, reason } of refused) {
      // The names of the indices are aliases, the answer has those behind them.
      const source = sourceIn(lines, id);
      const row = { kind: "refused", index, id, reason, source: JSON.stringify(source) };
      const aside = { index: this.#names.rows, id: idOf("refused", index, id), version, source: row };
      try {
        await this.#cluster.write([
          index.startsWith(this.#names.papers) && source !== null
            ? { index: this.#names.papers, id, version, source: unsearchable(source, reason) }
            : aside,
        ]);
      } catch (thrown) {
        if (!(thrown instanceof Refused)) throw thrown;
        await this.#cluster.write([aside]);
      }
    }
  }

  async #get(): Promise<Stored> {
    type Got = { found: boolean; _seq_no: number; _primary_term: number; _source: Head };
    const request = { method: "GET", path: `/${this.#names.rows}/_doc/${HEAD}` } as const;
    const { status, body } = await this.#cluster.request<Got>(request, [404]);
    if (status !== 404)
      return { head: body._source, at: { if_seq_no: body._seq_no, if_primary_term: body._primary_term } };
    const head: Head = { kind: "head", format: FORMAT, move: null, changes: 0, holder: null, writes: [], redo: [] };
    await this.#cluster.request(
      // If the index was deleted, another one must not be made from this.
      { method: "PUT", path: `/${this.#names.rows}/_create/${HEAD}`, query: { require_alias: true }, body: head },
      [409],
    );
    return this.#get();
  }

  /** Replaces the head, unless another process has. */
  async #put(head: Head): Promise<boolean> {
    type Put = { _seq_no: number; _primary_term: number };
    const { status, body } = await this.#cluster.request<Put>(
      {
        method: "PUT",
        path: `/${this.#names.rows}/_doc/${HEAD}`,
        query: { ...this.#stored!.at, require_alias: true },
        body: head,
      },
      [409],
    );
    if (status === 409) {
      this.#stored = null;
      return false;
    }
    this.#stored = { head, at: { if_seq_no: body._seq_no, if_primary_term: body._primary_term } };
    return true;
  }
}

/** A document of a bulk request; null if it is to be deleted. */
function sourceIn(lines: string, id: string): Json | null {
  const all = lines.split("\n");
  for (let at = 0; at < all.length - 1; at++) {
    const action = JSON.parse(all[at]!) as { index?: { _id: string } };
    if (action.index === undefined) continue;
    at++;
    if (action.index._id === id) return JSON.parse(all[at]!) as Json;
  }
  return null;
}
