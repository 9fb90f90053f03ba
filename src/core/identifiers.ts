/** The identifiers of papers, normalised so that two spellings of one are equal. */

/** `10.1000/xyz` anywhere in a text: a registrant of four to nine digits, then anything except white space. */
const DOI = /10\.\d{4,9}(?:\.\d{1,9}){0,9}\/[^\s"]+/;
const DOIS = new RegExp(DOI, "g");
/** DOIs of the 1990s may contain `<0241:TEOTAW>`; an HTML tag ends the DOI. */
const TAG = /<(?=[a-z/!])/i;
/** Year and month, then a number. */
const ARXIV_NEW = /\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}/;
const ARXIV_OLD = /[a-z][a-z-]*(?:\.[a-z]{2})?\/\d{7}/;
const ARXIV = `(?:${ARXIV_NEW.source}|${ARXIV_OLD.source})`;
/** The stamp on the first page of arXiv papers: `arXiv:1506.02151v3 [math.NT] 6 Jun 2015`. */
const STAMP = /(?:\s*\[[a-z.-]+\](?:\s+\d{1,2}\s+[a-z]{3,9}\s+\d{4})?)?/;
const ARXIV_WHOLE = new RegExp(`^(?:arxiv(?:\\s*:\\s*|\\s+))?(${ARXIV})(?:v\\d+)?${STAMP.source}$`, "i");
const ARXIV_URL = new RegExp(
  `(?:arxiv\\.org/(?:abs|pdf|html|format)/|huggingface\\.co/papers/|alphaxiv\\.org/abs/)(${ARXIV})(?:v\\d+)?`,
  "i",
);
/** arXiv registers a DOI for each paper (arXiv's help page "DOIs for arXiv"). */
const ARXIV_DOI = new RegExp(`^10\\.48550/arxiv\\.(${ARXIV})(?:v\\d+)?$`, "i");

