/** A title or an abstract with what matched marked in its place. Always as text: nothing in it is taken for markup. */
import { useState } from "preact/hooks";
import type { Hit } from "../api.js";
import { excerptOf, type Range, segmentsOf, within } from "./highlight.js";

export function Marked({ text, sentence, words }: { text: string; sentence: Range | null; words: readonly string[] }) {
  return (
    <>
      {segmentsOf(text, sentence, words).map((segment, index) => {
        const inner = segment.word ? <b key={index}>{segment.text}</b> : segment.text;
        return segment.sentence ? <mark key={index}>{inner}</mark> : inner;
      })}
    </>
  );
}

/** Shows a long abstract in part, with the matched sentence in it, and whole on demand. */
export function Abstract({ text, matched }: { text: string; matched: Hit["matched"] }) {
  const [whole, setWhole] = useState(false);
  const excerpt = excerptOf(text, matched.sentence);
  const cut = excerpt.start > 0 || excerpt.end < text.length;
  const range = whole ? { start: 0, end: text.length } : excerpt;
  return (
    <div class="abstract">
      <p dir="auto">
        {range.start > 0 && "… "}
        <Marked
          text={text.slice(range.start, range.end)}
          sentence={within(matched.sentence, range)}
          words={matched.words}
        />
        {range.end < text.length && " …"}
      </p>
      {cut && (
        <button type="button" class="link" aria-expanded={whole} onClick={() => setWhole(!whole)} data-action="expand">
          {whole ? "Less" : "Whole abstract"}
        </button>
      )}
    </div>
  );
}
