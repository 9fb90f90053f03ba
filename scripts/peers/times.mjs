/** Summaries of measurements. */

export function percentile(numbers, share) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(share * numbers.length)];
}

export function median(numbers) {
  return percentile(numbers, 0.5);
}
