/** A paper, or a text that is not in the index -> papers like it. */
import type { Answer, RelatedRequest } from "../api.js";
import { passageOf } from "../embedding/embed.js";
import { unknownPaper } from "../errors.js";
import { answerOf, emptyAnswer } from "./answer.js";
import { gather, testify, without } from "./candidates.js";
import { areCopies, SAME_ABSTRACT } from "./copies.js";
import { decodeCursor } from "./cursor.js";
import type { Engine } from "./engine.js";
import { filtersOf, MOST_TERMS, type Embed } from "./search.js";
import { contentTerms, strongestTerms } from "./terms.js";

/**
 * Ranks by meaning and by the words that say most about the paper. Never the paper itself, nor a copy of it.
 *
 * @throws KindredError `not-found` when there is no paper with the id.
 */
export async function related(engine: Engine, embed: Embed, request: RelatedRequest): Promise<Answer> {
  decodeCursor(request);
  const label = request.id === undefined ? undefined : engine.find({ kind: "id", value: request.id });
  const paper = label === undefined ? undefined : engine.fetch(label);
  if (request.id !== undefined && paper === undefined) throw unknownPaper(request.id);
  const about = paper ?? given(request);
  const passage = passageOf(about).replaceAll("\0", " ").trim();
  const content = contentTerms(passage);
  const terms = strongestTerms(engine, content, MOST_TERMS);
  const own = label === undefined ? undefined : engine.vector(label);
  if (own === undefined && content.length === 0)
    return emptyAnswer(engine, "The text holds no letter or digit: say in words what the papers should be about.");
  const vector = own ?? (await embed(passage));
  const question = { words: terms.map(({ word }) => word), vector, sentences: false };
  const titled = new Set(about.title === "" ? [] : engine.titled(about.title));
  const filters = filtersOf(request);
  const found = gather(engine, question, filters);
  const candidates = without(found, (other, candidate) => {
    if (other === label || titled.has(other)) return true;
    const similarity = found.abstract[candidate] ?? null;
    if (similarity === null || similarity < SAME_ABSTRACT) return false;
    const paper = engine.fetch(other);
    return paper !== undefined && areCopies(about, paper, similarity);
  });
  return answerOf(engine, request, {
    candidates,
    testimonies: testify(candidates),
    method: "hybrid",
    terms,
    vector,
    filters,
  });
}

/** A text stands as title and abstract in one: a copy of it in the index has the same abstract. */
function given({ text, title, abstract }: RelatedRequest): { title: string; abstract: string | null } {
  if (text !== undefined) return { title: text, abstract: null };
  return title === undefined ? { title: abstract ?? "", abstract: null } : { title, abstract: abstract ?? null };
}
