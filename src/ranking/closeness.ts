/** Whether anything here comes near a question, or the hits are only the nearest of what is far away. */
import { meaning, type Candidates } from "./candidates.js";
import type { Counts } from "../engine/engine.js";

/**
 * Least meaning (mean of the cosines to abstract and best sentence) of a paper that answers: 2% of SciFact's train
 * questions, whose answers are here, have none (docs/ranking.md). A cosine of two texts does not depend on how many
 * others there are, so the number holds for small libraries too.
 */
export const CLOSE = 0.43;

/** The largest meaning of all candidates. */
export const nearest = (candidates: Candidates): number =>
  meaning(candidates).reduce<number>((most, value) => Math.max(most, value ?? -1), -1);

/**
 * Whether some candidate is close by meaning, or holds all the words. Null while papers are pending: one of them may be
 * close.
 *
 * @param words All that say something in the question.
 */
export function isClose(
  { pending, pendingSentences }: Counts,
  candidates: Candidates,
  words: readonly string[],
): boolean | null {
  if (candidates.labels.length === 0 || pending > 0 || pendingSentences > 0) return null;
  if (nearest(candidates) >= CLOSE) return true;
  let holding = words.length === 0 ? [] : candidates.labels;
  for (const word of words) {
    const weights = candidates.block.wordWeights(word, holding);
    holding = holding.filter((_, i) => weights[i]! > 0);
  }
  return holding.length > 0;
}
