/**
 * Makes an index of any size from an index of real papers: the real papers first, then variations. A variation takes its
 * title, sentences and vector from two real papers, so its words and vectors are realistic and cost almost nothing.
 */
import type { ModelDescription } from "../../src/embedding/description.js";
import { sentencesOf } from "../../src/embedding/sentences.js";
import type { Paper } from "../../src/core/paper.js";
import { textHash } from "../../src/store/row.js";
import { Store } from "../../src/store/store.js";
import { dequantize, quantize } from "../../src/vectors/quantize.js";
import { sketchOf } from "../../src/vectors/sketch.js";
import { mulberry32 } from "../../src/map/random.js";

/** Weights of the first paper's vector, the second's, and noise in a variation's vector. */
const SHARES = [1, 0.7, 0.3] as const;
/** Norm of the noise that is added to an abstract's vector to make up a sentence's. */
const SENTENCE = 1;
const BATCH = 500;

/** @param to A folder without an index. @returns How many papers are real, and how many of those have real sketches. */
export function vary(
  from: string,
  to: string,
  model: ModelDescription,
  count: number,
): { real: number; sentences: number } {
  const [source, target] = [Store.openForReading(from, model), Store.open(to, model)];
  const random = mulberry32(13);
  const onVectors = (label: number) => target.changes.recordVectors(label);
  try {
    const vectors = new Map<number, Float32Array>();
    for (let change = 0; ;) {
      const changes = source.vectors.changesSince(change, 5_000);
      for (const { label, vector } of changes) if (vector !== null) vectors.set(label, dequantize(vector));
      if (changes.length < 5_000) break;
      change = changes.at(-1)!.change;
    }
    const labels = [...vectors.keys()].toSorted((a, b) => a - b);
    const one = () => labels[Math.floor(random() * labels.length)]!;
    const counts = { real: Math.min(count, labels.length), sentences: 0 };
    for (let start = 0; start < count; start += BATCH)
      target.write(() => {
        for (let i = start; i < Math.min(count, start + BATCH); i++) {
          const [a, b] = i < labels.length ? [labels[i]!, labels[i]!] : [one(), one()];
          const paper = a === b ? source.papers.get(a)! : mixed(source.papers.get(a)!, source.papers.get(b)!, i);
          const vector = a === b ? vectors.get(a)! : variedVector(vectors.get(a)!, vectors.get(b)!, random);
          const { id, title, abstract, authors, venue, categories, published, keywords } = paper;
          const record = { id, title, authors, categories, keywords };
          const given = Object.entries({ abstract, venue, published }).filter(([, value]) => value !== null);
          target.papers.put({ ...record, ...(Object.fromEntries(given) as Record<string, string>) });
          const hash = textHash(title, abstract);
          target.vectors.putVector(hash, quantize(vector), onVectors);
          const stored = a === b ? source.vectors.sentences(a) : undefined;
          if (stored !== undefined) counts.sentences++;
          const spans = abstract === null ? [] : sentencesOf(abstract);
          const sketches = [title, ...spans].map(() => sketchOf(around(vector, SENTENCE, random)));
          target.vectors.putSentences(
            hash,
            stored ?? {
              spans: Uint32Array.from(spans.flatMap(({ start: begin, end }) => [begin, end])),
              sketches: Buffer.concat(sketches),
            },
            onVectors,
          );
        }
      });
    return counts;
  } finally {
    source.close();
    target.close();
  }
}

/** The vector of a variation of two papers. */
export function variedVector(first: Float32Array, second: Float32Array, random: () => number): Float32Array {
  const mix = first.map((value, d) => SHARES[0] * value + SHARES[1] * second[d]!);
  return around(unit(mix), SHARES[2], random);
}

/** @param spread The norm of the noise that is added to the unit vector; the result is a unit vector again. */
export function around(vector: Float32Array, spread: number, random: () => number): Float32Array {
  const noise = vector.map(() => random() + random() + random() - 1.5);
  const share = spread / Math.hypot(...noise);
  return unit(vector.map((value, i) => value + share * noise[i]!));
}

/** A paper with half of each title, and every second sentence of each abstract. */
function mixed(a: Paper, b: Paper, i: number): Paper {
  const words = (title: string) => title.split(" ");
  const sentences = ({ abstract }: Paper) =>
    abstract === null ? [] : sentencesOf(abstract).map(({ start, end }) => abstract.slice(start, end));
  const [one, other] = [words(a.title), words(b.title)];
  const [of, from] = [sentences(a), sentences(b)];
  const abstract = Array.from({ length: Math.ceil((of.length + from.length) / 2) }, (_, at) =>
    at % 2 === 0 ? (of[at] ?? from[at]) : (from[at] ?? of[at]),
  );
  return {
    ...a,
    id: `variation-${i}`,
    title: [...one.slice(0, Math.ceil(one.length / 2)), ...other.slice(Math.floor(other.length / 2))].join(" "),
    abstract: abstract.filter((sentence) => sentence !== undefined).join(" ") || null,
  };
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
