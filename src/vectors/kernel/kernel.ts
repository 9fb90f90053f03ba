/**
 * The inner loops over vectors, in WebAssembly with 128-bit SIMD: AssemblyScript, compiled by `npm run build`. All
 * pointers are byte offsets in the instance's memory; its layout is up to the caller.
 */

/** Vectors per block of the scan. */
const LANES: u32 = 16;
/** Bytes. */
const CACHE_LINE: u32 = 64;

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
  for (let block: u32 = 0; block < count; block++) {
    // Of all bytes as pairs, in 16 bits that wrap around; without the odd bytes, which are its upper half, no more than 16 bits.
    let sumOfBoth = i16x8.splat(0);
    let sumOfOdd = i16x8.splat(0);
    let table = tables;
    for (let byte: u32 = 0; byte < bytes; byte++) {
      const patterns = v128.load(blocks);
      const found = i8x16.add(
        i8x16.swizzle(v128.load(table), v128.and(patterns, low)),
        i8x16.swizzle(v128.load(table, 16), v128.and(i16x8.shr_u(patterns, 4), low)),
      );
      sumOfBoth = i16x8.add(sumOfBoth, found);
      sumOfOdd = i16x8.add(sumOfOdd, i16x8.shr_u(found, 8));
      blocks += LANES;
      table += 32;
    }
    const sumOfEven = i16x8.sub(sumOfBoth, i16x8.shl(sumOfOdd, 8));
    v128.store(out, v128.shuffle<i16>(sumOfEven, sumOfOdd, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(out, v128.shuffle<i16>(sumOfEven, sumOfOdd, 4, 12, 5, 13, 6, 14, 7, 15), 16);
    out += 2 * LANES;
  }
}

/**
 * The `most` rows with the largest sums, and all that tie with the last of them.
 *
 * @param sums One u16 per row, padded to sixteen bytes, each below `buckets`.
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
  // `found` rows so far have a sum of at least `least`, and are counted. Others cannot be among the largest: few are left after
  // the first thousands, so eight are compared at once.
  let least: u32 = 0;
  let found: u32 = 0;
  let enough = i16x8.splat(0);
  for (let eight: u32 = 0; eight < rows; eight += 8) {
    if (!v128.any_true(i16x8.ge_u(v128.load(sums + 2 * usize(eight)), enough))) continue;
    for (let row = eight; row < min(rows, eight + 8); row++) {
      const sum = u32(load<u16>(sums + 2 * usize(row)));
      if (sum < least || (load<u8>(present + row) & load<u8>(allowed + row)) == 0) continue;
      const count = counts + 4 * usize(sum);
      store<u32>(count, load<u32>(count) + 1);
      found++;
    }
    if (found < most) continue;
    for (let fewer = found - load<u32>(counts + 4 * usize(least)); fewer >= most;) {
      found = fewer;
      least++;
      fewer -= load<u32>(counts + 4 * usize(least));
    }
    enough = i16x8.splat(i16(least));
  }
  let written: u32 = 0;
  for (let eight: u32 = 0; eight < rows; eight += 8) {
    if (!v128.any_true(i16x8.ge_u(v128.load(sums + 2 * usize(eight)), enough))) continue;
    for (let row = eight; row < min(rows, eight + 8); row++)
      if (u32(load<u16>(sums + 2 * usize(row))) >= least && (load<u8>(present + row) & load<u8>(allowed + row)) != 0) {
        store<u32>(out + 4 * usize(written), row);
        written++;
      }
  }
  return written;
}

/**
 * Inner products of queries with 8-bit vectors.
 *
 * @param queries `dimensions` f32 each; a multiple of sixteen.
 * @param rows The offset of row 0; a row takes `stride` bytes.
 * @param labels The rows to compare, u32.
 * @param out One f32 per query and row: all rows for the first query, then for the next.
 */
export function dotProducts(
  queries: usize,
  times: u32,
  rows: usize,
  stride: u32,
  dimensions: u32,
  labels: usize,
  count: u32,
  out: usize,
): void {
  const query: usize = 4 * usize(dimensions);
  const next: usize = 4 * usize(count);
  // Stored, so that the reads are not optimised away.
  store<u8>(out, touched(rows, stride, labels, dimensions, count));
  for (let i: u32 = 0; i < count; i++) {
    const row = rows + usize(load<u32>(labels + 4 * usize(i))) * stride;
    let asked = queries;
    let to = out + 4 * usize(i);
    let left = times;
    // Four queries at once share the conversion of the row to floats.
    for (; left >= 4; left -= 4) {
      const second = asked + query;
      const third = second + query;
      const fourth = third + query;
      let a = f32x4.splat(0);
      let b = f32x4.splat(0);
      let c = f32x4.splat(0);
      let d = f32x4.splat(0);
      for (let at: u32 = 0; at < dimensions; at += 4) {
        const part: usize = 4 * usize(at);
        const four = f32x4.convert_i32x4_s(
          i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(row + at))),
        );
        a = f32x4.add(a, f32x4.mul(v128.load(asked + part), four));
        b = f32x4.add(b, f32x4.mul(v128.load(second + part), four));
        c = f32x4.add(c, f32x4.mul(v128.load(third + part), four));
        d = f32x4.add(d, f32x4.mul(v128.load(fourth + part), four));
      }
      store<f32>(to, total(a));
      store<f32>(to + next, total(b));
      store<f32>(to + 2 * next, total(c));
      store<f32>(to + 3 * next, total(d));
      asked = fourth + query;
      to += 4 * next;
    }
    for (; left > 0; left--) {
      store<f32>(to, dotProduct(asked, row, dimensions));
      asked += query;
      to += next;
    }
  }
}

