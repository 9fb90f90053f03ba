/** Whether two papers are copies of one: a preprint and its proceedings version, or the same record twice. */
import { nameParts } from "../formats/name-parts.js";
import type { Paper } from "../paper.js";
import { fold, titleKey, wordsOf } from "../text.js";

/** Abstracts this near are the same but for a few words; below, only an equal title makes a copy. */
export const SAME_ABSTRACT = 0.97;
/** Share of title words two copies have in common at least, of all that either has. */
const ALIKE_TITLES = 0.6;

/** Abstracts under one title are at least this near when they are of one paper: by its authors, or by unknown ones. */
const SAME_TITLE = { sameAuthors: 0.8, unknownAuthors: 0.95 };

type Described = Pick<Paper, "title" | "abstract"> & Partial<Pick<Paper, "authors">>;

/**
 * The same title, unless other people wrote under it ("Editorial", "Introduction") or of other things; or abstracts all
 * but the same under titles that share most words. Series that differ in a number ("Part I", "Part II") have near titles
 * and near abstracts, so a differing number tells two papers apart, as "2D" and "3D" do.
 *
 * @param similarity Cosine of their abstracts; null when it is not known.
 */
export function areCopies(a: Described, b: Described, similarity: number | null): boolean {
  const key = titleKey(a.title);
  if (key !== "" && key === titleKey(b.title) && sameUnderOneTitle(a, b, similarity)) return true;
  if (similarity === null || similarity < SAME_ABSTRACT) return false;
  if (a.abstract !== null && b.abstract !== null && titleKey(a.abstract) === titleKey(b.abstract)) return true;
  const words = (title: string) => new Set(wordsOf(fold(title)));
  const [one, other] = [words(a.title), words(b.title)];
  const apart = [...one].filter((word) => !other.has(word)).concat([...other].filter((word) => !one.has(word)));
  if (apart.some((word) => /^(\d+\p{L}?|[ivx]+)$/u.test(word))) return false;
  const shared = [...one].filter((word) => other.has(word)).length;
  return shared / (shared + apart.length) >= ALIKE_TITLES;
}

function sameUnderOneTitle(a: Described, b: Described, similarity: number | null): boolean {
  const shared = shareAuthors(a, b);
  if (shared === false) return false;
  if (a.abstract === null || b.abstract === null || titleKey(a.abstract) === titleKey(b.abstract)) return true;
  if (similarity === null) return shared === true;
  return similarity >= (shared === true ? SAME_TITLE.sameAuthors : SAME_TITLE.unknownAuthors);
}

/** Whether an author of the one has the last name of one of the other; null when either names nobody. */
function shareAuthors({ authors: a = [] }: Described, { authors: b = [] }: Described): boolean | null {
  if (a.length === 0 || b.length === 0) return null;
  const lastNames = (authors: string[]) => authors.map(lastName);
  const names = new Set(lastNames(a));
  return lastNames(b).some((name) => names.has(name));
}

function lastName(name: string): string {
  const parts = nameParts(name);
  return wordsOf(fold("family" in parts ? parts.family : name)).at(-1) ?? "";
}
