import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cpuTime } from "../../scripts/common/numbers.js";
import {
  identifiersByLine,
  identifiersIn,
  normalizeArxiv,
  normalizeDoi,
  normalizeUrl,
} from "../../src/core/identifiers.js";

const dois: [text: string, doi: string | undefined][] = [
  ["10.1145/3292500.3330701", "10.1145/3292500.3330701"],
  [" DOI: 10.1000/ABC. ", "10.1000/abc"],
  ["https://doi.org/10.1000%2Fabc", "10.1000/abc"],
  ["http://dx.doi.org/10.1000/abc?nosfx=y#top", "10.1000/abc"],
  ["see (10.1000/abc(1)), there", "10.1000/abc(1)"],
  ["10.1016/0004-3702(89)90049-4", "10.1016/0004-3702(89)90049-4"],
  [
    "10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O",
    "10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o",
  ],
  [
    "https://doi.org/10.1002/(SICI)1097-0258(1998)17:15%3C1661::AID%3E3.0.CO;2-2",
    "10.1002/(sici)1097-0258(1998)17:15<1661::aid>3.0.co;2-2",
  ],
  ["10.48550/arXiv.1706.03762", "10.48550/arxiv.1706.03762"],
  ["https://doi.org/10.1000/50%", "10.1000/50%"],
  ["10.12/abc", undefined],
  ["no DOI", undefined],
  // The suffix is empty, or a placeholder.
  ["10.1145/...", undefined],
  ["10.1000/)", undefined],
  ["10.1000/<i>a</i>", undefined],
  ["https://doi.org/10.1000%2F", undefined],
  ["10.1000/%2F%2E", undefined],
  ["10.1145/nnnnnnn.nnnnnnn", undefined],
  ["https://doi.org/10.1145/XXXXXXX.XXXXXXX", undefined],
  ["10.1145/0000000.0000000", undefined],
  ["10.1145/1122445.1122456", undefined],
  ["10.1000/XXXXX", undefined],
  ["10.xxxx/yyyy", undefined],
  ["10.0000/abc", undefined],
  ["10.1109/TBD", undefined],
  ["10.1109/n/a", undefined],
  ["10.1109/ACCESS.2024.DOI", undefined],
  ["10.1109/TPAMI.2020.xxxxxxx", undefined],
  ["10.1051/0004-6361/20xxxxxxx", undefined],
  ["10.1000/to-be-assigned", undefined],
  ["DOI to be assigned", undefined],
  ["10.1000/... or 10.1000/abc", "10.1000/abc"],
  // These look similar and are DOIs.
  ["10.1000/x", "10.1000/x"],
  ["10.1000/xx", "10.1000/xx"],
  ["10.1000/0", "10.1000/0"],
  ["10.1000/nature", "10.1000/nature"],
  ["10.1000/none.2017", "10.1000/none.2017"],
  ["10.1111/j.1365-2966.2004.08xxx-a", "10.1111/j.1365-2966.2004.08xxx-a"],
  // Invisible characters are not part of it, however they are written.
  ["https://doi.org/10.1000%2Fa%1b%5B31mRED%00", "10.1000/a[31mred"],
  ["10.1000/a\u202eb%2fc%E2%80%AEd", "10.1000/ab/cd"],
  ["10.1000/a\u200bb", "10.1000/ab"],
];
const arxivs: [text: string, arxiv: string | undefined][] = [
  ["1706.03762", "1706.03762"],
  ["arXiv:1706.03762v7", "1706.03762"],
  ["https://arxiv.org/abs/1706.03762v2", "1706.03762"],
  ["https://arxiv.org/pdf/1706.03762.pdf", "1706.03762"],
  ["https://huggingface.co/papers/1706.03762", "1706.03762"],
  ["10.48550/arXiv.1706.03762", "1706.03762"],
  ["hep-th/9901001v1", "hep-th/9901001"],
  ["math.GT/0309136", "math/0309136"],
  ["1713.03762", undefined],
  ["1700.03762", undefined],
  ["1706.037", undefined],
  ["paper 1706.03762", undefined],
];

