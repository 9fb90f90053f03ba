import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { read } from "./readings.js";

const titles = async (text: string): Promise<string[]> => (await read(text)).papers.map(({ title }) => title);
const papers = [{ title: "a", authors: [{ name: "A" }] }, { title: "b" }, { title: "c" }];

describe("JSON", () => {
  test("reads a list of records, on one line or several", async () => {
    assert.deepEqual(await titles(JSON.stringify(papers)), ["a", "b", "c"]);
    assert.deepEqual(await titles(JSON.stringify(papers, null, 2)), ["a", "b", "c"]);
    assert.deepEqual(await titles(`\n\n  ${JSON.stringify(papers, null, "\t")}\n`), ["a", "b", "c"]);
  });

  test("reads one object as one record, on one line or several", async () => {
    assert.deepEqual(await titles(JSON.stringify(papers[0], null, 2)), ["a"]);
    assert.deepEqual(await titles(JSON.stringify(papers[0])), ["a"]);
  });

  test("reads the records of a list inside an object", async () => {
    for (const indent of [0, 2]) {
      assert.deepEqual(await titles(JSON.stringify({ total: 3, papers }, null, indent)), ["a", "b", "c"]);
      assert.deepEqual(
        await titles(JSON.stringify({ status: "ok", message: { "ite\u00e4ms": papers, x: [] } }, null, indent)),
        ["a", "b", "c"],
      );
    }
  });

  test("NaN and Infinity outside of strings are read as null, in every layout", async () => {
    const records =
      '{"title": "NaN, Infinity and \\"NaN\\" in a text", "abstract": NaN, "year": 2012}@' +
      '{"title": "b", "abstract": "The value is NaN.", "year": NaN, "x": [NaN, -Infinity, Infinity]}@' +
      '{"title": "c\\\\", "upvotes": NaN, "score": Infinity, "authors": NaN}';
    const expected = [
      { title: 'NaN, Infinity and "NaN" in a text', published: "2012" },
      { title: "b", abstract: "The value is NaN." },
      { title: "c\\" },
    ];
    for (const text of [
      records.replaceAll("@", "\n"),
      `[${records.replaceAll("@", ",")}]`,
      `[NaN,\n${records.replaceAll("@", ",\n")}\n]`,
      `{"total": NaN, "items": [${records.replaceAll("@", ",\n")}]}`,
    ]) {
      const { papers: found, remarks } = await read(text);
      assert.deepEqual([found, remarks], [expected, []], text);
    }
  });

  test("invalid JSON that also contains NaN is reported with its line", async () => {
    const { papers: found, problems } = await read(
      '{"title": "a", "year": NaN}\n{"title": "b", "year": NaN, "x": nan}\n{"title": "c, "x": NaN}\n',
    );
    assert.deepEqual(found, [{ title: "a" }]);
    assert.match(problems.join("\n"), /^2: not valid JSON .*\n3: not valid JSON /);
  });

  test("a record that contains a list is one record", async () => {
    assert.deepEqual(await titles(JSON.stringify({ citations: papers, title: "z" }, null, 2)), ["z"]);
  });

  test("lists of titles and of references are not papers", async () => {
    const { papers: none, problems } = await read(
      JSON.stringify({ titles: [{ title: "a" }], references: papers }, null, 2),
    );
    assert.deepEqual(none, []);
    assert.match(problems.join(), /^1: no title/);
  });

  test("reads consecutive objects that span several lines", async () => {
    const { papers: found, all } = await read(papers.map((paper) => JSON.stringify(paper, null, 2)).join("\n"));
    assert.deepEqual(
      found.map(({ title }) => title),
      ["a", "b", "c"],
    );
    assert.deepEqual(
      all.flatMap((reading) => (reading.kind === "paper" ? [reading.line] : [])),
      [1, 9, 12],
    );
  });

  test("extra commas are accepted", async () => {
    assert.deepEqual(await titles('[{"title":"a"},,{"title":"b"},]'), ["a", "b"]);
  });

  test("a broken record is one problem with its line, and the others are read", async () => {
    const broken = ["[", '  {"title": "a"},', '  {"title": "b" "id": 1},', '  {"title": "c"}', "]"].join("\n");
    const { papers: found, problems } = await read(broken);
    assert.deepEqual(
      found.map(({ title }) => title),
      ["a", "c"],
    );
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /^3: not valid JSON/);
  });

  for (const [name, line] of [
    ["an open quotation mark", '  {"title": "b},'],
    ["an open brace", '  {"title": "b", "x": {"y": 1},'],
    ["an open bracket", '  {"title": "b", "authors": ["x"},'],
  ]) {
    test(`after ${name} the next records are read`, async () => {
      const { papers: found, problems } = await read(
        ["[", '  {"title": "a"},', line, '  {"title": "c"},', '  {"title": "d"}', "]"].join("\n"),
      );
      assert.deepEqual(
        found.map(({ title }) => title),
        ["a", "c", "d"],
      );
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0] ?? "", /^3: not valid JSON/);
    });
  }

  test("a broken record on several lines ends where the next begins", async () => {
    const text = JSON.stringify([...papers, ...papers], null, 2).replace('"title": "b"', '"title": "b');
    const { papers: found, problems } = await read(text);
    assert.deepEqual(
      found.map(({ title }) => title),
      ["a", "c", "a", "b", "c"],
    );
    assert.equal(problems.length, 1);
  });

  test("a broken record in a list inside an object is one problem", async () => {
    const text = JSON.stringify({ total: 6, papers: [...papers, ...papers] }, null, 2).replace(
      '"title": "b"',
      '"title" "b"',
    );
    const { papers: found, problems } = await read(text);
    assert.deepEqual(
      found.map(({ title }) => title),
      ["a", "c", "a", "b", "c"],
    );
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /^12: not valid JSON/);
  });

  test("a truncated file is reported", async () => {
    const text = JSON.stringify(papers);
    const inside = await read(text.slice(0, -5));
    assert.deepEqual(inside.papers.length, 2);
    assert.match(inside.problems.join(), /the file ends inside this record/);
    const between = await read(text.slice(0, -1));
    assert.equal(between.papers.length, 3);
    assert.match(between.problems.join(), /is not closed/);
  });

  test("entries that are not objects are problems", async () => {
    const { papers: found, problems } = await read('[1, "x", null, [2], {"title": "a"}, true]');
    assert.equal(found.length, 1);
    assert.equal(problems.length, 5);
    assert.match(problems[1] ?? "", /expected an object.*got "x"/);
  });

  test("an empty list and an empty object give no papers", async () => {
    assert.deepEqual(
      (await read("[]")).all.map(({ kind }) => kind),
      ["format"],
    );
    assert.match((await read("{}")).problems.join(), /no title/);
  });

  test("very deep nesting is a problem, not a stack overflow", async () => {
    const { problems } = await read(`[${"[".repeat(100_000)}`);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /deep/);
  });
});
