/** A card about the paper one points at. */
import type { Paper } from "../../core/paper.js";
import { addressOfPaper } from "../navigation/address.js";
import { NoticeBadge } from "../results/notice.js";
import type { Size } from "./camera.js";

/** Authors shown; a single one more is shown too, rather than counted. */
const FEW = 3;
/** Pixels between the paper and its card. */
const GAP = 14;
/** Width of the view, in pixels, below which the card is at its bottom, where it hides least. */
const NARROW = 560;

interface CardProps {
  paper: Paper;
  /** The place of the paper in the view. */
  place: readonly [left: number, top: number];
  size: Size;
}

export function Card({ paper, place: [left, top], size }: CardProps) {
  const { authors } = paper;
  const shown = authors.length <= FEW + 1 ? authors : authors.slice(0, FEW);
  const more = authors.length - shown.length;
  const facts = [paper.published?.slice(0, 4), paper.venue].filter((fact) => fact !== undefined && fact !== null);
  // On the side with more room.
  const toLeft = left > size.width / 2;
  const toTop = top > size.height / 2;
  const narrow = size.width < NARROW;
  const style = narrow
    ? {}
    : {
        ...(toLeft ? { right: `${size.width - left + GAP}px` } : { left: `${left + GAP}px` }),
        ...(toTop ? { bottom: `${size.height - top + GAP}px` } : { top: `${top + GAP}px` }),
      };
  return (
    <div class={narrow ? "map-card foot" : "map-card"} style={style} data-card>
      <p class="title" dir="auto">
        <a href={addressOfPaper(paper.id)}>{paper.title}</a>
        <NoticeBadge notice={paper.notice} />
      </p>
      {shown.length > 0 && (
        <p class="authors">
          <bdi>{shown.join(", ")}</bdi>
          {more > 0 && ` and ${more} more`}
        </p>
      )}
      {facts.length > 0 && (
        <p class="facts">
          <bdi>{facts.join(" · ")}</bdi>
        </p>
      )}
    </div>
  );
}
