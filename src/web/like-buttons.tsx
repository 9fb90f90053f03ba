import type { Paper } from "../paper.js";
import { Heart, Nay } from "./icons.js";
import { verdictOn } from "./likes.js";
import { toggleVerdict, useOpinions } from "./use-likes.js";

export function LikeButtons({ paper }: { paper: Pick<Paper, "id" | "title"> }) {
  const verdict = verdictOn(useOpinions(), paper.id);
  return (
    <p class="verdict">
      <button
        type="button"
        class="like"
        aria-pressed={verdict === "like"}
        aria-label={`Like: ${paper.title}`}
        onClick={() => toggleVerdict(paper, "like")}
        data-action="like"
      >
        <Heart />
        Like
      </button>
      <button
        type="button"
        class="nay"
        aria-pressed={verdict === "dislike"}
        aria-label={`Not for me: ${paper.title}`}
        onClick={() => toggleVerdict(paper, "dislike")}
        data-action="dislike"
      >
        <Nay />
        Not for me
      </button>
    </p>
  );
}
