/** Embeds a paper: its abstract as one passage, and its title and sentences one by one. */
import type { EmbeddingModel } from "./model.js";
import { sentencesOf, type Span } from "./sentences.js";

/** Embeds a text with the model of the papers, as a unit vector. */
export type Embed = (text: string) => Promise<Float32Array>;

export type Text = { title: string; abstract: string | null };

/** The text of a paper's vector. The model cuts it at 256 word pieces, as its authors did in training. */
export const passageOf = ({ title, abstract }: Text): string => (abstract === null ? title : `${title}. ${abstract}`);

/**
 * Sentences of similar length are embedded in pairs: as fast as larger batches across papers, while a paper's sentence
 * vectors depend only on that paper.
 */
const BATCH = 2;

/**
 * The sentences of the abstract, and the vectors of the title and of each sentence: `vectors.length = spans.length +
 * 1`.
 */
export async function embedSentences(
  model: Pick<EmbeddingModel, "embedBatch">,
  { title, abstract }: Text,
): Promise<{ spans: Span[]; vectors: Float32Array[] }> {
  const spans = abstract === null ? [] : sentencesOf(abstract);
  const texts = [title, ...spans.map(({ start, end }) => (abstract as string).slice(start, end))];
  const byLength = texts.map((_, i) => i).toSorted((a, b) => texts[a]!.length - texts[b]!.length || a - b);
  const vectors: Float32Array[] = [];
  for (let i = 0; i < byLength.length; i += BATCH) {
    const batch = byLength.slice(i, i + BATCH);
    const embedded = await model.embedBatch(batch.map((text) => texts[text] as string));
    embedded.forEach((vector, j) => (vectors[batch[j] as number] = vector));
  }
  return { spans, vectors };
}
