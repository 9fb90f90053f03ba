import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { zipped } from "../../scripts/common/zip.js";
import { readPapers } from "../../src/formats/index.js";
import { chunksOf, read } from "./readings.js";

const ris = "TY  - JOUR\nTI  - Otters\nPY  - 2020\nVL  - 1\nER  - \n";
const bibtex = '@article{k, title = "Stones", journal = j}\n';

describe("a ZIP archive", () => {
  test("has the papers of all its files, whatever their formats, in their order", async () => {
    const { format, papers, problems, ignored } = await read(
      zipped([
        { name: "library/", bytes: "", stored: true },
        { name: "library/a.ris", bytes: ris },
        { name: "library/defined.bib", bytes: "@string{j = {Journal}}\n" },
        { name: "library/b.bib", bytes: bibtex },
        { name: "c.csv", bytes: Buffer.from("\ufefftitle\tyear\nTools\t2021\n", "utf16le"), stored: true },
        { name: "d.jsonl.gz", bytes: gzipSync('{"title":"Play"}\n') },
        { name: "../e.nbib", bytes: "PMID- 1\nTI  - Games.\n" },
      ]),
    );
    assert.equal(format, "zip");
    assert.deepEqual(problems, []);
    assert.deepEqual(papers, [
      { title: "Otters", published: "2020" },
      { key: "k", title: "Stones", venue: "Journal" },
      { title: "Tools", published: "2021" },
      { title: "Play" },
      { id: "PMID:1", title: "Games", url: "https://pubmed.ncbi.nlm.nih.gov/1/" },
    ]);
    assert.deepEqual(ignored, { VL: 1 });
  });

  test("says in which file a problem or a remark is, with its line", async () => {
    const { papers, problems, remarks } = await read(
      zipped([
        { name: "a.jsonl", bytes: '{"title":"a"}\n{"title":}\n' },
        { name: "folder/b.jsonl", bytes: '{"title":"b","published":"n.d."}\n' },
        { name: "notes.txt", bytes: "Dear all,\n" },
      ]),
    );
    assert.equal(papers.length, 2);
    assert.match(problems[0] ?? "", /^2: a\.jsonl: not valid JSON/);
    assert.match(problems[1] ?? "", /^1: notes\.txt: unknown format; the file starts with: Dear all/);
    assert.match(remarks.join(), /^1: folder\/b\.jsonl: published was left out/);
  });

  test("may hold files that are no papers, which are skipped and counted", async () => {
    const { papers, problems, ignored } = await read(
      zipped([
        { name: "__MACOSX/._a.ris", bytes: "Mac OS X" },
        { name: ".DS_Store", bytes: "x" },
        { name: "empty.txt", bytes: "" },
        { name: "a.pdf", bytes: "%PDF-1.7" },
        { name: "b.pdf", bytes: "%PDF-1.7" },
        { name: "c.dat", bytes: Buffer.from([1, 2, 0, 3, 0, 0, 9]) },
        { name: "a.ris", bytes: ris },
      ]),
    );
    assert.equal(papers.length, 1);
    assert.deepEqual(problems, []);
    assert.deepEqual(ignored, {
      "hidden files of the archive": 2,
      "empty files of the archive": 1,
      "files of the archive: a PDF": 2,
      "files of the archive: not text": 1,
      VL: 1,
    });
  });

  test("in another archive is refused, and so is an Excel or Word file", async () => {
    const refused = /this is a ZIP archive, or an Excel or Word file, not text: unpack it, or save it as CSV in UTF-8/;
    const inner = zipped([{ name: "a.ris", bytes: ris }]);
    const outer = await read(
      zipped([
        { name: "inner.zip", bytes: inner },
        { name: "a.ris", bytes: ris },
      ]),
    );
    assert.equal(outer.papers.length, 1);
    assert.equal(outer.problems.length, 1);
    assert.match(outer.problems[0] ?? "", /^1: inner\.zip: this is a ZIP archive/);
    assert.match((await read(gzipSync(inner))).problems.join(), refused);
    const word = await read(
      zipped([
        { name: "word/document.xml", bytes: "<w:document/>" },
        { name: "[Content_Types].xml", bytes: "<Types/>" },
      ]),
    );
    assert.equal(word.problems.length, 1);
    assert.match(word.problems[0] ?? "", refused);
  });

  test("reads the same however its bytes arrive", async () => {
    const bytes = zipped([
      { name: "a.ris", bytes: ris.repeat(50) },
      { name: "b.bib", bytes: bibtex },
    ]);
    const whole = (await read(bytes)).all;
    for (const size of [1, 2, 3, 7, 100]) assert.deepEqual((await read(chunksOf(bytes, size))).all, whole);
  });

  test("with a damaged file has the papers before the damage, and those of the other files", async () => {
    const many = Array.from({ length: 3_000 }, (_, at) => JSON.stringify({ title: `${Math.sin(at)}` })).join("\n");
    const good = { name: "b.ris", bytes: ris };
    const bytes = zipped([{ name: "a.jsonl", bytes: many }, good]);
    const middle = bytes.length >> 1;
    bytes.fill(0xff, middle, middle + 100);
    const damaged = await read(bytes);
    assert.ok(damaged.papers.length > 500, `${damaged.papers.length}`);
    assert.equal(damaged.papers.at(-1)?.title, "Otters");
    assert.match(damaged.problems.join("\n"), /a\.jsonl: the file is damaged in the archive/);
    const wrong = await read(zipped([{ name: "a.ris", bytes: ris, crc: 1 }, good]));
    assert.equal(wrong.papers.length, 2);
    assert.match(wrong.problems.join(), /^1: a\.ris: .*its checksum is wrong/);
  });

  test("with files that are encrypted, or packed in another way, says so and reads the others", async () => {
    const { papers, problems } = await read(
      zipped([
        { name: "a.ris", bytes: ris, flags: 1 },
        { name: "b.ris", bytes: ris, method: 93 },
        { name: "c.ris", bytes: ris },
      ]),
    );
    assert.equal(papers.length, 1);
    assert.match(problems[0] ?? "", /^1: a\.ris: it is encrypted/);
    assert.match(problems[1] ?? "", /^1: b\.ris: it is compressed by method 93/);
  });

  test("that is empty, cut off or damaged is one problem", async () => {
    const whole = zipped([{ name: "a.ris", bytes: ris }]);
    for (const bytes of [whole.subarray(0, -1), whole.subarray(0, 40), Buffer.from("PK\x03\x04abc")]) {
      const { papers, problems } = await read(bytes);
      assert.deepEqual(papers, []);
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", /this is a ZIP archive, or an Excel or Word file, and it is damaged or cut off/);
    }
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 0xff;
      await read(bytes);
    }
    const empty = await read(zipped([]));
    assert.deepEqual([empty.papers, empty.problems], [[], ["1: the ZIP archive is empty: expected one file or more"]]);
  });

  test("that is a bomb is read no further, alone or in many files", async () => {
    const start = '{"title":"a"}\n{"x":"';
    const alone = await read(zipped([{ name: "a.jsonl", bytes: start + "y".repeat(6_000_000) }]));
    assert.deepEqual(alone.papers, [{ title: "a" }]);
    assert.match(alone.problems.join("\n"), /a\.jsonl: the archive unpacks to more than 100 times its size/);
    const file = (at: number) => ({ name: `${at}.jsonl`, bytes: `${start + "y".repeat(1_000_000)}"}\n` });
    const many = await read(zipped(Array.from({ length: 30 }, (_, at) => file(at))));
    assert.match(many.problems.at(-1) ?? "", /the ZIP archive is read no further/);
    assert.ok(many.papers.length < 10, `${many.papers.length}`);
  });

  test("with too many files is refused", async () => {
    const empty = Array.from({ length: 50_001 }, (_, at) => ({ name: `${at}`, bytes: "", stored: true }));
    const { problems } = await read(zipped(empty));
    assert.match(problems.join(), /has 50001 files, the most that are read are 50000: unpack it, or split it/);
  });

  test("leaves no file behind, read to the end or not, and says if it cannot be copied", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "kindred-test-"));
    const { TMPDIR } = process.env;
    t.after(() => {
      if (TMPDIR === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = TMPDIR;
      rmSync(folder, { recursive: true });
    });
    process.env["TMPDIR"] = folder;
    const bytes = zipped([{ name: "a.jsonl", bytes: '{"title":"a"}\n'.repeat(1_000) }]);
    assert.equal((await read(bytes)).papers.length, 1_000);
    for await (const reading of readPapers(chunksOf(bytes))) if (reading.kind === "paper") break;
    assert.deepEqual(readdirSync(folder), []);
    process.env["TMPDIR"] = join(folder, "none");
    const { papers, problems } = await read(bytes);
    assert.deepEqual(papers, []);
    assert.match(problems.join(), /^1: the ZIP archive could not be copied to .*none \(ENOENT.*set TMPDIR to another/);
  });

  test("of a source that fails is the source's error", async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("PK\x03\x04");
      throw new Error("disk gone");
    }
    await assert.rejects(read(failing()), /disk gone/);
  });
});
