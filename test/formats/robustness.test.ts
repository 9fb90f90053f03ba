import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { cpuTime } from "../../scripts/common/numbers.js";
import { KindredError } from "../../src/core/errors.js";
import { readPapers } from "../../src/formats/index.js";
import { chunksOf, read } from "./readings.js";

const samples: Record<string, string> = {
  jsonl: '{"id":"1","title":"Été \u{1f600}"}\n\n{"title":"b",}\n{"id":"1","title":"c","x":1}\n{"title":"ü"}',
  json: '[\n  {"title": "é", "authors": [{"name": "Ö"}]},\n  {"title": "b"c"},\n  {"title": "d\\n\\"}"},\n]\n',
  object: '{"n": 2, "papers": [{"title": "é"}, {"title": "b", "published": "n.d."}]}',
  bibtex:
    'free\n@string{j={Jé}}\n@a{k, title={{É} b}, journal=j}\n@a{broken, title={x}\n@a{l, title="ü {"}x", year=17}@a(m,title={n})\n@a{o, title={o}, crossref={p}}@book{p, title={p}, year=2017}\n',
  ris: "\ufeffx\nTY  - JOUR\nTI  - é\nAB  - one\ntwo\nER  -\n\nTY  - JOUR\r\nTI  - ü\r\n",
  csv: 'Title;Year\n"é ""x""\nb";2001\nc\nü;n.d.\n',
  pubmed:
    '\ufeff<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "]>">]>\n<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>É <i>b</i> &lt; &eacute;.</ArticleTitle><Abstract><AbstractText Label="A">ü\n</AbstractText></Abstract></Article></MedlineCitation><PubmedData><ReferenceList><Reference>x\n</Reference></ReferenceList></PubmedData></PubmedArticle>\n<PubmedArticle><PMID>2</PubmedArticle>\n<DeleteCitation><PMID>3</PMID></DeleteCitation></PubmedArticleSet>\n',
  rss: '<?xml version="1.0" encoding="windows-1252"?><rss><channel><title>ü</title><!-- <item> --><item a=">"><title><![CDATA[é <b>b</b>]]></title></item>\n<item><title>b & c</title><x:y>1</x:y>\n<item><title>d</title></item></channel>',
  jats: "<article><front><article-meta><title-group><article-title>É<sub>2</sub></article-title></title-group></article-meta></front><body><p>ü\n</p></body></article>",
  nbib: "x\n\nPMID- 1\nTI  - é\n      wrapped\nAB  - ü\n\nb\nPMID- 2\r\nLA  - eng\r\n\r\nOWN - x\r\nTI  - ö\r\n",
  endnote: "%0 Book\n%T é\n%X one\n\ntwo\n%A Ö, A\n\n%T b\n%D n.d.\n%0 Thesis\n%A x\n",
  refworks: "RT=Type\n\nRT Book\r\nT1 é\r\nAB a\r\nUS b\r\n\r\n\r\nRT Book\r\nA1 Ö,A\r\n\r\nT1 c\r\n",
  "web of science": "FN Clarivate\nVR 1.0\nPT J\nTI é\n   b\nER\n\nAB stray\nER\nPT J\nAU Ö, A\nPT J\nTI c\nER\nEF\n",
  "web of science table": '\ufeffPT\tTI\tAU\tPY\tUT\t\r\nJ\té "b\tÖ, A\t2001\tWOS:1\t\r\nJ\tc\r\nJ\td\t\tn.d.\t\t\r\n',
  zotero:
    '[{"key":"A","data":{"itemType":"book","title":"é","creators":[]}},{"data":{"itemType":"note"}},\n{"data":{"itemType":"book"b}},{"key":"B","data":{"itemType":"book","title":"ü"}}]',
  unknown: "nothing of the kind, é\n",
};

