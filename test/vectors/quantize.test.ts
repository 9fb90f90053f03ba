import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { dequantize, quantize } from "../../src/vectors/quantize.js";
import { dot, randomNumbers, unitVector } from "./random.js";

test("a random unit vector and its stored form have a cosine above 0.9995", () => {
  const random = randomNumbers(1);
  for (let i = 0; i < 1_000; i++) {
    const vector = unitVector(random, 384);
    const cosine = dot(vector, dequantize(quantize(vector)));
    assert.ok(cosine > 0.9995, `${cosine}`);
  }
});

test("a stored vector has norm 1, whatever the norm of the original", () => {
  fc.assert(
    fc.property(
      fc.float32Array({ minLength: 1, maxLength: 64, noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
      (vector) => {
        const { vector: bytes, scale } = quantize(vector);
        if (vector.every((component) => component === 0)) {
          assert.equal(scale, 0);
          return;
        }
        assert.ok(Math.abs(dot(bytes, bytes) * scale * scale - 1) < 1e-6);
        assert.equal(Math.max(...bytes.map(Math.abs)), 127, "the largest component uses the whole range");
      },
    ),
  );
});

test("the same vector is stored as the same bytes, and quantizing again changes nothing", () => {
  const random = randomNumbers(2);
  for (let i = 0; i < 100; i++) {
    const stored = quantize(unitVector(random, 384));
    assert.deepEqual(quantize(dequantize(stored)), stored);
  }
});

test("a zero vector stays zero", () => {
  assert.deepEqual(dequantize(quantize(new Float32Array(8))), new Float32Array(8));
});
