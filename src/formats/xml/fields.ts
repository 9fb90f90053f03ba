/** What the readers of several dialects need. */

export const fullName = (given: string, family: string, suffix = ""): string =>
  [given, family, suffix]
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .join(" ");

/** Without empty texts, and those that differ from an earlier one only in case. */
export function distinct(texts: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const text of texts) {
    const trimmed = text.trim();
    const key = trimmed.toLowerCase();
    if (trimmed !== "" && !seen.has(key)) seen.set(key, trimmed);
  }
  return [...seen.values()];
}
