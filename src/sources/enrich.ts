/** Fills in what papers lack, from OpenAlex. */
import { doiOfArxiv } from "../core/identifiers.js";
import { KindredError } from "../core/errors.js";
import type { Paper, PaperRecord } from "../core/paper.js";
import { fold, titleKey, wordsOf } from "../core/text.js";
import type { Library } from "./add.js";
import { AT_ONCE, doisOf, Services } from "./services.js";
import { SourceError } from "./source-error.js";

const OWNER = "enrich";
const NAME = "enrich";
/** Papers that one run asks for, unless it is told otherwise. */
const MOST = 10_000;
/** A paper for which nothing was found is not asked for again for so long, in milliseconds. */
const AGAIN = 30 * 86_400_000;
/** Characters of a title that is specific enough to be searched for: "Preface" and "Editorial" are not. */
const SPECIFIC = 20;
/** Rows read at a time. */
const PAGE = 10_000;

export type EnrichReport = {
  /** The number that undoes it; null if nothing was changed. */
  import: number | null;
  /** Papers that were asked for. */
  asked: number;
  /** Papers that got something, and what they got. */
  updated: number;
  abstracts: number;
  dates: number;
  dois: number;
  /** Why OpenAlex could not be asked for all of them; null if it could. */
  error: string | null;
  remarks: string[];
};

export type EnrichOptions = {
  max?: number;
  list?: string;
  signal?: AbortSignal;
  onProgress?: (progress: { asked: number; updated: number }) => void;
};

/** What a paper may get. */
type Gain = Pick<PaperRecord, "abstract" | "doi" | "published">;

/**
 * Asks for papers in batches. What a batch brings, and which papers it was asked for, is stored in one transaction.
 *
 * @throws KindredError `cancelled`; what was stored before stays.
 */
export async function enrich(library: Library, options: EnrichOptions = {}): Promise<EnrichReport> {
  const { max = MOST, list, signal, onProgress } = options;
  const network = await library.connections();
  const services = new Services({ network, bases: library.services, signal });
  const recent = await askedSince(library, new Date(network.hosts.clock.now() - AGAIN).toISOString());
  const report: EnrichReport = {
    import: null,
    asked: 0,
    updated: 0,
    abstracts: 0,
    dates: 0,
    dois: 0,
    error: null,
    remarks: [],
  };
  const take = async (papers: readonly Paper[]) => {
    const gains = await found(services, papers);
    const filled: { paper: Paper; added: Gain }[] = [];
    for (const [id, gain] of gains) {
      // It may have been changed or removed meanwhile.
      const paper = await library.paper(id).catch(unlessGone);
      const added = paper === undefined ? {} : addedTo(paper, gain);
      // A copy of this paper has the DOI.
      if (added.doi !== undefined && (await library.find(`doi:${added.doi}`)).found.length > 0) delete added.doi;
      if (Object.keys(added).length > 0) filled.push({ paper: paper!, added });
    }
    const now = new Date(network.hosts.clock.now()).toISOString();
    const gained = new Set(filled.map(({ paper }) => paper.id));
    const imported = await library.writer.importBatch({
      number: report.import,
      name: NAME,
      records: filled.map(recordOf),
      last: false,
      rows: papers.map(({ id }) => ({ owner: OWNER, key: id, value: gained.has(id) ? null : now })),
    });
    for (const [i, { outcome, remarks }] of imported.papers.entries()) {
      const { abstract, published, doi } = filled[i]!.added;
      if (outcome === "updated") report.updated++;
      if (abstract !== undefined) report.abstracts++;
      if (published !== undefined) report.dates++;
      if (doi !== undefined) report.dois++;
      report.remarks.push(...remarks);
    }
    report.import = imported.number;
    report.asked += papers.length;
    onProgress?.({ asked: report.asked, updated: report.updated });
  };
  try {
    let batch: Paper[] = [];
    for await (const paper of library.papers(list)) {
      signal?.throwIfAborted();
      if (!lacks(paper) || recent.has(paper.id) || !canBeAsked(paper)) continue;
      if (report.asked + batch.length === max) {
        report.remarks.push(`stopped after ${max} papers, the limit of one run: run it again for the others`);
        break;
      }
      batch.push(paper);
      if (batch.length < AT_ONCE) continue;
      await take(batch);
      batch = [];
    }
    if (batch.length > 0) await take(batch);
  } catch (thrown) {
    if (signal?.aborted === true)
      throw new KindredError("cancelled", "cancelled: what was filled in stays, and the next run goes on from there", {
        cause: thrown,
      });
    if (!(thrown instanceof SourceError)) throw thrown;
    report.error = thrown.message;
  } finally {
    if (report.import !== null) {
      await library.writer.importBatch({ number: report.import, name: NAME, records: [], last: true });
      await library.settled();
    }
  }
  return report;
}

