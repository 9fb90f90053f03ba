/** Links to a paper outside of Kindred. */
import { arxivAddress, doiAddress } from "../../core/identifiers.js";
import type { Paper } from "../../core/paper.js";

export interface OutsideLink {
  label: string;
  text: string;
  href: string;
}

/** An http or https address; undefined for anything else: a `javascript:` link in an imported file must not be followed. */
export function webAddress(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text.trim())) return undefined;
  try {
    return new URL(text.trim()).href;
  } catch {
    return undefined;
  }
}

/** The paper's DOI, arXiv page and own address, unless that is the same as one of the others. */
export function outsideLinks(paper: Pick<Paper, "doi" | "arxiv" | "url">): OutsideLink[] {
  const links: OutsideLink[] = [];
  if (paper.doi !== null) links.push({ label: "DOI", text: paper.doi, href: doiAddress(paper.doi) });
  if (paper.arxiv !== null) links.push({ label: "arXiv", text: paper.arxiv, href: arxivAddress(paper.arxiv) });
  const href = paper.url === null ? undefined : webAddress(paper.url);
  if (href !== undefined && !links.some((link) => plain(link.href) === plain(href)))
    links.push({ label: "Web", text: new URL(href).host.replace(/^www\./, ""), href });
  return links;
}

/** The part of an address that is compared: `http://dx.doi.org/10.1/A` and `https://doi.org/10.1/a` are the same. */
const plain = (href: string): string => {
  const url = new URL(href);
  return (url.host.replace(/^(www|dx)\./, "") + url.pathname.replace(/\/$/, "") + url.search).toLowerCase();
};
