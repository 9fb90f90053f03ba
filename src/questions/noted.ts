/** Trending papers, for recommendations without likes. */
import type { Paper } from "../core/paper.js";
import { DAYS_A_TENFOLD, type Selection } from "../api.js";
import type { Engine } from "../engine/engine.js";
import type { ScoredSignal } from "../ranking/fusion.js";

/** Number of newest papers, and of papers with most votes, that are considered. */
const LOOKED_AT = 1_000;
const DAY = 86_400_000;
/** Undated papers count as this old. */
const UNDATED = 3_650;

/** The day it was listed, or else published, in days since 1970; a month or year counts as its first day. */
function dayOf({ listed, published }: Paper): number | null {
  const date = listed ?? published;
  const time =
    date === null ? NaN : Date.parse(date.length === 4 ? `${date}-01-01` : date.length === 7 ? `${date}-01` : date);
  return Number.isNaN(time) ? null : time / DAY;
}

const votesOf = ({ upvotes, comments }: Paper): number => Math.max(0, (upvotes ?? 0) + (comments ?? 0));

/** Candidates, ascending by label, and their signals: log10 of 1 + votes, minus age in days / 30. */
export async function newAndNoted(
  engine: Engine,
  filters: Selection,
): Promise<{ labels: number[]; signals: ScoredSignal[] }> {
  const lists = [await engine.browse(filters, "date", LOOKED_AT), await engine.browse(filters, "upvotes", LOOKED_AT)];
  const listed = new Map(lists.flat().map(({ label, paper }) => [label, paper]));
  const labels = [...listed.keys()].toSorted((a, b) => a - b);
  const papers = labels.map((label) => listed.get(label)!);
  const days = papers.map(dayOf);
  // The day of the newest paper instead of the clock, so that the same papers give the same answer tomorrow.
  const today = days.reduce<number>((latest, day) => Math.max(latest, day ?? -Infinity), -Infinity);
  const ages = Float64Array.from(days, (day) => (day === null ? UNDATED : today - day));
  const votes = Float64Array.from(papers, votesOf);
  return {
    labels,
    signals: [
      { name: "votes", weight: 1, values: votes, contributions: votes.map((count) => Math.log10(1 + count)) },
      { name: "age", weight: 1, values: ages, contributions: ages.map((age) => -age / DAYS_A_TENFOLD) },
    ],
  };
}

/** A paper's date and votes as text. */
export function whyNoted(paper: Paper): string {
  const { listed, published, upvotes, comments } = paper;
  const count = (number: number | null, what: string) =>
    number === null || number <= 0 ? [] : [`${number} ${what}${number === 1 ? "" : "s"}`];
  const date = listed ?? published;
  const facts = [
    ...(date === null ? [] : [`${listed === null ? "published" : "listed"} ${date}`]),
    ...count(upvotes, "upvote"),
    ...count(comments, "comment"),
  ];
  return facts.length === 0 ? "no date and no votes are known" : facts.join(", ");
}
