import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Budget, matchRadius, radiusOf } from "../../../src/web/map/budget.js";

const VIEW = { width: 1_100, height: 750 };

describe("points drawn in motion", () => {
  test("are all points if frames are fast", () => {
    const budget = new Budget();
    budget.begin(100_000);
    for (let i = 0; i < 100; i++) budget.took(16.7);
    assert.equal(budget.points, 100_000);
  });

  test("adapt to the number that can be drawn in time, and stay near it", () => {
    const budget = new Budget();
    budget.begin(100_000);
    const took: number[] = [];
    for (let i = 0; i < 60; i++) {
      const time = 10 + budget.points / 1_000;
      took.push(time);
      budget.took(time);
    }
    assert.ok(Math.max(...took.slice(10)) <= 42, took.join(" "));
    assert.ok(budget.points > 10_000, `${budget.points}`);
  });

  test("are a few thousand however slow it is, or all if there are fewer", () => {
    const budget = new Budget();
    budget.begin(100_000);
    for (let i = 0; i < 100; i++) budget.took(900);
    assert.equal(budget.points, 5_000);
    budget.begin(154);
    for (let i = 0; i < 100; i++) budget.took(900);
    assert.equal(budget.points, 154);
  });

  test("become all points again when frames are fast again", () => {
    const budget = new Budget();
    budget.begin(100_000);
    for (let i = 0; i < 30; i++) budget.took(200);
    for (let i = 0; i < 60; i++) budget.took(16.7);
    assert.equal(budget.points, 100_000);
  });
});

describe("the size of a point", () => {
  test("grows with the zoom, and decreases with the number of points", () => {
    for (const points of [10, 154, 10_000, 100_000, 1_000_000]) {
      let before = 0;
      for (let nearer = -1; nearer <= 9; nearer += 0.5) {
        const radius = radiusOf(points, VIEW, nearer);
        assert.ok(radius >= before && radius >= 0.75 && radius <= 9, `${points} at ${nearer}: ${radius}`);
        before = radius;
      }
    }
    assert.ok(radiusOf(154, VIEW, 0) > 3 * radiusOf(100_000, VIEW, 0));
  });

  test("is larger for matches, unless there are very many", () => {
    const others = radiusOf(100_000, VIEW, 0);
    assert.ok(matchRadius(others, radiusOf(137, VIEW, 0)) > 2.5 * others);
    assert.ok(matchRadius(others, radiusOf(50_000, VIEW, 0)) < 2 * others);
  });
});
