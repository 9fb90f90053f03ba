import type { Paper } from "../../core/paper.js";
import { DISLIKES, LIKES } from "../../core/list.js";
import { Heart, Nay } from "../ui/icons.js";
import { holds } from "./lists.js";
import { SaveMenu } from "./save-menu.js";
import { useListStore, useLists } from "./use-lists.js";

export function LikeButtons({ paper }: { paper: Pick<Paper, "id" | "title"> }) {
  const kept = useLists();
  const store = useListStore();
  return (
    <div class="verdict">
      <button
        type="button"
        class="like"
        aria-pressed={holds(kept, LIKES, paper.id)}
        aria-label={`Like: ${paper.title}`}
        onClick={() => store.toggle(LIKES, paper.id)}
        data-action="like"
      >
        <Heart />
        Like
      </button>
      <button
        type="button"
        class="nay"
        aria-pressed={holds(kept, DISLIKES, paper.id)}
        aria-label={`Not for me: ${paper.title}`}
        onClick={() => store.toggle(DISLIKES, paper.id)}
        data-action="dislike"
      >
        <Nay />
        Not for me
      </button>
      <SaveMenu paper={paper} />
    </div>
  );
}
