/**
 * Draws formulas as MathML, which browsers lay out themselves. The only importer of temml; fetched when there is a
 * formula to draw.
 */
import temml, { type Options } from "temml";

/** What temml makes of a formula before it is an element; text has neither attributes nor children. */
interface Tree {
  attributes?: Record<string, string>;
  style?: Record<string, string>;
  children?: Tree[];
  toNode: () => Element;
}

/** Its types do not say that it has this. What it makes elements of by itself has `style` attributes now and then. */
const { __renderToMathMLTree: treeOf } = temml as unknown as {
  __renderToMathMLTree: (tex: string, options: Options) => Tree;
};

/** What LaTeX and its packages have and temml does not. */
const MACROS = {
  "\\mbox": "\\text",
  "\\mathds": "\\mathbb",
  "\\mathbbm": "\\mathbb",
  "\\Cal": "\\mathcal",
  "\\goth": "\\mathfrak",
};
/** The most that a length may be, in em and in pt, so that a formula does not push everything else off the screen. */
const MAX_SIZE: [number, number] = [20, 240];

/** A formula that defines commands could make a thousand times its length of itself. */
const DEFINES = /\\(?:[egx]?def|let|futurelet|(?:re)?newcommand|providecommand)(?![A-Za-z])/;

/** The `<math>` of a formula; null when its LaTeX is wrong, or not known here. */
export function draw(tex: string, display: boolean): Element | null {
  if (DEFINES.test(tex)) return null;
  try {
    const tree = treeOf(withPercentSigns(tex), {
      displayMode: display,
      throwOnError: true,
      wrap: "tex",
      maxSize: MAX_SIZE,
      macros: { ...MACROS },
    });
    if (needsStylesheet(tree)) return null;
    tame(tree);
    return tree.toNode();
  } catch {
    // Whatever is the matter with it, its source is shown.
    return null;
  }
}

/** A text is one line, so a percent sign begins no comment in it: it is the sign that somebody forgot to escape. */
const withPercentSigns = (tex: string): string =>
  tex.replace(/(\\[^])|%/g, (found, escaped?: string) => escaped ?? `\\${found}`);

/** Whether something in it is struck out or enclosed: only Firefox draws that by itself, and what is left would be wrong. */
const needsStylesheet = ({ attributes, children = [] }: Tree): boolean =>
  !["top", "bottom"].includes(attributes?.["notation"] ?? "top") || children.some(needsStylesheet);

/**
 * Makes styles of `style` attributes, which the page's policy forbids while it allows to set styles one by one; and
 * takes away ids, which could be those of other parts of the page.
 */
function tame({ attributes = {}, style = {}, children = [] }: Tree): void {
  for (const declaration of (attributes["style"] ?? "").split(";")) {
    const [property = "", value = ""] = declaration.split(":");
    if (value !== "") style[property.trim()] = value.trim();
  }
  delete attributes["style"];
  delete attributes["id"];
  for (const child of children) tame(child);
}
