import assert from "node:assert/strict";
import { test } from "node:test";
import type { Region } from "../../src/api.js";
import { counted, regionsOf } from "../../src/map/regions.js";
import { fold, wordsOf } from "../../src/core/text.js";
import { randomNumbers } from "../vectors/random.js";

type World = { points: Float32Array; titles: string[] };

/** Groups of titles, each around its own place; every title occurs `times` times. */
function world(groups: { at: readonly [x: number, y: number]; titles: readonly string[] }[], times = 1): World {
  const random = randomNumbers(3);
  const places: number[] = [];
  const titles: string[] = [];
  for (const { at, titles: own } of groups)
    for (const title of Array.from({ length: times }, () => own).flat()) {
      titles.push(title);
      places.push(at[0] + 20 * (random() - 0.5), at[1] + 20 * (random() - 0.5));
    }
  return { points: Float32Array.from(places), titles };
}

const named = ({ points, titles }: World) => regionsOf(points, titles);
const namesAt = (regions: readonly Region[], level: number) =>
  regions.filter((region) => region.level === level).map(({ name }) => name);

const BEES = [
  "How honey bees find their way home",
  "Dances of honey bees in the dark",
  "Using honey bees to find flowers",
  "What honey bees see of a flower",
  "A new approach to honey bees in winter",
  "Honey bees and wasps: who goes first",
  "Honey bees that do not dance",
  "The winter sleep of honey bees",
  "A model of honey bees in swarms",
  "Towards honey bees without mites",
  "Mites based on two farms of honey bees",
  "Honey Bees",
];
const GLACIERS = [
  "Slow glaciers of the Alps",
  "How a glacier in the Alps turned",
  "Stones below glaciers",
  "A new approach to the age of glaciers",
  "Glaciers and lakes of Norway",
  "The colour of a glacier at noon",
  "Walking on glaciers with radar",
  "A model of glaciers that break",
  "Using radar to see through a glacier",
  "Glaciers in the Alps, a review",
  "Towards a map of all glaciers",
  "Dust on glaciers",
];
const TILES = [
  "Penrose tilings of the plane",
  "Colouring Penrose tilings",
  "A new approach to tilings by squares",
  "Penrose tilings with a hole",
  "Tilings that never repeat",
  "Domino tilings of a chessboard",
  "A model of random tilings",
  "Using mirrors for tilings of the sphere",
  "Towards all Penrose tilings",
  "Tilings in old mosaics",
  "Penrose tilings in music",
  "How many tilings of a rug there are",
];

test("regions are named by what distinguishes their papers, as people write it", () => {
  const regions = named(
    world([
      { at: [-300, 0], titles: BEES },
      { at: [300, 0], titles: GLACIERS },
      { at: [0, 300], titles: TILES },
    ]),
  );
  assert.deepEqual(Object.fromEntries(regions.map(({ name, papers }) => [name, papers])), {
    // Two words that are nearly always adjacent.
    "honey bees": 12,
    // The more frequent of two forms of a word; "a new approach", "using", "towards" and "model" are in every group.
    glaciers: 12,
    // Two words again; capitalised, because the name is capitalised within titles.
    "Penrose tilings": 12,
  });
  assert.equal(namesAt(regions, 0).length, 3, "so few have one level");
  for (const { name, x, y } of regions) {
    const [wantedX, wantedY] = { "honey bees": [-300, 0], glaciers: [300, 0], "Penrose tilings": [0, 300] }[name]!;
    assert.ok(Math.hypot(x - wantedX!, y - wantedY!) < 15, `${name} stands amid its papers`);
  }
});

test("generic words name nothing, and regions without a name are left out", () => {
  const empty = [
    "A new approach",
    "Using a new model",
    "A study based on data",
    "Towards a theory",
    "Methods, a survey",
  ];
  const regions = named(
    world([
      { at: [-300, 0], titles: BEES },
      { at: [300, 0], titles: [...empty, ...empty, ...empty] },
    ]),
  );
  assert.deepEqual(namesAt(regions, 0), ["honey bees"]);
});

test("a part of a name in use is not a name", () => {
  const models = Array.from(
    { length: 24 },
    (_, i) => `Large language models of kind ${["one", "two", "three"][i % 3]}`,
  );
  const regions = named(
    world([
      { at: [-300, 0], titles: models },
      { at: [-260, 0], titles: models.slice(0, 20).map((title) => title.replace("kind", "ferns")) },
      { at: [300, 0], titles: BEES },
    ]),
  );
  for (const name of namesAt(regions, 0))
    assert.doesNotMatch(name, /^(large|language|models|large language|language models)\b/i);
});

for (const [count, levels] of [
  [0, []],
  [1, []],
  [23, []],
  [24, [2]],
  [100, [8]],
  [154, [10]],
  [240, [10, 20]],
  [600, [10, 40]],
  [2_000, [10, 40, 150]],
] as const)
  test(`${count} papers have regions of ${levels.length} levels`, () => {
    const random = randomNumbers(count + 1);
    const words = "bees glaciers tiles rivers kites looms bread tides moss stars".split(" ");
    const at = Array.from({ length: count }, () => [1_000 * random() - 500, 500 * random() - 250] as const);
    const syllable = (place: number) => "bdfgklmnprst"[Math.floor(place) % 12]! + "aeiou"[Math.floor(place / 3) % 5]!;
    const titles = at.map(([x, y], i) => {
      // Ten subjects from left to right, and a distinct word for each small part.
      const subject = words[Math.floor((x + 500) / 100)]!;
      return `${subject} of ${syllable((x + 500) / 60)}${syllable((y + 250) / 60)}x and ${words[i % 9]}`;
    });
    const regions = regionsOf(Float32Array.from(at.flat()), titles);
    for (const [level, most] of levels.entries()) {
      const own = regions.filter((region) => region.level === level);
      assert.ok(own.length > 0 && own.length <= most, `${own.length} of level ${level}`);
      assert.ok(own.reduce((sum, { papers }) => sum + papers, 0) <= count);
    }
    assert.ok(regions.every(({ level }) => level < levels.length));
    const names = regions.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length, "each has a name of its own");
    const said = new Set(titles.flatMap((title) => wordsOf(fold(title))));
    for (const name of names)
      assert.ok(
        wordsOf(fold(name)).every((word) => said.has(word)),
        `${name} is in no title`,
      );
    assert.ok(names.every((name) => wordsOf(name).length <= 3));
    assert.deepEqual(regions, regionsOf(Float32Array.from(at.flat()), titles), "the same papers have the same ones");
  });

test("papers that are all at one place form at most one region", () => {
  const titles = Array.from({ length: 60 }, (_, i) => `${BEES[i % 12]}`);
  const regions = regionsOf(new Float32Array(120), titles);
  assert.ok(regions.length <= 1);
});

test("papers added later count for the nearest region of each level", () => {
  const region = (name: string, x: number, level: Region["level"]): Region => ({ name, x, y: 0, papers: 10, level });
  const regions = [
    region("left", -100, 0),
    region("right", 100, 0),
    region("far left", -150, 1),
    region("middle", 0, 1),
  ];
  const papers = counted(regions, Float32Array.of(-140, 5, 30, 0, 99, 1)).map((one) => one.papers);
  assert.deepEqual(papers, [11, 12, 11, 12]);
  assert.deepEqual(counted(regions, new Float32Array()), regions);
  assert.deepEqual(counted([], Float32Array.of(1, 2)), []);
});
