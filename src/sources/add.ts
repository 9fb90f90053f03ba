/** Adds single papers by their identifiers: asks services for those that are not here. */
import type { Added, AddReport, FindAnswer } from "../api.js";
import { identifiersIn } from "../core/identifiers.js";
import { KindredError } from "../core/errors.js";
import type { Paper, PaperRecord } from "../core/paper.js";
import type { OwnedRow, Writer } from "../engine/writer.js";
import { BY_PERSON } from "./mine.js";
import type { Network } from "./network.js";
import { AT_ONCE, type Bases, doisOf, Services } from "./services.js";
import { SourceError } from "./source-error.js";

/** What it needs of a `Kindred`. */
export type Library = {
  find: (text: string) => Promise<FindAnswer>;
  paper: (id: string) => Promise<Paper>;
  /** All papers, or those of a list. */
  papers: (list?: string) => AsyncIterable<Paper>;
  owned: (owner: string, prefix: string, limit: number, after: string) => Promise<OwnedRow[]>;
  writer: Pick<Writer, "importBatch">;
  settled: () => Promise<void>;
  connections: () => Promise<Network>;
  services: Bases | undefined;
};

export type AddOptions = {
  signal?: AbortSignal;
  onProgress?: (progress: { done: number; total: number }) => void;
};

type Wanted = { kind: "arxiv" | "doi" | "pmid"; value: string };
type Found = { record: PaperRecord } | { reason: string; failed: boolean };

const NAME = "add";

/**
 * Imports the papers that the identifiers name and that are not here, as one import. Services are asked for these only.
 *
 * @throws KindredError `invalid` if one of them is no identifier: then nothing is asked; `cancelled`: then nothing is imported.
 */
export async function add(
  library: Library,
  identifiers: readonly string[],
  { signal, onProgress }: AddOptions = {},
): Promise<AddReport> {
  const wanted = identifiers.map(understood);
  const invalid = identifiers.filter((_, i) => wanted[i] === undefined);
  if (invalid.length > 0)
    throw new KindredError(
      "invalid",
      `identifiers: got ${invalid.slice(0, 5).map((text) => `"${text.slice(0, 100)}"`).join(", ")}` + // prettier-ignore
        ", expected a DOI (10.1000/xyz), an arXiv id (2401.01234), PMID:123, or an address that contains one",
      { parameter: "identifiers" },
    );
  const report: AddReport = { import: null, added: 0, updated: 0, unchanged: 0, identifiers: [], remarks: [] };
  const results = new Map<string, Omit<Added, "given">>();
  const missing = new Map<string, Wanted>();
  for (const [i, one] of wanted.entries()) {
    const paper = (await library.find(identifiers[i]!)).found[0]?.paper;
    if (paper === undefined) missing.set(keyOf(one!), one!);
    else results.set(keyOf(one!), { outcome: "here", paper, reason: null });
  }
  if (missing.size > 0) {
    const services = new Services({ network: await library.connections(), bases: library.services, signal });
    const found = await lookUp(services, [...missing.values()], report.remarks, onProgress).catch((thrown: unknown) => {
      if (signal?.aborted !== true) throw thrown;
      throw new KindredError("cancelled", "cancelled: nothing was imported", { cause: thrown });
    });
    for (const [key, result] of await imported(library, found, report)) results.set(key, result);
  }
  for (const [i, given] of identifiers.entries())
    report.identifiers.push({ given, ...results.get(keyOf(wanted[i]!))! });
  return report;
}

/** Imports what was found. @returns The result for each identifier, by its key. */
async function imported(
  library: Library,
  found: ReadonlyMap<string, Found>,
  report: AddReport,
): Promise<Map<string, Omit<Added, "given">>> {
  const results = new Map<string, Omit<Added, "given">>();
  const records: { key: string; record: PaperRecord }[] = [];
  for (const [key, one] of found)
    if ("record" in one) records.push({ key, record: one.record });
    else results.set(key, { outcome: one.failed ? "failed" : "not-found", paper: null, reason: one.reason });
  if (records.length === 0) return results;
  const batch = { number: null, name: NAME, records: records.map(({ record }) => record), last: true, ...BY_PERSON };
  const { number, papers } = await library.writer.importBatch(batch);
  await library.settled();
  report.import = number;
  for (const [i, { id, outcome, remarks }] of papers.entries()) {
    const { key, record } = records[i]!;
    report[outcome]++;
    report.remarks.push(...remarks);
    const paper = { id, title: record.title };
    results.set(key, { outcome: outcome === "unchanged" ? "here" : outcome, paper, reason: null });
  }
  return results;
}

