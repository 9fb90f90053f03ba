/**
 * The identifiers papers are known by, and how each is normalised so that two spellings of one are equal.
 */

/** `10.1000/xyz` anywhere in a text: a registrant of four to nine digits, then anything but white space. */
const DOI = /10\.\d{4,9}(?:\.\d+)*\/[^\s"]+/;
/** DOIs of the 1990s may hold `<0241:TEOTAW>`; where a tag begins, the DOI ends. */
const TAG = /<(?=[a-z/!])/i;
/** Year and month, then a number. */
const ARXIV_NEW = /\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}/;
const ARXIV_OLD = /[a-z][a-z-]*(?:\.[a-z]{2})?\/\d{7}/;
const ARXIV = `(?:${ARXIV_NEW.source}|${ARXIV_OLD.source})`;
const ARXIV_WHOLE = new RegExp(`^(?:arxiv\\s*:\\s*)?(${ARXIV})(?:v\\d+)?$`, "i");
const ARXIV_URL = new RegExp(
  `(?:arxiv\\.org/(?:abs|pdf|html|format)/|huggingface\\.co/papers/|alphaxiv\\.org/abs/)(${ARXIV})(?:v\\d+)?`,
  "i",
);
/** arXiv registers its own DOIs, one a paper: arXiv's help page "DOIs for arXiv". */
const ARXIV_DOI = new RegExp(`^10\\.48550/arxiv\\.(${ARXIV})(?:v\\d+)?$`, "i");

/** `10.1145/3292500` in lower case, or undefined when the text holds no DOI. Resolver, `doi:` and closing punctuation go. */
export function normalizeDoi(text: string): string | undefined {
  const trimmed = text.trim();
  // What an address has behind "?" or "#" is not the DOI's: there, a DOI with these characters has them escaped.
  let decoded = /^https?:\/\//i.test(trimmed) ? trimmed.replace(/[?#].*$/s, "") : trimmed;
  try {
    if (/%(2f|3c|28)/i.test(decoded)) decoded = decodeURIComponent(decoded);
  } catch {
    // A stray percent sign is part of the text.
  }
  const found = DOI.exec(decoded)?.[0].split(TAG)[0];
  if (found === undefined) return undefined;
  let doi = found.toLowerCase().replace(/[.,;:'”’]+$/, "");
  // A bracket belongs to the DOI only if it was opened in it, as in 10.1016/0004-3702(89)90049-4.
  while (/[)\]}]$/.test(doi) && !balanced(doi)) doi = doi.slice(0, -1);
  return doi;
}

function balanced(text: string): boolean {
  const count = (character: string) => text.split(character).length - 1;
  return count("(") >= count(")") && count("[") >= count("]") && count("{") >= count("}");
}

/** `1706.03762` or `hep-th/9901001`, without version, or undefined when the text is no arXiv id, arXiv URL or arXiv DOI. */
export function normalizeArxiv(text: string): string | undefined {
  const trimmed = text.trim();
  const doi = normalizeDoi(trimmed);
  const id =
    (doi && ARXIV_DOI.exec(doi)?.[1]) ?? ARXIV_WHOLE.exec(trimmed)?.[1] ?? ARXIV_URL.exec(trimmed)?.[1] ?? undefined;
  return id === undefined || id === "" ? undefined : canonicalArxiv(id);
}

/** The archive in lower case, its subject class gone: `math.GT/0309136` is listed by arXiv as `math/0309136`. */
function canonicalArxiv(id: string): string {
  return id.toLowerCase().replace(/^([a-z-]+)\.[a-z]{2}\//, "$1/");
}

/** The DOI that arXiv registers for one of its ids. */
export const doiOfArxiv = (arxiv: string): string => `10.48550/arxiv.${arxiv}`;

/** Where a DOI leads, whatever characters it has. */
export const doiAddress = (doi: string): string =>
  `https://doi.org/${doi.split("/").map(encodeURIComponent).join("/")}`;

/** A web address reduced to what tells it from others: no scheme, `www.`, fragment or closing slash; host in lower case. */
export function normalizeUrl(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    return undefined;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  return url.host.replace(/^www\./, "") + url.pathname.replace(/\/+$/, "") + url.search;
}

export type Identifier = { kind: "doi" | "arxiv" | "url"; value: string };

/**
 * What a text is, if it is nothing but one identifier: a DOI, an arXiv id, or a web address (which may hold either).
 * Returned in the order in which they should be looked up; empty when the text is something else.
 */
export function identifiersIn(text: string): Identifier[] {
  const trimmed = text.trim();
  if (trimmed === "" || /\s/.test(trimmed.replace(/^(doi|arxiv)\s*:\s*/i, ""))) return [];
  const found: Identifier[] = [];
  const arxiv = normalizeArxiv(trimmed);
  if (arxiv !== undefined) found.push({ kind: "arxiv", value: arxiv });
  const doi = /^(doi\s*:|https?:|10\.)/i.test(trimmed) ? normalizeDoi(trimmed) : undefined;
  if (doi !== undefined) found.push({ kind: "doi", value: doi });
  const url = normalizeUrl(trimmed);
  if (url !== undefined) found.push({ kind: "url", value: url });
  return found;
}
