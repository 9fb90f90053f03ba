/** One local server that stands for all services that single papers are asked of. */
import type { TestContext } from "node:test";
import { openKindred, type Kindred } from "../../src/kindred.js";
import type { Bases } from "../../src/sources/services.js";
import { temporaryDirectory } from "../sample.js";
import { type Answers, type Asked, type Reply, Service } from "./service.js";

type Name = keyof Required<Bases>;
/** What each service answers; one that is not listed knows nothing. */
export type Answering = Partial<Record<Name, (asked: Asked, path: string) => ReturnType<Answers> | undefined>>;

export class Everywhere {
  readonly bases: Bases;

  private constructor(private readonly service: Service) {
    const names = ["arxiv", "crossref", "datacite", "openalex", "semantic-scholar", "pubmed"] as const;
    this.bases = Object.fromEntries(names.map((name) => [name, `${service.base}/${name}`]));
  }

  static async start(t: Pick<TestContext, "after">, answering: Answering): Promise<Everywhere> {
    const service = await Service.start((asked) => {
      const [, name = "", rest = ""] = /^\/([a-z-]+)(\/.*)$/.exec(asked.url.pathname) ?? [];
      return answering[name as Name]?.(asked, decodeURIComponent(rest)) ?? NOTHING[name as Name];
    });
    t.after(() => service.close());
    return new Everywhere(service);
  }

  /** The names of the services that were asked, in order. */
  get asked(): string[] {
    return this.service.asked.map(({ url }) => url.pathname.split("/")[1]!);
  }

  get requests(): readonly Asked[] {
    return this.service.asked;
  }

  forget(): void {
    this.service.asked.length = 0;
  }
}

const NOT_FOUND: Reply = { status: 404, headers: { "content-type": "text/plain" }, body: "Resource not found." };
const NOTHING: Record<Name, Reply> = {
  arxiv: { body: feedOf([]) },
  crossref: NOT_FOUND,
  datacite: {
    status: 404,
    body: { errors: [{ status: "404", title: "The resource you are looking for doesn't exist." }] },
  },
  openalex: { body: { meta: { count: 0, next_cursor: null }, results: [] } },
  "semantic-scholar": { status: 404, body: { error: "Paper with id DOI:... not found" } },
  pubmed: { body: { esearchresult: { count: "0", idlist: [] } } },
};

export type Preprint = { id: string; title: string };

/** A list of arXiv's API. */
export function feedOf(papers: readonly Preprint[], total = papers.length): string {
  const entries = papers.map(
    ({ id, title }) => `<entry>
      <id>http://arxiv.org/abs/${id}v2</id><title>${title}</title><summary>Abstract of ${title}.</summary>
      <updated>2024-02-02T00:00:00Z</updated><published>2024-01-02T00:00:00Z</published>
      <author><name>Ada Author</name></author><category term="cs.CL"/>
    </entry>`,
  );
  return `<?xml version='1.0' encoding='UTF-8'?>
    <feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns="http://www.w3.org/2005/Atom">
    <id>https://arxiv.org/api/x</id><title>arXiv Query</title><updated>2024-02-02T00:00:00Z</updated>
    <opensearch:totalResults>${total}</opensearch:totalResults>${entries.join("")}</feed>`;
}

export const workOf = (doi: string, title: string, more: object = {}) => ({
  message: {
    DOI: doi,
    title: [title],
    type: "journal-article",
    author: [{ given: "Ada", family: "Author" }],
    issued: { "date-parts": [[2020, 5, 6]] },
    ...more,
  },
});

let works = 0;
/** A work of OpenAlex. */
export const openAlexOf = (doi: string | null, title: string, abstract: string | null, more: object = {}) => ({
  id: `https://openalex.org/W${++works}`,
  doi: doi === null ? null : `https://doi.org/${doi}`,
  title,
  publication_date: "2020-05-06",
  authorships: [{ author: { display_name: "Ada Author" } }],
  abstract_inverted_index:
    abstract === null ? null : Object.fromEntries(abstract.split(" ").map((word, i) => [word, [i]])),
  ...more,
});

export const openAlexAnswer = (works: readonly object[]): Reply => ({
  body: { meta: { count: works.length, next_cursor: null }, results: works },
});

export const pubmedOf = (pmid: number, title: string, doi: string, abstract: string): string =>
  `<?xml version="1.0"?><PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>${pmid}</PMID><Article>
    <Journal><Title>Journal of Tests</Title></Journal><ArticleTitle>${title}</ArticleTitle>
    <Abstract><AbstractText>${abstract}</AbstractText></Abstract></Article></MedlineCitation>
    <PubmedData><ArticleIdList><ArticleId IdType="doi">${doi}</ArticleId></ArticleIdList></PubmedData>
  </PubmedArticle></PubmedArticleSet>`;

export async function library(t: TestContext, { bases: services }: Everywhere, ...papers: object[]): Promise<Kindred> {
  const kindred = await openKindred({ directory: temporaryDirectory(t), workers: 1, services });
  t.after(() => kindred.close());
  const lines = papers.map((paper) => `${JSON.stringify(paper)}\n`).join("");
  if (papers.length > 0) await kindred.import((async function* () { yield await Promise.resolve(Buffer.from(lines)); })()); // prettier-ignore
  return kindred;
}
