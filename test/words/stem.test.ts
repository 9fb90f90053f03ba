import assert from "node:assert/strict";
import { test } from "node:test";
import { termsIn } from "../../src/core/text.js";
import { shorterStems, stemOf } from "../../src/words/stem.js";
import { STOP_WORDS } from "../../src/words/stop-words.js";
import { samplePapers } from "../sample.js";

const words = [...new Set(samplePapers().flatMap(({ title, abstract }) => termsIn(`${title} ${abstract}`)))];

test("forms of a word have the same stem", () => {
  for (const forms of ["knot knots knotted knotting", "relational relation relations"])
    assert.equal(new Set(forms.split(" ").map(stemOf)).size, 1, forms);
});

test("no other word has the stem of a stop word, and forms of such words still share a stem", () => {
  const stops = new Set([...STOP_WORDS].map(stemOf));
  for (const word of [...words, ..."ising using uses others ones willing thes".split(" ")])
    if (!STOP_WORDS.has(word)) assert.ok(!stops.has(stemOf(word)), word);
  assert.equal(stemOf("using"), stemOf("used"));
  assert.notEqual(stemOf("Ising"), stemOf("is"));
});

test("the stem of every word starts with the prefix, or is among the prefix's shorter stems", () => {
  assert.ok(words.length > 4_000, `${words.length} words`);
  const missing: string[] = [];
  const shorter = new Map<string, Set<string>>();
  for (const word of words) {
    if (STOP_WORDS.has(word)) continue;
    const stem = stemOf(word);
    for (let length = 2; length <= word.length; length++) {
      const beginning = word.slice(0, length);
      if (stem.startsWith(beginning)) continue;
      if (!shorter.has(beginning)) shorter.set(beginning, new Set(shorterStems(beginning)));
      if (!shorter.get(beginning)!.has(stem)) missing.push(`${beginning}|${word}|${stem}`);
    }
  }
  assert.deepEqual(missing, []);
});

test("a prefix matches words that start with it, not all with a similar start", () => {
  assert.deepEqual(shorterStems("syn"), []);
  assert.deepEqual(shorterStems("adolescen"), ["adolesc"]);
  assert.deepEqual(shorterStems("randomi"), ["random"]);
  assert.deepEqual(shorterStems("绿茶"), []);
});
