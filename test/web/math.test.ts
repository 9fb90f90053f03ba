import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { formulasIn, withWholeFormulas } from "../../src/web/text/math.js";

const found = (text: string): string[] => formulasIn(text).map(({ start, end }) => text.slice(start, end));

describe("formulas", () => {
  test("are found in all four notations", () => {
    assert.deepEqual(formulasIn(String.raw`If $a<b$ then \(c\), $$d$$ or \[e^2\].`), [
      { start: 3, end: 8, tex: "a<b", display: false },
      { start: 14, end: 19, tex: "c", display: false },
      { start: 21, end: 26, tex: "d", display: true },
      { start: 30, end: 37, tex: "e^2", display: true },
    ]);
  });

  test("may be at the ends of a text, and adjacent", () => {
    assert.deepEqual(found("$x$"), ["$x$"]);
    assert.deepEqual(found(String.raw`$10^6$$M_\odot$ and $$a$$$b$`), [
      "$10^6$",
      String.raw`$M_\odot$`,
      "$$a$$",
      "$b$",
    ]);
  });

  test("may have digits and white space next to their dollars, as authors write", () => {
    assert.deepEqual(found(String.raw`some $\sim$20 tiles of 3$\times$3, $-$4 to $+$4`), [
      String.raw`$\sim$`,
      String.raw`$\times$`,
      "$-$",
      "$+$",
    ]);
    assert.deepEqual(found("the ring $ R $, of degree $n+1 $, at $ h=0 $"), ["$ R $", "$n+1 $", "$ h=0 $"]);
  });

  test("may contain words as commands, in indices or in braces", () => {
    for (const formula of [
      String.raw`$\max \alpha$`,
      String.raw`$x_\text{inner loop} = 0$`,
      "$O(poly log(n))$",
      String.raw`$ x_{max} \in S $`,
      String.raw`$\mathrm{erg cm^{-2}}$`,
    ])
      assert.deepEqual(found(`then ${formula} holds`), [formula]);
  });

  test("are not amounts of money, nor the text between two amounts", () => {
    for (const text of [
      "It costs $5 to $10 a month.",
      "from $5-$10, or US$3 and A$4",
      "between $48.21/MWh and $78.32/MWh",
      "a $4,000 desk",
      "some 500$ here and 900$ there",
      "$ signs and $ signs",
      "one $ alone",
      String.raw`from \$5 to \$6`,
    ])
      assert.deepEqual(found(text), [], text);
  });

  test("are found after amounts of money", () => {
    assert.deepEqual(found("For $5 it sorts $n$ keys, for $10 even $n^2$."), ["$n$", "$n^2$"]);
  });

  test("do not begin or end at escaped delimiters", () => {
    assert.deepEqual(found(String.raw`$a \$ b$ and \\(c\\), \$d\$`), [String.raw`$a \$ b$`]);
  });

  test("that are not closed are text", () => {
    assert.deepEqual(found(String.raw`\( a, \[ b, $$ c, $d$`), ["$d$"]);
    assert.deepEqual(found(String.raw`\(a \(b\) c\)`), [String.raw`\(b\)`]);
    assert.deepEqual(found(String.raw`\(   \) a \)`), []);
  });

  test("do not extend into the next paragraph, nor over a thousand characters", () => {
    assert.deepEqual(found("$a\n+b$ but $c\n \n+d$"), ["$a\n+b$"]);
    assert.equal(found(`\\[${"x".repeat(1_000)}\\]`).length, 1);
    assert.equal(found(`\\[${"x".repeat(1_001)}\\]`).length, 0);
  });

  test("may be invalid: rendering them reports that", () => {
    assert.deepEqual(found(String.raw`so $\frac{1}{$ it is`), [String.raw`$\frac{1}{$`]);
  });
});

const piece = fc.constantFrom(
  ..."$ $ $ $$ \\( \\) \\[ \\] \\ { } x 5 ^2 \\frac word two\u00a0words \u{1d54f}".split(" "),
  " ",
  " and ",
  "\n",
  "\n \n",
);
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));
const shifted = (formulas: ReturnType<typeof formulasIn>, by: number) =>
  formulas.map((formula) => ({ ...formula, start: formula.start + by, end: formula.end + by }));

describe("the formulas of any text", () => {
  test("are in order, disjoint, and begin and end with delimiters", () => {
    fc.assert(
      fc.property(text, (text) => {
        let at = 0;
        let joined = "";
        for (const { start, end, tex, display } of formulasIn(text)) {
          assert.ok(at <= start && start < end && end <= text.length);
          const written = display ? [`$$${tex}$$`, `\\[${tex}\\]`] : [`$${tex}$`, `\\(${tex}\\)`];
          assert.ok(written.includes(text.slice(start, end)), text.slice(start, end));
          joined += text.slice(at, start) + text.slice(start, end);
          at = end;
        }
        assert.equal(joined + text.slice(at), text);
      }),
    );
  });

  test("are those of its paragraphs, and not changed by an earlier formula", () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        fc.pre(!one.endsWith("\\"));
        assert.deepEqual(formulasIn(`${one}\n\n${other}`), [
          ...formulasIn(one),
          ...shifted(formulasIn(other), one.length + 2),
        ]);
        assert.deepEqual(formulasIn(`$y$ ${other}`).slice(1), shifted(formulasIn(other), 4));
      }),
    );
  });

  test("are found in linear time in hostile texts of 200,000 characters", () => {
    const hostile = [
      "$",
      "$$",
      "$a ",
      "a$b",
      "$ ",
      "\\",
      "\\(",
      "\\[",
      "\\(\\[$",
      "{",
      "$a{",
      "\n",
      "\n ",
      "$ab cd",
      " ",
    ];
    for (const unit of hostile) {
      const text = unit.repeat(Math.ceil(200_000 / unit.length));
      assert.ok(
        formulasIn(text).every(({ tex }) => tex.length <= 1_000),
        unit,
      );
    }
    assert.deepEqual(formulasIn(`$${"x".repeat(200_000)}$`), []);
    assert.deepEqual(formulasIn(`\n${" ".repeat(200_000)}`), []);
  });
});

describe("a range with whole formulas", () => {
  const formulas = formulasIn("ab $c+d$ ef $g$");

  test("extends to the ends of formulas that it cuts", () => {
    assert.deepEqual(withWholeFormulas({ start: 4, end: 13 }, formulas), { start: 3, end: 15 });
  });

  test("is unchanged if it cuts none", () => {
    for (const range of [
      { start: 0, end: 3 },
      { start: 3, end: 8 },
      { start: 8, end: 12 },
    ])
      assert.deepEqual(withWholeFormulas(range, formulas), range);
  });
});
