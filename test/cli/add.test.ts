import "../tiny.js";
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { sampleDirectory, temporaryDirectory } from "../sample.js";
import { kindred } from "./command.js";

test("add says of each identifier whether its paper is here", async (t) => {
  const directory = await sampleDirectory(t);
  const { code, stdout, stderr } = await kindred(["add", "10.1109/TIT.1976.1055638", "1706.03762v2", "-d", directory]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(
    stdout,
    /^10\.1109\/TIT\.1976\.1055638: here already: New directions in cryptography \(diffie-1976-cryptography\)\n1706\.03762v2: here already: Attention Is All You Need \(vaswani-2017-attention\)\n$/,
  );
});

test("add refuses what is no identifier, and says what is one", async (t) => {
  const directory = join(temporaryDirectory(t), "new");
  const { code, stderr } = await kindred(["add", "tides", "10.1000/x", "-d", directory]);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /identifiers: got "tides", expected a DOI \(10\.1000\/xyz\), an arXiv id \(2401\.01234\), PMID:123/,
  );
});

test("enrich asks nothing when no paper lacks anything that can be asked for", async (t) => {
  const directory = temporaryDirectory(t);
  const record = { id: "a", title: "Tides", abstract: "Of tides.", published: "2020", doi: "10.1000/tides" };
  const untitled = { id: "b", title: "Otters" };
  const input = [record, untitled].map((one) => JSON.stringify(one)).join("\n");
  assert.equal((await kindred(["import", "-", "--no-index", "-d", directory], { input })).code, 0);
  const { code, stdout } = await kindred(["enrich", "-d", directory]);
  assert.deepEqual([code, stdout], [0, "0 papers asked for, 0 updated: 0 abstracts, 0 dates, 0 DOIs\n"]);
  const nowhere = await kindred(["enrich", "-d", join(directory, "nothing")]);
  assert.deepEqual([nowhere.code, /there are no papers/.test(nowhere.stderr)], [3, true]);
});
