/** A title or an abstract with its formulas drawn and its matches marked. Always as text, never as markup. */
import type { Hit } from "../../api.js";
import { Formula } from "./formula.js";
import { type Segment, segmentsOf } from "./highlight.js";
import { type Range, within } from "./range.js";

interface MarkedProps {
  text: string;
  sentence?: Range | null;
  words?: readonly string[];
}

export function Marked({ text, sentence = null, words = [] }: MarkedProps) {
  return (
    <>
      {segmentsOf(text, sentence, words).map((segment, index) => {
        const inner = <Inner key={index} {...segment} />;
        return segment.sentence ? <mark key={index}>{inner}</mark> : inner;
      })}
    </>
  );
}

function Inner({ text, word, formula }: Segment) {
  if (formula !== null) return <Formula source={text} tex={formula.tex} display={formula.display} />;
  return word ? <b>{text}</b> : <>{text}</>;
}

interface AbstractProps {
  text: string;
  /** The part that is shown. */
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
