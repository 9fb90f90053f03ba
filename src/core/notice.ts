/** What was said about a paper after it had appeared. The strongest first: a weaker one does not replace it. */
export const NOTICES = ["retracted", "withdrawn", "concern", "deleted"] as const;
export type Notice = (typeof NOTICES)[number];

/** Said explicitly in a record: none of them holds, or no longer. A record that says nothing changes nothing. */
export const CLEARED = "cleared";
export type SaidNotice = Notice | typeof CLEARED;

export const NOTICE_WORDS: Readonly<Record<Notice, string>> = {
  retracted: "Retracted",
  withdrawn: "Withdrawn",
  concern: "Expression of concern",
  deleted: "Deleted by its source",
};

/** What several statements about one paper amount to; undefined if there is none. */
export const strongest = (said: readonly (SaidNotice | undefined)[]): SaidNotice | undefined =>
  NOTICES.find((notice) => said.includes(notice)) ?? said.find((one) => one === CLEARED);

/** The notice of a paper after a record. */
export function mergedNotice(before: Notice | null, said: SaidNotice | undefined): Notice | null {
  if (said === CLEARED) return null;
  return NOTICES.find((notice) => notice === before || notice === said) ?? null;
}
