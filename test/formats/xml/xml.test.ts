/** What holds for XML of every kind: what is recognised, encodings, damage, and what is refused. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { chunksOf, read } from "../readings.js";

const item = (title: string) => `<item><title>${title}</title></item>`;
const rss = (...items: string[]) => `<rss version="2.0"><channel>\n${items.join("\n")}\n</channel></rss>`;
const titles = async (text: string | Buffer): Promise<string[]> => (await read(text)).papers.map(({ title }) => title);

describe("XML is recognised", () => {
  const starts: [what: string, start: string][] = [
    ["without a declaration", ""],
    [
      "after a declaration, comments and instructions",
      '<?xml version="1.0"?>\n<!-- <item> > -->\n<?xml-stylesheet href="a"?>\n',
    ],
    ["after a DOCTYPE", '<!DOCTYPE rss PUBLIC "-//x//y" "z.dtd">'],
    [
      "after declarations in a DOCTYPE",
      '<!DOCTYPE rss [\n<!ELEMENT item (#PCDATA)>\n<!ENTITY a "<item><title>no</title></item>">\n]  >',
    ],
    ["after white space", "\n  "],
    ["after a byte order mark", "\ufeff"],
  ];
  for (const [what, start] of starts)
    test(what, async () => {
      for (const text of [start + rss(item("a")), `${start}\n${rss(item("a"))}`]) {
        const { format, papers, problems } = await read(text);
        assert.deepEqual([format, papers, problems], ["xml", [{ title: "a" }], []]);
      }
    });

  test("with any prefixes, and as gzip", async () => {
    const text = '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>a</a:title></a:entry></a:feed>';
    assert.deepEqual(await titles(text), ["a"]);
    assert.deepEqual(await titles(gzipSync(text)), ["a"]);
  });

  const refused: [what: string, text: string, reason: RegExp][] = [
    [
      "of another kind",
      "<?xml version='1.0'?><svg:svg/>",
      /this is XML \(its outermost element is <svg>\) of a kind that Kindred cannot read/,
    ],
    [
      "with ids alone",
      "<eSearchResult><IdList><Id>1</Id></IdList></eSearchResult>",
      /list of PubMed's ids without papers/,
    ],
    ["of a page", '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', /web page/],
    ["without an element", "<?xml version='1.0'?>\n<!-- x -->", /this is XML of a kind/],
  ];
  for (const [what, text, reason] of refused)
    test(`but refused ${what}`, async () => {
      const { all, problems } = await read(text);
      assert.equal(all.length, 1);
      assert.match(problems[0] ?? "", reason);
    });
});

test("a file without records that can be read is a problem, an empty list is none", async () => {
  const { problems } = await read(
    '<rdf:RDF>\n<bib:Article rdf:about="x"><dc:subject>a</dc:subject></bib:Article><z:Attachment/></rdf:RDF>',
  );
  assert.deepEqual(problems, ["2: no papers: nothing in <rdf:RDF> is read, which begins with <bib:Article>"]);
  assert.match(
    (await read("<OAI-PMH><Identify/></OAI-PMH>")).problems[0] ?? "",
    /^1: no papers: nothing in <OAI-PMH> is read, which begins with <Identify>/,
  );
  assert.deepEqual((await read("<dblp>\n</dblp>")).problems, []);
});

describe("the encoding of XML", () => {
  const declared = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?>\n`;

  test("is the one that it declares", async () => {
    const cases: [encoding: string, bytes: Buffer, title: string][] = [
      ["ISO-8859-1", Buffer.from("\xfcber", "latin1"), "über"],
      ["windows-1252", Buffer.from([0x93, 0x61, 0x94]), "“a”"],
      ["iso-8859-2", Buffer.from([0xb1]), "ą"],
      ["KOI8-R", Buffer.from([0xc1, 0xc2]), "аб"],
      ["Shift_JIS", Buffer.from([0x93, 0xfa, 0x96, 0x7b]), "日本"],
      ["UTF-8", Buffer.from("ü"), "ü"],
    ];
    for (const [encoding, bytes, title] of cases) {
      const [before = "", after = ""] = rss(item("|")).split("|");
      const text = Buffer.concat([Buffer.from(declared(encoding) + before), bytes, Buffer.from(after)]);
      assert.deepEqual((await read(chunksOf(text, 3))).papers, [{ title }], encoding);
    }
  });

  test("may be UTF-16", async () => {
    const text = Buffer.from(`\ufeff${declared("UTF-16")}${rss(item("ü"))}`, "utf16le");
    assert.deepEqual(await titles(text), ["ü"]);
    assert.deepEqual(await titles(Buffer.from(text).swap16()), ["ü"]);
  });

  test("is UTF-8 if the text is, whatever it declares", async () => {
    assert.deepEqual(await titles(declared("ISO-8859-1") + rss(item("über"))), ["über"]);
    assert.deepEqual(await titles(declared("unknown-1") + rss(item("über"))), ["über"]);
  });

  test("that is declared wrongly, or not known, is a problem of those records that show it", async () => {
    const cases: [declaration: string, reason: RegExp][] = [
      ["", /^\d: not UTF-8, which XML is in if it declares nothing else: .*über/],
      [declared("utf-8"), /not UTF-8, which the file declares: .*über.* declare the encoding, such as/],
      [declared("shift_jis"), /not in the encoding "shift_jis" that the file declares/],
      [declared("UTF-16"), /not in the encoding "UTF-16" that the file declares/],
      [declared("EBCDIC-CP-US"), /the encoding "EBCDIC-CP-US", which is not known/],
    ];
    for (const [declaration, reason] of cases) {
      const text = Buffer.from(declaration + rss(item("a"), item("\xfcber"), item("b")), "latin1");
      const { papers, problems } = await read(text);
      assert.deepEqual(papers, [{ title: "a" }, { title: "b" }]);
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", reason);
    }
  });
});

describe("entities", () => {
  test("are never defined by a file: a billion laughs are a few letters", async () => {
    const lines = Array.from({ length: 9 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join("\n");
    const { papers, problems } = await read(
      `<?xml version="1.0"?>\n<!DOCTYPE rss [\n<!ENTITY l0 "lol">\n${lines}\n]>\n${rss(item("a &l9; b"), item("b"))}`,
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(papers, [{ title: "a &l9; b" }, { title: "b" }]);
  });

  test("never bring in another file or an address", async () => {
    const { papers } = await read(
      `<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY % b SYSTEM "http://127.0.0.1:1/b.dtd"> %b;]>${rss(item("x &a;"))}`,
    );
    assert.deepEqual(papers, [{ title: "x &a;" }]);
  });

  test("of HTML and numbers are decoded; a lone ampersand or less-than sign is itself", async () => {
    assert.deepEqual(
      await titles(
        rss(item("B&ouml;hm &#x3b1;&#946; &amp; &lt; &hearts;"), item("AT&T < Bell & Co"), item("a &undefined; b")),
      ),
      ["Böhm αβ & < ♥", "AT&T < Bell & Co", "a &undefined; b"],
    );
  });
});

describe("damaged XML", () => {
  const cases: [what: string, text: string, papers: string[], reasons: RegExp[]][] = [
    [
      "a closing tag that does not match",
      rss(item("a"), "<item><title>b</titel>\n</item>", item("c")),
      ["a", "c"],
      [/^3: not well-formed XML \(.*close tag in line 3\): <item><title>b/],
    ],
    [
      "an element that is not closed",
      rss(item("a"), "<item>\n<title>b<b>x</title></item>", item("c")),
      ["a", "c"],
      [/^3: not well-formed XML \(Unexpected close tag in line 4\)/],
    ],
    [
      "a record that is not closed",
      rss(item("a"), "<item><title>b</title>", item("c")),
      ["a", "c"],
      [/^3: this <item> is not closed before the next one starts in line 4: it was left out/],
    ],
    [
      "a record that is not opened",
      rss(item("a"), "<title>b</title></item>", item("c")),
      ["a", "c"],
      [/^3: <\/item> closes nothing: what precedes it was left out/],
    ],
    [
      "an attribute that is not closed",
      rss(item("a"), '<item><title x="y>b</title></item>', item("c")),
      ["a", "c"],
      [/^3: not well-formed XML/],
    ],
    [
      "a file that ends in a record",
      `<rss><channel>${item("a")}\n<item><title>b`,
      ["a"],
      [/^2: the file ends inside this <item>/],
    ],
    [
      "a file that ends after a record",
      `<rss><channel>${item("a")}\n`,
      ["a"],
      [/^2: <rss> is not closed: the file is probably truncated/],
    ],
    ["a file that ends in a tag", `<rss><channel>${item("a")}\n<it`, ["a"], [/<rss> is not closed/]],
    [
      "a comment that is not closed",
      `<rss>${item("a")}\n<!-- ${item("b")}</rss>`,
      ["a"],
      [/^2: a comment that starts here is never closed: what follows was not read/],
    ],
    [
      "a CDATA section that is not closed",
      `<rss>\n<item><title><![CDATA[a</title></item></rss>`,
      [],
      [/^2: the file ends inside this <item>, in a CDATA section that starts in line 2/],
    ],
    [
      "elements nested too deep",
      rss(item("a"), `<item>${"<a>".repeat(1_000)}${"</a>".repeat(1_000)}</item>`, item("b")),
      ["a", "b"],
      [/^3: elements are nested more than 200 deep/],
    ],
    [
      "a tag that is too long",
      rss(item("a"), `<item x="${"y".repeat(100_000)}"><title>b</title></item>`, item("c")),
      ["a", "c"],
      [/^3: <\/item> closes nothing/],
    ],
  ];
  for (const [what, text, papers, reasons] of cases)
    test(`${what} costs at most one record`, async () => {
      for (const size of [text.length, 7, 1]) {
        const found = await read(chunksOf(text, size > 100 || text.length < 1_000 ? size : 1_000));
        assert.deepEqual(
          found.papers.map(({ title }) => title),
          papers,
        );
        assert.equal(found.problems.length, reasons.length, found.problems.join("\n"));
        for (const [at, reason] of reasons.entries()) assert.match(found.problems[at] ?? "", reason);
      }
    });

  test("what looks like tags in comments, CDATA sections, instructions and attributes is text", async () => {
    assert.deepEqual(
      await titles(
        rss(
          "<!-- <item><title>no</title></item> -->",
          "<item><!-- </item> --><title><![CDATA[a </item> <b>b</b>]]></title></item>",
          '<?x <item> ?><item x="</item>" y=\'">\'><title>c</title></item >',
          "<item/>",
        ).replace('x="</item>"', 'x="&lt;/item>"'),
      ),
      ["a </item> b", "c"],
    );
  });

  test("any text is a title, in any chunks, and is read back", async () => {
    const escaped = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
    const plain = fc
      .array(fc.constantFrom("a", "é", "漢", "😀", " ", '"', "'", "]]", ">", "<", "-->", "?>", "/", "=", "{", "x"), {
        minLength: 1,
      })
      .map((parts) => `t${parts.join("")}`.replace(/\s+/g, " ").trim())
      // Cleaning removes tags of HTML, here none.
      .filter((text) => !/<[a-z/]/i.test(text));
    await fc.assert(
      fc.asyncProperty(
        fc.array(plain, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 40 }),
        async (texts, size) => {
          const { papers, problems } = await read(chunksOf(rss(...texts.map((text) => item(escaped(text)))), size));
          assert.deepEqual(problems, []);
          assert.deepEqual(
            papers.map(({ title }) => title),
            texts.map((text) => text.normalize("NFC")),
          );
        },
      ),
      { numRuns: 100 },
    );
  });
});
