/** An abstract by its sentences: each is a link to a search for it. */
import type { PaperAnswer } from "../../api.js";
import { Marked } from "../text/marked.js";
import { addressOf, browse } from "../navigation/address.js";
import type { Range } from "../text/highlight.js";
import { formulasIn, withWholeFormulas } from "../text/math.js";

interface SentencesProps {
  text: string;
  /** In order; those that are not known yet are shown as text. */
  sentences: PaperAnswer["sentences"];
  /** A place in the sentence that is lit; null for none. */
  lit: Range | null;
}

/** The sentences, those that share a formula as one: a full stop in mathematics ends none. */
function withoutBrokenFormulas(text: string, sentences: readonly Range[]): Range[] {
  const formulas = formulasIn(text);
  const whole: Range[] = [];
  for (const sentence of sentences) {
    const { start, end } = withWholeFormulas(sentence, formulas);
    const last = whole.at(-1);
    if (last !== undefined && start < last.end) last.end = Math.max(last.end, end);
    else whole.push({ start, end });
  }
  return whole;
}

export function Sentences({ text, sentences, lit }: SentencesProps) {
  const whole = withoutBrokenFormulas(text, sentences);
  return (
    <>
      <p class="abstract" dir="auto">
        {whole.map(({ start, end }, index) => {
          const sentence = text.slice(start, end);
          const isLit = lit !== null && lit.start < end && lit.end > start;
          return [
            text.slice(whole[index - 1]?.end ?? 0, start),
            <span key={start} class="sentence" onClick={follow}>
              <a href={addressOf({ ...browse(), q: asWords(sentence) })}>
                <Marked text={sentence} sentence={isLit ? { start: 0, end: sentence.length } : null} />
              </a>
            </span>,
          ];
        })}
        <Marked text={text.slice(whole.at(-1)?.end ?? 0)} />
      </p>
      {sentences.length > 1 && <p class="hint quiet">Each sentence is a link: to papers that say something like it.</p>}
    </>
  );
}

/**
 * Text in a link cannot be selected by dragging over it, in Chromium, and what is read is copied from. So the pointer goes
 * through the link, to the sentence around it, which follows it for a click that selected nothing.
 */
function follow(event: MouseEvent): void {
  const { currentTarget, target } = event;
  if (currentTarget === target && currentTarget instanceof Element && getSelection()?.isCollapsed !== false)
    currentTarget.querySelector("a")?.dispatchEvent(new MouseEvent("click", event));
}

/** In a query straight quotes ask for a phrase; those of a sentence are its own. */
const asWords = (sentence: string): string => sentence.replaceAll('"', "”").replaceAll(/\s+/g, " ").trim();