describe("invisible characters and those that change text direction are removed, however they are written", () => {
  /** All strings in a value, including field names. */
  const textsIn = (value: unknown): string[] => {
    if (typeof value === "string") return [value];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([name, one]) => [name, ...textsIn(one)]);
  };
  const unseen = /[\p{Cc}\p{Cs}\p{Bidi_Control}]/u;
  const WRITTEN = [
    "\u001b[31m",
    "\u0000",
    "\u0085",
    "\u202e",
    "\u2067",
    "\u200f",
    "\u061c",
    "\ud800",
    "%1b",
    "%00",
    "%E2%80%AE",
    "&#27;",
    "&#x202e;",
    "&amp;#x1b;",
    "\\u001b",
    "\\x1b",
    "\\'{\u001b}",
  ];
  const files: [format: string, write: (hidden: string) => string][] = [
    [
      "JSON Lines",
      (hidden) =>
        `${JSON.stringify({
          id: `i${hidden}d`,
          key: `k${hidden}`,
          title: `A ${hidden}title`,
          abstract: `An ${hidden} abstract`,
          authors: [`A${hidden} B`],
          venue: `V${hidden}`,
          keywords: `['a${hidden}', 'b']`,
          doi: `https://doi.org/10.1000%2Fa${hidden}b`,
          url: `https://example.org/${hidden}`,
          [`field${hidden}`]: 1,
        })}\n`,
    ],
    ["an address for an id", (hidden) => JSON.stringify({ title: "a", id: `https://doi.org/10.1000%2Fa${hidden}b` })],
    [
      "CSL-JSON",
      (hidden) =>
        JSON.stringify([
          { type: "book", title: `A ${hidden}title`, DOI: `10.1000%2Fa${hidden}b`, author: [{ family: `A${hidden}` }] },
        ]),
    ],
    [
      "BibTeX",
      (hidden) =>
        `@string{jx = {J${hidden}}}\n@article{k${hidden}, title = {A {\\it ${hidden}}title}, journal = jx, doi = {https://doi.org/10.1000%2fa${hidden}b}, author = {A${hidden} and {B ${hidden}}}, odd = {${hidden}}}\n`,
    ],
    [
      "RIS",
      (hidden) =>
        `TY  - JOUR\nID  - k${hidden}\nTI  - A ${hidden}title\nAU  - A${hidden}, B\nDO  - doi:10.1000%2Fa${hidden}b\nER  - \n`,
    ],
    [
      "PubMed",
      (hidden) => `PMID- 1${hidden}\nTI  - A ${hidden}title\nFAU - A${hidden}, B\nLID - 10.1000%2Fa${hidden}b [doi]\n`,
    ],
    ["EndNote", (hidden) => `%0 Book\n%T A ${hidden}title\n%A A${hidden}, B\n%F k${hidden}\n%K a${hidden}\n`],
    [
      "Zotero",
      (hidden) =>
        JSON.stringify([{ data: { itemType: "book", title: `A ${hidden}t`, extra: `Citation Key: k${hidden}` } }]),
    ],
    ["an error message", (hidden) => JSON.stringify({ error: `Not ${hidden} found`, message: `x${hidden}` })],
    [
      "CSV",
      (hidden) => `title,doi,authors,f${hidden}\n"A ${hidden}title","10.1000%2Fa${hidden}b","['A${hidden}']",1\n`,
    ],
    [
      "XML",
      (hidden) =>
        `<rss><item><title>A ${hidden}title</title><link>https://example.org/${hidden}</link><author>A${hidden}</author><field${hidden}>1</field${hidden}></item>` +
        `<item x="${hidden}"><title>${hidden}b</titel></item><${hidden}item></item></rss>`,
    ],
    [
      "what is wrong",
      (hidden) => `{"title": "a"}\n{"title": ${hidden}}\n{"title": "b", "doi": "${hidden}", "year": "x${hidden}"}\n`,
    ],
  ];
  for (const [format, write] of files)
    test(format, async () => {
      for (const hidden of WRITTEN) {
        const { all, papers, problems } = await read(write(hidden));
        assert.ok(papers.length > 0 || problems.length > 0, write(hidden));
        for (const text of textsIn(all)) assert.doesNotMatch(text, unseen, write(hidden));
      }
    });
});

