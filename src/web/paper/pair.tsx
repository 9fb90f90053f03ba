/** Two sentences side by side: that of the paper one reads, and that of a related paper, by which they are alike. */
import type { Pair } from "../../api.js";
import { Marked } from "../text/marked.js";

export const SentencePair = ({ pair: { here, there } }: { pair: Pair }) => (
  <dl class="pair">
    <div>
      <dt>This paper</dt>
      <dd dir="auto">
        <Marked text={here.text} />
      </dd>
    </div>
    <div>
      <dt>That paper</dt>
      <dd dir="auto">
        <Marked text={there.text} />
      </dd>
    </div>
  </dl>
);