describe("identifiers", () => {
  for (const [text, doi] of dois)
    test(`the DOI in "${text}" is ${doi ?? "none"}`, () => assert.equal(normalizeDoi(text), doi));
  for (const [text, arxiv] of arxivs) {
    test(`the arXiv id in "${text}" is ${arxiv ?? "none"}`, () => assert.equal(normalizeArxiv(text), arxiv));
  }

  test("normalising a normalised DOI changes nothing", () => {
    for (const [, doi] of dois) if (doi !== undefined) assert.equal(normalizeDoi(doi), doi);
  });

  test("an address is the same with and without scheme, www, trailing slash and fragment", () => {
    assert.equal(normalizeUrl("https://www.Example.org/a/?b=1#c"), "example.org/a?b=1");
    assert.equal(normalizeUrl("http://example.org/a?b=1"), "example.org/a?b=1");
    assert.equal(normalizeUrl("javascript:alert(1)"), undefined);
  });

  test("invisible characters do not change an address", () => {
    assert.equal(normalizeUrl("https://example.org/a\u202eb\u200b"), "example.org/ab");
  });

  test("a text is an identifier only if it contains nothing else", () => {
    assert.deepEqual(identifiersIn("https://arxiv.org/abs/1706.03762"), [
      { kind: "arxiv", value: "1706.03762" },
      { kind: "url", value: "arxiv.org/abs/1706.03762" },
    ]);
    assert.deepEqual(identifiersIn("doi: 10.1000/abc"), [{ kind: "doi", value: "10.1000/abc" }]);
    assert.deepEqual(identifiersIn("attention is all you need"), []);
    assert.deepEqual(identifiersIn(""), []);
  });

  for (const [text, kind, value] of [
    ["doi.org/10.1088/0004-637X", "doi", "10.1088/0004-637x"],
    ["dx.doi.org/10.1000/abc?x=1#y", "doi", "10.1000/abc"],
    ["DOI 10.1000/abc", "doi", "10.1000/abc"],
    ["(10.1000/abc)", "doi", "10.1000/abc"],
    ["( doi: 10.1000/abc )", "doi", "10.1000/abc"],
    ["arxiv 1506.02151", "arxiv", "1506.02151"],
    ["arXiv:1506.02151 [math.NT]", "arxiv", "1506.02151"],
    ["arXiv:1506.02151v3 [math.NT] 6 Jun 2015", "arxiv", "1506.02151"],
    ["[cond-mat/9901001v1 [cond-mat.mes-hall]]", "arxiv", "cond-mat/9901001"],
  ] as const)
    test(`"${text}" is recognised as one identifier`, () => {
      assert.deepEqual(identifiersIn(text), [{ kind, value }]);
    });

  test("a PMID is also an address of PubMed, and the other way round", () => {
    const both = [
      { kind: "pmid", value: "123" },
      { kind: "url", value: "pubmed.ncbi.nlm.nih.gov/123" },
    ];
    assert.deepEqual(identifiersIn("PMID: 00123"), both);
    assert.deepEqual(identifiersIn("pmid 123"), both);
    for (const url of ["https://pubmed.ncbi.nlm.nih.gov/123/?from=x", "https://www.ncbi.nlm.nih.gov/pubmed/123"])
      assert.deepEqual(identifiersIn(url)[0], { kind: "pmid", value: "123" }, url);
    assert.deepEqual(
      identifiersByLine("PMID: 123, PMID 456; pmid:789\nPMID of a paper").map(({ identifiers: [first] }) => first),
      [{ kind: "pmid", value: "123" }, { kind: "pmid", value: "456" }, { kind: "pmid", value: "789" }, undefined],
    );
  });

  test("a text with words around an identifier is not an identifier", () => {
    for (const text of [
      "doi of the paper 10.1000/abc",
      "arxiv 1506.02151 and more",
      "arXiv:1506.02151 [math.NT] in June",
      "see https://arxiv.org/abs/1506.02151",
      "(see 10.48550/arXiv.1506.02151)",
      "arxiv transformers",
      "doi.org",
    ])
      assert.deepEqual(identifiersIn(text), [], text);
  });

  test("a text as long as an identifier is parsed in linear time, whatever it contains", () => {
    for (const part of [" ", ": ", "(", ")", "[a] ", "v1", "1 ", "doi.org/", "10.1000/", "a-", "a."])
      for (const start of ["", "arxiv", "doi ", "arXiv:1506.02151v1", "arXiv:1506.02151 [", "(doi.org/10.1000/a"]) {
        const text = `${start}${part.repeat(Math.floor(199_000 / part.length))}b`;
        const begin = cpuTime();
        for (const one of [text, text.slice(0, -1)]) identifiersIn(one);
        assert.ok(cpuTime() - begin < 2_000, `${start}${part}: ${cpuTime() - begin} ms`);
      }
  });

  test("a text as long as a query is parsed in linear time, whatever it contains", () => {
    for (const part of [")", ".", "10.1000", "10.1000/", "10.1000/a.", "/", ",a-", "(", "<", "https://a/", "%2f"]) {
      const text = `10.1000/a${part.repeat(Math.floor(199_000 / part.length))}b`;
      const start = cpuTime();
      for (const one of [text, text.slice(0, -1), text.slice(9)]) identifiersByLine(one);
      assert.ok(cpuTime() - start < 2_000, `${part}: ${cpuTime() - start} ms`);
    }
  });

  test("a list of identifiers may be separated by lines, commas or spaces", () => {
    const lists = [
      "10.1000/a\narXiv:1706.03762v2\nhttps://example.org/b",
      "10.1000/a, arXiv: 1706.03762v2; https://example.org/b.",
      "10.1000/a,arXiv:1706.03762v2,https://example.org/b",
      "  (10.1000/a)\t<1706.03762> \r\n\r\n 2. https://example.org/b",
      "10.1000/a 10.1000/A https://doi.org/10.1000/a 1706.03762 http://www.example.org/b/",
    ];
    for (const list of lists)
      assert.deepEqual(
        identifiersByLine(list).map(({ identifiers }) => identifiers[0]?.value),
        ["10.1000/a", "1706.03762", "example.org/b"],
        list,
      );
  });

  test("a list keeps each as given, also with commas and brackets", () => {
    const given = ["10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O", "10.1000/a,b(1)", "hep-th/9901001"];
    assert.deepEqual(
      identifiersByLine(given.join(",")).map((one) => one.given),
      given,
    );
  });

  test("a line of a list without an identifier is returned as it is", () => {
    assert.deepEqual(identifiersByLine("10.1000/a\n\n my favourites \nand 10.1000/b"), [
      { given: "10.1000/a", identifiers: [{ kind: "doi", value: "10.1000/a" }] },
      { given: "my favourites", identifiers: [] },
      { given: "10.1000/b", identifiers: [{ kind: "doi", value: "10.1000/b" }] },
    ]);
  });
});
