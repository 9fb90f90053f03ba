import { normalizeArxiv } from "../core/identifiers.js";

/** The id in "arXiv:1706.03762", alone or in a journal ("arXiv preprint arXiv:1706.03762") or a note. */
export const arxivIn = (value: unknown): string | undefined => {
  const named = typeof value === "string" ? /\barxiv\s*:\s*([\w./-]*\w)/i.exec(value)?.[1] : undefined;
  return named === undefined ? undefined : normalizeArxiv(named);
};
