import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { allProducts } from "../../src/vectors/products.js";
import { dot, randomNumbers, unitVector } from "./random.js";

test("products of all pairs are those of a naive loop", () => {
  const count = fc.integer({ min: 0, max: 12 });
  fc.assert(
    // Dimensions that fill registers, and others.
    fc.property(count, count, fc.constantFrom(1, 7, 24, 384), fc.integer(), (times, others, dimensions, seed) => {
      const random = randomNumbers(seed);
      const vectors = (length: number) => Array.from({ length }, () => unitVector(random, dimensions));
      const [a, b] = [vectors(times), vectors(others)];
      const products = allProducts(a, b);
      assert.equal(products.length, times * others);
      for (const [i, one] of a.entries())
        for (const [j, other] of b.entries())
          assert.ok(Math.abs(products[i * others + j]! - dot(one, other)) < 1e-5, `${i}, ${j}`);
    }),
    { numRuns: 100 },
  );
});
