import "../tiny.js";
import assert from "node:assert/strict";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { z } from "zod";
import { importReportSchema, statusSchema } from "../../src/api.js";
import { openKindred } from "../../src/kindred.js";
import { databasePath } from "../../src/store/database.js";
import { sampleDirectory, temporaryDirectory } from "../sample.js";
import { collect, kindred, start } from "./command.js";

const LINES = `${JSON.stringify({ id: "a", title: "Otters juggling pebbles" })}\n`;
const BIBTEX = "@article{b2020, title = {Badgers rolling apples}}\n";
const reports = z.strictObject({
  files: z.record(z.string(), importReportSchema),
  index: z.strictObject({ state: z.literal("done"), abstracts: z.int(), sentences: z.int() }).optional(),
});

/** A data directory, and a folder with files. */
function folders(t: { after(work: () => void): void }, files: Record<string, string | Uint8Array>) {
  const folder = temporaryDirectory(t);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return { directory: join(temporaryDirectory(t), "made", "by", "import"), file: (name: string) => join(folder, name) };
}

async function status(directory: string) {
  const { stdout } = await kindred(["status", "--json", "-d", directory]);
  return statusSchema.parse(JSON.parse(stdout));
}

test("several files in several formats are imported and embedded by one command", async (t) => {
  const { directory, file } = folders(t, { "a.jsonl": LINES, "b.bib": BIBTEX, "c.gz": gzipSync(LINES) });
  const { code, stdout } = await kindred(["import", file("a.jsonl"), file("b.bib"), file("c.gz"), "-d", directory]);
  assert.equal(code, 0);
  assert.match(stdout, /a\.jsonl \(jsonl\): 1 added, 0 updated, 0 unchanged/);
  assert.match(stdout, /b\.bib \(bibtex\): 1 added/);
  assert.match(stdout, /c\.gz \(jsonl\): 0 added, 0 updated, 1 unchanged/);
  assert.match(stdout, /Embedded 2 abstracts/);
  const { papers, embedded, pendingSentences } = await status(directory);
  assert.deepEqual([papers, embedded, pendingSentences], [2, 2, 0]);
});

test("a missing file is reported, and the files before and after it are imported", async (t) => {
  const { directory, file } = folders(t, { "a.jsonl": LINES, "b.bib": BIBTEX });
  const files = [file("a.jsonl"), file("nowhere.bib"), file("b.bib")];
  const { code, stdout, stderr } = await kindred(["import", ...files, "--no-index", "--json", "-d", directory]);
  assert.equal(code, 3);
  assert.match(stderr, /there is no file .*nowhere\.bib/);
  const told = reports.parse(JSON.parse(stdout)).files;
  assert.deepEqual(Object.keys(told), [file("a.jsonl"), file("b.bib")]);
  assert.equal((await status(directory)).papers, 2);
});

test("BibTeX abbreviations apply to later files, and a file with nothing else is not an error", async (t) => {
  const { directory, file } = folders(t, {
    "names.bib": "@string{jice = {Journal of Ice}}\n@string{rs = {River Studies}}\n",
    "a.bib": "@article{a1, title = {Thin ice on ponds}, journal = jice}\n",
    "b.bib": "@article{b1, title = {Floods in spring}, journal = RS}\n",
  });
  const words = ["--no-index", "--json", "-d", directory];
  const all = [file("names.bib"), file("a.bib"), file("b.bib")];
  const { code, stdout, stderr } = await kindred(["import", ...all, ...words]);
  assert.deepEqual([code, stderr], [0, ""]);
  const told = reports.parse(JSON.parse(stdout)).files;
  assert.deepEqual(
    all.map((name) => [told[name]?.added, told[name]?.abbreviations, told[name]?.remarks]),
    [
      [0, 2, []],
      [1, 0, []],
      [1, 0, []],
    ],
  );
  const exported = await kindred(["export", "--format", "jsonl", "-d", directory]);
  assert.match(exported.stdout, /"venue":"Journal of Ice"/);
  assert.match(exported.stdout, /"venue":"River Studies"/);
  // Alone, the report says what it holds; later commands do not know its abbreviations.
  const alone = await kindred(["import", file("names.bib"), "--no-index", "-d", directory]);
  assert.equal(alone.code, 1);
  assert.match(
    alone.stdout,
    /0 added.*\n {2}2 abbreviations \(@string\) and no papers: they apply to the files that follow/,
  );
  const later = await kindred(["import", file("a.bib"), "--no-index", "-d", directory]);
  assert.match(later.stderr, /"jice" is not defined/);
});

