/** The roles of sentences in an abstract. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Aspect } from "../../src/api.js";
import {
  gramsOf,
  headedRoles,
  headingOf,
  placeOf,
  ROLES,
  rolesOf,
  smoothed,
  softmax,
} from "../../src/ranking/roles.js";
import type { RoleShares } from "../../src/ranking/roles.js";

/** The most likely role of each sentence, as an initial. */
const initials = (sentences: readonly string[]): string =>
  rolesOf(sentences)
    .map((shares) => ROLES[shares.indexOf(Math.max(...shares))]![0])
    .join("");

describe("headings", () => {
  const FOUND: [sentence: string, role: Aspect | "several", length: number][] = [
    ["METHODS We counted bees.", "method", 8],
    ["Methods: we counted bees.", "method", 9],
    ["MATERIALS AND METHODS: Bees were counted.", "method", 23],
    ["CONCLUSIONS - Bees count.", "result", 14],
    ["RESULTS 12 bees were seen.", "result", 8],
    ["BACKGROUND AND PURPOSE Bees fly.", "background", 23],
    ["METHODS AND RESULTS Bees flew.", "several", 20],
  ];
  for (const [sentence, role, length] of FOUND)
    test(`"${sentence}" begins with one`, () => assert.deepEqual(headingOf(sentence), { role, length }));

  for (const sentence of [
    "Methods of counting bees differ.",
    "RESULTSX: bees",
    "Bees count.",
    "DESIGNS vary.",
    "",
    "Aim high.",
  ])
    test(`"${sentence}" does not`, () => assert.equal(headingOf(sentence), undefined));

  test("apply until the next; text before the first, and under a heading for two roles, has no role", () => {
    const sentences = [
      "A note.",
      "Background: Bees fly.",
      "They also count.",
      "METHODS AND RESULTS We looked.",
      "CONCLUSION: They do.",
    ];
    assert.deepEqual(headedRoles(sentences), [null, "background", "background", null, "result"]);
  });

  test("count only when they name two roles", () => {
    assert.deepEqual(headedRoles(["Background: bees fly.", "They count."]), [null, null]);
    assert.deepEqual(headedRoles(["RESULTS Bees fly.", "CONCLUSION They count."]), [null, null]);
  });

  test("override the wording", () => {
    const sentences = ["RESULTS: However, little is known.", "METHODS: We find that it outperforms.", "It was good."];
    assert.equal(initials(sentences), "rmm");
    assert.deepEqual(rolesOf(sentences)[0], [0, 0, 1]);
  });
});

describe("without headings, wording, position and order decide", () => {
  const ABSTRACTS: Record<string, [role: string, sentence: string][]> = {
    "of machine learning": [
      [
        "b",
        "Long documents remain a challenge for language models, and existing approaches often forget the beginning.",
      ],
      ["m", "We propose a memory that is trained to keep what later paragraphs will need."],
      ["m", "It consists of a small network that writes and another that reads."],
      ["r", "Experiments on three benchmarks show that our model outperforms the strongest baseline by 4%."],
    ],
    "of biology": [
      ["b", "How do bees find their way home, although they have been carried off in the dark?"],
      ["m", "We fitted 40 bees with transponders and tracked them by radar."],
      ["r", "The results suggest that they remember the skyline, which improves their chance of a return by 30%."],
    ],
  };
  for (const [what, sentences] of Object.entries(ABSTRACTS))
    test(what, () => {
      assert.equal(initials(sentences.map(([, sentence]) => sentence)), sentences.map(([role]) => role).join(""));
    });

  test("the same sentence has another role at the other end", () => {
    const plain = "Bees live in large colonies of sisters.";
    const [first] = rolesOf([plain, "Flowers differ.", "Meadows are green.", "Rain falls in spring."]);
    const last = rolesOf(["Flowers differ.", "Meadows are green.", "Rain falls in spring.", plain]).at(-1);
    assert.ok(first![0] > last![0] && first![2] < last![2]);
  });
});

test("shares are probabilities, whatever the sentences", () => {
  const sentence = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("METHODS: we", "Results: 5%", "However, it is.", ""),
  );
  fc.assert(
    fc.property(fc.array(sentence, { maxLength: 30 }), (sentences) => {
      const shares = rolesOf(sentences);
      assert.equal(shares.length, sentences.length);
      for (const each of shares) {
        assert.ok(each.every((share) => share >= 0 && share <= 1));
        assert.ok(Math.abs(each[0] + each[1] + each[2] - 1) < 1e-9);
      }
    }),
  );
});

test("a thousand sentences do not make the shares underflow", () => {
  const shares = rolesOf(Array.from({ length: 1_000 }, (_, i) => `However, we find number ${i}.`));
  assert.ok(shares.flat().every((share) => Number.isFinite(share)));
});

test("with the order of roles, shares are sums over all sequences of roles, weighted by probability", () => {
  // The constants of roles.ts, and the sum over 3^n sequences that forward-backward avoids.
  const first = [0.8, 0.17, 0.03];
  const next = [
    [0.6, 0.37, 0.03],
    [0.04, 0.68, 0.28],
    [0.03, 0.07, 0.9],
  ];
  const shares = fc.tuple(...[0, 1, 2].map(() => fc.double({ min: -4, max: 4, noNaN: true }))).map(softmax);
  fc.assert(
    fc.property(fc.array(shares, { minLength: 1, maxLength: 5 }), (evidence) => {
      const sums = evidence.map(() => [0, 0, 0]);
      for (let code = 0; code < 3 ** evidence.length; code++) {
        const roles = evidence.map((_, i) => Math.floor(code / 3 ** i) % 3);
        let probability = 1;
        roles.forEach((role, i) => {
          probability *= i === 0 ? first[role]! : next[roles[i - 1]!]![role]!;
          probability *= evidence[i]![role]! ** 0.7;
        });
        roles.forEach((role, i) => (sums[i]![role]! += probability));
      }
      smoothed(evidence).forEach((found: RoleShares, i) => {
        const total = sums[i]!.reduce((sum, each) => sum + each, 0);
        found.forEach((share, role) => assert.ok(Math.abs(share - sums[i]![role]! / total) < 1e-6));
      });
    }),
  );
});

test("wording features are lower-case words and pairs, with numbers unified and ends marked", () => {
  assert.deepEqual(
    [...gramsOf("We saw 17 bees")].toSorted(),
    ["0", "0 bees", "^ we", "bees", "bees $", "saw", "saw 0", "we", "we saw"].toSorted(),
  );
});

test("position features are the nearness to the middle of each fifth, then the first and last two sentences", () => {
  assert.deepEqual(
    placeOf(0, 5).map((value) => Math.round(value * 100) / 100),
    [1, 0, 0, 0, 0, 1, 0, 0, 0],
  );
  assert.deepEqual(
    placeOf(4, 10).map((value) => Math.round(value * 100) / 100),
    [0, 0.25, 0.75, 0, 0, 0, 0, 0, 0],
  );
  assert.deepEqual(placeOf(0, 1).slice(5), [1, 0, 1, 0]);
});
