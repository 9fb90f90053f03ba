/** What PubMed and Europe PMC have in common. */
import { withoutFullStop } from "./text.js";

/** A title without the full stop that ends it; any other value unchanged. */
export const withoutStop = (title: unknown): unknown => (typeof title === "string" ? withoutFullStop(title) : title);

/** Without the brackets that PubMed puts around a title that it translated: "[On otters]." */
export function pubmedTitle(title: unknown): unknown {
  const bare = withoutStop(title);
  if (typeof bare !== "string") return bare;
  return /^\s*\[([^[\]]*)\]\s*$/s.exec(bare)?.[1] ?? bare;
}

const isPmid = (pmid: unknown): pmid is string => typeof pmid === "string" && /^\d{1,9}$/.test(pmid.trim());

export const pubmedId = (pmid: unknown): string | undefined => (isPmid(pmid) ? `PMID:${pmid.trim()}` : undefined);

export const pubmedAddress = (pmid: unknown): string | undefined =>
  isPmid(pmid) ? `https://pubmed.ncbi.nlm.nih.gov/${pmid.trim()}/` : undefined;