test("- reads standard input, plain or gzip, and problems name it", async (t) => {
  const { directory } = folders(t, {});
  const words = ["import", "-", "--no-index", "--json", "-d", directory];
  const { code, stdout, stderr } = await kindred(words, { input: gzipSync(`${LINES}{"id":"b"}\n`) });
  assert.deepEqual([code, stderr], [0, ""]);
  const { files, index } = reports.parse(JSON.parse(stdout));
  assert.deepEqual([files["-"]?.added, files["-"]?.rejected, index], [1, 1, undefined]);
  assert.equal(files["-"]?.problems[0]?.file, "standard input");
});

test("--no-index postpones embedding, and index embeds once", async (t) => {
  const { directory, file } = folders(t, { "a.jsonl": LINES });
  await kindred(["import", "--no-index", file("a.jsonl"), "-d", directory]);
  assert.equal((await status(directory)).pending, 1);
  const { code, stdout } = await kindred(["index", "-d", directory]);
  assert.deepEqual([code, stdout], [0, "Embedded 1 abstracts, and the sentences of 1 papers.\n"]);
  assert.equal((await kindred(["index", "-d", directory])).stdout, "Everything is embedded.\n");
});

test("--json prints one document to standard output and nothing to standard error", async (t) => {
  const { directory, file } = folders(t, { "a.jsonl": LINES, "b.bib": BIBTEX });
  const { code, stdout, stderr } = await kindred(["import", "--json", file("a.jsonl"), file("b.bib"), "-d", directory]);
  assert.deepEqual([code, stderr], [0, ""]);
  const { files, index } = reports.parse(JSON.parse(stdout));
  assert.deepEqual(Object.keys(files), [file("a.jsonl"), file("b.bib")]);
  assert.equal(index?.abstracts, 2);
});

test("--json reports what was imported even if embedding is stopped", async (t) => {
  const many = Array.from({ length: 3_000 }, (_, i) => `${JSON.stringify({ id: `n${i}`, title: `Note ${i}` })}\n`);
  const { directory, file } = folders(t, { "many.jsonl": many.join("") });
  const child = start(["import", "--json", file("many.jsonl"), "-d", directory]);
  t.after(() => child.kill("SIGKILL"));
  const ended = collect(child);
  while (!existsSync(databasePath(directory))) await setTimeout(20);
  const watching = await openKindred({ directory });
  t.after(() => watching.close());
  while ((await watching.status()).embedded === 0) await setTimeout(20);
  child.kill("SIGINT");
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 130);
  assert.match(stderr, /^kindred: indexing was stopped/);
  const { files, index } = reports.parse(JSON.parse(stdout));
  assert.deepEqual([files[file("many.jsonl")]?.added, index], [3_000, undefined]);
});

