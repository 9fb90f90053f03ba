/** What tells one part of a collection from the whole, in the words of its titles. */
import { stemOf } from "../words/stem.js";
import { wordsIn } from "./phrases.js";

/** Titles that were read, and how many of them have each phrase, by its key. */
export type Read = { titles: number; counts: Map<string, number> };

/** A phrase names a part when at least so many of its titles have it, and so much more often than those of the whole. */
const LEAST = { titles: 3, share: 0.04, lift: 1.2 };
/** Words side by side say more than one. */
const SIDE_BY_SIDE = 2.5;
/** A longer phrase stands for a shorter one that is so often a part of it: "neural machine translation". */
const OFTEN = 0.45;
/** A second phrase says so much, compared to the first; and is not needed where so many titles have the first. */
const SECOND = { score: 0.5, share: 0.35 };
const MOST_WORDS = 3;
/** What could be said of papers of any kind: no name alone, but part of one, as in "Ising model". */
const OF_ANY = new Set(
  `algorithm analysis application approach approximation data deep effect efficient evaluation evidence experiment
  framework improved large learning machine method model new note novel number paper performance problem property
  result review small study survey system technique theorem theory weighted work`
    .split(/\s+/)
    .map(stemOf),
);

/**
 * The keys of one or two phrases, of three words together at most; none when nothing is said often enough.
 *
 * @param taken Phrases that are names already.
 * @param above Those of the names of what holds the part, whose words alone say nothing more.
 */
export function nameOf(part: Read, whole: Read, taken: ReadonlySet<string>, above: readonly string[]): string[] {
  const saysNothing = new Set([...OF_ANY, ...above.flatMap(wordsIn)]);
  const candidates = [...part.counts]
    .filter(([key, count]) => count >= LEAST.titles && !taken.has(key))
    .filter(([key]) => !wordsIn(key).every((word) => saysNothing.has(word)))
    .map(([key, count]) => {
      const share = count / part.titles;
      const lift = (share * whole.titles) / whole.counts.get(key)!;
      // What the phrase adds to the divergence of the part's titles from all (Kullback and Leibler, 1951).
      return { key, share, lift, score: share * Math.log(lift) * (wordsIn(key).length > 1 ? SIDE_BY_SIDE : 1) };
    })
    .filter(({ share, lift }) => share >= LEAST.share && lift > LEAST.lift)
    .filter(({ key }) => !isFragment(key, part, taken))
    .toSorted((a, b) => b.score - a.score || (a.key < b.key ? -1 : 1));
  const [best, ...others] = candidates;
  if (best === undefined) return [];
  const first = lengthened(best.key, part, taken);
  const words = wordsIn(first);
  const second = others.find(
    ({ key, score }) => score > SECOND.score * best.score && wordsIn(key).every((word) => !words.includes(word)),
  );
  const enough = best.share > SECOND.share || second === undefined;
  return enough || words.length + wordsIn(second.key).length > MOST_WORDS ? [first] : [first, second.key];
}

const holds = (longer: string, key: string): boolean => longer !== key && ` ${longer} `.includes(` ${key} `);

/** Whether a phrase is often but a part of one that is a name already: "large language" of "large language models". */
function isFragment(key: string, { counts }: Read, taken: ReadonlySet<string>): boolean {
  const often = OFTEN * counts.get(key)!;
  for (const longer of taken) if ((counts.get(longer) ?? 0) >= often && holds(longer, key)) return true;
  return false;
}

/** The most frequent of the longest phrases that a phrase is often a part of; itself when there is none. */
function lengthened(key: string, { counts }: Read, taken: ReadonlySet<string>): string {
  const often = OFTEN * counts.get(key)!;
  const [longest = key] = [...counts]
    .filter(([longer, count]) => (longer === key || holds(longer, key)) && count >= often && !taken.has(longer))
    .toSorted(([one, a], [other, b]) => wordsIn(other).length - wordsIn(one).length || b - a || (one < other ? -1 : 1))
    .map(([longer]) => longer);
  return longest;
}
