/** For a record with an abstract and no title: its title is the first sentence of the abstract, in brackets. */

/** A shorter text is a placeholder ("n/a") or a fragment. */
const SHORTEST = 20;
const LONGEST = 150;
/** Up to a full stop that does not end an initial or a common abbreviation. */
const SENTENCE = new RegExp(
  `^.{${SHORTEST - 1},}?(?:[!?](?=\\s|$)|[。！？]|(?<!(?<!\\p{L})(?:\\p{L}|al|approx|cf|dr|etc|fig|no|prof|st|vs))\\.(?=\\s|$))`,
  "isu",
);

/** The title made from an abstract: its first sentence, cut at a word; undefined if the text is too short. */
export function titleFrom(abstract: string): string | undefined {
  if (abstract.length < SHORTEST) return undefined;
  const start = abstract.slice(0, 2 * LONGEST);
  const sentence = (SENTENCE.exec(start)?.[0] ?? start).trim();
  return `[${sentence.length > LONGEST ? shortened(sentence) : sentence}]`;
}

function shortened(text: string): string {
  const cut = text.slice(0, LONGEST);
  const space = cut.lastIndexOf(" ");
  // Text without spaces is cut between characters, never within one.
  return `${space < SHORTEST ? cut.replace(/[\ud800-\udbff]$/, "") : cut.slice(0, space).replace(/[,;:]$/, "")}…`;
}

/** Whether a title was made from the abstract. */
export const isTitleFrom = (title: string, abstract: string | null | undefined): boolean =>
  title.startsWith("[") && typeof abstract === "string" && title === titleFrom(abstract);
