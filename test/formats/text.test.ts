import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { cpuTime } from "../../scripts/common/numbers.js";
import { cleanIdentifier, cleanText, excerpt } from "../../src/formats/text.js";

const cases: [name: string, raw: string, clean: string][] = [
  ["white space and line breaks become one space", "  Deep\n\t learning \u00a0 now\u2028 ", "Deep learning now"],
  ["control characters and zero bytes go", "a\u0000b\u0007c\u001b[0m", "abc[0m"],
  ["half surrogate pairs go, whole ones stay", "a\ud800b\u{1f600}", "ab\u{1f600}"],
  ["characters nobody sees go", "\ufeffco\u00adoperate\u200b\u202e", "cooperate"],
  ["marks of text direction go", "\u200fשלום\u200e a\u061c", "שלום a"],
  ["letter and accent become one character", "e\u0301tude", "étude"],
  ["known tags go and keep what they hold", "H<sub>2</sub>O and <i>in vivo</i>", "H2O and in vivo"],
  ["tags in any case and with attributes go", "<SPAN class=\"x\">a</SPAN><br/>b<a href='u'>c</a>", "a bc"],
  ["paragraphs leave a space", "<p>One.</p><p>Two.</p>", "One. Two."],
  [
    "JATS goes",
    "<jats:sec><jats:title>Aim</jats:title><jats:p>To <jats:italic>see</jats:italic>.</jats:p></jats:sec>",
    "Aim To see.",
  ],
  ["a heading that says abstract goes", "<jats:title>Abstract</jats:title><jats:p>We see.</jats:p>", "We see."],
  ["MathML keeps its letters", "<mml:math><mml:mi>x</mml:mi><mml:mo>=</mml:mo><mml:mn>1</mml:mn></mml:math>", "x=1"],
  ["comparisons stay", "x < y and y > z, p<0.05", "x < y and y > z, p<0.05"],
  ["a comparison that looks like a tag stays", "if a <b and c> d", "if a <b and c> d"],
  ["unknown tags stay", "the <er> suffix and vector<int>", "the <er> suffix and vector<int>"],
  ["entities are decoded", "R&amp;D &lt;5&nbsp;&#x3b1; &beta;", "R&D <5 α β"],
  ["entities encoded twice are decoded", "A &amp;amp;lt; B", "A < B"],
  ["a tag that was encoded goes as well", "&lt;b&gt;bold&lt;/b&gt;", "bold"],
  ["an ampersand that is no entity stays", "AT&T; Q&A &copy", "AT&T; Q&A &copy"],
];

describe("cleaning text", () => {
  for (const [name, raw, clean] of cases) test(name, () => assert.equal(cleanText(raw), clean));

  const markup = fc.array(
    fc.oneof(
      fc.constantFrom(
        "<",
        ">",
        "&",
        "amp;",
        "lt;",
        "&lt;",
        "&#38;",
        "b",
        "<b",
        "</p>",
        "i>",
        " ",
        "\u0000",
        "\u037e",
        "\u0338",
        "e\u0301",
        "&amp",
        "#38;",
        "<a x=1",
        '"',
        "\ufeff",
      ),
      fc.string({ unit: "binary", maxLength: 5 }),
    ),
    { maxLength: 40 },
  );

  test("cleaning is idempotent", () => {
    fc.assert(
      fc.property(markup, (parts) => {
        const once = cleanText(parts.join(""));
        assert.equal(cleanText(once), once);
      }),
      { numRuns: 3000 },
    );
  });

  test("and so it is for identifiers with an invisible character between two spaces", () => {
    assert.equal(cleanIdentifier(" a \u0007 b\u200b \n"), "a b");
    fc.assert(
      fc.property(markup, (parts) => {
        const once = cleanIdentifier(parts.join(""));
        assert.equal(cleanIdentifier(once), once);
      }),
      { numRuns: 3000 },
    );
  });

  test("cleaned text has no control characters, double spaces, or leading or trailing space", () => {
    fc.assert(
      fc.property(markup, (parts) => {
        assert.doesNotMatch(cleanText(parts.join("")), /\p{Cc}|\p{Cs}|\s\s|^\s|\s$/u);
      }),
    );
  });

  test("deeply nested markup is cleaned in linear time", () => {
    const started = cpuTime();
    cleanText("&am".repeat(50_000) + "p;".repeat(50_000));
    cleanText("<b".repeat(60_000) + ">".repeat(60_000));
    cleanText(`<a ${"x=1 ".repeat(40_000)}`);
    cleanText("a ".repeat(100_000) + "&");
    assert.ok(cpuTime() - started < 2_000);
  });

  test("an excerpt is one line of limited length", () => {
    assert.equal(excerpt("a\nb\u0000c"), "a bc");
    assert.equal(excerpt("x".repeat(100), 10), "xxxxxxxxxx...");
  });
});
