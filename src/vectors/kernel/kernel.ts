/**
 * The inner loops over vectors, in WebAssembly with 128-bit SIMD: AssemblyScript, compiled by `npm run build`. All
 * pointers are byte offsets in the instance's memory; its layout is up to the caller.
 */

/** Vectors per block of the scan. */
const LANES: u32 = 16;

/**
 * Inner products of one query with blocks of sixteen sign sketches (fast scan; André, Kermarrec, Le Scouarnec, "Quicker
 * ADC", arXiv:1812.09162): each half byte of a sketch is looked up in a table of sixteen entries, for sixteen vectors
 * in one shuffle.
 *
 * @param tables For each byte of a sketch, 32 entries of 7 bits: for its low half, then for its high half.
 * @param blocks For each byte of a sketch, that byte of sixteen vectors.
 * @param bytes Per sketch; at most 256, so that no sum exceeds 16 bits.
 * @param out One u16 per vector.
 */
export function scan(tables: usize, blocks: usize, count: u32, bytes: u32, out: usize): void {
  const low = i8x16.splat(0x0f);
  const even = i16x8.splat(0x00ff);
  for (let block: u32 = 0; block < count; block++) {
    let sumOfEven = i16x8.splat(0);
    let sumOfOdd = i16x8.splat(0);
    let table = tables;
    for (let byte: u32 = 0; byte < bytes; byte++) {
      const patterns = v128.load(blocks);
      const found = i8x16.add(
        i8x16.swizzle(v128.load(table), v128.and(patterns, low)),
        i8x16.swizzle(v128.load(table, 16), v128.and(i16x8.shr_u(patterns, 4), low)),
      );
      sumOfEven = i16x8.add(sumOfEven, v128.and(found, even));
      sumOfOdd = i16x8.add(sumOfOdd, i16x8.shr_u(found, 8));
      blocks += LANES;
      table += 32;
    }
    v128.store(out, v128.shuffle<i16>(sumOfEven, sumOfOdd, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(out, v128.shuffle<i16>(sumOfEven, sumOfOdd, 4, 12, 5, 13, 6, 14, 7, 15), 16);
    out += 2 * LANES;
  }
}

/**
 * The `most` rows with the largest sums, and all that tie with the last of them.
 *
 * @param sums One u16 per row, each below `buckets`.
 * @param present One byte per row, like `allowed`: rows are skipped unless both are 1.
 * @param counts Space for `buckets` u32.
 * @param out The rows, u32, ascending: space for all of them.
 * @returns How many.
 */
export function largestSums(
  sums: usize,
  rows: u32,
  present: usize,
  allowed: usize,
  most: u32,
  counts: usize,
  buckets: u32,
  out: usize,
): u32 {
  memory.fill(counts, 0, 4 * usize(buckets));
  for (let row: u32 = 0; row < rows; row++)
    if ((load<u8>(present + row) & load<u8>(allowed + row)) != 0) {
      const count = counts + 4 * usize(load<u16>(sums + 2 * usize(row)));
      store<u32>(count, load<u32>(count) + 1);
    }
  let least = buckets;
  for (let found: u32 = 0; least > 0 && found < most;) found += load<u32>(counts + 4 * usize(--least));
  let written: u32 = 0;
  for (let row: u32 = 0; row < rows; row++)
    if (u32(load<u16>(sums + 2 * usize(row))) >= least && (load<u8>(present + row) & load<u8>(allowed + row)) != 0) {
      store<u32>(out + 4 * usize(written), row);
      written++;
    }
  return written;
}

/**
 * Inner products of a query with 8-bit vectors.
 *
 * @param query `dimensions` f32; a multiple of sixteen.
 * @param rows The offset of row 0; a row takes `stride` bytes.
 * @param labels The rows to compare, u32.
 * @param out One f32 each.
 */
export function dotProducts(
  query: usize,
  rows: usize,
  stride: u32,
  dimensions: u32,
  labels: usize,
  count: u32,
  out: usize,
): void {
  for (let i: u32 = 0; i < count; i++) {
    let row = rows + usize(load<u32>(labels + 4 * usize(i))) * stride;
    const end = row + dimensions;
    let component = query;
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let d = f32x4.splat(0);
    for (; row < end; row += 16) {
      const bytes = v128.load(row);
      const low = i16x8.extend_low_i8x16_s(bytes);
      const high = i16x8.extend_high_i8x16_s(bytes);
      a = f32x4.add(a, f32x4.mul(v128.load(component), f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(low))));
      b = f32x4.add(b, f32x4.mul(v128.load(component, 16), f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(low))));
      c = f32x4.add(c, f32x4.mul(v128.load(component, 32), f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(high))));
      d = f32x4.add(d, f32x4.mul(v128.load(component, 48), f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(high))));
      component += 64;
    }
    const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
    store<f32>(
      out + 4 * usize(i),
      f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3),
    );
  }
}

