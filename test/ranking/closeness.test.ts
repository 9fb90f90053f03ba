/** Whether anything is close to a question, with the real model, on the sample and on libraries of a few papers. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import type { SearchRequest } from "../../src/api.js";
import { openKindred, type Kindred } from "../../src/kindred.js";
import { openSample, temporaryDirectory } from "../sample.js";

const FAR = "Nothing here is close to this question: these are only the nearest papers.";

let kindred: Kindred;
let close: () => Promise<void>;
before(async () => {
  kindred = await openSample({ after: (work) => void (close = work as () => Promise<void>) });
});
after(() => close());

type Asked = Partial<SearchRequest> & { q: string };
const judged = async (library: Kindred, asked: Asked) => {
  const { close: found, hits, notice } = await library.search(asked);
  return { close: found, hits: hits.length, notice };
};

describe("a question is close", () => {
  for (const q of [
    "does smoking cause lung cancer",
    "why do people make irrational choices under risk",
    "how the brain stores where we are",
    "a drug that lowers body weight",
    "BM25",
    "genes",
    "mathematical theory of communication",
    "how can two strangers agree on a secret key over a line that anybody can tap",
  ])
    test(`when a paper answers it: "${q}"`, async () => {
      for (const mode of ["hybrid", "semantic"] as const)
        assert.deepEqual(await judged(kindred, { q, mode }), { close: true, hits: 20, notice: null }, mode);
    });

  test("when one paper contains all its words, whatever they mean together", async () => {
    const { hits } = await kindred.search({ q: "shadow", mode: "lexical" });
    const words = hits[0]!.paper.abstract!.match(/\b[a-z]{7,}\b/g)!;
    const q = [...new Set(words)]
      .filter((_, i) => i % 5 === 0)
      .slice(0, 4)
      .join(" ");
    assert.equal((await judged(kindred, { q })).close, true, q);
    assert.equal((await judged(kindred, { q: `"${words[0]}"` })).close, true, "a phrase");
  });

  test("when one paper contains all its words after a misspelling is corrected", async () => {
    const { suggestion, close: found } = await kindred.search({ q: "semaglutde" });
    assert.deepEqual([suggestion, found], ["semaglutide", true]);
  });
});

describe("nothing is close, and there are hits nevertheless,", () => {
  for (const q of [
    "how do I bake sourdough bread at home",
    "guitar chords for beginners",
    "how to file a tax return",
    "knitting patterns for winter jumpers",
    "aileron buzz at transonic speeds",
  ])
    test(`to "${q}"`, async () => {
      for (const mode of ["hybrid", "semantic"] as const)
        assert.deepEqual(await judged(kindred, { q, mode }), { close: false, hits: 20, notice: FAR }, mode);
    });

  test("on every page, and in another order", async () => {
    const first = await kindred.search({ q: "guitar chords for beginners", limit: 3 });
    const second = await kindred.search({ q: "guitar chords for beginners", limit: 3, cursor: first.next! });
    assert.deepEqual([second.close, second.notice, second.hits.length], [false, FAR, 3]);
    assert.equal((await judged(kindred, { q: "guitar chords for beginners", sort: "date" })).close, false);
  });

  test("among the papers that pass the filters, and the notice says so", async () => {
    const asked = { q: "does smoking cause lung cancer", from: "2015" };
    const { close: found, notice } = await judged(kindred, asked);
    assert.equal(found, false);
    assert.equal(
      notice,
      "Nothing that passes the filters is close to this question: these are only the nearest papers.",
    );
  });

  test("together with other notices", async () => {
    const { close: found, notice } = await judged(kindred, { q: '"guitar chords" beginners' });
    assert.equal(found, false);
    const unheld = 'No paper that was asked for holds "guitar chords" word for word: searched for its words.';
    assert.equal(notice, `${unheld} ${FAR}`);
  });
});

describe("closeness is not judged", () => {
  const NOT_JUDGED: [why: string, asked: Asked][] = [
    ["by words only", { q: "guitar chords of the brain", mode: "lexical" }],
    ["of conditions", { q: "year:1950..1960" }],
    ["of an identifier", { q: "10.1002/j.1538-7305.1948.tb01338.x" }],
    ["of an identifier of no paper here", { q: "10.1234/not.here" }],
    ["without hits", { q: "guitar chords", author: ["nobody at all"] }],
  ];
  for (const [why, asked] of NOT_JUDGED)
    test(why, async () => {
      const { close: found, notice } = await kindred.search(asked);
      assert.equal(found, null);
      assert.doesNotMatch(notice ?? "", /close/);
    });

  test("for related and recommended papers", async () => {
    assert.equal((await kindred.related({ text: "guitar chords for beginners" })).close, null);
    assert.equal((await kindred.recommend({ positive: [{ text: "guitar chords" }] })).close, null);
  });
});

test("a library of two papers judges like a large one, once both are embedded", async (t) => {
  const library = await openKindred({ directory: temporaryDirectory(t) });
  t.after(() => library.close());
  const papers = [
    { title: "Bees in orchards", abstract: "Wild bees pollinate apple blossom better than hives of honey bees do." },
    { title: "Tides of the moon", abstract: "The moon raises tides in the ocean, and slows the turning of the earth." },
  ];
  await library.import(Readable.from([papers.map((paper) => JSON.stringify(paper)).join("\n")]));
  const asked = "guitar chords for the earth";
  assert.equal((await library.search({ q: asked })).close, null, "one of them may be close: it is not embedded yet");
  await library.index();
  assert.equal((await library.search({ q: asked })).close, false);
  assert.equal((await library.search({ q: "which insects help fruit trees" })).close, true);
  assert.equal((await library.search({ q: "moon earth" })).close, true);
});
