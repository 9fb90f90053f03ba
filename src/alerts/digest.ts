/** Writes a digest: what it says, as text and as HTML. Nothing in it is loaded from anywhere. */
import { escapeUTF8 as encode } from "entities";
import type { Ask, FoundPaper } from "../operations/alerts.js";
import { arxivAddress, doiAddress } from "../core/identifiers.js";
import { NOTICE_WORDS } from "../core/notice.js";
import type { Paper } from "../core/paper.js";

/** A paper with what each alert that found it says of it. */
export type DigestPaper = { paper: Paper; found: { alert: string; why: FoundPaper }[] };

/** An alert of the digest, with the papers that it was the first to find. */
export type DigestAlert = {
  name: string;
  ask: Ask;
  papers: DigestPaper[];
  /** How many more it found, beyond those that it reports. */
  more: number;
  /** It looked at papers after this one; for a link to all that it found. */
  after: number;
  /** Whether it is in the digest although it found nothing. */
  nothing: boolean;
  /** A link that ends mails about it; null if Kindred has no public address. */
  end: string | null;
};

export type Digest = {
  alerts: DigestAlert[];
  /** Where the reader reaches Kindred; null if it has no public address. */
  url: string | null;
  /** A link that ends all mails to the reader. */
  end: string | null;
};

export type Written = { subject: string; text: string; html: string };

/** Papers that are described; of others only the title is listed, because mail programs cut long mails off. */
const DESCRIBED = 40;
const AUTHORS = 3;
const SUBJECT = 110;

export function written(digest: Digest): Written {
  const subject = subjectOf(digest);
  return { subject, text: textOf(digest), html: htmlOf(digest, subject) };
}

function subjectOf({ alerts }: Digest): string {
  const papers = alerts.flatMap((alert) => alert.papers);
  const names = new Set(papers.flatMap(({ found }) => found.map(({ alert }) => alert)));
  const [first] = papers;
  if (first === undefined) return cut(`Nothing new: ${alerts.map(({ name }) => name).join(", ")}`, SUBJECT);
  const what = papers.length === 1 ? "1 new paper" : `${papers.length} new papers`;
  const start = `${what} (${cut([...names].join(", "), SUBJECT / 3)}): `;
  const others = papers.length === 1 ? "" : ` and ${papers.length - 1} more`;
  return `${start}${cut(titleOf(first.paper), SUBJECT - start.length - others.length)}${others}`;
}

function textOf(digest: Digest): string {
  const { alerts, url, end } = digest;
  const lines: string[] = [];
  let number = 0;
  for (const alert of alerts) {
    lines.push(alert.name, line(about(alert.ask)), "");
    if (alert.nothing) lines.push("Nothing new today.", "");
    for (const { paper, found } of alert.papers) {
      number++;
      const start = `${number}. ${titleOf(paper)}`;
      if (number > DESCRIBED) lines.push(start, ...indented([linkOf(paper) ?? ""]));
      else {
        const details = [
          detailsOf(paper),
          ...reasons(found, alert).map(({ text }) => text),
          linkOf(paper) ?? "",
          url === null ? "" : `In Kindred: ${pageOf(url, paper)}`,
        ];
        lines.push(start, ...indented(details), "");
      }
    }
    const rest = moreOf(alert, url);
    if (rest !== null) lines.push(rest.href === null ? rest.text : `${rest.text}: ${rest.href}`, "");
  }
  lines.push("-- ", ...footer(digest));
  for (const alert of alerts) if (alert.end !== null) lines.push(`No more mails about ${alert.name}: ${alert.end}`);
  if (end !== null) lines.push(`No more mails at all: ${end}`);
  return `${lines.join("\n")}\n`;
}

const indented = (lines: readonly string[]): string[] => lines.filter((one) => one !== "").map((one) => `   ${one}`);

/** Colours that can be read on white, and on black in the dark: a contrast of at least 4.5. */
const STYLE = {
  body: "margin:0;padding:0;background:#ffffff;color:#1b1b1f;font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif",
  main: "max-width:640px;margin:0 auto;padding:16px;overflow-wrap:anywhere",
  muted: "color:#5a5a66;font-size:14px",
  link: "color:#1a56b0;text-decoration:underline",
  quote: "margin:6px 0;padding:0 0 0 12px;border-left:3px solid #8a8a96",
};
const DARK = `@media (prefers-color-scheme: dark) {
  .page { background: #16161a !important; color: #e8e8ec !important }
  .muted { color: #adadb8 !important }
  .link { color: #8ab4f8 !important }
}`;

