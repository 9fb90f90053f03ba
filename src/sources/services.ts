/** Asks services for single papers by their identifiers. */
import { doiOfArxiv } from "../core/identifiers.js";
import type { PaperRecord } from "../core/paper.js";
import { titleKey } from "../core/text.js";
import { readPapers } from "../formats/index.js";
import { isLocalHost } from "./addresses.js";
import { crossref } from "./crossref.js";
import { datacite } from "./datacite.js";
import type { Answer } from "./fetch.js";
import { contextOf } from "./harvest.js";
import { keyOf } from "./keys.js";
import type { Context, Kind } from "./kind.js";
import type { Network } from "./network.js";
import { FIELDS as OPENALEX_FIELDS, openalex } from "./openalex.js";
import { addressOf, linesOf, part, recordsIn } from "./parts.js";
import { ask as askPubmed, fetchRecords, idsIn, pubmed } from "./pubmed.js";
import { FIELDS as SEMANTIC_SCHOLAR_FIELDS, semanticScholar } from "./semantic-scholar.js";
import { SourceError } from "./source-error.js";
import { visitElements } from "./xml.js";

/** The most milliseconds to wait because a host asks for a pause: somebody is waiting. */
const PATIENCE = 30_000;
const TRIES = 3;
/** arXiv's lists are sometimes empty for no reason. */
const LISTS = 3;
/** Identifiers in one request. OpenAlex takes no more. */
export const AT_ONCE = 50;
/** Words of a title that are searched for. */
const TITLE_WORDS = 40;

const KINDS = { crossref, datacite, openalex, "semantic-scholar": semanticScholar, pubmed } as const;
export type ServiceName = keyof typeof KINDS | "arxiv";
/** Other addresses of services, for tests. */
export type Bases = Partial<Record<ServiceName, string>>;

export type ServicesOptions = { network: Network; bases?: Bases | undefined; signal?: AbortSignal | undefined };

/** Each method throws SourceError if the service cannot be asked. */
export class Services {
  readonly #options;
  readonly #contexts = new Map<ServiceName, Context>();

  constructor(options: ServicesOptions) {
    this.#options = options;
  }

  /** Papers of arXiv by their ids, from its API, which takes many at once; OAI-PMH takes one each three seconds. */
  async arxiv(ids: readonly string[]): Promise<PaperRecord[]> {
    const { base } = this.#context("arxiv");
    const url = addressOf(base, "/query", { id_list: ids.join(","), max_results: ids.length });
    for (let list = 1; ; list++) {
      const { bytes } = await this.#context("arxiv").fetcher.ask(url, { expect: "xml" });
      let total = NaN;
      await visitElements(bytes.toString(), url.hostname, TOTAL, ({ text }) => (total = Number(text)));
      if (!(total >= 0)) throw new SourceError(`${url.hostname} answered with XML that is no list of papers`);
      if (total === 0) return [];
      const records = await recordsFrom(bytes, url.hostname, list === LISTS);
      if (records.length >= total) return records;
      if (list === LISTS)
        throw new SourceError(`${url.hostname} lists ${records.length} of the ${total} papers it found`);
    }
  }

  /** Undefined if Crossref does not know the DOI. */
  async crossref(doi: string): Promise<PaperRecord | undefined> {
    const answer = await this.#known("crossref", `/works/${encodeURIComponent(doi)}`);
    return answer && recordIn(part(answer.json, "message"), answer.hostname);
  }

  /** Undefined if DataCite does not know the DOI. */
  async datacite(doi: string): Promise<PaperRecord | undefined> {
    const answer = await this.#known("datacite", `/dois/${encodeURIComponent(doi)}`);
    return answer && recordIn(part(answer.json, "data"), answer.hostname);
  }

  /** Works of OpenAlex by their DOIs, at most 50, also those of arXiv. */
  async openalex(dois: readonly string[]): Promise<PaperRecord[]> {
    // There is no way to write these signs in a filter.
    const asked = dois.filter((doi) => !/[,|]/.test(doi));
    return asked.length === 0 ? [] : this.#works(`doi:${asked.join("|")}`, asked.length);
  }

  /** Works of a year with a title like this. */
  async openalexByTitle(title: string, year: string): Promise<PaperRecord[]> {
    const words = titleKey(title).split(" ").slice(0, TITLE_WORDS).join(" ");
    return this.#works(`title.search:${words},publication_year:${year}`, 10);
  }

