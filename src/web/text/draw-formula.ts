/** Draws formulas as MathML, which browsers lay out. The only importer of temml; loaded with the first formula. */
import temml, { type Options } from "temml";

/** What temml makes of a formula before it becomes an element. Text has neither attributes nor children. */
interface Tree {
  attributes?: Record<string, string>;
  style?: Record<string, string>;
  children?: Tree[];
  toNode: () => Element;
}

/** Missing from its types. The documented functions sometimes set `style` attributes. */
const { __renderToMathMLTree: treeOf } = temml as unknown as {
  __renderToMathMLTree: (tex: string, options: Options) => Tree;
};

/** Commands of LaTeX packages that temml lacks. */
const MACROS = {
  "\\mbox": "\\text",
  "\\mathds": "\\mathbb",
  "\\mathbbm": "\\mathbb",
  "\\Cal": "\\mathcal",
  "\\goth": "\\mathfrak",
};
/** The largest length, in em and in pt, so that a formula cannot push everything else off the screen. */
const MAX_SIZE: [number, number] = [20, 240];

/** A formula that defines commands could expand to a thousand times its length. */
const DEFINES = /\\(?:[egx]?def|let|futurelet|(?:re)?newcommand|providecommand)(?![A-Za-z])/;

/** The `<math>` of a formula; null when its LaTeX is invalid or unsupported. */
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
    // Its source is shown instead.
    return null;
  }
}

/** A text is one line, so a percent sign does not begin a comment: somebody forgot to escape it. */
const withPercentSigns = (tex: string): string =>
  tex.replace(/(\\[^])|%/g, (found, escaped?: string) => escaped ?? `\\${found}`);

/** Whether something is struck out or enclosed: only Firefox draws that without a style sheet. */
const needsStylesheet = ({ attributes, children = [] }: Tree): boolean =>
  !["top", "bottom"].includes(attributes?.["notation"] ?? "top") || children.some(needsStylesheet);

/**
 * Turns `style` attributes, which the page's content security policy forbids, into single styles, which it allows; and
 * removes ids, which could clash with others on the page.
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
