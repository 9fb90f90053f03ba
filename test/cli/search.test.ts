/** Commands that only read: search, related, recommend, status, explain. */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { answerSchema, explanationSchema, statusSchema, type Answer } from "../../src/api.js";
import { openKindred } from "../../src/kindred.js";
import { SAMPLE, sampleDirectory, temporaryDirectory } from "../sample.js";
import { kindred } from "./command.js";

const directory = await sampleDirectory({ after });
const run = (...words: string[]) => kindred([...words, "-d", directory]);
const json = async (...words: string[]): Promise<Answer> => {
  const { code, stdout, stderr } = await run(...words, "--json");
  assert.deepEqual([code, stderr], [0, ""]);
  return answerSchema.parse(JSON.parse(stdout));
};
const ids = ({ hits }: Answer): string[] => hits.map(({ paper }) => paper.id);

describe("search", () => {
  test("takes several words without quotes, and prints titles, authors, ids and why each paper was found", async () => {
    const { code, stdout, stderr } = await run("search", "does", "smoking", "cause", "lung", "cancer", "-n", "2");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^ {2}1\. Smoking and Carcinoma of the Lung/);
    assert.match(stdout, /Doll/);
    assert.match(stdout, /^ {5}doll-1950-smoking/m);
    assert.match(stdout, /^ {2}2\. /m);
    assert.match(stdout, /^More: --cursor \S+$/m);
    assert.doesNotMatch(stdout, /^ {2}3\. /m);
  });

  test("prints with --json what the library returns", async () => {
    const answer = await json("search", "how birds navigate", "--limit", "5");
    const open = await openKindred({ directory });
    assert.deepEqual(answer, await open.search({ q: "how birds navigate", limit: 5 }));
    await open.close();
  });

  test("prints why nothing was found", async () => {
    assert.match((await run("search", "?!")).stdout, /no letter or digit/);
    assert.match((await run("search", "smoking", "--year", "1066")).stdout, /No paper passes the filters/);
  });

  test("prints, after the nearest papers, that nothing is close to a question", async () => {
    const { stdout } = await run("search", "guitar", "chords", "for", "beginners", "-n", "2");
    assert.match(stdout, /^ {2}2\. [^]*^Nothing here is close to this question: these are only the nearest papers\.$/m);
    assert.equal((await json("search", "guitar chords for beginners")).close, false);
  });

  test("exits with code 3 for an unknown list", async () => {
    const { code, stdout, stderr } = await run("search", "memory", "--list", "nope");
    assert.deepEqual([code, stdout], [3, ""]);
    assert.match(stderr, /^kindred: there is no list "nope"/);
  });

  test("prints how many papers are found by words only, with and without hits", async (t) => {
    const fresh = temporaryDirectory(t);
    await kindred(["import", SAMPLE, "--no-index", "-d", fresh]);
    for (const year of ["1066", "1950"]) {
      const { stdout } = await kindred(["search", "smoking", "--year", year, "-d", fresh]);
      assert.match(stdout, /^\(154 papers have no vector yet: they are found by their words only\)$/m);
    }
  });

  test("accepts every filter, repeated ones as lists, and every order", async () => {
    const years = await json("search", "memory", "--year", "1957", "--year", "1971", "-n", "500");
    assert.ok(years.hits.length > 0);
    assert.ok(years.hits.every(({ paper }) => /^(1957|1971)/.test(paper.published ?? "")));
    const filtered = ["--from", "1950", "--to", "1990", "--category", "Physics", "--sort", "date", "-n", "500"];
    const { hits } = await json("search", "stars", ...filtered);
    const dates = hits.map(({ paper }) => paper.published ?? "");
    assert.deepEqual(dates, dates.toSorted().toReversed());
    assert.ok(dates.every((date) => date >= "1950" && date.slice(0, 4) <= "1990") && dates.length > 3);
    assert.ok((await json("search", "stars", "--venue", "nature")).hits.length > 0);
    assert.deepEqual(ids(await json("search", "theory", "--author", "shannon")), ["shannon-1948-communication"]);
    assert.deepEqual(ids(await json("search", "x", "--within", "turing-1936-computable")), ["turing-1936-computable"]);
    assert.deepEqual((await json("search", "x", "--source", "nowhere")).hits, []);
  });

  test("continues after a page with its cursor, and refuses an invalid one", async () => {
    const whole = await json("search", "galaxies", "-n", "6");
    const first = await json("search", "galaxies", "-n", "3");
    const second = await json("search", "galaxies", "-n", "3", "--cursor", first.next ?? "");
    assert.deepEqual([...ids(first), ...ids(second)], ids(whole));
    const { code, stderr } = await run("search", "galaxies", "--cursor", "made-up");
    assert.equal(code, 2);
    assert.match(stderr, /^kindred: cursor: got "made-up"/);
  });

  test("--explain prints each signal", async () => {
    const { stdout } = await run("search", "smoking", "--explain", "-n", "1", "--mode", "lexical");
    assert.match(stdout, /words: #1, \d+\.\d{3}, adds 1\.000 \(weight 1\.00\)\n +/);
  });

  test("says of papers, and of their copies, that they were retracted", async (t) => {
    const fresh = temporaryDirectory(t);
    const abstract = "Otters keep one stone for life, and juggle it when they are hungry.";
    const paper = { title: "Stones of otters", abstract, authors: ["Ada Smith"] };
    const file = join(fresh, "papers.jsonl");
    const records = [
      { id: "otters", ...paper, notice: "retracted" },
      { id: "preprint", ...paper, notice: "withdrawn" },
      { id: "eels", title: "Stones of eels" },
    ];
    writeFileSync(file, records.map((record) => JSON.stringify(record)).join("\n"));
    assert.equal((await kindred(["import", file, "-d", fresh])).code, 0);
    const { stdout } = await kindred(["search", "stones", "-d", fresh]);
    assert.match(stdout, /^ +\d\. Stones of otters \[Retracted\]$/m);
    assert.match(stdout, /^ +also: preprint, Withdrawn$/m);
    assert.match(stdout, /^ +\d\. Stones of eels$/m);
    const related = await kindred(["related", "eels", "-d", fresh]);
    assert.match(related.stdout, /^ +1\. Stones of otters \[Retracted\]$/m);
    const explained = await kindred(["explain", "otters", "stones", "-d", fresh]);
    assert.match(explained.stdout, /^Stones of otters \[Retracted\]\n/);
  });

  test("names an invalid date in the error", async () => {
    const { code, stderr } = await run("search", "x", "--from", "2017-13");
    assert.equal(code, 2);
    assert.match(stderr, /^kindred: from: expected a date like 2017, 2017-06 or 2017-06-12, got "2017-13"\n$/);
  });
});

