/** Whether any paper is close to a question, or the hits are only the nearest of papers that are far away. */
import { meaning, type Candidates, type WeightOf } from "./candidates.js";
import type { Counts } from "../engine/engine.js";

/**
 * Smallest meaning (mean of the cosines to abstract and best sentence) of a paper that answers a question: 2% of SciFact's
 * train questions have an answer in the set but no paper above this (docs/ranking.md). A cosine does not depend on the size of
 * the library, so the threshold holds for small ones too.
 */
export const CLOSE = 0.43;

/** The largest meaning of all candidates. */
export const nearest = (candidates: Candidates): number =>
  meaning(candidates).reduce((most, value) => (value > most ? value : most), -1);

/**
 * Whether any candidate is close by meaning, or contains all the words. Null while papers are pending, as one of them may
 * be close.
 *
 * @param words All content words of the question.
 * @param weights Their weights, which are fetched only if meaning does not decide.
 */
export async function isClose(
  { pending, pendingSentences }: Counts,
  candidates: Candidates,
  words: readonly string[],
  weights: () => Promise<WeightOf>,
): Promise<boolean | null> {
  if (candidates.labels.length === 0 || pending > 0 || pendingSentences > 0) return null;
  if (nearest(candidates) >= CLOSE) return true;
  if (words.length === 0) return false;
  const weightOf = await weights();
  return candidates.labels.some((label) => words.every((word) => weightOf(word, label) > 0));
}
