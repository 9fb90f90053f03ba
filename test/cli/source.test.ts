import "../tiny.js";
import assert from "node:assert/strict";
import { existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { temporaryDirectory } from "../sample.js";
import { Service } from "../sources/service.js";
import { kindred } from "./command.js";

/** A folder with a file of papers that is old enough to be read. */
function folderOf(t: TestContext, papers: object[]): string {
  const folder = join(temporaryDirectory(t), "papers");
  mkdirSync(folder);
  const path = join(folder, "papers.jsonl");
  writeFileSync(path, papers.map((paper) => `${JSON.stringify(paper)}\n`).join(""));
  utimesSync(path, 1_000, 1_000);
  return folder;
}

const PAPERS = [
  { id: "moon", title: "Tides of the moon" },
  { id: "sun", title: "Tides of the sun" },
];

describe("source", () => {
  test("adds a folder, brings and embeds its papers, lists, shows and removes it", async (t) => {
    const where = ["-d", join(temporaryDirectory(t), "index")];
    const folder = folderOf(t, PAPERS);
    const added = await kindred([
      "source",
      "add",
      "folder",
      "--path",
      folder,
      "--name",
      "my files",
      "--every",
      "6h",
      ...where,
    ]);
    assert.equal(added.code, 0, added.stderr);
    assert.match(added.stdout, /^source my files added; it runs every 6h\nmy files: 2 added, 0 updated, 0 unchanged\n/);
    const found = await kindred(["search", "tides", "--json", ...where]);
    assert.equal((JSON.parse(found.stdout) as { hits: unknown[] }).hits.length, 2);
    const listed = await kindred(["source", "list", ...where]);
    assert.match(
      listed.stdout,
      /^my files \(folder, every 6h\): 2 papers; \d{4}-.*: 2 added, 0 updated; next run \d{4}-.*\n$/,
    );
    const shown = await kindred(["source", "show", "my files", ...where]);
    assert.match(shown.stdout, /options \{.*"path":/);
    assert.match(shown.stdout, /\n\d{4}-.* {2}2 added, 0 updated, 0 unchanged\n$/);
    const updated = await kindred(["update", "--no-index", "--json", ...where]);
    assert.deepEqual(JSON.parse(updated.stdout), { sources: { "my files": "0 added, 0 updated, 0 unchanged" } });
    const removed = await kindred(["source", "remove", "my files", "--papers", ...where]);
    assert.deepEqual([removed.code, removed.stdout], [0, "2 papers removed\n"]);
    assert.equal((await kindred(["source", "list", ...where])).stdout, "");
  });

  test("a path is relative to the current folder", async (t) => {
    const where = ["-d", join(temporaryDirectory(t), "index")];
    const folder = folderOf(t, PAPERS);
    const words = ["source", "add", "folder", "--path", "papers", "--no-update", ...where];
    const { code, stdout } = await kindred(words, { cwd: join(folder, "..") });
    assert.deepEqual([code, stdout], [0, "source folder added; it runs every 1d\n"]);
    assert.match((await kindred(["update", "--no-index", ...where])).stdout, /^folder: 2 added/);
  });

  test("one source that fails does not stop the others, and its error names the host", async (t) => {
    const service = await Service.start(() => ({ status: 404, body: { message: "gone" } }));
    t.after(() => service.close());
    const where = ["-d", join(temporaryDirectory(t), "index")];
    const options = ["--filter", "a:b", "--base-url", service.base, "--no-update"];
    await kindred(["source", "add", "openalex", ...options, ...where]);
    await kindred(["source", "add", "folder", "--path", folderOf(t, PAPERS), "--no-update", ...where]);
    const { code, stdout, stderr } = await kindred(["update", "openalex", "folder", "--no-index", ...where]);
    assert.equal(code, 1);
    assert.match(stderr, /^kindred: 127\.0\.0\.1.* 404/);
    assert.match(stdout, /^folder: 2 added/);
  });

  test("while a service is tried again, a line says why and when", async (t) => {
    let failures = 2;
    const service = await Service.start(() =>
      failures-- > 0
        ? { status: 503, headers: { "retry-after": "1" }, body: { message: "gone\u001b[2J fishing" } }
        : { body: { meta: { next_cursor: null }, results: [] } },
    );
    t.after(() => service.close());
    const where = ["-d", join(temporaryDirectory(t), "index")];
    const adding = ["source", "add", "openalex", "--filter", "a:b", "--base-url", service.base, "--no-index", ...where];
    const { code, stdout, stderr } = await kindred(adding);
    assert.equal(code, 0, stderr);
    const lines = stderr.split("\n").filter((line) => line.includes("503"));
    assert.equal(lines.length, 2, stderr);
    for (const [i, line] of lines.entries())
      assert.match(
        line,
        new RegExp(
          `^openalex: 127\\.0\\.0\\.1 answered with status 503: gone.* fishing; try ${i + 2} of 6 in (?:a second|\\d seconds)$`,
        ),
      );
    assert.ok(!stderr.includes("\u001b"));
    assert.match(stdout, /openalex: 0 added/);
    failures = 1;
    assert.equal((await kindred(["update", "--json", "--no-index", ...where])).stderr, "");
  });

  test("a paused source is not due, and runs again when it is resumed", async (t) => {
    const where = ["-d", join(temporaryDirectory(t), "index")];
    await kindred(["source", "add", "folder", "--path", folderOf(t, PAPERS), "--no-index", ...where]);
    const run = async (verb: string, name = "folder") => kindred(["source", verb, name, ...where]);
    assert.deepEqual(await run("pause"), { code: 0, stdout: "", stderr: "" });
    assert.match((await run("show")).stdout, /; paused\n/);
    assert.doesNotMatch((await run("show")).stdout, /next run/);
    assert.match((await kindred(["status", ...where])).stdout, /source folder: .*paused/);
    assert.deepEqual(await run("resume"), { code: 0, stdout: "", stderr: "" });
    assert.match((await run("show")).stdout, /; next run \d{4}-/);
    assert.doesNotMatch((await kindred(["status", ...where])).stdout, /paused/);
    for (const verb of ["pause", "resume"]) {
      const { code, stderr } = await run(verb, "other");
      assert.deepEqual([code, stderr], [3, "kindred: there is no source called other: the sources are folder\n"]);
    }
  });

  test("wrong options are usage errors, and create no folder", async (t) => {
    const nowhere = join(temporaryDirectory(t), "nowhere");
    for (const [words, message] of [
      [["source", "add", "myspace"], /unknown command 'myspace'/],
      [["source", "add", "openalex"], /expected a filter, or words to search for/],
      [["source", "add", "arxiv"], /category/],
      [["source", "add", "arxiv", "--category", "cs.CL", "--every", "never"], /such as 6h, 1d or 1w/],
      [["source", "add", "biorxiv", "--server", "other"], /Allowed choices are biorxiv, medrxiv/],
    ] as const) {
      const { code, stderr } = await kindred([...words, "-d", nowhere]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    }
    assert.equal((await kindred(["update", "-d", nowhere])).code, 3);
    assert.equal((await kindred(["source", "list", "-d", nowhere])).code, 3);
    assert.ok(!existsSync(nowhere));
  });
});
