/** Whether two records are copies of one paper: a preprint and its proceedings version, or the same record twice. */
import { nameParts } from "../formats/name-parts.js";
import { SAME_ABSTRACT } from "../engine/engine.js";
import type { Paper } from "../core/paper.js";
import { fold, titleKey, wordsOf } from "../core/text.js";

/** Smallest share of title words that copies have in common, among the words of both titles. */
const SIMILAR_TITLES = 0.6;

/** Smallest cosine of the abstracts of copies with the same title, if they share an author or authors are unknown. */
const SAME_TITLE = { sameAuthors: 0.8, unknownAuthors: 0.95 };

/** Words that name a part of a journal or book instead of a subject: "Letter to the Editor", "In this issue". */
const PARTS = new Set(
  `a acknowledgement acknowledgements acknowledgment acknowledgments addenda addendum afterword an and announcement
  announcements appendix author authors back board book books by call column comment commentary comments committee
  concluding conclusion conclusions content contents contributors conversation corrections correction corrigenda
  corrigendum correspondence cover dedication discussion editor editorial editorials editors epilogue errata erratum
  events expression of concern focus for foreword forum from front general guest guests highlights in index interview
  introduction introductory invited issue letter letters list masthead matter meeting meetings message minutes
  miscellany new news note notes notice obituaries obituary on opening organization organizers our papers part perspective
  perspectives postscript preface prefaces preliminary president prologue publisher publishers rejoinder remark remarks
  replies reply report reports response responses retracted retraction retractions review reviewers reviews s section
  special summaries summary table the this title to viewpoint viewpoints volume welcome`.split(/\s+/),
);

type Described = Pick<Paper, "title" | "abstract"> &
  Partial<Pick<Paper, "authors" | "published" | "doi" | "arxiv" | "venue">>;

/**
 * Copies have the same title, unless authors or abstracts differ ("Editorial", "Introduction"); or nearly the same abstract
 * and titles that share most words. Parts of a series ("Part I", "Part II") have similar titles and abstracts, so papers
 * whose titles differ in a number are not copies, nor are "2D" and "3D". Yearly prefaces without an abstract have equal titles
 * and vectors, so for these a different date, DOI or venue makes another paper.
 *
 * @param similarity Cosine of their abstracts; null if unknown.
 */
export function areCopies(a: Described, b: Described, similarity: number | null): boolean {
  if ((a.abstract === null || b.abstract === null) && namesPart(a.title) && namesPart(b.title) && differ(a, b))
    return false;
  const key = titleKey(a.title);
  if (key !== "" && key === titleKey(b.title) && sameUnderOneTitle(a, b, similarity)) return true;
  if (similarity === null || similarity < SAME_ABSTRACT) return false;
  if (a.abstract !== null && b.abstract !== null && titleKey(a.abstract) === titleKey(b.abstract)) return true;
  const words = (title: string) => new Set(wordsOf(fold(title)));
  const [one, other] = [words(a.title), words(b.title)];
  const differing = [...one].filter((word) => !other.has(word)).concat([...other].filter((word) => !one.has(word)));
  if (differing.some((word) => /^(\d+\p{L}?|[ivx]+)$/u.test(word))) return false;
  const shared = [...one].filter((word) => other.has(word)).length;
  return shared / (shared + differing.length) >= SIMILAR_TITLES;
}

function sameUnderOneTitle(a: Described, b: Described, similarity: number | null): boolean {
  const shared = shareAuthors(a, b);
  if (shared === false) return false;
  if (a.abstract === null || b.abstract === null || titleKey(a.abstract) === titleKey(b.abstract)) return true;
  if (similarity === null) return shared === true;
  return similarity >= (shared === true ? SAME_TITLE.sameAuthors : SAME_TITLE.unknownAuthors);
}

/** Whether a title only names a part of a journal or book, so that equal titles do not indicate copies. */
export const namesPart = (title: string): boolean => wordsOf(fold(title)).every((word) => PARTS.has(word));

/** Whether dates, identifiers or venues are known for both and differ. Dates are compared to the coarser precision. */
function differ(a: Described, b: Described): boolean {
  const differing = (one: string | null | undefined, other: string | null | undefined) =>
    one != null && other != null && one !== other;
  const [one, other] = [a.published ?? "", b.published ?? ""];
  return (
    (!one.startsWith(other) && !other.startsWith(one)) ||
    differing(a.doi, b.doi) ||
    differing(a.arxiv, b.arxiv) ||
    differing(a.venue && titleKey(a.venue), b.venue && titleKey(b.venue))
  );
}

/** Whether any authors of the two have the same last name; null if either has no authors. */
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