describe("any file", () => {
  for (const [name, text] of Object.entries(samples)) {
    test(`${name}: reads the same however its bytes are split into chunks, plain and as gzip`, async () => {
      const whole = (await read(text)).all;
      for (const bytes of [Buffer.from(text), gzipSync(text)]) {
        for (const size of [1, 2, 3, 7]) assert.deepEqual((await read(chunksOf(bytes, size))).all, whole);
      }
      const cuts = fc.array(fc.nat({ max: Buffer.byteLength(text) }), { maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(cuts, async (places) => {
          const bytes = Buffer.from(text);
          async function* chunks(): AsyncGenerator<Uint8Array> {
            let from = 0;
            for (const at of [...places, bytes.length].sort((a, b) => a - b)) {
              yield bytes.subarray(from, at);
              from = at;
            }
          }
          assert.deepEqual((await read(chunks())).all, whole);
        }),
        { numRuns: 30 },
      );
    });

    test(`${name}: is read to its end without an exception, wherever it is damaged`, async () => {
      const bytes = Buffer.from(text);
      const change = fc.record({
        at: fc.nat({ max: bytes.length }),
        remove: fc.nat({ max: 9 }),
        insert: fc.uint8Array({ maxLength: 4 }),
      });
      const structural = fc
        .constantFrom(..."{}[]()\"'\\,:;@=\n\t<&$%".split(""))
        .map((character) => Buffer.from(character));
      await fc.assert(
        fc.asyncProperty(
          fc.array(change, { minLength: 1, maxLength: 4 }),
          fc.array(fc.tuple(fc.nat({ max: bytes.length }), structural)),
          async (changes, more) => {
            let mutated = bytes;
            for (const { at, remove, insert } of [
              ...changes,
              ...more.map(([at, insert]) => ({ at, remove: 0, insert })),
            ]) {
              mutated = Buffer.concat([mutated.subarray(0, at), insert, mutated.subarray(at + remove)]);
            }
            const { all } = await read(chunksOf(mutated, 16));
            assert.ok(all.length < mutated.length + 10);
            const compressed = gzipSync(text);
            for (const { at, insert } of changes)
              compressed.set(insert.subarray(0, Math.max(0, compressed.length - at)), Math.min(at, compressed.length));
            await read(compressed);
          },
        ),
        { numRuns: 300 },
      );
    });
  }

  test("may be in UTF-16, with and without byte order mark", async () => {
    const whole = (await read(samples["jsonl"] ?? "")).papers;
    const little = Buffer.from(`\ufeff${samples["jsonl"]}`, "utf16le");
    const big = Buffer.from(little).swap16();
    for (const bytes of [little, big, little.subarray(2), big.subarray(2), gzipSync(big)]) {
      assert.deepEqual((await read(chunksOf(bytes, 5))).papers, whole);
    }
  });

  test("may be gzip with several members", async () => {
    const { papers } = await read(Buffer.concat([gzipSync('{"title":"a"}\n'), gzipSync('{"title":"b"}\n')]));
    assert.deepEqual(
      papers.map(({ title }) => title),
      ["a", "b"],
    );
  });

  test("in truncated gzip is read as far as possible, and the truncation is reported", async () => {
    const lines = Array.from({ length: 5_000 }, (_, at) => JSON.stringify({ title: `paper ${Math.sin(at)}` })).join(
      "\n",
    );
    const compressed = gzipSync(lines);
    const { papers, problems } = await read(compressed.subarray(0, compressed.length / 2));
    assert.ok(papers.length > 1_000);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /gzip data ends too early.*everything before was read/);
  });

  test("in damaged gzip is reported", async () => {
    const compressed = gzipSync(samples["jsonl"] ?? "");
    compressed.fill(0xff, 12, 20);
    assert.match((await read(compressed)).problems.join(), /gzip data is damaged/);
    assert.match((await read(compressed.subarray(0, 5))).problems.join(), /gzip data ends too early/);
  });

  test("may have line endings of old Macs", async () => {
    assert.equal((await read("title,year\ra,2001\rb,2002\r")).papers.length, 2);
  });

  const refused: [name: string, content: string | Buffer, reason: RegExp][] = [
    ["an empty file", "", /^1: the file is empty/],
    ["white space", " \n\n", /^1: the file contains only white space/],
    ["a PDF", "%PDF-1.7\n%\u00e2", /this is a PDF/],
    ["a ZIP archive in gzip", gzipSync(Buffer.from("PK\x03\x04abc")), /ZIP archive, or an Excel or Word file/],
    ["an image", Buffer.from("\x89PNG\r\n", "latin1"), /PNG image/],
    ["a database", "SQLite format 3\0abc", /SQLite database/],
    ["other binary data", Buffer.from([1, 2, 0, 3, 0, 0, 9]), /not text/],
    ["a web page", "<!DOCTYPE html>\n<html><body></body></html>", /web page \(HTML\)/],
    [
      "XML",
      '<?xml version="1.0"?>\n<!-- x -->\n<svg version="2.0"></svg>',
      /this is XML \(its outermost element is <svg>\) of a kind that Kindred cannot read/,
    ],
    ["prose", "Dear all, please find enclosed\n", /unknown format; the file starts with: Dear all/],
    ["JSON of another kind", '"text"', /unknown format/],
  ];
  for (const [name, content, reason] of refused) {
    test(`${name} is one problem that says what the file is`, async () => {
      const { all, problems } = await read(content);
      assert.equal(all.length, 1);
      assert.match(problems[0] ?? "", reason);
    });
  }

  const bad: [name: string, record: string, reason: RegExp][] = [
    ["no title", '{"id":"7","abstract":"x"}', /no title: .*found id, abstract/],
    ["a title of white space and markup", '{"title":" <b> </b>&nbsp;"}', /no title/],
    ["a title of another type", '{"title":{"en":"x"}}', /no title.*an object/],
    ["JSON that is none", '{"title":"x",}', /not valid JSON \(.*\): \{"title":"x",\}/],
    ["a list", '["title"]', /expected an object.*got a list/],
    [
      "a title over the limit",
      JSON.stringify({ title: "x".repeat(5_001) }),
      /title has 5001 characters, the limit is 5000/,
    ],
    [
      "an abstract over the limit",
      JSON.stringify({ title: "x", abstract: "y".repeat(200_001) }),
      /abstract has 200001 characters/,
    ],
    ["an id over the limit", JSON.stringify({ title: "x", id: "y".repeat(2_001) }), /id has 2001 characters/],
  ];
  for (const [name, record, reason] of bad) {
    test(`a record with ${name} is a problem with its line, and the others are read`, async () => {
      const { papers, problems } = await read(`{"title":"a"}\n${record}\n{"title":"b"}`);
      assert.deepEqual(
        papers.map(({ title }) => title),
        ["a", "b"],
      );
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", /^2: /);
      assert.match(problems[0] ?? "", reason);
    });
  }

  const remarked: [record: Record<string, unknown>, remark: RegExp][] = [
    [{ published: "n.d." }, /published was left out: got "n\.d\."/],
    [{ published: "in press" }, /published was left out/],
    [{ upvotes: -1 }, /upvotes was left out: got -1, expected a whole number/],
    [{ authors: { a: 1 } }, /authors was left out: got an object, expected a list/],
    [{ authors: ["A", 5, ["x"]] }, /2 of 3 entries of authors/],
    [
      { keywords: Array.from({ length: 20_001 }, () => "k") },
      /keywords was cut: it has 20001 entries, the limit is 20000/,
    ],
    [{ venue: "v".repeat(3_000) }, /venue was left out: it has 3000 characters/],
    [{ doi: "no" }, /doi was left out: got "no", expected a DOI/],
    [{ arxiv: "no" }, /arxiv was left out/],
    [{ url: "javascript:alert(1)" }, /url was left out: got "javascript/],
    [{ id: 2 ** 60 }, /id was left out: .*write it in quotation marks/],
    [{ id: { $oid: "x" } }, /id was left out: got an object/],
  ];
  for (const [fields, remark] of remarked) {
    test(`a record with ${JSON.stringify(fields).slice(0, 40)} is read without it, and this is reported`, async () => {
      const { papers, problems, remarks } = await read(JSON.stringify({ title: "t", ...fields }));
      assert.equal(papers.length, 1);
      assert.deepEqual(problems, []);
      assert.equal(remarks.length, 1);
      assert.match(remarks[0] ?? "", remark);
    });
  }

  test("a record that is not UTF-8 is one problem that says what to do", async () => {
    const latin = (text: string): Buffer => Buffer.from(text, "latin1");
    const { papers, problems } = await read(
      Buffer.concat([latin('{"title":"a"}\n{"title":"M\u00fcller"}\n'), Buffer.from('{"title":"Müller"}\n')]),
    );
    assert.deepEqual(
      papers.map(({ title }) => title),
      ["a", "Müller"],
    );
    assert.match(problems.join(), /^2: not UTF-8: \{"title":"Müller"\} .*iconv -f WINDOWS-1252 -t UTF-8/);
    for (const text of ["TY  - JOUR\nTI  - \u00e9\nER  -\n", "@a{b,title={\u00e9}}", "title,year\n\u00e9,2001\n"]) {
      assert.match((await read(latin(text))).problems.join(), /not UTF-8/);
    }
  });

  test("field names that are special in JavaScript are ordinary names", async () => {
    const { papers, ignored } = await read('{"title":"a","__proto__":{"id":"x"},"constructor":1,"toString":"y"}');
    assert.deepEqual(papers, [{ title: "a" }]);
    assert.deepEqual(Object.keys(ignored).sort(), ["__proto__", "constructor", "toString"]);
  });

  test("reading stops when the caller stops", async () => {
    const controller = new AbortController();
    const readings = readPapers(chunksOf('{"title":"a"}\n'.repeat(10_000)), { signal: controller.signal });
    await readings.next();
    controller.abort();
    await assert.rejects(
      async () => {
        for await (const _ of readings);
      },
      (error) => error instanceof KindredError && error.code === "cancelled",
    );
  });

  test("an error of the source is thrown, and a source that is not read to its end is closed", async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"title":"a"}\n');
      throw new Error("disk gone");
    }
    await assert.rejects(read(failing()), /disk gone/);
    let closed = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.from('{"title":"a"}\n');
      } finally {
        closed = true;
      }
    }
    for await (const reading of readPapers(endless())) if (reading.kind === "paper") break;
    assert.ok(closed);
  });

  const MiB = 1024 * 1024;
  const huge: [name: string, start: string, filler: string, end: string, reason: RegExp][] = [
    [
      "one line",
      '{"title":"a"}\n{"x":"',
      "y".repeat(64 * 1024),
      '"}\n{"title":"b"}\n',
      /this line takes more than 8192 KiB/,
    ],
    [
      "one record in a list",
      '[{"title":"a"},{"x":"',
      "y".repeat(64 * 1024),
      '"},{"title":"b"}]',
      /this record takes more than 8192 KiB/,
    ],
    [
      "one entry of BibTeX",
      "@a{k,title={a}}\n@a{l,x={",
      "y ".repeat(32 * 1024),
      "}}\n@a{m,title={b}}\n",
      /the entry @a\{l takes more than 1024 KiB/,
    ],
    ["one row", 'title,x\na,1\nb,"', "y".repeat(64 * 1024), '"\nb,1\n', /quotation mark/],
    [
      "one record of RIS",
      "TY  - X\nTI  - a\nER  - \nTY  - X\nAB  - ",
      "y ".repeat(32 * 1024),
      "\nER  - \nTY  - X\nTI  - b\nER  - \n",
      /takes more than 8192 KiB/,
    ],
    [
      "one record of XML",
      "<rss><item><title>a</title></item><item><x>",
      "y".repeat(64 * 1024),
      "</x></item><item><title>b</title></item></rss>",
      /this <item> takes more than 8192 KiB/,
    ],
    [
      "one comment of XML",
      "<rss><item><title>a</title></item><item/><!-- ",
      "y ".repeat(32 * 1024),
      "--><item><title>b</title></item></rss>",
      /no title/,
    ],
    [
      "one tag of XML",
      "<rss><item><title>a</title></item><item/><item ",
      "y ".repeat(32 * 1024),
      "><title>c</title></item><item><title>b</title></item></rss>",
      /no title/,
    ],
    [
      "one record of PubMed",
      "PMID- 1\nTI  - a\n\nPMID- 2\nAB  - x\n",
      `      ${"y ".repeat(32)}\n`.repeat(1024),
      "LA  - eng\n\nPMID- 3\nTI  - b\n",
      /this record takes more than 8192 KiB/,
    ],
  ];
  for (const [name, start, filler, end, reason] of huge) {
    test(`200 MB in ${name} are skipped in little memory`, async () => {
      const piece = Buffer.from(filler);
      let most = 0;
      async function* bytes(): AsyncGenerator<Uint8Array> {
        yield Buffer.from(start);
        for (let at = 0; at < 200 * MiB; at += piece.length) {
          if (at % (10 * MiB) === 0) most = Math.max(most, process.memoryUsage().rss);
          yield piece;
        }
        yield Buffer.from(end);
      }
      const before = process.memoryUsage().rss;
      const { papers, problems } = await read(bytes());
      assert.equal(papers[0]?.title, "a");
      assert.match(problems[0] ?? "", reason);
      assert.ok(papers.length === 2 || name === "one row", `${papers.length} papers`);
      assert.ok(most - before < 120 * MiB, `${Math.round((most - before) / MiB)} MiB more`);
    });
  }

  for (const [name, start, end] of [
    ["a list", "[", "]"],
    ["an object that holds a list", '{"total":200000,"papers":[', "]}"],
  ] as const) {
    test(`200,000 records in ${name} on one line are read in little memory`, async () => {
      const record = JSON.stringify({ title: "A title", abstract: "word ".repeat(60) });
      async function* bytes(): AsyncGenerator<Uint8Array> {
        yield Buffer.from(start);
        const thousand = Buffer.from(`${record},`.repeat(1_000));
        for (let at = 0; at < 199; at++) yield thousand;
        yield Buffer.from(`${`${record},`.repeat(999)}${record}${end}`);
      }
      const before = process.memoryUsage().rss;
      let papers = 0;
      let most = 0;
      for await (const reading of readPapers(bytes())) {
        if (reading.kind === "paper" && papers++ % 20_000 === 0) most = Math.max(most, process.memoryUsage().rss);
        assert.notEqual(reading.kind, "problem");
      }
      assert.equal(papers, 200_000);
      assert.ok(most - before < 120 * MiB, `${Math.round((most - before) / MiB)} MiB more`);
    });
  }

  test("reading a decompression bomb stops, and this is reported", async () => {
    const start = gzipSync('{"title":"a"}\n{"title":"b","x":"');
    const much = gzipSync(Buffer.alloc(10 * MiB, 0x79));
    // A gigabyte of this would unpack to a terabyte, and take days.
    const bomb = Buffer.concat([start, ...Array.from({ length: 200 }, () => much)]);
    const { papers, problems } = await read(bomb);
    assert.deepEqual(papers, [{ title: "a" }]);
    assert.match(
      problems.join(),
      /unpacks to more than 100 times its size, which is not expected of papers: unpack it yourself/,
    );
  });

  test("a file that compresses well but is not a bomb is read to its end", async () => {
    const line = (at: number) =>
      `${JSON.stringify({ title: `paper ${Math.sin(at)}`, abstract: "word ".repeat(100) })}\n`;
    const { papers, problems } = await read(gzipSync(Array.from({ length: 12_000 }, (_, at) => line(at)).join("")));
    assert.deepEqual([papers.length, problems], [12_000, []]);
    // Small files are never treated as bombs.
    const same = await read(gzipSync('{"title":"a"}\n'.repeat(200_000)));
    assert.equal(same.papers.length, 200_000);
  });

  test("reading a file yields to other tasks", async () => {
    const line = `${JSON.stringify({ title: "A title", abstract: "A <i>word</i> ".repeat(80) })}\n`;
    const bytes = Buffer.from(line.repeat(20_000));
    let turns = 0;
    const others = setInterval(() => turns++, 1);
    const started = cpuTime();
    const { papers } = await read(bytes);
    const took = cpuTime() - started;
    clearInterval(others);
    assert.equal(papers.length, 20_000);
    // It yields every few milliseconds; a tenth of that rate allows for a busy machine.
    assert.ok(turns > took / 50, `${turns} turns in ${took} ms`);
  });
});
