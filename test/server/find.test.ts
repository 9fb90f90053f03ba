/** Looking up many papers by their identifiers. */
import "../tiny.js";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findAnswerSchema, MAX_TEXT } from "../../src/api.js";
import { bytesOf, jsonLines, parsed, problemIn, servedSample } from "./serving.js";

const served = servedSample(async (kindred) => {
  const linked = { id: "otter", title: "Otters juggling pebbles", url: "https://www.example.org/otters/" };
  await kindred.import(bytesOf(jsonLines(linked)));
});
const find = async (text: string) => parsed(findAnswerSchema, await served.post("api/find", { text }));

const DIFFIE = { id: "diffie-1976-cryptography", title: "New directions in cryptography" };
const ATTENTION = { id: "vaswani-2017-attention", title: "Attention Is All You Need" };

test("known papers are found by DOI, arXiv id and address, in the order given", async () => {
  const given = ["arXiv:1706.03762v5", "https://doi.org/10.1109/TIT.1976.1055638", "http://example.org/otters"];
  assert.deepEqual(await find(given.join("\n")), {
    found: [
      { given: given[0], paper: ATTENTION },
      { given: given[1], paper: DIFFIE },
      { given: given[2], paper: { id: "otter", title: "Otters juggling pebbles" } },
    ],
    unknown: [],
    unread: [],
  });
});

test("unknown identifiers are returned as understood, and lines without one unchanged", async () => {
  assert.deepEqual(await find("10.1000/NOBODY, 1706.03762, 9912.99999\nhttps://example.org/x?y=1\nmy favourites\n"), {
    found: [{ given: "1706.03762", paper: ATTENTION }],
    unknown: [
      { given: "10.1000/NOBODY", kind: "doi", value: "10.1000/nobody" },
      { given: "9912.99999", kind: "arxiv", value: "9912.99999" },
      { given: "https://example.org/x?y=1", kind: "url", value: "example.org/x?y=1" },
    ],
    unread: ["my favourites"],
  });
});

test("a paper just added is found, and a removed one is not", async () => {
  await served.import(jsonLines({ id: "mole", title: "Moles mapping cellars", doi: "10.1000/mole" }));
  assert.equal((await find("doi:10.1000/mole")).found[0]?.paper.id, "mole");
  await served.ask("api/papers/mole", { method: "DELETE" });
  assert.equal((await find("doi:10.1000/mole")).unknown.length, 1);
});

test("an empty text finds nothing", async () => {
  for (const text of ["", " \n\n "]) assert.deepEqual(await find(text), { found: [], unknown: [], unread: [] });
});

test("as many identifiers as fit in a text are looked up at once", async () => {
  const dois = Array.from({ length: 15_000 }, (_, i) => `10.1000/${i}`);
  const { unknown } = await find([...dois, "1706.03762"].join("\n"));
  assert.deepEqual(
    unknown.map(({ value }) => value),
    dois,
  );
});

describe("an invalid text answers 400", () => {
  for (const [what, body] of [
    ["too long a text", { text: "x".repeat(MAX_TEXT + 1) }],
    ["no text", {}],
    ["a list", { text: ["10.1000/a"] }],
  ] as const)
    test(what, async () => {
      assert.equal(problemIn(await served.post("api/find", body), 400).parameter, "text");
    });
});
