import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { cpuTime } from "../../scripts/common/numbers.js";
import { latexToText, type LatexSource, textToLatex } from "../../src/formats/latex.js";
import { cleanText } from "../../src/formats/text.js";

const cases: [name: string, source: LatexSource, latex: string, text: string][] = [
  [
    "accents in all their spellings",
    "bibtex",
    String.raw`Erd{\H o}s, \"{o} {\"o} \'e {\'{\i}} \v{S} {\v S}eva \c c \r{a} \~{n} \k{a}`,
    "Erdős, ö ö é í Š Ševa ç å ñ ą",
  ],
  [
    "letters that are commands",
    "bibtex",
    String.raw`{\ss} \o{} \AA ngstr\"om {\L}{\'o}d{\'z} \ae\oe`,
    "ß ø Ångström Łódź æœ",
  ],
  ["braces that protect capitals go", "bibtex", "{BERT}: {P}re-training", "BERT: Pre-training"],
  ["braces around a set stay", "arxiv", "in {a, b} and {\\bf bold}", "in {a, b} and bold"],
  [
    "commands that dress text go",
    "bibtex",
    String.raw`\emph{very} \textbf{\textit{deep}} {\it nets} \textsc{x}`,
    "very deep nets x",
  ],
  ["dashes and quotation marks", "bibtex", "1--5 --- ``so'' he said, f''(x)", "1–5 — “so” he said, f''(x)"],
  [
    "signs that are escaped",
    "bibtex",
    String.raw`50\% \& \$5 \#1 a\_b \{x\} \textbackslash{}n \textasciitilde{} \^{}`,
    "50% & $5 #1 a_b {x} \\n ~ ^",
  ],
  [
    "a tie is a space between words only",
    "arxiv",
    "Fig.~1 at ~100 m, www.x.org/~me",
    "Fig. 1 at ~100 m, www.x.org/~me",
  ],
  [
    "mathematics stays as it is written",
    "bibtex",
    String.raw`$\mathcal{O}(n^{2})$ and $$x_{i}$$ and \(a\) and \[b\]`,
    String.raw`$\mathcal{O}(n^{2})$ and $$x_{i}$$ and \(a\) and \[b\]`,
  ],
  ["a dollar without an end is a sign of money", "bibtex", "costs $5 {a}", "costs $5 a"],
  ["Greek letters outside of mathematics", "arxiv", String.raw`\alpha-helix and \beta`, "α-helix and β"],
  ["what is not known stays as it is", "arxiv", String.raw`in \mathbb{R} and \foo`, String.raw`in \mathbb{R} and \foo`],
  ["citations go", "arxiv", String.raw`as shown \cite[p. 5]{x} here`, "as shown  here"],
  [
    "addresses keep their tilde",
    "bibtex",
    String.raw`\url{http://a.b/~c\_d} \href{http://x.y}{text}`,
    "http://a.b/~c_d text",
  ],
  ["an unopened brace goes in BibTeX and stays elsewhere", "bibtex", "a } b", "a  b"],
  [
    "what others left: accents and commands",
    "remains",
    String.raw`P\'{o}lya \emph{urns} at {\bf last}, \"Uber 5\%`,
    "Pólya urns at last, Über 5%",
  ],
  [
    "what others left: not dashes, ties, braces, backslashes",
    "remains",
    String.raw`--help ~5 {a} C:\\x \,`,
    String.raw`--help ~5 {a} C:\\x \,`,
  ],
];

describe("LaTeX as text", () => {
  for (const [name, source, latex, text] of cases) test(name, () => assert.equal(latexToText(latex, source), text));

  const piece = fc.oneof(
    fc.constantFrom(
      "\\",
      "{",
      "}",
      "$",
      "$$",
      "\\(",
      "\\)",
      "--",
      "``",
      "''",
      "~",
      "\\'",
      "\\emph{",
      "\\textbackslash",
      "\\H ",
      "a",
      " ",
      "%",
      "&",
      "\\cite[",
      "]",
      "_",
      "^",
      "<",
      "\\url{",
    ),
    fc.string({ unit: "grapheme", maxLength: 4 }),
  );
  const pieces = fc.array(piece, { maxLength: 30 });

  test("any text is converted without an error", () => {
    fc.assert(
      fc.property(pieces, fc.constantFrom<LatexSource>("bibtex", "arxiv", "remains"), (parts, source) => {
        latexToText(parts.join(""), source);
      }),
      { numRuns: 3000 },
    );
  });

  test("removing remains is idempotent", () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const once = latexToText(parts.join(""), "remains");
        assert.equal(latexToText(once, "remains"), once);
      }),
      { numRuns: 3000 },
    );
  });

  test("text written as LaTeX is read back unchanged", () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = cleanText(parts.join(""));
        assert.equal(latexToText(textToLatex(text), "bibtex"), text);
      }),
      { numRuns: 5000 },
    );
  });

  test("text written as LaTeX has balanced braces, as BibTeX counts them", () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        let depth = 0;
        for (const character of textToLatex(cleanText(parts.join("")))) {
          if (character === "{") depth++;
          if (character === "}") assert.ok(--depth >= 0);
        }
        assert.equal(depth, 0);
      }),
      { numRuns: 3000 },
    );
  });

  test("a long text of only LaTeX is read in linear time", () => {
    const started = cpuTime();
    for (const part of [
      "\\[",
      "\\(",
      "$",
      "''",
      "``",
      "~",
      "{",
      "\\cite[",
      "\\emph{",
      "\\'",
      "}",
      "\\foo{",
      "\\url{",
    ]) {
      for (const source of ["bibtex", "arxiv", "remains"] as const)
        latexToText(part.repeat(200_000 / part.length), source);
    }
    assert.ok(cpuTime() - started < 10_000);
  });
});
