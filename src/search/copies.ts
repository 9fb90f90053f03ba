/** Whether two papers are copies of one: a preprint and its proceedings version, or the same record twice. */
import type { Paper } from "../paper.js";
import { fold, titleKey, wordsOf } from "../text.js";

/** Abstracts this near are the same but for a few words; below, only an equal title makes a copy. */
export const SAME_ABSTRACT = 0.97;
/** Share of title words two copies have in common at least, of all that either has. */
const SAME_TITLE = 0.6;

/** Abstracts of two papers by different people under one title, "Introduction" say, are less near than this. */
const SAME_TITLE_ABSTRACT = 0.9;

type Described = Pick<Paper, "title" | "abstract"> & Partial<Pick<Paper, "authors">>;

/**
 * The same title, unless other people wrote of other things under it ("Editorial", "Introduction"); or abstracts all but the same under titles that share most words. Series that differ in a number
 * ("Part I", "Part II") have near titles and near abstracts, so a differing number tells two papers apart.
 *
 * @param similarity Cosine of their abstracts; null when it is not known.
 */
export function areCopies(a: Described, b: Described, similarity: number | null): boolean {
  const key = titleKey(a.title);
  if (key !== "" && key === titleKey(b.title))
    return mayShareAuthors(a, b) || (similarity !== null && similarity >= SAME_TITLE_ABSTRACT);
  if (similarity === null || similarity < SAME_ABSTRACT) return false;
  if (a.abstract !== null && b.abstract !== null && titleKey(a.abstract) === titleKey(b.abstract)) return true;
  const words = (title: string) => new Set(wordsOf(fold(title)));
  const [one, other] = [words(a.title), words(b.title)];
  const apart = [...one].filter((word) => !other.has(word)).concat([...other].filter((word) => !one.has(word)));
  if (apart.some((word) => /^(\d+|[ivx]+)$/.test(word))) return false;
  const shared = [...one].filter((word) => other.has(word)).length;
  return shared / (shared + apart.length) >= SAME_TITLE;
}

/** Whether an author of the one has the last name of one of the other; true when either names nobody. */
function mayShareAuthors({ authors: a = [] }: Described, { authors: b = [] }: Described): boolean {
  const lastNames = (authors: string[]) => authors.map((name) => wordsOf(fold(name)).at(-1) ?? "");
  const names = new Set(lastNames(a));
  return a.length === 0 || b.length === 0 || lastNames(b).some((name) => names.has(name));
}
