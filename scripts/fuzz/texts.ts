/** Texts and values that have broken parsers. */
import fc from "fast-check";

/** Repeated often, these make backtracking expressions quadratic, or open something that is never closed. */
const UNITS = [
  ...Array.from(" \t\n\r\0.,:;-_~^\"'`@#$%&*+=|/\\?!<>()[]{}a0A é漢🧬"),
  "  x",
  "a ",
  "a,",
  "a;",
  "\\\\",
  "\\'",
  "\\a{",
  "\\(",
  "$$",
  "$a",
  "{}",
  "}{",
  "[]",
  "[{",
  '{"a":',
  '""',
  '"a" ',
  "''",
  "``",
  "--",
  "- ",
  "<b ",
  "<b>",
  "</",
  "<!--",
  "<a b=c ",
  "&amp;",
  "&lt;b&gt;",
  "&#x",
  " and ",
  "and\n",
  "et al. ",
  "10.1/",
  "10.1000/a",
  "arxiv:",
  "1706.03762",
  "http://",
  "doi.org/",
  "@a{",
  "@string{",
  "@a{k,\n",
  "TY  - ",
  "\nER  - \n",
  "AU  - a\n",
  "%C3",
  "%ff",
  "\ud800",
  "\udc00",
  "\u0301",
  "\u202e",
  "\u200f",
  "\u001b[31m",
  "%1b",
  "%E2%80%AE",
  "&#27;",
  "['",
  "', '",
  "{'name': '",
  "NaN,",
  "|",
  "\ufeff",
  "ﷺ",
  "author:",
  "-a ",
  "year:1..",
  "NEAR(",
  " OR ",
  "a*",
  "Jr., ",
  "A. B., ",
];

const NASTY = [
  "",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "null",
  "undefined",
  "NaN",
  "nan",
  "None",
  "NA",
  "<NA>",
  "-",
  "[No abstract available]",
  "Abstract",
  "10.1145/...",
  "https://doi.org/10.1000%2Fa%1b%00",
  "['Ada Smith', \"O'Brien, Pat\"]",
  "[{'name': 'Ada Smith'}, {'name': None}]",
  "['a' 'b'",
  "Wei Lund 0001",
  "family=Berg, given=Rosa, prefix=van den",
  "-0",
  "1e999",
  "0x10",
  "99999999999999999999",
  "../../../../etc/passwd",
  "..\\..\\windows",
  "/dev/null",
  "a\0b",
  "\ud800",
  "a\udfffb",
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  '=HYPERLINK("http://a")',
  "@SUM(1)",
  "' OR 1=1 --",
  '"; DROP TABLE papers; --',
  "title:",
  'author:"',
  '"unclosed',
  "NOT AND OR NEAR",
  "{{7*7}}",
  "${x}",
  "%s%n",
  "\r\nX-Injected: yes",
  "\u202egnirts",
  "ﬁ",
  "İ",
  "ẞ",
  "𝕳𝖊𝖑𝖑𝖔",
];

/** A small text repeated up to a number of characters, between two others. */
const runs = (most: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom("", "a", "(", '"', "10.1/"),
      fc.constantFrom(...UNITS),
      fc.nat({ max: most }),
      fc.constantFrom("", "x", "}", "\n"),
    )
    .map(([before, unit, size, after]) => before + unit.repeat(Math.ceil(size / unit.length)) + after);

/** Usually a short text, sometimes one of up to `most` characters. */
export const nasty = (most: number): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...NASTY) },
    { weight: 6, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
    { weight: 3, arbitrary: fc.string({ unit: fc.constantFrom(...UNITS), maxLength: 20 }) },
    { weight: 3, arbitrary: runs(500) },
    { weight: 1, arbitrary: runs(most) },
  );

/** A placeholder for nesting too deep for JSON.stringify; `spelled` replaces it. */
const DEEP = /"(deep|long):(list|object):(\d+)"/g;

/** A value as JSON. */
export const spelled = (value: unknown): string =>
  (JSON.stringify(value) ?? "null").replace(DEEP, (_, how: string, kind: string, digits: string) => {
    const size = Number(digits);
    if (how === "deep")
      return kind === "list" ? "[".repeat(size) + "]".repeat(size) : `${'{"a":'.repeat(size)}1${"}".repeat(size)}`;
    return kind === "list"
      ? `[${"1,".repeat(size)}1]`
      : `{${Array.from({ length: size }, (_, i) => `"k${i}":${i}`).join(",")}}`;
  });

/** Any value, usually of the wrong type. */
export const junk = (most: number): fc.Arbitrary<unknown> =>
  fc.oneof(
    nasty(most),
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      0,
      -1,
      -0,
      0.5,
      1e308,
      2 ** 53,
      -(2 ** 63),
      1e21,
      [],
      {},
      [[]],
      [null],
      [""],
    ),
    fc.double(),
    fc
      .tuple(
        fc.constantFrom("deep:list", "deep:object", "long:list", "long:object"),
        fc.constantFrom(2, 50, 1_000, 8_000, 100_000),
      )
      .map(([kind, depth]) => `${kind}:${depth}`),
    fc.array(fc.oneof(nasty(20), fc.integer(), fc.constant(null)), { maxLength: 30 }),
    fc.dictionary(
      fc.constantFrom("__proto__", "constructor", "id", "text", "toString", "a", ""),
      fc.oneof(nasty(20), fc.integer(), fc.constant({ polluted: true })),
    ),
    fc.constant(
      JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}') as object,
    ),
  );
