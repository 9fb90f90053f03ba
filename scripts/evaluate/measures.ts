/** Measures of ranking quality, as trec_eval defines them. */
import { mulberry32 } from "../../src/map/random.js";
import { mean } from "../common/numbers.js";

/**
 * Discounted cumulative gain of the first k, divided by that of the best possible order: 0 to 1. The gain is the grade, the
 * discount log2(rank + 1) (Järvelin and Kekäläinen 2002; trec_eval's ndcg_cut).
 */
export function ndcg(ranking: readonly string[], grades: ReadonlyMap<string, number>, k: number): number {
  const dcg = (gains: readonly number[]) =>
    gains.slice(0, k).reduce((sum, gain, i) => sum + gain / Math.log2(i + 2), 0);
  const ideal = dcg([...grades.values()].toSorted((a, b) => b - a));
  return ideal === 0 ? 0 : dcg(ranking.map((id) => grades.get(id) ?? 0)) / ideal;
}

/** Share of the relevant papers that are among the first k: 0 to 1. */
export function recall(ranking: readonly string[], grades: ReadonlyMap<string, number>, k: number): number {
  if (grades.size === 0) return 0;
  return ranking.slice(0, k).filter((id) => grades.has(id)).length / grades.size;
}

/** 95% bootstrap percentile interval of the mean, from 2,000 resamples with a fixed seed. */
export function bootstrapInterval(values: readonly number[]): [low: number, high: number] {
  const random = mulberry32(1);
  const means = Array.from({ length: 2_000 }, () =>
    mean(values.map(() => values[Math.floor(random() * values.length)] as number)),
  ).toSorted((a, b) => a - b);
  return [means[50] as number, means[1_949] as number];
}

/**
 * 95% bootstrap percentile interval of the mean of values that each have a row and a column (such as a reader and a day), from
 * 1,000 resamples of rows and of columns with a fixed seed: values of one row, or of one column, are not independent.
 */
export function gridInterval(
  values: readonly { row: string; column: string; value: number }[],
): [low: number, high: number] {
  const random = mulberry32(1);
  const resampled = (names: readonly string[]) => {
    const times = new Map<string, number>();
    for (let i = 0; i < names.length; i++) {
      const name = names[Math.floor(random() * names.length)]!;
      times.set(name, (times.get(name) ?? 0) + 1);
    }
    return times;
  };
  const [rows, columns] = [
    [...new Set(values.map(({ row }) => row))],
    [...new Set(values.map(({ column }) => column))],
  ];
  const means = Array.from({ length: 1_000 }, () => {
    const [byRow, byColumn] = [resampled(rows), resampled(columns)];
    let [sum, count] = [0, 0];
    for (const { row, column, value } of values) {
      const times = (byRow.get(row) ?? 0) * (byColumn.get(column) ?? 0);
      sum += times * value;
      count += times;
    }
    return count === 0 ? 0 : sum / count;
  }).toSorted((a, b) => a - b);
  return [means[25]!, means[974]!];
}

/** Mean over the relevant papers of the precision at each one's rank; unranked ones count as 0. */
export function averagePrecision(ranking: readonly string[], grades: ReadonlyMap<string, number>): number {
  const relevant = [...grades.values()].filter((grade) => grade > 0).length;
  let found = 0;
  let sum = 0;
  for (const [i, id] of ranking.entries()) if ((grades.get(id) ?? 0) > 0) sum += ++found / (i + 1);
  return relevant === 0 ? 0 : sum / relevant;
}

/**
 * Probability that a relevant paper is ranked above one that is not; 0.5 is chance. Judged papers that are not ranked are
 * tied after all others.
 */
export function areaUnderCurve(ranking: readonly string[], grades: ReadonlyMap<string, number>): number {
  const of = (id: string) => (grades.get(id) ?? 0) > 0;
  const relevant = [...grades.keys()].filter(of).length;
  const others = grades.size - relevant;
  const unranked = new Set(grades.keys());
  let seen = 0;
  let ahead = 0;
  for (const id of ranking) {
    unranked.delete(id);
    if (of(id)) ahead += others - seen;
    else seen++;
  }
  const left = [...unranked].filter(of).length;
  return (ahead + (left * (others - seen)) / 2) / (relevant * others);
}