/** The inner product of a query and an 8-bit vector. */
function dotProduct(query: usize, row: usize, dimensions: u32): f32 {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  for (const end = row + dimensions; row < end; row += 16) {
    const bytes = v128.load(row);
    const low = i16x8.extend_low_i8x16_s(bytes);
    const high = i16x8.extend_high_i8x16_s(bytes);
    a = f32x4.add(a, f32x4.mul(v128.load(query), f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(low))));
    b = f32x4.add(b, f32x4.mul(v128.load(query, 16), f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(low))));
    c = f32x4.add(c, f32x4.mul(v128.load(query, 32), f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(high))));
    d = f32x4.add(d, f32x4.mul(v128.load(query, 48), f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(high))));
    query += 64;
  }
  return total(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
}

/**
 * Inner products of pairs of 8-bit vectors.
 *
 * @param rows The offset of row 0; a row takes `stride` bytes.
 * @param dimensions A multiple of sixteen.
 * @param pairs Two rows each, u32.
 * @param out One i32 each.
 */
export function pairProducts(rows: usize, stride: u32, dimensions: u32, pairs: usize, count: u32, out: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const one = rows + usize(load<u32>(pairs + 8 * usize(i))) * stride;
    const other = rows + usize(load<u32>(pairs + 8 * usize(i), 4)) * stride;
    let low = i32x4.splat(0);
    let high = i32x4.splat(0);
    for (let at: u32 = 0; at < dimensions; at += 16) {
      const a = v128.load(one + at);
      const b = v128.load(other + at);
      low = i32x4.add(low, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(a), i16x8.extend_low_i8x16_s(b)));
      high = i32x4.add(high, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(a), i16x8.extend_high_i8x16_s(b)));
    }
    store<i32>(out + 4 * usize(i), sumOf(i32x4.add(low, high)));
  }
}

/**
 * For each run of sketches, the largest inner product of an integer query with one of them, whose bits count as 0 and
 * 1.
 *
 * @param query i8 each, 8 per byte of a sketch.
 * @param bytes Per sketch: a multiple of sixteen, at most 256.
 * @param starts Index of the first sketch of each run, u32.
 * @param lengths Sketches per run, u32, at least 1.
 * @param out One i32 per run.
 */
