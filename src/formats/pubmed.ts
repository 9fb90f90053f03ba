/** What PubMed and Europe PMC have in common. */

/** A full stop that ends a sentence, not one of an ellipsis or of an abbreviation such as "U.S.". */
const FULL_STOP = /(?<![.\s]|\.\S{1,3})\.\s*$/;

export const withoutFullStop = (title: unknown): unknown =>
  typeof title === "string" ? title.replace(FULL_STOP, "") : title;

/** Without the brackets that PubMed puts around a title that it translated: "[On otters]." */
export function pubmedTitle(title: unknown): unknown {
  const bare = withoutFullStop(title);
  if (typeof bare !== "string") return bare;
  return /^\s*\[([^[\]]*)\]\s*$/s.exec(bare)?.[1] ?? bare;
}

const isPmid = (pmid: unknown): pmid is string => typeof pmid === "string" && /^\d{1,9}$/.test(pmid.trim());

export const pubmedId = (pmid: unknown): string | undefined => (isPmid(pmid) ? `PMID:${pmid.trim()}` : undefined);

export const pubmedAddress = (pmid: unknown): string | undefined =>
  isPmid(pmid) ? `https://pubmed.ncbi.nlm.nih.gov/${pmid.trim()}/` : undefined;
