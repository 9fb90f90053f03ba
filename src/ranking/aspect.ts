/** Compares two papers by title and sentence by sentence. An aspect chooses the sentences: background, method or result. */
import type { Aspect, Pair } from "../api.js";
import { sketchCosine } from "../vectors/sketch.js";
import type { StoredSentences } from "../core/vector.js";
import { ROLES, rolesOf } from "./roles.js";

/** The sentences of an abstract, with the sketches of the title and of each sentence, and the probability of the aspect. */
export type Sentences = StoredSentences & { abstract: string; shares: readonly number[] };

/** @param aspect Null for any: then all shares are 1. */
export function sentencesIn(abstract: string | null, stored: StoredSentences, aspect: Aspect | null): Sentences {
  const { spans } = stored;
  const texts = Array.from({ length: spans.length / 2 }, (_, i) =>
    (abstract ?? "").slice(spans[2 * i], spans[2 * i + 1]),
  );
  const shares = aspect === null ? texts.map(() => 1) : rolesOf(texts).map((roles) => roles[ROLES.indexOf(aspect)]!);
  return { ...stored, abstract: abstract ?? "", shares };
}

/** Estimated cosine of the titles. @param there The sketch of the other title. */
export const titleCosine = (here: StoredSentences, there: Uint8Array): number =>
  sketchCosine(here.sketches, 0, there, 0, bytesOf(here));

/** The pair with the largest product of 1 + cosine and both shares; the first on ties. Null if either has no sentences. */
export function bestPair(here: Sentences, there: Sentences): Pair | null {
  let best: { i: number; j: number; similarity: number; worth: number } | null = null;
  for (let i = 0; i < here.shares.length; i++)
    for (let j = 0; j < there.shares.length; j++) {
      const similarity = cosineOf(here, i, there, j);
      // 1 + cosine, so that a small share does not improve a negative cosine.
      const worth = here.shares[i]! * there.shares[j]! * (1 + similarity);
      if (best === null || worth > best.worth) best = { i, j, similarity, worth };
    }
  return best === null
    ? null
    : { here: sentenceAt(here, best.i), there: sentenceAt(there, best.j), similarity: best.similarity };
}

const bytesOf = ({ spans, sketches }: StoredSentences): number => sketches.length / (spans.length / 2 + 1);

const cosineOf = (here: Sentences, i: number, there: Sentences, j: number): number =>
  sketchCosine(here.sketches, i + 1, there.sketches, j + 1, bytesOf(here));

function sentenceAt({ abstract, spans }: Sentences, i: number): Pair["here"] {
  const [start, end] = [spans[2 * i]!, spans[2 * i + 1]!];
  return { text: abstract.slice(start, end), start, end };
}
