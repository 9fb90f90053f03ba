/** Two similar sentences side by side: one of this paper, one of a related paper. */
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