const keyOf = ({ kind, value }: Wanted): string => `${kind} ${value}`;

function understood(given: string): Wanted | undefined {
  const found = identifiersIn(given).find(({ kind }) => kind !== "url");
  return found === undefined ? undefined : { ...found, kind: found.kind as Wanted["kind"] };
}

/** @returns By the keys of identifiers: a paper, with an abstract if any service has one, or why there is none. */
async function lookUp(
  services: Services,
  wanted: readonly Wanted[],
  remarks: string[],
  onProgress: AddOptions["onProgress"],
): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  const take = async (
    asked: readonly Wanted[],
    where: string,
    work: (values: string[]) => Promise<(PaperRecord | undefined)[]>,
  ) => {
    const answered = await work(asked.map(({ value }) => value)).catch(sayWhy);
    for (const [i, one] of asked.entries()) {
      const record = typeof answered === "string" ? undefined : answered[i];
      if (record !== undefined) found.set(keyOf(one), { record });
      else if (typeof answered === "string") found.set(keyOf(one), { reason: answered, failed: true });
      else found.set(keyOf(one), { reason: `${where} it`, failed: false });
    }
    onProgress?.({ done: found.size, total: wanted.length });
  };
  const of = (kind: Wanted["kind"]) => wanted.filter((one) => one.kind === kind);
  for (const some of parts(of("arxiv")))
    await take(some, "arXiv does not know", async (ids) => {
      const records = await services.arxiv(ids);
      return ids.map((id) => records.find(({ arxiv }) => arxiv === id));
    });
  for (const some of parts(of("pmid")))
    await take(some, "PubMed does not know", async (pmids) => {
      const records = await services.pubmed(pmids);
      return pmids.map((pmid) => records.find(({ id }) => id === `PMID:${pmid}`));
    });
  for (const one of of("doi"))
    await take([one], "neither Crossref nor DataCite knows", async () => [
      (await services.crossref(one.value)) ?? (await services.datacite(one.value)),
    ]);
  await addAbstracts(services, [...found.values()], remarks);
  return found;
}

/** Asks one service after the other for abstracts that are missing. One that fails is left out, and reported. */
async function addAbstracts(services: Services, found: readonly Found[], remarks: string[]): Promise<void> {
  const without = (): (PaperRecord & { doi: string })[] =>
    found.flatMap((one) =>
      "record" in one && one.record.doi !== undefined && one.record.abstract === undefined
        ? [one.record as PaperRecord & { doi: string }]
        : [],
    );
  const fill = (records: readonly PaperRecord[]) => {
    for (const record of without()) {
      const abstract = records.find((one) => doisOf(one).includes(record.doi))?.abstract;
      if (abstract !== undefined) record.abstract = abstract;
    }
  };
  const batches = async (work: (dois: string[]) => Promise<PaperRecord[]>) => {
    for (const some of parts(without())) fill(await work(some.map(({ doi }) => doi)));
  };
  const ways = [
    () => batches((dois) => services.openalex(dois)),
    async () => {
      for (const record of without()) {
        const abstract = (await services.semanticScholar(record.doi))?.abstract;
        if (abstract !== undefined) record.abstract = abstract;
      }
    },
    () => batches((dois) => services.pubmedByDoi(dois)),
  ];
  for (const way of ways) {
    if (without().length === 0) return;
    const failed = await way().catch(sayWhy);
    if (typeof failed === "string") remarks.push(`abstracts may be missing: ${failed}`);
  }
}

/** The message of a service's failure; anything else is thrown. */
function sayWhy(thrown: unknown): string {
  if (thrown instanceof SourceError) return thrown.message;
  throw thrown;
}

function* parts<T>(all: readonly T[]): Generator<T[]> {
  for (let i = 0; i < all.length; i += AT_ONCE) yield all.slice(i, i + AT_ONCE);
}
