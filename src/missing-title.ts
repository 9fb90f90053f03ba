/** A record that has an abstract and no title gets the first sentence of the abstract as its title, in brackets. */

/** A shorter text is a placeholder ("n/a") or a stray end, and no title. */
const SHORTEST = 20;
const LONGEST = 150;
/** Up to an end of a sentence that is not the end of an initial or a common abbreviation. */
const SENTENCE = new RegExp(
  `^.{${SHORTEST - 1},}?(?:[!?](?=\\s|$)|[。！？]|(?<!(?<!\\p{L})(?:\\p{L}|al|approx|cf|dr|etc|fig|no|prof|st|vs))\\.(?=\\s|$))`,
  "isu",
);

/** The title an abstract gives: its first sentence, cut at a word; undefined when there is not enough text. */
export function titleFrom(abstract: string): string | undefined {
  if (abstract.length < SHORTEST) return undefined;
  const start = abstract.slice(0, 2 * LONGEST);
  const sentence = (SENTENCE.exec(start)?.[0] ?? start).trim();
  return `[${sentence.length > LONGEST ? shortened(sentence) : sentence}]`;
}

function shortened(text: string): string {
  const cut = text.slice(0, LONGEST);
  const space = cut.lastIndexOf(" ");
  // Text without spaces is cut between two characters, never within one.
  return `${space < SHORTEST ? cut.replace(/[\ud800-\udbff]$/, "") : cut.slice(0, space).replace(/[,;:]$/, "")}…`;
}

/** Whether a title only stands in for a missing one. */
export const isTitleFrom = (title: string, abstract: string | null | undefined): boolean =>
  title.startsWith("[") && typeof abstract === "string" && title === titleFrom(abstract);
