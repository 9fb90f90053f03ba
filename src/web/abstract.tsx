/** A title or an abstract with what matched marked in its place. Always as text: nothing in it is taken for markup. */
import type { Hit } from "../api.js";
import { type Range, segmentsOf, within } from "./highlight.js";

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

interface AbstractProps {
  text: string;
  /** The part of it that is shown. */
  range: Range;
  matched: Hit["matched"];
}

export function Abstract({ text, range, matched }: AbstractProps) {
  return (
    <p class="abstract" dir="auto">
      {range.start > 0 && "… "}
      <Marked
        text={text.slice(range.start, range.end)}
        sentence={within(matched.sentence, range)}
        words={matched.words}
      />
      {range.end < text.length && " …"}
    </p>
  );
}
