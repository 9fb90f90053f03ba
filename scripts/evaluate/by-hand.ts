/**
 * A simple ranking of papers by likes as a baseline for recommendations: the sum of the tf-idf cosine of whole texts and the
 * cosine of vectors, each computed as mean over the likes plus half of the maximum, and standardised over all papers.
 */
import type { Paper } from "../../src/core/paper.js";
import { contentTerms } from "../../src/words/terms.js";
import { passageOf } from "../../src/embedding/embed.js";
import { mean } from "../common/numbers.js";

type Document = { text: string; words: Map<string, number>; vector: Float32Array };

export class ByHand {
  readonly #papers;
  readonly #idf = new Map<string, number>();

  constructor(papers: readonly { paper: Pick<Paper, "id" | "title" | "abstract">; vector: Float32Array }[]) {
    const counted = papers.map(({ paper }) => contentTerms(passageOf(paper)));
    for (const terms of counted) for (const { stem } of terms) this.#idf.set(stem, (this.#idf.get(stem) ?? 0) + 1);
    for (const [stem, documents] of this.#idf) this.#idf.set(stem, Math.log((1 + papers.length) / (1 + documents)) + 1);
    this.#papers = new Map(papers.map(({ paper, vector }) => [paper.id, this.document(passageOf(paper), vector)]));
  }

  document(text: string, vector: Float32Array): Document {
    const weights = contentTerms(text).map(({ stem, count }): [string, number] => [
      stem,
      (1 + Math.log(count)) * (this.#idf.get(stem) ?? 0),
    ]);
    const length = Math.hypot(...weights.map(([, weight]) => weight)) || 1;
    return { text, words: new Map(weights.map(([stem, weight]) => [stem, weight / length])), vector };
  }

  has(id: string): boolean {
    return this.#papers.has(id);
  }

  of(id: string): Document {
    return this.#papers.get(id)!;
  }

  /** All ids except those of the likes, best first. */
  ranking(likes: readonly Document[]): string[] {
    const others = [...this.#papers].filter(([, document]) => !likes.includes(document));
    const scores = [wordsOf, vectorsOf].map((cosine) =>
      zScores(
        others.map(([, document]) => {
          const cosines = likes.map((like) => cosine(like, document));
          return mean(cosines) + Math.max(...cosines) / 2;
        }),
      ),
    );
    return others
      .map(([id], i) => ({ id, score: scores[0]![i]! + scores[1]![i]! }))
      .toSorted((a, b) => b.score - a.score)
      .map(({ id }) => id);
  }
}

function wordsOf({ words: a }: Document, { words: b }: Document): number {
  let sum = 0;
  for (const [stem, weight] of a) sum += weight * (b.get(stem) ?? 0);
  return sum;
}

function vectorsOf({ vector: a }: Document, { vector: b }: Document): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function zScores(values: readonly number[]): number[] {
  const middle = mean(values);
  const deviation = Math.sqrt(mean(values.map((value) => (value - middle) ** 2))) || 1;
  return values.map((value) => (value - middle) / deviation);
}
