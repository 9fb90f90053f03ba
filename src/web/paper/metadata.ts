/**
 * What a reference manager's browser button reads on the page of a paper: `citation_*` metadata (as Google Scholar and Highwire
 * define them) and a COinS (OpenURL 1.0 in the title of a span).
 */
import { useEffect } from "preact/hooks";
import { arxivAddress, doiAddress } from "../../core/identifiers.js";
import type { Paper } from "../../core/paper.js";
import { kindOf } from "../../formats/kind.js";
import { tellReferenceManager } from "../ui/reference-manager.js";

/** Names and contents of the meta elements. */
export function metadataOf(paper: Paper): [name: string, content: string][] {
  const { title, authors, venue, published, doi, arxiv, url, keywords, abstract } = paper;
  const conference = kindOf(paper) === "conference";
  const metadata: [string, string | null][] = [
    ["citation_title", title],
    ...authors.map((author): [string, string] => ["citation_author", author]),
    ["citation_publication_date", published?.replaceAll("-", "/") ?? null],
    [conference ? "citation_conference_title" : "citation_journal_title", venue],
    ["citation_doi", doi],
    ["citation_arxiv_id", arxiv],
    ["citation_pdf_url", arxiv === null ? null : arxivAddress(arxiv).replace("/abs/", "/pdf/")],
    ["citation_public_url", url],
    ["citation_keywords", keywords.length === 0 ? null : keywords.join("; ")],
    ["citation_abstract", abstract],
  ];
  return metadata.filter((one): one is [string, string] => one[1] !== null);
}

/** The title of the span of class Z3988. */
export function coinsOf(paper: Paper): string {
  const { title, authors, venue, published, doi, arxiv } = paper;
  const genre = { article: "article", conference: "proceeding", preprint: "preprint", other: "document" }[
    kindOf(paper)
  ];
  const pairs: [string, string | null][] = [
    ["ctx_ver", "Z39.88-2004"],
    ["rft_val_fmt", "info:ofi/fmt:kev:mtx:journal"],
    ["rft.genre", genre],
    ["rft.atitle", title],
    ["rft.jtitle", venue],
    ["rft.date", published],
    ...authors.map((author): [string, string] => ["rft.au", author]),
    ["rft_id", doi === null ? null : `info:doi/${doi}`],
    ["rft_id", arxiv === null ? null : `info:arxiv/${arxiv}`],
    ["rft_id", doi === null ? paper.url : doiAddress(doi)],
  ];
  return new URLSearchParams(pairs.filter((one): one is [string, string] => one[1] !== null)).toString();
}

/** Describes the paper in the document's head, for as long as its page is shown. */
export function useMetadata(paper: Paper | null): void {
  useEffect(() => {
    if (paper === null) return undefined;
    const elements = metadataOf(paper).map(([name, content]) => {
      const element = document.createElement("meta");
      element.name = name;
      element.content = content;
      return element;
    });
    document.head.append(...elements);
    tellReferenceManager();
    return () => elements.forEach((element) => element.remove());
  }, [paper]);
}
