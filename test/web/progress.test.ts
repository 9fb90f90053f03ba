import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { advance, speedOf, type Progress } from "../../src/web/app/progress.js";

const looks = (...seen: [at: number, papers: number, pending: number, pendingSentences?: number][]): Progress | null =>
  seen.reduce<Progress | null>(
    (before, [at, papers, pending, pendingSentences = papers]) =>
      advance(before, { papers, pending, pendingSentences }, at),
    null,
  );
const inNumbers = (progress: Progress | null) => progress && [progress.of, progress.done, progress.total];

describe("the progress of embedding", () => {
  test("starts at the first status and ends when nothing is pending", () => {
    assert.deepEqual(inNumbers(looks([0, 900, 500])), ["abstracts", 0, 500]);
    assert.deepEqual(inNumbers(looks([0, 900, 500], [1, 900, 380])), ["abstracts", 120, 500]);
    assert.equal(looks([0, 900, 500], [1, 900, 0, 0]), null);
    assert.equal(looks([0, 900, 0, 0]), null);
  });

  test("increases its total by texts added meanwhile, and never decreases", () => {
    assert.deepEqual(inNumbers(looks([0, 500, 500], [1, 500, 100], [2, 1_000, 600])), ["abstracts", 400, 1_000]);
    assert.deepEqual(inNumbers(looks([0, 500, 500], [1, 500, 100], [2, 1_000, 600], [3, 1_000, 590])), [
      "abstracts",
      410,
      1_000,
    ]);
  });

  test("counts texts that were added and embedded since the last status", () => {
    assert.deepEqual(inNumbers(looks([0, 256, 256], [1, 256, 176], [2, 500, 284])), ["abstracts", 216, 500]);
  });

  test("continues with sentences, from zero", () => {
    assert.deepEqual(inNumbers(looks([0, 100, 40, 100], [1, 100, 0, 90], [2, 100, 0, 70])), ["sentences", 20, 90]);
  });
});

describe("the speed of embedding", () => {
  test("is unknown at first, and while nothing is embedded", () => {
    const speed = (...seen: Parameters<typeof looks>) => speedOf(looks(...seen)!);
    assert.equal(speed([0, 500, 500]), null);
    assert.equal(speed([0, 500, 500], [1_000, 500, 400]), null);
    assert.equal(speed([0, 500, 500], [5_000, 500, 500]), null);
    assert.equal(speed([0, 500, 500], [5_000, 500, 400]), 20);
  });

  test("does not count added or removed papers", () => {
    assert.equal(speedOf(looks([0, 500, 500], [5_000, 1_500, 1_400])!), 20);
    assert.equal(speedOf(looks([0, 500, 400], [5_000, 500, 300], [6_000, 350, 300])!), null);
    assert.equal(speedOf(looks([0, 500, 400], [5_000, 500, 300], [6_000, 350, 300], [10_000, 350, 260])!), 10);
  });

  test("equals a steady rate, and is otherwise between the recent minimum and maximum", () => {
    const steps = fc.array(fc.record({ ms: fc.integer({ min: 400, max: 9_000 }), papers: fc.nat(300) }), {
      minLength: 10,
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 50 }), (changing, speed) => {
        const total = 1e6;
        const walk = (papersOf: (step: { ms: number; papers: number }) => number) => {
          let [at, done] = [0, 0];
          const seen: [number, number, number][] = [[0, total, total]];
          for (const step of changing) seen.push([(at += step.ms), total, total - (done += papersOf(step))]);
          return speedOf(looks(...seen)!);
        };
        const steady = walk(({ ms }) => (ms * speed) / 1_000);
        assert.ok(steady !== null && Math.abs(steady - speed) < 1e-6, `${steady} of ${speed}`);
        const speeds = changing.map(({ ms, papers }) => (papers * 1_000) / ms);
        const varied = walk(({ papers }) => papers) ?? 0;
        assert.ok(varied >= Math.min(...speeds) - 1e-6 && varied <= Math.max(...speeds) + 1e-6);
      }),
    );
  });

  test("forgets old rates", () => {
    const seen = Array.from({ length: 60 }, (_, i): [number, number, number] => [i * 1_000, 1e6, 1e6 - i * 100]);
    const slower = Array.from({ length: 25 }, (_, i): [number, number, number] => [
      60_000 + i * 1_000,
      1e6,
      1e6 - 6_000 - i * 2,
    ]);
    assert.equal(speedOf(looks(...seen)!), 100);
    assert.equal(speedOf(looks(...seen, ...slower)!), 2);
  });
});
