/** Finds LaTeX mathematics in a text: `$x$`, `\(x\)`, `$$x$$`, `\[x\]`. Amounts in dollars are not mathematics. */
import type { Range } from "./range.js";

/** A formula in a text. The range includes the delimiters. */
export interface Formula extends Range {
  /** The LaTeX between the delimiters. */
  tex: string;
  /** Whether it is meant for a line of its own. */
  display: boolean;
}

const CLOSING = { $: "$", $$: "$$", "\\(": "\\)", "\\[": "\\]" } as const;
type Opening = keyof typeof CLOSING;

/** A dollar, the end of a paragraph, or a backslash with the character after it. */
const TOKEN = /\$|\n[^\S\n]*\n|\\[^]/g;
/** Characters of the longest formula: more text than that is between two stray delimiters. */
const MAX_LENGTH = 1_000;

/**
 * The formulas of a text, in order. A delimiter pairs with the one before it or with none, so an unclosed one does no harm.
 * No formula spans two paragraphs. Takes time linear in the length.
 */
export function formulasIn(text: string): Formula[] {
  const formulas: Formula[] = [];
  let open: { kind: Opening; start: number } | null = null;
  let next = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    // The second of two dollars.
    if (index < next) continue;
    if (open !== null && text.startsWith(CLOSING[open.kind], index)) {
      const { kind, start } = open;
      const end = index + kind.length;
      const tex = text.slice(start + kind.length, index);
      open = null;
      if (tex.length <= MAX_LENGTH && isMathematics(tex, kind, text[end])) {
        formulas.push({ start, end, tex, display: kind === "$$" || kind === "\\[" });
        next = end;
        continue;
      }
    }
    const kind = text.startsWith("$$", index) ? "$$" : token;
    if (isOpening(kind)) {
      open = { kind, start: index };
      next = index + kind.length;
    } else if (token.startsWith("\n")) open = null;
  }
  return formulas;
}

const isOpening = (token: string): token is Opening => Object.hasOwn(CLOSING, token);

/** Two words in a row, neither of them a command, an index or a function: the text between two amounts of money. */
const PROSE = /(?<![\\\p{L}_^{])\p{L}{2,}\s+\p{L}{2,}(?![\p{L}({_^])/u;
/** One longer word. */
const WORD = /(?<![\\\p{L}_^{])\p{L}{3,}(?![\p{L}({_^])/u;
/** Characters that are rare outside of mathematics. */
const SIGN = /[\\^_=<>]/;

/**
 * Whether the text between two delimiters is mathematics. Between dollars it may be prose: "from $5 to $10". Pandoc
 * requires that mathematics has no white space at its ends and no digit after it; but abstracts often contain `$ n $` and
 * `3$\times$3`, so text that looks like mathematics is accepted anyway.
 */
function isMathematics(tex: string, kind: Opening, after = ""): boolean {
  if (tex.trim() === "") return false;
  if (kind !== "$") return true;
  const outside = tex.replace(/\{[^{}]*\}/g, "{}");
  if (PROSE.test(outside)) return false;
  const likely = SIGN.test(tex) || !/^\s*\d/.test(tex);
  if (/^\s|\s$/.test(tex)) return likely && !WORD.test(outside);
  return likely || !/^\d/.test(after);
}

/** A range, extended to include all of a formula that it begins or ends in. */
export function withWholeFormulas({ start, end }: Range, formulas: readonly Formula[]): Range {
  const cutBy = (place: number) => formulas.find((formula) => formula.start < place && place < formula.end);
  return { start: cutBy(start)?.start ?? start, end: cutBy(end)?.end ?? end };
}