function htmlOf(digest: Digest, subject: string): string {
  const { alerts, url, end } = digest;
  let number = 0;
  const sections = alerts.map((alert) => {
    const papers = alert.papers.map(({ paper, found }) => {
      number++;
      const href = linkOf(paper) ?? (url === null ? null : pageOf(url, paper));
      const title = `<h3 dir="auto" style="margin:0;font-size:17px;line-height:1.35">${anchor(href, titleOf(paper))}</h3>`;
      if (number > DESCRIBED) return `<div style="margin:0 0 8px">${title}</div>`;
      const links = url === null ? "" : `<p ${muted}>${anchor(pageOf(url, paper), "In Kindred")}</p>`;
      return `<div style="margin:0 0 24px">${title}
<p dir="auto" ${muted}>${encode(line(detailsOf(paper)))}</p>
${reasons(found, alert).map(reasonHtml).join("\n")}
${links}</div>`;
    });
    const nothing = alert.nothing ? "<p>Nothing new today.</p>" : "";
    const rest = moreOf(alert, url);
    return `<h2 dir="auto" style="margin:24px 0 0;font-size:20px">${encode(alert.name)}</h2>
<p dir="auto" ${muted.replace("margin:2px 0", "margin:0 0 16px")}>${encode(line(about(alert.ask)))}</p>
${nothing}${papers.join("\n")}${rest === null ? "" : `<p>${anchor(rest.href, rest.text)}</p>`}`;
  });
  const ends = [
    ...alerts.flatMap((alert) =>
      alert.end === null ? [] : [[alert.end, `No more mails about ${alert.name}`] as const],
    ),
    ...(end === null ? [] : [[end, "No more mails at all"] as const]),
  ].map(([href, text]) => `<br>${anchor(href, text)}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${encode(subject)}</title>
<style>${DARK}</style>
</head>
<body class="page" style="${STYLE.body}">
<main style="${STYLE.main}">
<h1 style="margin:0;font-size:22px;line-height:1.3">${encode(headline(alerts))}</h1>
${sections.join("\n")}
<hr style="margin:32px 0 8px;border:0;border-top:1px solid #8a8a96">
<p ${muted}>${footer(digest).map(encode).join("<br>")}${ends.join("")}</p>
</main>
</body>
</html>
`;
}

const muted = `class="muted" style="margin:2px 0;${STYLE.muted}"`;

const anchor = (href: string | null, text: string): string =>
  href === null
    ? encode(line(text))
    : `<a class="link" style="${STYLE.link}" href="${encode(href)}">${encode(line(text))}</a>`;

function headline(alerts: readonly DigestAlert[]): string {
  const count = alerts.reduce((sum, { papers }) => sum + papers.length, 0);
  return count === 0 ? "Nothing new today" : count === 1 ? "1 new paper" : `${count} new papers`;
}

type Reason = { text: string; isQuote: boolean };

const reasonHtml = ({ text, isQuote }: Reason): string =>
  isQuote
    ? `<blockquote dir="auto" style="${STYLE.quote}">${encode(text)}</blockquote>`
    : `<p dir="auto" ${muted}>${encode(text)}</p>`;

/** Why a paper is there: the sentence that matched, the like that it is closest to, and other alerts that found it. */
function reasons(found: DigestPaper["found"], { name, ask }: DigestAlert): Reason[] {
  const own = found.find(({ alert }) => alert === name)?.why;
  const sentence = own?.sentence ?? found.find(({ why }) => why.sentence !== null)?.why.sentence ?? null;
  const like = own?.like ?? found.find(({ why }) => why.like !== null)?.why.like ?? null;
  const others = found.map(({ alert }) => alert).filter((alert) => alert !== name);
  const close = own?.similarity == null ? "" : ` (similarity ${own.similarity.toFixed(2)})`;
  const why =
    like !== null
      ? `Close to “${line(like)}”${close}`
      : ask.q !== undefined
        ? `Matches the search${close}`
        : ask.daily === true
          ? "On a daily list"
          : ask.trending === true
            ? "Among the most upvoted for its age"
            : "New, and matches the filters";
  return [
    ...(sentence === null ? [] : [{ text: line(sentence), isQuote: true }]),
    { text: why, isQuote: false },
    ...(others.length === 0 ? [] : [{ text: `Also found by ${others.join(", ")}`, isQuote: false }]),
  ];
}

/** What an alert asks, in words. */
export function about({
  q,
  positive = [],
  basedOn = [],
  daily,
  trending,
  mode: _mode,
  negative: _no,
  ...filters
}: Ask): string {
  const what =
    q !== undefined
      ? `Search for “${q}”`
      : basedOn.length > 0
        ? `Like the papers of ${basedOn.map((list) => `“${list}”`).join(", ")}`
        : positive.length > 0
          ? "Like papers that you chose"
          : daily === true
            ? "The daily lists"
            : trending === true
              ? "Trending papers"
              : "New papers";
  const given = Object.entries(filters).filter(([, value]) => value !== undefined);
  return [what, ...given.map(([name, value]) => `${name}: ${[value].flat().join(", ")}`)].join("; ");
}

/** That an alert found more than it reports, and where they are. */
function moreOf(
  { name, ask, more, after }: DigestAlert,
  url: string | null,
): { text: string; href: string | null } | null {
  if (more === 0) return null;
  const text = `${more} more found by ${name}`;
  const { q, mode, positive, basedOn, daily, trending, negative: _, ...filters } = ask;
  if (url === null || positive !== undefined || basedOn !== undefined || daily === true || trending === true)
    return { text, href: null };
  const parameters = new URLSearchParams({ ...(q !== undefined && { q }), ...(mode !== undefined && { mode }) });
  for (const [key, value] of Object.entries(filters))
    for (const one of [value].flat()) if (one !== undefined) parameters.append(key, String(one));
  parameters.set("addedAfter", String(after));
  return { text, href: `${url}?${parameters.toString()}` };
}

function footer({ alerts, url, end }: Digest): string[] {
  const names = alerts.map(({ name }) => name).join(", ");
  const lines = [`Kindred sends this because your address is among those of: ${names}.`];
  if (url === null)
    lines.push(
      "To see a paper in Kindred, search there for its title.",
      ...(end === null ? [`To end these mails, run: kindred alert edit NAME --to none`] : []),
    );
  return lines;
}

/** A paper that was retracted says so after its title. */
const titleOf = ({ title, notice }: Paper): string =>
  notice === null ? line(title) : `${line(title)} [${NOTICE_WORDS[notice]}]`;

function detailsOf({ authors, published, venue }: Paper): string {
  const shown =
    authors.length > AUTHORS + 1 ? [...authors.slice(0, AUTHORS), `${authors.length - AUTHORS} more`] : authors;
  return [cut(line(shown.join(", ")), 300), published ?? "", cut(line(venue ?? ""), 150)]
    .filter((one) => one !== "")
    .join(" · ");
}

/** The paper's own page: at its DOI, at arXiv, or at its address. */
export function linkOf({ doi, arxiv, url }: Paper): string | null {
  if (doi !== null) return doiAddress(doi);
  if (arxiv !== null) return arxivAddress(arxiv);
  // A `javascript:` address in an imported file must not be followed.
  return url !== null && /^https?:\/\//i.test(url.trim()) && URL.canParse(url.trim()) ? new URL(url.trim()).href : null;
}

export const pageOf = (url: string, { id }: Paper): string => `${url}?${new URLSearchParams({ paper: id }).toString()}`;

/** A text as one line, without signs that break lines or turn the direction of what follows. */
const line = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s\u202A-\u202E\u2066-\u2069]+/gu, " ").trim();

/** At most this many characters, and no half of one. */
const cut = (text: string, most: number): string =>
  text.length <= most
    ? text
    : `${text
        .slice(0, Math.max(1, most - 1))
        .replace(/[\uD800-\uDBFF]$/, "")
        .trimEnd()}…`;
