/** The text in elements, without markup. */
import type { Element } from "./element.js";

/** Elements that separate words: those of HTML, JATS and PubMed that are not part of a line. */
const BLOCK = new Set(
  (
    "abstract address blockquote body br break caption dd def def-item disp-formula disp-quote div dl dt fig h1 h2 h3 h4 " +
    "h5 h6 head hr label li list list-item mspace mtd mtr ol p pre sec section speech statement table tbody td " +
    "th thead title tr ul verse-group AbstractText"
  ).split(" "),
);
/** Elements whose text does not belong to the text around them: other spellings of it, footnotes, files. */
const ASIDE = new Set(
  "annotation annotation-xml fn fn-group graphic inline-graphic media object-id related-object contrib-group aff index-term email".split(
    " ",
  ),
);
/** References to a footnote or an affiliation, such as an asterisk. */
const ASIDE_REFERENCES = new Set(["fn", "aff", "corresp", "author-notes", "table-fn"]);

export function flatText(element: Element): string {
  const parts: string[] = [];
  collect(element, parts);
  return parts.join("");
}

function collect(element: Element, parts: string[]): void {
  for (const [at, child] of element.children.entries()) {
    if (typeof child === "string") {
      const next = element.children[at + 1];
      // Indented XML has a line break before each element; a subscript never starts a word.
      const indented = typeof next === "object" && (next.name === "sub" || next.name === "inf") && /\n\s*$/.test(child);
      parts.push(indented ? child.trimEnd() : child);
      continue;
    }
    if (ASIDE.has(child.name) || (child.name === "xref" && ASIDE_REFERENCES.has(child.attribute("ref-type")))) continue;
    const formula = FORMULAS.has(child.name) ? texIn(child) : undefined;
    if (formula !== undefined) {
      parts.push(formula);
      continue;
    }
    const apart = BLOCK.has(child.name);
    if (apart) parts.push(" ");
    if (child.name === "mfrac") fraction(child, parts);
    else collect(child, parts);
    if (apart) parts.push(" ");
  }
}

function fraction(element: Element, parts: string[]): void {
  for (const [at, child] of element.elements().entries()) {
    if (at > 0) parts.push("/");
    collect(child, parts);
  }
}

const FORMULAS = new Set(["inline-formula", "disp-formula", "alternatives", "math", "tex-math"]);

/** A formula as LaTeX in dollars, if it is also given as LaTeX. */
function texIn(element: Element): string | undefined {
  const tex = find(
    element,
    (one) => one.name === "tex-math" || (one.name === "annotation" && /tex/i.test(one.attribute("encoding"))),
  );
  if (tex === undefined) return undefined;
  const source = tex.children.filter((child) => typeof child === "string").join("");
  // Springer writes a whole document around each formula.
  const inner = /\\begin\{document\}([^]*?)\\end\{document\}/.exec(source)?.[1] ?? source;
  const formula = inner
    .trim()
    .replace(/^(?:\$+|\\\(|\\\[)|(?:\$+|\\\)|\\\])$/g, "")
    .trim();
  return formula === "" ? undefined : `$${formula}$`;
}

function find(element: Element, matches: (one: Element) => boolean): Element | undefined {
  if (matches(element)) return element;
  for (const child of element.elements()) {
    const found = find(child, matches);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * An abstract in paragraphs and sections: each section's heading stands before its text, with a colon. A heading that only
 * says "Abstract" is left out.
 */
export function abstractText(abstract: Element): string {
  const parts: string[] = [];
  for (const child of abstract.children) {
    if (typeof child === "string") parts.push(child);
    else if (child.name === "title")
      parts.push(/^\W*(?:abstract|summary)\W*$/i.test(child.text) ? "" : headed(child.text));
    else if (child.name === "sec") parts.push(`\n${abstractText(child)}\n`);
    else if (!ASIDE.has(child.name)) parts.push(`\n${child.text}\n`);
  }
  return parts.join("").trim();
}

const headed = (heading: string): string => {
  const text = heading.trim();
  return text === "" ? "" : `${text}${/[:.?!]$/.test(text) ? "" : ":"} `;
};

/** A paragraph or abstract with its label: "METHODS: We ..." */
export const labelled = (label: string, text: string): string => headed(label) + text.trim();
