/** The regions of a map on up to three levels, and their names. */
import type { Region } from "../api.js";
import { clustersOf, nearestOf } from "./clusters.js";
import { nameOf, type Read } from "./names.js";
import { phrasesOf, writtenForms } from "./phrases.js";

/** Most regions per level, and the lowest average number of papers in one. */
const REGIONS = [10, 40, 150];
const PAPERS = 12;
/** About how many titles are read. */
const TITLES = 40_000;

/** A part of the map: its centre, its number of papers, and the smaller parts in it. */
type Part = Read & { x: number; y: number; papers: number; parts: Part[] };

/**
 * The regions, level by level, the largest first within their parent. A region without a name is left out.
 *
 * @param points x and y of each paper.
 */
export function regionsOf(points: Float32Array, titles: readonly string[]): Region[] {
  const levels = levelsOf(titles.length);
  const smallest = levels.at(-1);
  if (smallest === undefined) return [];
  const step = Math.ceil(titles.length / TITLES);
  let parts = partsOf(points, titles, smallest, step);
  for (const count of levels.slice(0, -1).toReversed()) parts = joined(parts, count);
  const named = namesOf(parts, levels.length);
  const read = titles.filter((_, i) => i % step === 0);
  const forms = writtenForms(read, new Set(named.flatMap(({ keys }) => keys)));
  return named
    .filter(({ keys }) => keys.length > 0)
    .map(({ part: { x, y, papers }, level, keys }) => ({
      name: keys.map((key) => forms.get(key) ?? key).join(", "),
      x,
      y,
      papers,
      level: level as Region["level"],
    }));
}

/** The number of regions on each level: fewer for fewer papers, and none for very few. */
function levelsOf(papers: number): number[] {
  const most = Math.floor(papers / PAPERS);
  const whole = REGIONS.filter((count) => count <= most);
  // A last level with only slightly more regions would repeat the one before.
  if (whole.length < REGIONS.length && most >= Math.max(2, 2 * (whole.at(-1) ?? 1))) whole.push(most);
  return whole;
}

/** The smallest parts; the title of one paper in `step` is read. */
function partsOf(points: Float32Array, titles: readonly string[], count: number, step: number): Part[] {
  const { middles, members } = clustersOf(points, new Uint8Array(titles.length).fill(1), count);
  const parts = Array.from({ length: middles.length / 2 }, (_, i): Part => ({
    x: middles[2 * i]!,
    y: middles[2 * i + 1]!,
    papers: 0,
    parts: [],
    titles: 0,
    counts: new Map(),
  }));
  members.forEach((cluster, i) => {
    const part = parts[cluster]!;
    part.papers++;
    if (i % step !== 0) return;
    part.titles++;
    for (const key of new Set(phrasesOf(titles[i]!).map((phrase) => phrase.key)))
      part.counts.set(key, (part.counts.get(key) ?? 0) + 1);
  });
  return parts.filter(({ papers }) => papers > 0);
}

/** Merges parts into about `count` larger ones. */
function joined(parts: readonly Part[], count: number): Part[] {
  const { members } = clustersOf(
    parts.flatMap(({ x, y }) => [x, y]),
    parts.map(({ papers }) => papers),
    count,
  );
  return [...new Set(members)].map((cluster) => together(parts.filter((_, i) => members[i] === cluster)));
}

function together(parts: Part[]): Part {
  const whole: Part = { x: 0, y: 0, papers: 0, parts, titles: 0, counts: new Map() };
  for (const { x, y, papers, titles, counts } of parts) {
    whole.papers += papers;
    whole.titles += titles;
    whole.x += papers * x;
    whole.y += papers * y;
    for (const [key, count] of counts) whole.counts.set(key, (whole.counts.get(key) ?? 0) + count);
  }
  whole.x /= whole.papers;
  whole.y /= whole.papers;
  return whole;
}

/** The names of all parts, all different. */
function namesOf(parts: Part[], levels: number): { part: Part; level: number; keys: string[] }[] {
  const whole = together(parts);
  const named: { part: Part; level: number; keys: string[] }[] = [];
  const taken = new Set<string>();
  let here = parts.map((part) => ({ part, above: [] as string[] }));
  for (let level = 0; level < levels; level++) {
    const within: typeof here = [];
    for (const { part, above } of here.toSorted((a, b) => b.part.papers - a.part.papers)) {
      const keys = nameOf(part, whole, taken, above);
      for (const key of keys) taken.add(key);
      named.push({ part, level, keys });
      within.push(...part.parts.map((one) => ({ part: one, above: [...above, ...keys] })));
    }
    here = within;
  }
  return named;
}

/** The regions with the papers at `points` added: each counts for the nearest region of each level. */
export function counted(regions: readonly Region[], points: Float32Array): Region[] {
  const counts = regions.map(({ papers }) => papers);
  for (const level of [0, 1, 2]) {
    const numbers = regions.flatMap((region, i) => (region.level === level ? [i] : []));
    if (numbers.length === 0) continue;
    const middles = numbers.flatMap((i) => [regions[i]!.x, regions[i]!.y]);
    for (let i = 0; i < points.length; i += 2) counts[numbers[nearestOf(middles, points[i]!, points[i + 1]!)]!]!++;
  }
  return regions.map((region, i) => ({ ...region, papers: counts[i]! }));
}
