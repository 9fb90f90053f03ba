/** An abstract whose sentences are links, each to a search for it. */
import type { PaperAnswer } from "../../api.js";
import { Marked } from "../text/marked.js";
import { addressOf, browse } from "../navigation/address.js";
import type { Range } from "../text/range.js";
import { formulasIn, withWholeFormulas } from "../text/math.js";

interface SentencesProps {
  text: string;
  /** In order. Those that are not known yet are shown as plain text. */
  sentences: PaperAnswer["sentences"];
  /** A range in the highlighted sentence; null for none. */
  highlighted: Range | null;
}

/** The sentences. Those that share a formula are one: a full stop in mathematics does not end a sentence. */
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

export function Sentences({ text, sentences, highlighted }: SentencesProps) {
  const whole = withoutBrokenFormulas(text, sentences);
  return (
    <>
      <p class="abstract" dir="auto">
        {whole.map(({ start, end }, index) => {
          const sentence = text.slice(start, end);
          const isHighlighted = highlighted !== null && highlighted.start < end && highlighted.end > start;
          return [
            text.slice(whole[index - 1]?.end ?? 0, start),
            <span key={start} class="sentence" onClick={follow}>
              <a href={addressOf({ ...browse(), q: asWords(sentence) })}>
                <Marked text={sentence} sentence={isHighlighted ? { start: 0, end: sentence.length } : null} />
              </a>
            </span>,
          ];
        })}
        <Marked text={text.slice(whole.at(-1)?.end ?? 0)} />
      </p>
      {sentences.length > 1 && <p class="hint quiet">Each sentence is a link to papers that say something similar.</p>}
    </>
  );
}

/**
 * In Chromium, text in a link cannot be selected by dragging over it. So the pointer goes through the link to the sentence
 * around it, which follows the link on a click that selected nothing.
 */
function follow(event: MouseEvent): void {
  const { currentTarget, target } = event;
  if (currentTarget === target && currentTarget instanceof Element && getSelection()?.isCollapsed !== false)
    currentTarget.querySelector("a")?.dispatchEvent(new MouseEvent("click", event));
}

/** Without straight quotes, which ask for a phrase in a query. */
const asWords = (sentence: string): string => sentence.replaceAll('"', "”").replaceAll(/\s+/g, " ").trim();
