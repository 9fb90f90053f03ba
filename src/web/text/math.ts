/** Where a text holds mathematics as LaTeX writes it: `$x$`, `\(x\)`, `$$x$$`, `\[x\]`. Money is not mathematics. */
import type { Range } from "./highlight.js";

/** A formula in a text, delimiters included. */
export interface Formula extends Range {
  /** What stands between the delimiters. */
  tex: string;
  /** Written to stand on a line of its own. */
  display: boolean;
}

const CLOSING = { $: "$", $$: "$$", "\\(": "\\)", "\\[": "\\]" } as const;
type Opening = keyof typeof CLOSING;

/** A dollar, the end of a paragraph, or a backslash with what it escapes or makes a delimiter. */
const TOKEN = /\$|\n[^\S\n]*\n|\\[^]/g;
/** More than real formulas have: so much between two delimiters is text between two stray ones. */
const LONGEST = 1_000;

/**
 * The formulas of a text, in order. Each delimiter is paired with the last one ahead of it or with none, so what is not
 * closed takes nothing else with it. Nothing goes on in the next paragraph. The time taken is linear in the length.
 */
export function formulasIn(text: string): Formula[] {
  const formulas: Formula[] = [];
  let open: { kind: Opening; start: number } | null = null;
  let next = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    // The second dollar of two.
    if (index < next) continue;
    if (open !== null && text.startsWith(CLOSING[open.kind], index)) {
      const { kind, start } = open;
      const end = index + kind.length;
      const tex = text.slice(start + kind.length, index);
      open = null;
      if (tex.length <= LONGEST && isMathematics(tex, kind, text[end])) {
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

/** Two words side by side, neither of them a command, an index or a function: what stands between two sums of money. */
const PROSE = /(?<![\\\p{L}_^{])\p{L}{2,}\s+\p{L}{2,}(?![\p{L}({_^])/u;
/** One longer word. */
const WORD = /(?<![\\\p{L}_^{])\p{L}{3,}(?![\p{L}({_^])/u;
/** Characters that are hardly written but in mathematics. */
const SIGN = /[\\^_=<>]/;

/**
 * Whether what stands between two delimiters is mathematics. Between dollars it may be prose: "from $5 to $10". As
 * pandoc has it, mathematics has no white space at its ends and no digit behind it; but abstracts are full of `$ n $`
 * and of `3$\times$3`, so what looks like mathematics is taken for it all the same.
 */
function isMathematics(tex: string, kind: Opening, behind = ""): boolean {
  if (tex.trim() === "") return false;
  if (kind !== "$") return true;
  const outside = tex.replace(/\{[^{}]*\}/g, "{}");
  if (PROSE.test(outside)) return false;
  const likely = SIGN.test(tex) || !/^\s*\d/.test(tex);
  if (/^\s|\s$/.test(tex)) return likely && !WORD.test(outside);
  return likely || !/^\d/.test(behind);
}

/** A range with the whole of each formula that it begins or ends in. */
export function withWholeFormulas({ start, end }: Range, formulas: readonly Formula[]): Range {
  const cutBy = (place: number) => formulas.find((formula) => formula.start < place && place < formula.end);
  return { start: cutBy(start)?.start ?? start, end: cutBy(end)?.end ?? end };
}
