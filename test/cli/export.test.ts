import "../tiny.js";
import assert from "node:assert/strict";
import { once } from "node:events";
import { lstat, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { parse } from "@retorquere/bibtex-parser";
import { follow } from "../../src/cli/follow.js";
import { openKindred, type ImportReport, type Paper } from "../../src/kindred.js";
import { sampleDirectory, temporaryDirectory } from "../sample.js";
import { collect, kindred, start } from "./command.js";

const BYTES = async function* (text: string) {
  yield Buffer.from(text);
};

async function papersIn(directory: string): Promise<Paper[]> {
  const open = await openKindred({ directory });
  const papers: Paper[] = [];
  for await (const paper of open.papers()) papers.push(paper);
  await open.close();
  return papers;
}

async function importInto(directory: string, text: string): Promise<ImportReport> {
  const open = await openKindred({ directory });
  const report = await open.import(BYTES(text));
  await open.close();
  return report;
}

/** Texts that formats often lose or change. */
const ODD = [
  {
    id: "odd/id with spaces",
    title: 'Spaces & 100% of $ymbols_in {braces} #1 ~ ^ \\ "quotes"',
    authors: ["Knuth, D. E."],
  },
  {
    id: "accents",
    title: "Überraschung: naïve Poincaré, Erdős and Łukasiewicz",
    authors: ["Émilie du Châtelet", "毛"],
  },
  { id: "no-abstract", title: "Only a title" },
  { id: "math", title: "On x < y > z in O(n²) — an em dash, “quotes” and α-helices", abstract: "Line one.\nLine two." },
  {
    id: "company",
    title: "By a company",
    authors: ["Barnes and Noble", "Smith, Jones & Sons, Ltd."],
    keywords: ["a, b", "c; d"],
  },
  {
    id: "dated",
    title: "Dated",
    published: "2020-02-29",
    doi: "10.1000/a_b%c",
    url: "https://example.org/a?b=c&d=e~f",
  },
  {
    id: "everything",
    title: "Everything",
    updated: "2021-01",
    arxiv: "2101.00001",
    source: "here",
    organization: "Org",
    listed: "2021-01-02",
    upvotes: 5,
    comments: 0,
    categories: ["cs.LG", "stat.ML"],
  },
];
const oddLines = ODD.map((record) => `${JSON.stringify(record)}\n`).join("");

describe("an export imports again", () => {
  test("as JSON Lines into a new store with the same papers, and into the same store without changes", async (t) => {
    const directory = await sampleDirectory(t);
    await importInto(directory, oddLines);
    const papers = await papersIn(directory);
    const { code, stdout, stderr } = await kindred(["export", "-d", directory]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(stdout.trimEnd().split("\n").length, papers.length);
    assert.equal((await kindred(["export", "--json", "-d", directory])).stdout, stdout);

    const same = await importInto(directory, stdout);
    assert.deepEqual([same.added, same.updated, same.unchanged, same.rejected], [0, 0, papers.length, 0]);
    const copy = temporaryDirectory(t);
    const fresh = await importInto(copy, stdout);
    assert.deepEqual([fresh.added, fresh.rejected, fresh.remarked, fresh.ignored], [papers.length, 0, 0, {}]);
    assert.deepEqual(await papersIn(copy), papers);
  });

  for (const format of ["bibtex", "biblatex", "ris", "csl-json", "csv"])
    test(`as ${format} without losing what the format can hold, and into the same store without duplicates`, async (t) => {
      const directory = await sampleDirectory(t);
      await importInto(directory, oddLines);
      const papers = await papersIn(directory);
      const { code, stdout, stderr } = await kindred(["export", "--format", format, "-d", directory]);
      assert.deepEqual([code, stderr], [0, ""]);
      const copy = temporaryDirectory(t);
      const report = await importInto(copy, stdout);
      assert.deepEqual([report.added, report.rejected], [papers.length, 0], JSON.stringify(report.problems));
      assert.deepEqual([report.remarked, report.ignored], [0, {}], JSON.stringify(report.remarks));
      const again = await importInto(directory, stdout);
      assert.deepEqual([again.added, again.rejected], [0, 0]);

      const read = await papersIn(copy);
      if (format === "csv") {
        assert.deepEqual(read, papers);
        return;
      }
      const kept = ({ title, abstract, authors, venue, published, doi, arxiv, url, keywords }: Paper) => ({
        title,
        abstract: abstract?.replaceAll(/\s+/g, " ") ?? null,
        authors,
        venue,
        published,
        doi,
        arxiv,
        url,
        keywords,
      });
      for (const [i, paper] of papers.entries()) {
        assert.deepEqual(kept(read[i] as Paper), kept(paper));
        assert.equal(read[i]?.id, paper.id);
      }
    });
});

test("an export as text has one reference per line", async (t) => {
  const directory = await sampleDirectory(t);
  const { code, stdout, stderr } = await kindred(["export", "--format", "text", "-d", directory]);
  assert.deepEqual([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.length, 154);
  for (const line of lines) assert.match(line, /^\S.* \(\d{4}\)\. .+\. https:\/\/\S+$/);
});

test("an export of a list holds only its papers, last added first", async (t) => {
  const directory = await sampleDirectory(t);
  const open = await openKindred({ directory });
  await open.createList("To read");
  for (const id of ["shannon-1948-communication", "turing-1936-computable"]) await open.addToList("To read", id);
  await open.close();
  const { code, stdout, stderr } = await kindred(["export", "--list", "to read", "-d", directory]);
  assert.deepEqual([code, stderr], [0, ""]);
  const ids = stdout
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as Paper).id);
  assert.deepEqual(ids, ["turing-1936-computable", "shannon-1948-communication"]);
  const unknown = await kindred(["export", "--list", "nope", "-d", directory]);
  assert.deepEqual([unknown.code, unknown.stdout], [3, ""]);
  assert.match(unknown.stderr, /^kindred: there is no list "nope"/);
});

describe("a reader that stops early", () => {
  for (const format of ["jsonl", "bibtex"])
    test(`ends an export as ${format} without an error`, async (t) => {
      const directory = await sampleDirectory(t);
      const long = Array.from({ length: 3_000 }, (_, i) => ({
        id: `n${i}`,
        title: `Note ${i}`,
        abstract: "Note. ".repeat(99),
      }));
      await importInto(directory, long.map((record) => `${JSON.stringify(record)}\n`).join(""));
      const child = start(["export", "--format", format, "-d", directory]);
      assert.ok(child.stdout !== null && child.stderr !== null);
      let stderr = "";
      child.stderr.on("data", (text) => (stderr += String(text)));
      await once(child.stdout, "data");
      child.stdout.destroy();
      const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
      assert.deepEqual([code, signal, stderr], [0, null, ""]);
    });

  test("ends a search without an error", async (t) => {
    const child = start(["search", "smoking", "--json", "-n", "100", "-d", await sampleDirectory(t)]);
    child.stdout?.destroy();
    const { code, stderr } = await collect(child);
    assert.deepEqual([code, stderr], [0, ""]);
  });
});

describe("a file that follows a list", () => {
  /** Waits until the file holds exactly the papers with these keys, in this order. */
  async function holds(file: string, keys: readonly string[]): Promise<string> {
    for (;;) {
      const text = await readFile(file, "utf8").catch(() => "");
      const { entries, errors } = parse(text);
      assert.deepEqual(errors, [], "never half of a file");
      const found = entries.map(({ key }) => key);
      if (text !== "" && isDeepStrictEqual(found, keys)) return text;
      await setTimeout(50);
    }
  }
  const [TURING, SHANNON, NASH] = ["turing-1936-computable", "shannon-1948-communication", "nash-1950-equilibrium"];

  test("is written again after changes by another process, until Ctrl-C", async (t) => {
    const directory = await sampleDirectory(t);
    const open = await openKindred({ directory });
    t.after(() => open.close());
    await open.createList("thesis");
    await open.addToList("thesis", TURING);
    const file = join(temporaryDirectory(t), "thesis.bib");
    const child = start(["export", "--list", "thesis", "--follow", file, "--format", "biblatex", "-d", directory]);
    const ended = collect(child);
    const first = await holds(file, [TURING]);
    await open.addToList("thesis", SHANNON);
    const second = await holds(file, [SHANNON, TURING]);
    assert.match(second, /journaltitle = /);
    await open.removeFromList("thesis", SHANNON);
    assert.equal(await holds(file, [TURING]), first);
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    assert.deepEqual([code, stdout], [0, ""]);
    assert.equal(stderr.split("\n").filter((line) => line.endsWith(": 1 papers")).length, 2, stderr);
    assert.deepEqual(await readdir(dirname(file)), ["thesis.bib"]);
  });

  test("may be a link, which stays, also before there is a file", async (t) => {
    const directory = await sampleDirectory(t);
    const open = await openKindred({ directory });
    t.after(() => open.close());
    const folder = temporaryDirectory(t);
    const [link, file] = [join(folder, "link.bib"), join(folder, "thesis.bib")];
    await symlink("thesis.bib", link);
    for (const list of ["one", "two"]) {
      await open.createList(list);
      await open.addToList(list, list === "one" ? TURING : SHANNON);
      const stop = new AbortController();
      await follow(open, { file: link, format: "bibtex", list, signal: stop.signal, onWritten: () => stop.abort() });
      assert.ok((await lstat(link)).isSymbolicLink());
      await holds(file, [list === "one" ? TURING : SHANNON]);
    }
  });

  test("is not overwritten if somebody else has written or changed it", async (t) => {
    const directory = await sampleDirectory(t);
    const open = await openKindred({ directory });
    t.after(() => open.close());
    await open.createList("thesis");
    const file = join(temporaryDirectory(t), "thesis.bib");
    const following = (signal = new AbortController().signal) =>
      follow(open, { file, format: "bibtex", list: "thesis", signal });
    await writeFile(file, "@misc{own, title = {My own}}\n");
    await assert.rejects(following(), /was not written by Kindred/);
    assert.equal(await readFile(file, "utf8"), "@misc{own, title = {My own}}\n");

    await rm(file);
    const edited = following();
    const ended = assert.rejects(edited, /or was changed since/);
    const text = await holds(file, []);
    await writeFile(file, `${text}@misc{own, title = {My own}}\n`);
    await open.addToList("thesis", NASH);
    await ended;
    await holds(file, ["own"]);
  });

  test("is an error in a format without comments, without its list, and without its folder", async (t) => {
    const directory = await sampleDirectory(t);
    const file = join(temporaryDirectory(t), "no", "thesis.bib");
    const { code, stderr } = await kindred(["export", "--follow", file, "--format", "ris", "-d", directory]);
    assert.deepEqual([code, stderr], [2, "kindred: --follow: got --format ris, expected bibtex or biblatex\n"]);
    const open = await openKindred({ directory });
    t.after(() => open.close());
    const { signal } = new AbortController();
    const wrong = (list: string | undefined) => follow(open, { file, format: "bibtex", list, signal });
    await assert.rejects(wrong("nope"), { code: "not-found", message: /there is no list "nope"/ });
    await assert.rejects(wrong(undefined), { code: "not-found", message: /there is no folder/ });
  });
});