const PMID =
  /^(?:pmid\s*:?\s*|https?:\/\/(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:www\.)?ncbi\.nlm\.nih\.gov\/pubmed)\/)(\d{1,9})\/?(?:[?#].*)?$/i;

/** Invisible characters other than white space: control characters, text direction marks, half surrogate pairs. */
const INVISIBLE = /(?!\s)[\p{Cc}\p{Cf}\p{Cs}]|\ufeff/gu;

/**
 * Placeholders of authors and templates for a DOI that is not known yet, limited to what no registrant assigns:
 * `10.1145/...`, `10.1145/nnnnnnn.nnnnnnn` and `10.1145/1122445.1122456` (ACM's template), `10.1109/ACCESS.2024.DOI`
 * (IEEE's), `10.1109/TBD`.
 */
const PLACEHOLDERS = [
  /^10\.0+(?:\.\d+)*\//,
  /^[^/]*\/[^\p{L}\p{N}]*$/u,
  /^[^/]*\/(?:n{3,}|x{3,}|0{3,})(?:[./_-](?:n+|x+|0+))*$/,
  /^[^/]*\/(?:.*[^a-z])?x{4,}(?:[^a-z].*)?$/,
  /^[^/]*\/(?:tb[acd]|todo|unknown|none|null|undefined|nan?|n\/a|pending|placeholder|(?:to[-_.]?be[-_.]?)?(?:assigned|determined|announced))$/,
  /^10\.1109\/.*\.doi$/,
  /^10\.1145\/1122445\.1122456$/,
];

/**
 * `10.1145/3292500` in lower case; undefined if the text contains no DOI or only a placeholder. Removes the resolver,
 * `doi:`, closing punctuation and invisible characters.
 */
export function normalizeDoi(text: string): string | undefined {
  const trimmed = text.trim();
  // Query and fragment of a URL do not belong to the DOI: in a URL, a DOI with "?" or "#" has them escaped.
  let decoded = /^(?:https?:\/\/|(?:dx\.|www\.)?doi\.org\/)/i.test(trimmed) ? trimmed.replace(/[?#].*$/s, "") : trimmed;
  try {
    if (/%(?:2f|3c|28|[01][\da-f]|7f|e2%8)/i.test(decoded)) decoded = decodeURIComponent(decoded);
  } catch {
    // A stray percent sign is literal.
  }
  for (const [found] of decoded.replace(INVISIBLE, "").matchAll(DOIS)) {
    const doi = withoutUnopened(withoutEnd((found.split(TAG)[0] ?? "").toLowerCase(), ".,;:'”’"));
    if (!PLACEHOLDERS.some((placeholder) => placeholder.test(doi))) return doi;
  }
  return undefined;
}

/** Strips these characters from the end. A regular expression would take quadratic time. */
function withoutEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** A closing bracket belongs to the DOI only if it was opened in it, as in 10.1016/0004-3702(89)90049-4. */
function withoutUnopened(doi: string): string {
  const unopened = ["()", "[]", "{}"].map(([opening = "", closing = ""]) => ({
    closing,
    count: doi.split(closing).length - doi.split(opening).length,
  }));
  let end = doi.length;
  for (; unopened.some(({ count }) => count > 0); end--) {
    const last = unopened.find(({ closing }) => closing === doi[end - 1]);
    if (last === undefined) break;
    last.count--;
  }
  return doi.slice(0, end);
}

/** `1706.03762` or `hep-th/9901001`, without version; undefined if the text is not an arXiv id, URL or DOI. */
export function normalizeArxiv(text: string): string | undefined {
  const trimmed = text.trim();
  const doi = normalizeDoi(trimmed);
  const id =
    (doi && ARXIV_DOI.exec(doi)?.[1]) ?? ARXIV_WHOLE.exec(trimmed)?.[1] ?? ARXIV_URL.exec(trimmed)?.[1] ?? undefined;
  return id === undefined || id === "" ? undefined : canonicalArxiv(id);
}

/** The archive in lower case, without its subject class: arXiv lists `math.GT/0309136` as `math/0309136`. */
function canonicalArxiv(id: string): string {
  return id.toLowerCase().replace(/^([a-z-]+)\.[a-z]{2}\//, "$1/");
}

/** The DOI that arXiv registers for an id. */
export const doiOfArxiv = (arxiv: string): string => `10.48550/arxiv.${arxiv}`;

/** The URL of a DOI, with any characters. */
export const doiAddress = (doi: string): string => `https://doi.org/${pathOf(doi)}`;

export const arxivAddress = (arxiv: string): string => `https://arxiv.org/abs/${pathOf(arxiv)}`;

/** Slashes are kept, except around empty or dot segments, which browsers and proxies would resolve. */
const pathOf = (identifier: string): string =>
  /(^|\/)\.{0,2}(\/|$)/.test(identifier)
    ? encodeURIComponent(identifier)
    : identifier.split("/").map(encodeURIComponent).join("/");

/**
 * A URL without scheme, `www.`, fragment and trailing slash, with the host in lower case; undefined if it is not one.
 */
export function normalizeUrl(text: string): string | undefined {
  // Most texts are not URLs, and a failing URL constructor is slow.
  if (!/^\s*https?:/i.test(text)) return undefined;
  let url: URL;
  try {
    url = new URL(text.replace(INVISIBLE, "").trim());
  } catch {
    return undefined;
  }
  return url.host.replace(/^www\./, "") + withoutEnd(url.pathname, "/") + url.search;
}

export type Identifier = { kind: "doi" | "arxiv" | "pmid" | "url"; value: string };

/**
 * The identifiers in a text that is nothing but one: a DOI, an arXiv id, `PMID:123`, or a URL (which may contain any),
 * optionally in brackets or after its name. In the order in which to look them up; empty for any other text.
 */
export function identifiersIn(text: string): Identifier[] {
  const whole = withoutBrackets(text.trim());
  const pmid = PMID.exec(whole)?.[1];
  if (pmid !== undefined) {
    const value = String(Number(pmid));
    return [{ kind: "pmid", value }, ...urlIn(`https://pubmed.ncbi.nlm.nih.gov/${value}`), ...urlIn(whole)];
  }
  if (/\s/.test(whole.replace(/^(?:doi|arxiv)(?:\s*:\s*|\s+)/i, ""))) {
    const stamped = ARXIV_WHOLE.exec(whole)?.[1];
    return stamped === undefined ? [] : [{ kind: "arxiv", value: canonicalArxiv(stamped) }];
  }
  const found: Identifier[] = [];
  const arxiv = normalizeArxiv(whole);
  if (arxiv !== undefined) found.push({ kind: "arxiv", value: arxiv });
  const doi = /^(?:doi(?:\s*:|\s)|https?:|10\.|(?:dx\.|www\.)?doi\.org\/)/i.test(whole)
    ? normalizeDoi(whole)
    : undefined;
  if (doi !== undefined) found.push({ kind: "doi", value: doi });
  return [...found, ...urlIn(whole)];
}

function urlIn(text: string): Identifier[] {
  const url = normalizeUrl(text);
  return url === undefined ? [] : [{ kind: "url", value: url }];
}

/** A closing bracket is removed with the one that opens the text. */
const withoutBrackets = (text: string): string => /^[<([{"'“](.*)[>)\]}"'”]$/.exec(text)?.[1]?.trim() ?? text;

/** A reference to a paper in a text, as written, with its identifiers. */
export type Named = { given: string; identifiers: Identifier[] };

/** Where one identifier ends and another starts without a space. A comma may also be part of a DOI. */
const NEXT = new RegExp(`[,;](?=(?:doi|arxiv)\\s*:|https?:|10\\.\\d{4}|${ARXIV})`, "i");

/**
 * The identifiers in a list, one or several per line, without repeats. A line without any is returned as it is, with no
 * identifiers, so that it can be reported.
 */
export function identifiersByLine(text: string): Named[] {
  const named: Named[] = [];
  const seen = new Set<string>();
  for (const line of text.split(/[\r\n]+/)) {
    if (line.trim() === "") continue;
    // "PMID: 123" is one word.
    const held = line
      .replaceAll(/\b(pmid)\s*:?\s*(?=\d)/gi, "$1:")
      .split(/\s+/)
      .flatMap((word) => word.split(NEXT).flatMap(identifierIn));
    if (held.length === 0) named.push({ given: line.trim(), identifiers: [] });
    for (const one of held) {
      const [first] = one.identifiers;
      const key = `${first?.kind} ${first?.value}`;
      if (!seen.has(key)) named.push(one);
      seen.add(key);
    }
  }
  return named;
}

/** A word without the punctuation of the list around it. */
function identifierIn(word: string): Named[] {
  const given = withoutBrackets(withoutEnd(word, ".,;:"));
  const identifiers = identifiersIn(given);
  return identifiers.length === 0 ? [] : [{ given, identifiers }];
}