  async #works(filter: string, size: number): Promise<PaperRecord[]> {
    const { base } = this.#context("openalex");
    const url = addressOf(base, "/works", { filter, "per-page": size, select: OPENALEX_FIELDS });
    const answer = await this.#context("openalex").fetcher.ask(url, { expect: "json" });
    return recordsFrom(linesOf(recordsIn(answer, url.hostname, "results")), url.hostname, false);
  }

  /** Undefined if Semantic Scholar does not know the DOI. */
  async semanticScholar(doi: string): Promise<PaperRecord | undefined> {
    const path = `/graph/v1/paper/DOI:${doi.split("/").map(encodeURIComponent).join("/")}`;
    const answer = await this.#known("semantic-scholar", path, { fields: SEMANTIC_SCHOLAR_FIELDS });
    return answer && recordIn(answer.json, answer.hostname);
  }

  /** Papers of PubMed by their numbers. */
  async pubmed(pmids: readonly string[]): Promise<PaperRecord[]> {
    if (pmids.length === 0) return [];
    const context = this.#context("pubmed");
    const { bytes, found } = await fetchRecords(context, pmids.map(Number));
    return found.length === 0 ? [] : recordsFrom(bytes, new URL(context.base).hostname);
  }

  /** Papers of PubMed by their DOIs. */
  async pubmedByDoi(dois: readonly string[]): Promise<PaperRecord[]> {
    const context = this.#context("pubmed");
    const term = dois.map((doi) => `"${doi.replaceAll('"', "")}"[doi]`).join(" OR ");
    const form = { term, retmode: "json", retmax: String(AT_ONCE) };
    const answer = await askPubmed(context, "esearch.fcgi", "json", form);
    return this.pubmed(idsIn(answer, new URL(context.base).hostname).ids.map(String));
  }

  #context(name: ServiceName): Context {
    const made = this.#contexts.get(name);
    if (made !== undefined) return made;
    const { network, signal, bases = {} } = this.#options;
    const kind: Pick<Kind<never, never>, "base" | "headers" | "keyHeaders"> = name === "arxiv" ? ARXIV : KINDS[name];
    const base = (bases[name] ?? kind.base!(undefined as never)!).replace(/\/+$/, "");
    const trusted = bases[name] === undefined || isLocalHost(new URL(base).hostname);
    const context = contextOf(kind, base, {
      network,
      key: name === "arxiv" || !trusted ? undefined : keyOf(name, process.env),
      contact: process.env["KINDRED_CONTACT"],
      signal,
      private: bases[name] !== undefined,
      patience: PATIENCE,
      tries: TRIES,
    });
    this.#contexts.set(name, context);
    return context;
  }

  /** The answer about one thing; undefined if the service does not know it. */
  async #known(
    name: ServiceName,
    path: string,
    query: Record<string, string> = {},
  ): Promise<(Answer & { hostname: string }) | undefined> {
    const url = addressOf(this.#context(name).base, path, query);
    try {
      return { ...(await this.#context(name).fetcher.ask(url, { expect: "json" })), hostname: url.hostname };
    } catch (thrown) {
      if (thrown instanceof SourceError && thrown.status === 404) return undefined;
      throw thrown;
    }
  }
}

const ARXIV = { base: () => "https://export.arxiv.org/api" };
const TOTAL = new Set(["totalResults"]);

/** The identifiers by which a record can be asked for as a DOI. */
export const doisOf = ({ doi, arxiv }: PaperRecord): string[] => [
  ...(doi === undefined ? [] : [doi]),
  ...(arxiv === undefined ? [] : [doiOfArxiv(arxiv)]),
];

const recordIn = async (json: unknown, hostname: string): Promise<PaperRecord | undefined> =>
  (await recordsFrom(linesOf([json]), hostname))[0];

/**
 * The papers of an answer.
 *
 * @param needed Whether it is an error if there are none, but something that cannot be read.
 * @throws SourceError
 */
async function recordsFrom(bytes: Buffer, hostname: string, needed = true): Promise<PaperRecord[]> {
  const records: PaperRecord[] = [];
  let problem: string | undefined;
  const once = (async function* () { yield await Promise.resolve(bytes); })(); // prettier-ignore
  for await (const reading of readPapers(once)) {
    if (reading.kind === "paper") records.push(reading.paper);
    else if (reading.kind === "problem") problem ??= reading.reason;
  }
  if (needed && records.length === 0 && problem !== undefined)
    throw new SourceError(`${hostname} sent a record that cannot be read: ${problem}`);
  return records;
}
