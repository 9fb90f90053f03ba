import { doiAddress } from "../core/identifiers.js";
import { NOTICE_WORDS } from "../core/notice.js";
import type { Paper } from "../core/paper.js";
import { cleanIdentifier } from "./text.js";

/** With more names than this: all but the last of these, then "et al.". */
const MAX_NAMES = 20;
/** Punctuation that ends a sentence, in any script. */
const ENDED = /[.!?…。！？؟।][”"’'»)\]]*$/u;

/**
 * A paper as a readable reference: "Ada Smith and Bo Li (2017). On testing. Journal of Tests.
 * https://doi.org/10.1000/abc".
 */
export function toReference({ title, authors, published, venue, doi, arxiv, url, notice }: Paper): string {
  const year = `(${published?.slice(0, 4) ?? "n.d."}).`;
  const address = doi !== null ? doiAddress(doi) : arxiv !== null ? `https://arxiv.org/abs/${arxiv}` : url;
  const parts = [
    ...(authors.length === 0 ? [`${title} ${year}`] : [`${namesIn(authors)} ${year}`, sentence(title)]),
    ...(venue === null ? [] : [sentence(venue)]),
    ...(address === null ? [] : [address]),
    ...(notice === null ? [] : [`[${NOTICE_WORDS[notice]}]`]),
  ];
  return cleanIdentifier(parts.join(" "));
}

const sentence = (text: string): string => (ENDED.test(text) ? text : `${text}.`);

function namesIn(authors: readonly string[]): string {
  if (authors.length > MAX_NAMES) return `${authors.slice(0, MAX_NAMES - 1).join(", ")} et al.`;
  const last = authors.at(-1) ?? "";
  return authors.length === 1 ? last : `${authors.slice(0, -1).join(", ")} and ${last}`;
}
