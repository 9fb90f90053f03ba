/** Papers for tests that write and read back. */
import fc from "fast-check";
import { nameParts } from "../../src/formats/name-parts.js";
import type { Paper, PaperRecord } from "../../src/core/paper.js";

/** A record as a paper of the store. */
export function paperOf(record: PaperRecord): Paper {
  return {
    id: record.id ?? "generated",
    title: record.title,
    abstract: record.abstract ?? null,
    authors: record.authors ?? [],
    venue: record.venue ?? null,
    categories: record.categories ?? [],
    published: record.published ?? null,
    updated: record.updated ?? null,
    doi: record.doi ?? null,
    arxiv: record.arxiv ?? null,
    url: record.url ?? null,
    source: record.source ?? null,
    organization: record.organization ?? null,
    listed: record.listed ?? null,
    upvotes: record.upvotes ?? null,
    comments: record.comments ?? null,
    keywords: record.keywords ?? [],
    notice: record.notice === undefined || record.notice === "cleared" ? null : record.notice,
    basis: record.abstract === undefined ? "title" : "abstract",
  };
}

/** A name after it was written in parts and read back: "J Smith" for "Smith J". */
export function inParts(name: string): string {
  const parts = nameParts(name);
  return "family" in parts && name === `${parts.family} ${parts.given}` ? `${parts.given} ${parts.family}` : name;
}

/** Text with everything that formats have trouble with. */
export const oddText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "\\",
        "{",
        "}",
        "$",
        "$x^2$",
        '"',
        "'",
        "''",
        "``",
        "--",
        "~",
        "%",
        "#",
        "&",
        "&amp;",
        "<b>",
        "< ",
        "_",
        "^",
        ",",
        ";",
        " and ",
        "\n",
        "\t",
        "@article{",
        "é",
        "ß",
        "中",
        "\u{1f600}",
        "\\emph{x}",
        "\\'e",
        "|",
        "?`",
        "TY  - ",
        "=",
        "+",
        "-",
        "@",
        "＝",
        "\u0007",
        "שלום ",
        "\u202e",
      ),
      fc.string({ maxLength: 6 }),
      fc.lorem({ maxCount: 3 }),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => parts.join(""));

/** Names, and texts that are read as names. */
const nameText = fc
  .array(
    fc.constantFrom(
      ..."Ada|Émilie|José-Luis|O’Brien|St.|van|der|de|La|Li|Li,|MD|Jr.|III|毛|毛泽东|山田|김민준|علي|and|of|The|Group|Inc.,|others|R2|&".split(
        "|",
      ),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((words) => words.join(" "));

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const date = fc.constantFrom("1999", "2017-06", "2020-02-29");

/** Records with any content; fields may be missing, and texts may become empty when cleaned. */
export const paperRecords: fc.Arbitrary<PaperRecord> = fc
  .record({
    id: optional(oddText.map((text) => text.replace(/\s+/g, " ").trim() || "x")),
    title: oddText,
    abstract: optional(oddText),
    authors: optional(fc.array(fc.oneof(oddText, nameText), { maxLength: 3 })),
    venue: optional(oddText),
    categories: optional(fc.array(oddText, { maxLength: 2 })),
    published: optional(date),
    updated: optional(date),
    doi: optional(fc.constantFrom("10.1000/abc", "10.48550/arxiv.1706.01234")),
    arxiv: optional(fc.constantFrom("1706.01234", "hep-th/9901001")),
    url: optional(
      fc.constantFrom("https://example.org/a?b=1&c=2", "https://doi.org/10.1000/x(1)", "https://example.org/{x}~%20"),
    ),
    source: optional(oddText),
    upvotes: optional(fc.nat()),
    keywords: optional(fc.array(oddText, { maxLength: 3 })),
    notice: optional(fc.constantFrom("retracted", "withdrawn", "concern", "deleted")),
  })
  .map(
    (record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as PaperRecord,
  );
