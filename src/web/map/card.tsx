/** What one reads of a paper while one points at it. */
import type { Paper } from "../../paper.js";
import { addressOfPaper } from "../navigation/address.js";
import type { Size } from "./camera.js";

/** Names of authors that are shown; one more than that is shown too, rather than counted. */
const FEW = 3;
/** Pixels between the paper and its card. */
const GAP = 14;
/** Pixels of the view below which the card lies at its foot, where it hides least. */
const NARROW = 560;

interface CardProps {
  paper: Paper;
  /** Where the paper is in the view. */
  place: readonly [left: number, top: number];
  size: Size;
}

export function Card({ paper, place: [left, top], size }: CardProps) {
  const { authors } = paper;
  const shown = authors.length <= FEW + 1 ? authors : authors.slice(0, FEW);
  const more = authors.length - shown.length;
  const facts = [paper.published?.slice(0, 4), paper.venue].filter((fact) => fact !== undefined && fact !== null);
  // On the side where there is more room.
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
