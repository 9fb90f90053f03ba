import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseOpinions, verdictOn, withVerdict } from "../../src/web/likes.js";

const paper = { id: "p1", title: "On kin" };
const other = { id: "p2", title: "On others" };

describe("likes", () => {
  test("hold one verdict on a paper, the last one", () => {
    const liked = withVerdict([], paper, "like");
    assert.equal(verdictOn(liked, "p1"), "like");
    assert.equal(verdictOn(withVerdict(liked, paper, "dislike"), "p1"), "dislike");
    assert.equal(withVerdict(liked, paper, "dislike").length, 1);
  });

  test("can be taken back", () => {
    assert.deepEqual(withVerdict(withVerdict([], paper, "like"), paper, null), []);
    assert.equal(verdictOn([], "p1"), null);
  });

  test("keep the newest last", () => {
    const both = withVerdict(withVerdict([], paper, "like"), other, "dislike");
    assert.deepEqual(
      withVerdict(both, paper, "like").map((opinion) => opinion.id),
      ["p2", "p1"],
    );
  });

  test("survive being kept and read", () => {
    const opinions = withVerdict(withVerdict([], paper, "like"), other, "dislike");
    assert.deepEqual(parseOpinions(JSON.stringify(opinions)), opinions);
  });

  test("are read without what is none", () => {
    const good = { ...paper, verdict: "like" };
    const kept = [null, 1, "x", [], {}, { id: 1, title: "x", verdict: "like" }, { ...paper, verdict: "love" }, good];
    assert.deepEqual(parseOpinions(JSON.stringify(kept)), [good]);
    for (const text of [null, "", "{", "{}", "null", "7"]) assert.deepEqual(parseOpinions(text), []);
  });
});