describe("related", () => {
  test("accepts an id, a text, or a title and an abstract", async () => {
    const byId = await json("related", "vaswani-2017-attention", "-n", "5");
    assert.ok(byId.hits.length === 5 && !ids(byId).includes("vaswani-2017-attention"));
    assert.ok(ids(await json("related", "--text", "smoking and lungs")).includes("doll-1950-smoking"));
    const described = await json("related", "--title", "Cigarettes", "--abstract", "Do they cause lung cancer?");
    assert.ok(ids(described).includes("doll-1950-smoking"));
  });

  test("with an aspect prints the matching sentences; an unknown aspect exits with code 2 and names the known ones", async () => {
    const { code, stdout } = await run("related", "luria-1943-mutations", "--aspect", "background", "-n", "1");
    assert.equal(code, 0);
    assert.match(stdout, /here: {2}"Bacteria that survive attack/);
    assert.match(stdout, /there: "When DNA is copied, how are the parental strands shared/);
    const wrong = await run("related", "luria-1943-mutations", "--aspect", "conclusion");
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /background, method, result/);
  });

  test("exits with code 3 for an unknown id, and with 2 for both an id and a text", async () => {
    const unknown = await run("related", "nobody");
    assert.equal(unknown.code, 3);
    assert.match(unknown.stderr, /^kindred: there is no paper with the id "nobody": search for its title/);
    assert.equal((await run("related", "nobody", "--text", "x")).code, 2);
  });
});

test("recommend accepts likes and dislikes, by id and by text, and prints what each hit is closest to", async () => {
  const words = ["recommend", "--like", "vaswani-2017-attention", "--like-text", "the expanding universe"];
  const { hits } = await json(...words, "-x", "brown-2020-gpt3", "--dislike-text", "chess", "-n", "8");
  assert.equal(hits.length, 8);
  assert.ok(hits.every(({ because }) => (because?.for.length ?? 0) > 0));
  assert.match(
    (await run(...words)).stdout,
    /because you like (vaswani-2017-attention|"the expanding universe") \(\d+%\)/,
  );
  assert.equal((await run("recommend", "--like", "nobody")).code, 3);
});

describe("status", () => {
  test("counts papers, and prints with --json what the library returns", async () => {
    const { code, stdout } = await run("status");
    assert.equal(code, 0);
    assert.match(stdout, /^154 papers in /);
    assert.match(stdout, /154 embedded, 0 pending/);
    const status = statusSchema.parse(JSON.parse((await run("status", "--json")).stdout));
    assert.deepEqual([status.papers, status.embedded, status.model.name], [154, 154, "all-MiniLM-L6-v2"]);
  });

  test("reads KINDRED_DIRECTORY, which --directory overrides", async (t) => {
    const empty = join(temporaryDirectory(t), "empty");
    const env = { KINDRED_DIRECTORY: directory };
    assert.match((await kindred(["status"], { env })).stdout, /^154 papers/);
    assert.equal((await kindred(["status", "-d", empty], { env })).code, 3);
  });
});

test("commands that do not import exit with code 3 in a folder without papers, and do not create one", async (t) => {
  const nowhere = join(temporaryDirectory(t), "nowhere");
  const reading = [["search", "x"], ["related", "x"], ["recommend", "-l", "x"], ["status"], ["export"]];
  for (const words of [...reading, ["index"], ["verify"], ["backup", join(nowhere, "x")]]) {
    const { code, stdout, stderr } = await kindred([...words, "-d", nowhere]);
    assert.deepEqual([code, stdout], [3, ""], words[0]);
    assert.match(stderr, /there are no papers in .*nowhere: import some/);
  }
  assert.ok(!existsSync(nowhere));
});

describe("explain", () => {
  test("prints, as text and as JSON, why a paper has its rank", async () => {
    const { code, stdout } = await run("explain", "doll-1950-smoking", "does", "smoking", "cause", "cancer");
    assert.equal(code, 0);
    assert.match(stdout, /^Smoking and Carcinoma of the Lung[^]*It is hit 1 of \d+\./);
    assert.match(stdout, /words: #1, \d+\.\d+, adds 0\.\d+ \(weight 0\.\d+\)\n[^]*matched words: .*smoking \d+\.\d\d/);
    const filtered = await run("explain", "doll-1950-smoking", "smoking", "--year", "1999", "--json");
    const told = explanationSchema.parse(JSON.parse(filtered.stdout));
    assert.equal(told.place, null);
    assert.match(told.why, /does not pass the filter year/);
  });

  test("exits with code 3 for an unknown paper", async () => {
    assert.equal((await run("explain", "nobody", "smoking")).code, 3);
  });
});