export function largestProducts(
  query: usize,
  sketches: usize,
  bytes: u32,
  starts: usize,
  lengths: usize,
  count: u32,
  out: usize,
): void {
  // Stored, so that the reads are not optimised away.
  store<u8>(out, touchedRuns(sketches, bytes, starts, lengths, count));
  const bits = v128(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  for (let i: u32 = 0; i < count; i++) {
    let sketch = sketches + usize(load<u32>(starts + 4 * usize(i))) * bytes;
    const end = sketch + usize(load<u32>(lengths + 4 * usize(i))) * bytes;
    let most = i32.MIN_VALUE;
    while (sketch < end) {
      // 128 sums of two components of 8 bits each fit into 16 bits.
      let sums = i16x8.splat(0);
      let components = query;
      for (const next = sketch + bytes; sketch < next; sketch += 4) {
        const four = v128.load32_splat(sketch);
        const low = v128.shuffle<i8>(four, four, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
        const high = v128.shuffle<i8>(four, four, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
        const ofLow = v128.and(v128.load(components), i8x16.eq(v128.and(low, bits), bits));
        const ofHigh = v128.and(v128.load(components, 16), i8x16.eq(v128.and(high, bits), bits));
        sums = i16x8.add(sums, i16x8.extadd_pairwise_i8x16_s(ofLow));
        sums = i16x8.add(sums, i16x8.extadd_pairwise_i8x16_s(ofHigh));
        components += 32;
      }
      most = max(most, sumOf(i32x4.extadd_pairwise_i16x8_s(sums)));
    }
    store<i32>(out + 4 * usize(i), most);
  }
}

/**
 * Adds a word's share of BM25 to the scores of its papers.
 *
 * @param scores One f32 per paper.
 * @param norms One f32 per paper, in the unit of frequencies.
 * @param numbers The papers, u32.
 * @param frequencies One u8 each.
 */
export function addScores(
  scores: usize,
  norms: usize,
  numbers: usize,
  frequencies: usize,
  count: u32,
  weight: f64,
): void {
  for (const end = frequencies + count; frequencies < end; frequencies++) {
    const place: usize = 4 * usize(load<u32>(numbers));
    const frequency = f64(load<u8>(frequencies));
    const share = (weight * frequency) / (frequency + f64(load<f32>(norms + place)));
    store<f32>(scores + place, f32(f64(load<f32>(scores + place)) + share));
    numbers += 4;
  }
}

/**
 * The papers whose score is above 0 and at least `least`.
 *
 * @param scores One f32 per paper: a multiple of four.
 * @param out Their numbers, u32, ascending: space for all.
 * @returns How many.
 */
export function scoredAtLeast(scores: usize, from: u32, to: u32, least: f32, out: usize): u32 {
  const zero = f32x4.splat(0);
  const enough = f32x4.splat(least);
  let written = out;
  for (let four = from; four < to; four += 4) {
    const values = v128.load(scores + 4 * usize(four));
    let found = i32x4.bitmask(v128.and(f32x4.gt(values, zero), f32x4.ge(values, enough)));
    for (; found != 0; found &= found - 1) {
      store<u32>(written, four + u32(ctz(found)));
      written += 4;
    }
  }
  return u32((written - out) >> 2);
}

/**
 * Adds to the sums of papers, for each of some lists of papers one after the other, the list's weight times the logarithms of its
 * frequencies.
 *
 * @param sums One f32 per paper.
 * @param lengths How many papers each list has, u32; `weights` has an f64 for each list.
 * @param numbers The papers of all lists, u32.
 * @param frequencies One u8 each, the place in `logarithms`, f32.
 */
export function addProducts(
  sums: usize,
  lengths: usize,
  weights: usize,
  lists: u32,
  numbers: usize,
  frequencies: usize,
  logarithms: usize,
): void {
  for (let list: u32 = 0; list < lists; list++) {
    const weight = load<f64>(weights + 8 * usize(list));
    for (const end = frequencies + load<u32>(lengths + 4 * usize(list)); frequencies < end; frequencies++) {
      const place = sums + 4 * usize(load<u32>(numbers));
      const logarithm = f64(load<f32>(logarithms + 4 * usize(load<u8>(frequencies))));
      store<f32>(place, f32(f64(load<f32>(place)) + weight * logarithm));
      numbers += 4;
    }
  }
}

/**
 * The papers whose product of two values is at least `least`.
 *
 * @param ones One f32 per paper, as `others`: a multiple of four.
 * @param out Their numbers, u32, ascending: space for all.
 * @returns How many.
 */
export function productsAtLeast(ones: usize, others: usize, from: u32, to: u32, least: f32, out: usize): u32 {
  const enough = f32x4.splat(least);
  let written = out;
  for (let four = from; four < to; four += 4) {
    const place: usize = 4 * usize(four);
    let found = i32x4.bitmask(f32x4.ge(f32x4.mul(v128.load(ones + place), v128.load(others + place)), enough));
    for (; found != 0; found &= found - 1) {
      store<u32>(written, four + u32(ctz(found)));
      written += 4;
    }
  }
  return u32((written - out) >> 2);
}

/**
 * Copies the sketches of some rows next to one another.
 *
 * @param sketches The sketch of row 0; the next is `stride` bytes further.
 * @param bytes Per sketch: a multiple of sixteen.
 * @param rows u32.
 */
export function gather(sketches: usize, stride: u32, bytes: u32, rows: usize, count: u32, out: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const sketch = sketches + usize(load<u32>(rows + 4 * usize(i))) * stride;
    for (let at: u32 = 0; at < bytes; at += 16) v128.store(out + at, v128.load(sketch + at));
    out += bytes;
  }
}

/**
 * The sketches that differ from one sketch in at most `most` bits.
 *
 * @param sketches One after the other.
 * @param bytes Per sketch: a multiple of sixteen.
 * @param out Their numbers, u32, ascending: space for all.
 * @returns How many.
 */
export function within(one: usize, sketches: usize, bytes: u32, count: u32, most: u32, out: usize): u32 {
  let written: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    if (differingBits(one, sketches, bytes) <= most) {
      store<u32>(out + 4 * usize(written), i);
      written++;
    }
    sketches += bytes;
  }
  return written;
}

/**
 * The k sketches that differ least from one sketch, those with a smaller number on ties; all if there are fewer.
 *
 * @param sketches One after the other.
 * @param bytes Per sketch: a multiple of sixteen.
 * @param space For one u16 per sketch, padded to sixteen bytes; then one u32 per number of bits, 0 included.
 * @param out Their numbers, u32, ascending.
 * @returns How many.
 */
export function likeliest(one: usize, sketches: usize, bytes: u32, count: u32, k: u32, space: usize, out: usize): u32 {
  const counts = space + ((2 * usize(count) + 15) & ~15);
  // At least k so far differ in at most `most` bits, and `fewer` of them in fewer bits, which are not enough.
  let most: u32 = 8 * bytes;
  let fewer: u32 = 0;
  memory.fill(counts, 0, 4 * (usize(most) + 1));
  for (let i: u32 = 0; i < count; i++) {
    const differing = differingBits(one, sketches, bytes);
    sketches += bytes;
    store<u16>(space + 2 * usize(i), u16(differing));
    if (differing > most) continue;
    const same = counts + 4 * usize(differing);
    store<u32>(same, load<u32>(same) + 1);
    if (differing == most) continue;
    fewer++;
    while (fewer >= k) {
      most--;
      fewer -= load<u32>(counts + 4 * usize(most));
    }
  }
  let ties = k - fewer;
  let written: u32 = 0;
  for (let i: u32 = 0; i < count && written < k; i++) {
    const differing: u32 = load<u16>(space + 2 * usize(i));
    if (differing > most) continue;
    if (differing == most) {
      if (ties == 0) continue;
      ties--;
    }
    store<u32>(out + 4 * usize(written), i);
    written++;
  }
  return written;
}

/**
 * Inner products of all pairs of two lists of vectors of f32.
 *
 * @param bytes Per vector: a multiple of sixteen.
 * @param out One f32 per pair: all of `b` for the first of `a`, then for the next.
 */
export function allProducts(a: usize, times: u32, b: usize, count: u32, bytes: u32, out: usize): void {
  for (let i: u32 = 0; i < times; i++) {
    let other = b;
    for (let j: u32 = 0; j < count; j++) {
      let sum = f32x4.splat(0);
      for (let at: u32 = 0; at < bytes; at += 16)
        sum = f32x4.add(sum, f32x4.mul(v128.load(a + at), v128.load(other + at)));
      store<f32>(out, total(sum));
      out += 4;
      other += bytes;
    }
    a += bytes;
  }
}

/** In how many bits two sketches differ. */
function differingBits(one: usize, other: usize, bytes: u32): u32 {
  // One instruction per eight bytes: faster than the vectors' `popcnt`, which most processors have to compose.
  let sum: u64 = 0;
  for (let at: u32 = 0; at < bytes; at += 16)
    sum +=
      popcnt<u64>(load<u64>(one + at) ^ load<u64>(other + at)) +
      popcnt<u64>(load<u64>(one + at, 8) ^ load<u64>(other + at, 8));
  return u32(sum);
}

/** Reads a byte of each cache line of some rows: the processor waits for many at once, not for one after the other. */
function touched(rows: usize, stride: u32, labels: usize, bytes: u32, count: u32): u8 {
  let sum: u8 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const row = rows + usize(load<u32>(labels + 4 * usize(i))) * stride;
    for (let at: u32 = 0; at < bytes; at += CACHE_LINE) sum += load<u8>(row + at);
    sum += load<u8>(row + bytes - 1);
  }
  return sum;
}

/** As `touched`, for runs of sketches. */
function touchedRuns(sketches: usize, bytes: u32, starts: usize, lengths: usize, count: u32): u8 {
  let sum: u8 = 0;
  for (let i: u32 = 0; i < count; i++) {
    let line = sketches + usize(load<u32>(starts + 4 * usize(i))) * bytes;
    const end = line + usize(load<u32>(lengths + 4 * usize(i))) * bytes;
    for (; line < end; line += CACHE_LINE) sum += load<u8>(line);
    sum += load<u8>(end - 1);
  }
  return sum;
}

function total(four: v128): f32 {
  return (
    f32x4.extract_lane(four, 0) +
    f32x4.extract_lane(four, 1) +
    f32x4.extract_lane(four, 2) +
    f32x4.extract_lane(four, 3)
  );
}

function sumOf(four: v128): i32 {
  return (
    i32x4.extract_lane(four, 0) +
    i32x4.extract_lane(four, 1) +
    i32x4.extract_lane(four, 2) +
    i32x4.extract_lane(four, 3)
  );
}
