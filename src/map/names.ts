/** Names one part of a collection by the phrases that distinguish its titles from all others. */
import { stemOf } from "../words/stem.js";
import { wordsIn } from "./phrases.js";

/** A number of titles, and how many of them contain each phrase, by its key. */
export type Read = { titles: number; counts: Map<string, number> };

/**
 * A phrase qualifies as a name if at least this many titles of the part have it, this share, and so many times the
 * share in the whole.
 */
const LEAST = { titles: 3, share: 0.04, lift: 1.2 };
/** The weight of a phrase of several words, relative to one word. */
const PHRASE_WEIGHT = 2.5;
/**
 * A longer phrase replaces a shorter one that is part of it in at least this share of titles: "neural machine
 * translation".
 */
const OFTEN = 0.45;
/**
 * A second phrase needs at least this share of the first one's score; it is left out if the first is in this share of
 * titles.
 */
const SECOND = { score: 0.5, share: 0.35 };
const MOST_WORDS = 3;
/** Words that fit papers of any topic: not a name by themselves, but possibly part of one, as in "Ising model". */
const GENERIC = new Set(
  `algorithm analysis application approach approximation data deep effect efficient evaluation evidence experiment
  framework improved large learning machine method model new note novel number paper performance problem property
  result review small study survey system technique theorem theory weighted work`
    .split(/\s+/)
    .map(stemOf),
);

/**
 * The keys of one or two phrases, of at most three words in total; none if no phrase is frequent enough.
 *
 * @param taken Phrases that are names already.
 * @param above The names of the regions around the part, whose words alone add nothing.
 */
export function nameOf(part: Read, whole: Read, taken: ReadonlySet<string>, above: readonly string[]): string[] {
  const uninformative = new Set([...GENERIC, ...above.flatMap(wordsIn)]);
  const candidates = [...part.counts]
    .filter(([key, count]) => count >= LEAST.titles && !taken.has(key))
    .filter(([key]) => !wordsIn(key).every((word) => uninformative.has(word)))
    .map(([key, count]) => {
      const share = count / part.titles;
      const lift = (share * whole.titles) / whole.counts.get(key)!;
      // The phrase's contribution to the divergence of the part's titles from all titles (Kullback and Leibler, 1951).
      return { key, share, lift, score: share * Math.log(lift) * (wordsIn(key).length > 1 ? PHRASE_WEIGHT : 1) };
    })
    .filter(({ share, lift }) => share >= LEAST.share && lift > LEAST.lift)
    .filter(({ key }) => !isFragment(key, part, taken))
    .toSorted((a, b) => b.score - a.score || (a.key < b.key ? -1 : 1));
  const [best, ...others] = candidates;
  if (best === undefined) return [];
  const first = extended(best.key, part, taken);
  const words = wordsIn(first);
  const second = others.find(
    ({ key, score }) => score > SECOND.score * best.score && wordsIn(key).every((word) => !words.includes(word)),
  );
  const enough = best.share > SECOND.share || second === undefined;
  return enough || words.length + wordsIn(second.key).length > MOST_WORDS ? [first] : [first, second.key];
}

const holds = (longer: string, key: string): boolean => longer !== key && ` ${longer} `.includes(` ${key} `);

/** Whether a phrase is often only part of one that is a name already: "large language" of "large language models". */
function isFragment(key: string, { counts }: Read, taken: ReadonlySet<string>): boolean {
  const often = OFTEN * counts.get(key)!;
  for (const longer of taken) if ((counts.get(longer) ?? 0) >= often && holds(longer, key)) return true;
  return false;
}

/** The most frequent of the longest phrases that often contain a phrase; the phrase itself if there is none. */
function extended(key: string, { counts }: Read, taken: ReadonlySet<string>): string {
  const often = OFTEN * counts.get(key)!;
  const [longest = key] = [...counts]
    .filter(([longer, count]) => (longer === key || holds(longer, key)) && count >= often && !taken.has(longer))
    .toSorted(([one, a], [other, b]) => wordsIn(other).length - wordsIn(one).length || b - a || (one < other ? -1 : 1))
    .map(([longer]) => longer);
  return longest;
}
