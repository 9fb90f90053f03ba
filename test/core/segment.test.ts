import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KindredError } from "../../src/core/errors.js";
import { SEGMENT, segmentOf, textOf } from "../../src/core/segment.js";
import { HARD } from "../../scripts/fuzz/hard.js";

const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 40 }), fc.constantFrom(...HARD));

test("a segment decodes to its text, and resolving or percent-decoding does not change it", () => {
  fc.assert(
    fc.property(anyText, anyText, (text, other) => {
      const segment = segmentOf(text);
      assert.equal(textOf(segment), Buffer.from(text).toString(), "what is no Unicode text is replaced, as in UTF-8");
      assert.match(segment, new RegExp(SEGMENT));
      assert.equal(decodeURIComponent(segment), segment);
      const address = `http://a/b/${segment}/c`;
      assert.equal(new URL(address).href, address);
      if (Buffer.from(text).toString() !== Buffer.from(other).toString()) assert.notEqual(segmentOf(other), segment);
    }),
  );
});

test("plain texts stay readable, and texts that look like encoded segments are encoded again", () => {
  for (const id of ["doll-1950-smoking", "1706.03762", "arXiv:1706.03762v1", "_a_", "x"])
    assert.equal(segmentOf(id), id);
  assert.equal(segmentOf(".."), "base64url:Li4");
  assert.equal(segmentOf("base64url:Li4"), "base64url:YmFzZTY0dXJsOkxpNA");
  assert.equal(textOf("base64url:eA"), "x", "a client may write every id so");
  assert.equal(textOf("10.1000/a b"), "10.1000/a b", "an id that was percent-encoded is read as it was");
});

test("invalid base64url, invalid UTF-8 and non-canonical encodings are refused", () => {
  for (const segment of ["!", "Li4=", "Li4 ", "L", "eB", "_w", "7aCA"].map((digits) => `base64url:${digits}`)) {
    assert.throws(
      () => textOf(segment),
      (error) => error instanceof KindredError && error.code === "invalid" && error.message.includes("base64url"),
      segment,
    );
  }
});