/** A paper with an arXiv id needs no DOI: arXiv's own can be derived. */
const lacks = ({ abstract, published, doi, arxiv }: Pick<Paper, "abstract" | "published" | "doi" | "arxiv">): boolean =>
  abstract === null || published === null || (doi === null && arxiv === null);

const doiOf = ({ doi, arxiv }: Paper): string | null => doi ?? (arxiv === null ? null : doiOfArxiv(arxiv));

/** Without a DOI, a paper must have what tells it from others. */
const canBeAsked = (paper: Paper): boolean =>
  doiOf(paper) !== null ||
  (paper.published !== null && paper.authors.length > 0 && titleKey(paper.title).length >= SPECIFIC);

/** The ids of papers that were asked for without result since a time. */
async function askedSince(library: Library, time: string): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let after = ""; ;) {
    const rows = await library.owned(OWNER, "", PAGE, after);
    for (const { key, value } of rows) if (value !== null && value > time) ids.add(key);
    if (rows.length < PAGE) return ids;
    after = rows.at(-1)!.key;
  }
}

/** What OpenAlex knows of papers, by their ids. */
async function found(services: Services, papers: readonly Paper[]): Promise<Map<string, Gain>> {
  const gains = new Map<string, Gain>();
  const withDoi = papers.filter((paper) => doiOf(paper) !== null);
  const works = await services.openalex([...new Set(withDoi.map((paper) => doiOf(paper)!))]);
  for (const paper of withDoi) {
    const work = works.find((one) => doisOf(one).includes(doiOf(paper)!));
    if (work !== undefined) gains.set(paper.id, work);
  }
  for (const paper of papers) {
    if (doiOf(paper) !== null) continue;
    const alike = (await services.openalexByTitle(paper.title, yearOf(paper))).filter((work) => isCertain(paper, work));
    // A preprint and its publication have one title: either may be meant.
    if (alike.length === 1) gains.set(paper.id, alike[0]!);
  }
  return gains;
}

const yearOf = ({ published }: { published?: string | null | undefined }): string => published?.slice(0, 4) ?? "";

/** Whether a work has the title, the year and an author of a paper. */
function isCertain(paper: Paper, work: PaperRecord): boolean {
  const familyNames = (names: readonly string[]) => names.map((name) => wordsOf(fold(name)).at(-1));
  const known = new Set(familyNames(paper.authors));
  return (
    titleKey(work.title) === titleKey(paper.title) &&
    yearOf(work) === yearOf(paper) &&
    familyNames(work.authors ?? []).some((name) => name !== undefined && known.has(name))
  );
}

/** What a paper lacks. */
const addedTo = (paper: Paper, { abstract, published, doi }: Gain): Gain => ({
  ...(paper.abstract === null && abstract !== undefined && { abstract }),
  ...(paper.published === null && published !== undefined && { published }),
  ...(paper.doi === null && doi !== undefined && { doi }),
});

/** Title and identifiers say which paper it is, and are as before. */
const recordOf = ({ paper: { id, title, doi, arxiv }, added }: { paper: Paper; added: Gain }): PaperRecord => ({
  id,
  title,
  ...(doi !== null && { doi }),
  ...(arxiv !== null && { arxiv }),
  ...added,
});

function unlessGone(thrown: unknown): undefined {
  if (thrown instanceof KindredError && thrown.code === "not-found") return undefined;
  throw thrown;
}