/**
 * For each run of sketches, the largest inner product of an integer query with one of them, whose bits count as 0 and
 * 1.
 *
 * @param planes The query bit by bit, as two's complement: the sign bits of all components first, then the other bits
 *   from high to low, `bytes` per plane.
 * @param bits Per number.
 * @param bytes Per sketch: a multiple of sixteen, at most 256.
 * @param starts Index of the first sketch of each run, u32.
 * @param lengths Sketches per run, u32, at least 1.
 * @param out One i32 per run.
 */
export function largestProducts(
  planes: usize,
  bits: u32,
  sketches: usize,
  bytes: u32,
  starts: usize,
  lengths: usize,
  count: u32,
  out: usize,
): void {
  for (let i: u32 = 0; i < count; i++) {
    let sketch = sketches + usize(load<u32>(starts + 4 * usize(i))) * bytes;
    const end = sketch + usize(load<u32>(lengths + 4 * usize(i))) * bytes;
    let most = i32.MIN_VALUE;
    for (; sketch < end; sketch += bytes) {
      let plane = planes;
      let sums = i32x4.neg(bitsSet(sketch, plane, bytes));
      for (let bit: u32 = 1; bit < bits; bit++) {
        plane += bytes;
        sums = i32x4.add(i32x4.shl(sums, 1), bitsSet(sketch, plane, bytes));
      }
      most = max(most, sumOf(sums));
    }
    store<i32>(out + 4 * usize(i), most);
  }
}

/**
 * The Hamming distance of sketches to one sketch.
 *
 * @param sketches The sketch of row 0; the next is `stride` bytes further.
 * @param bytes Per sketch: a multiple of sixteen, at most 256.
 * @param labels The rows to compare, u32.
 * @param out One u32 each.
 */
export function hamming(
  one: usize,
  sketches: usize,
  stride: u32,
  bytes: u32,
  labels: usize,
  count: u32,
  out: usize,
): void {
  for (let i: u32 = 0; i < count; i++) {
    const sketch = sketches + usize(load<u32>(labels + 4 * usize(i))) * stride;
    let sums = i8x16.splat(0);
    for (let at: u32 = 0; at < bytes; at += 16)
      sums = i8x16.add(sums, i8x16.popcnt(v128.xor(v128.load(one + at), v128.load(sketch + at))));
    store<u32>(out + 4 * usize(i), sumOf(i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(sums))));
  }
}

/** Four partial sums of the number of bits that both have set. */
function bitsSet(sketch: usize, plane: usize, bytes: u32): v128 {
  let sums = i8x16.splat(0);
  for (let at: u32 = 0; at < bytes; at += 16)
    sums = i8x16.add(sums, i8x16.popcnt(v128.and(v128.load(sketch + at), v128.load(plane + at))));
  return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(sums));
}

function sumOf(four: v128): i32 {
  return (
    i32x4.extract_lane(four, 0) +
    i32x4.extract_lane(four, 1) +
    i32x4.extract_lane(four, 2) +
    i32x4.extract_lane(four, 3)
  );
}
