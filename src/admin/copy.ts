/** Copies a library from one engine into another: nothing is embedded again. */
import { createHash } from "node:crypto";
import { KindredError } from "../core/errors.js";
import type { CopiedPaper, Copying } from "../engine/copying.js";
import type { Opening } from "../engine/module.js";
import { check, openIndexer } from "../engine/open.js";
import type { Writer } from "../engine/writer.js";

/** Papers, and rows of sources and alerts, that are read at a time. */
const PAPERS = 250;
const ROWS = 1_000;
/** Ids named in an error. */
const NAMED = 5;

export type Copied = {
  /** Papers copied by this run, and all papers that were compared at the end. */
  copied: number;
  papers: number;
};

type Progress = (about: "papers" | "comparing", done: number, total: number) => void;

/**
 * Copies papers with their labels and vectors, lists, notes, sources, alerts, and the map, then compares all papers. What imports did
 * is not copied: they cannot be undone in the copy. A run that was interrupted continues when it is repeated.
 *
 * @throws KindredError `invalid` when the other engine holds other papers, or the papers differ in the end because they
 *   were changed meanwhile.
 */
export async function copyLibrary(from: Opening, to: Opening, progress: Progress = () => {}): Promise<Copied> {
  const refusals = [await check(from), await check(to)];
  if (refusals[1] != null) throw refusals[1];
  const source = await openIndexer(from);
  try {
    const target = await openIndexer(to);
    try {
      const newest = await source.copying.newest();
      const copied = await copyPapers(source.copying, target.copying, newest, progress);
      await copyRows(source.copying, target.writer);
      await target.copying.putKept(await source.copying.kept(), newest);
      await copyMap(source.copying, target.writer);
      return { copied, papers: await compare(source.copying, target.copying, newest, progress) };
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function copyPapers(source: Copying, target: Copying, newest: number, progress: Progress): Promise<number> {
  let after = await target.newest();
  await expectCopyOf(source, target, after);
  let copied = 0;
  // The next papers are read and prepared while these are stored.
  let storing = Promise.resolve();
  for (;;) {
    const papers = await source.papers(after, PAPERS);
    const stored = papers.length === 0 ? storing : target.putPapers(papers);
    // A failure is reported where this is awaited.
    stored.catch(() => {});
    await storing;
    if (copied > 0) progress("papers", after, newest);
    if (papers.length === 0) return copied;
    storing = stored;
    copied += papers.length;
    after = papers.at(-1)!.label;
  }
}

/** @throws KindredError `invalid` unless the papers that are there are the first of the source. */
async function expectCopyOf(source: Copying, target: Copying, newest: number): Promise<void> {
  const firsts = await Promise.all([source, target].map(async (one) => (await one.papers(0, 1))[0]));
  const lasts = await Promise.all([source, target].map(async (one) => (await one.papers(newest - 1, 1))[0]));
  for (const [one, other] of [firsts, lasts] as [CopiedPaper | undefined, CopiedPaper | undefined][])
    if (other !== undefined && (one === undefined || digestOf(one) !== digestOf(other)))
      throw new KindredError(
        "invalid",
        `--to: it holds other papers, such as ${other.row.id}: expected an empty library, or an unfinished copy of this one`,
      );
}

async function copyRows(source: Copying, target: Writer): Promise<void> {
  for (let after = { owner: "", key: "" }; ;) {
    const rows = await source.owned(after, ROWS);
    const last = rows.at(-1);
    if (last === undefined) return;
    await target.putOwned(rows);
    after = { owner: last.owner, key: last.key };
  }
}

async function copyMap(source: Copying, target: Writer): Promise<void> {
  const found = await source.map();
  if (found === null) return;
  const { map, points } = found;
  await target.putMap({
    labels: Uint32Array.from(points, ([label]) => label),
    places: Float32Array.from(points.flatMap(([, x, y]) => [x, y])),
    replace: true,
    change: Number.MAX_SAFE_INTEGER,
    map,
  });
}

/** @returns How many papers were compared. @throws KindredError `invalid` when some differ. */
async function compare(source: Copying, target: Copying, newest: number, progress: Progress): Promise<number> {
  const different: string[] = [];
  let papers = 0;
  for (let after = 0; ;) {
    const ones = await source.papers(after, PAPERS);
    const last = ones.at(-1)?.label ?? Infinity;
    const others = (await target.papers(after, PAPERS)).filter(({ label }) => label <= last);
    const digests = new Map(others.map((paper) => [paper.label, digestOf(paper)]));
    const labels = new Set(ones.map(({ label }) => label));
    for (const paper of ones) if (digests.get(paper.label) !== digestOf(paper)) different.push(paper.row.id);
    for (const paper of others) if (!labels.has(paper.label)) different.push(paper.row.id);
    papers += ones.length;
    progress("comparing", Math.min(last, newest), newest);
    if (ones.length < PAPERS) break;
    after = last;
  }
  if (different.length > 0)
    throw new KindredError(
      "invalid",
      `${different.length} papers differ in the copy, such as ${different.slice(0, NAMED).join(", ")}: they were changed while it ` +
        `was made; stop what writes, and copy into an empty library`,
    );
  return papers;
}

function digestOf({ label, row, identifiers, vector, sentences, failure }: CopiedPaper): string {
  const columns = Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const names = identifiers.map(({ kind, value }) => `${kind} ${value}`).toSorted();
  const hash = createHash("sha256").update(JSON.stringify([label, columns, names, failure]));
  if (vector !== null) hash.update(vector.vector).update(String(vector.scale));
  if (sentences !== null) hash.update(sentences.spans).update(sentences.sketches);
  return hash.digest("base64");
}