describe("a file that cannot be imported is reported on standard error", () => {
  const TABLE: [what: string, name: string, content: string | undefined, code: number, said: RegExp][] = [
    ["that is missing", "nowhere.bib", undefined, 3, /there is no file .*nowhere\.bib/],
    ["that is empty", "x", "", 1, /x:1: the file is empty/],
    ["of prose", "x.txt", "Dear librarian,", 1, /x\.txt:1: unknown format/],
    ["that is a PDF", "x.pdf", "%PDF-1.7\n", 1, /x\.pdf:1: this is a PDF/],
    ["whose records are all broken", "x.jsonl", '{"id":"a"}\n{"id":"b"}\n', 1, /x\.jsonl:2: no title/],
  ];
  for (const [what, name, content, expected, said] of TABLE)
    test(`one ${what} exits with code ${expected}`, async (t) => {
      const { directory, file } = folders(t, content === undefined ? {} : { [name]: content });
      const { code, stderr } = await kindred(["import", file(name), "-d", directory]);
      assert.equal(code, expected);
      assert.match(stderr, said);
      assert.doesNotMatch(stderr, /\n {4}at /);
    });

  test("a folder exits with code 2", async (t) => {
    const { directory, file } = folders(t, {});
    mkdirSync(file("folder"));
    const { code, stderr } = await kindred(["import", file("folder"), "-d", directory]);
    assert.equal(code, 2);
    assert.match(stderr, /folder is a folder, expected a file/);
  });

  test("a path that the system refuses exits with code 2 and a reason, and the other files are imported", async (t) => {
    const { directory, file } = folders(t, { "a.jsonl": LINES, "b.bib": BIBTEX });
    symlinkSync(file("loop"), file("loop"));
    const refused = [join(file("a.jsonl"), "foo"), file("long".repeat(99)), file("loop")];
    const { code, stdout, stderr } = await kindred([
      "import",
      ...refused,
      file("b.bib"),
      "--no-index",
      "-d",
      directory,
    ]);
    assert.equal(code, 2);
    for (const error of ["ENOTDIR", "ENAMETOOLONG", "ELOOP"])
      assert.match(
        stderr,
        new RegExp(`^kindred: .* could not be read: ${error}: .*; expected the path of a file$`, "m"),
      );
    assert.doesNotMatch(stderr, /\n {4}at /);
    assert.match(stdout, /b\.bib \(bibtex\): 1 added/);
  });

  test("one bad record among good ones exits with code 0, and its line is reported", async (t) => {
    const { directory, file } = folders(t, { "x.jsonl": `${LINES}{broken\n` });
    const { code, stdout, stderr } = await kindred(["import", file("x.jsonl"), "-d", directory]);
    assert.equal(code, 0);
    assert.match(stdout, /1 added, 0 updated, 0 unchanged, 1 not imported/);
    assert.match(stderr, /x\.jsonl:2: /);
  });
});

test("control characters in a file do not reach the terminal", async (t) => {
  const evil = "\u001b[31mred\u0007\u009b2J\u007f";
  const { directory, file } = folders(t, {
    "x.jsonl": `${JSON.stringify({ id: "e", title: `Otters ${evil}`, venue: evil, [evil]: 1 })}\n{"id":"${evil}"\n`,
    "x.txt": `Dear ${evil} librarian,`,
  });
  const ended = [
    await kindred(["import", file("x.jsonl"), file("x.txt"), "-d", directory]),
    await kindred(["search", "otters", "-d", directory]),
    await kindred(["search", `${evil}?`, "--year", "1", "-d", directory]),
    await kindred(["related", evil, "-d", directory]),
    await kindred(["recommend", "--like-text", evil, "-d", directory]),
  ];
  for (const { stdout, stderr } of ended)
    // oxlint-disable-next-line no-control-regex -- the test looks for them
    assert.doesNotMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

describe("index", () => {
  test("--rebuild builds the graph again and embeds nothing", async (t) => {
    const directory = await sampleDirectory(t);
    const { code, stdout } = await kindred(["index", "--rebuild", "--json", "-d", directory]);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), { state: "done", abstracts: 0, sentences: 0 });
  });

  test("exits with code 4 while another process indexes the same directory", async (t) => {
    const directory = await sampleDirectory(t);
    const other = await openKindred({ directory, workers: 1 });
    t.after(() => other.close());
    const many = Array.from({ length: 3_000 }, (_, i) => `${JSON.stringify({ id: `n${i}`, title: `Note ${i}` })}\n`);
    await other.import(
      (async function* () {
        yield Buffer.from(many.join(""));
      })(),
    );
    const stop = new AbortController();
    const begun = new Promise<void>((resolve) => {
      void other.index({ signal: stop.signal, onProgress: () => resolve() }).catch(() => {});
    });
    await begun;
    const { code, stdout } = await kindred(["index", "-d", directory]);
    assert.equal(code, 4);
    assert.match(stdout, /Another process is indexing/);
    stop.abort();
  });
});
