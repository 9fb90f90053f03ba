/**
 * Cleans text from a file of any format.
 *
 * - HTML entities that end in a semicolon are decoded.
 * - Known tags of HTML, JATS and MathML are removed, and their content kept; those that end a line or paragraph become
 *   a space. Any other text between angle brackets is kept, such as `x < y`.
 * - Control characters, invisible characters and half surrogate pairs are removed; white space becomes one space.
 * - Unicode is normalised to NFC.
 *
 * The result is plain text, and cleaning it again changes nothing: markup that appears only when other markup is
 * removed (`&amp;lt;`) is handled too.
 */
import { decodeHTMLStrict } from "entities";

const INLINE =
  "a|abbr|b|bold|big|cite|code|em|ext-link|font|i|img|inf|italic|monospace|named-content|roman|s|sans-serif|sc|scp|small|span|strike|strong|styled-content|sub|sup|tt|u|underline|xref|inline-formula|tex-math|alternatives|mml:[a-z]+|math|mi|mn|mo|mrow|msub|msup|msubsup|mtext|mspace|mfrac|msqrt|mover|munder|munderover|mstyle|semantics|annotation";
const BLOCK =
  "abstract|abstracttext|blockquote|br|dd|div|dl|dt|disp-formula|figcaption|figure|h[1-6]|hr|label|li|list|list-item|ol|p|pre|sec|section|table|tbody|td|th|title|tr|ul|jats:[a-z-]+";
/** Complete attributes only, so that "a <b and c> d" is not a tag. */
const ATTRIBUTES = `(?:\\s[\\w:.-]+\\s?=\\s?(?:"[^"<>]*"|'[^'<>]*'|[^\\s"'<>=]+))*`;
const INLINE_TAG = new RegExp(`</?(?:${INLINE})${ATTRIBUTES}\\s?/?>`, "gi");
const BLOCK_TAG = new RegExp(`</?(?:${BLOCK})${ATTRIBUTES}\\s?/?>`, "gi");
/** A heading that only says "Abstract" or "Summary". */
const ABSTRACT_HEADING = /^<(jats:)?title>\s?(?:abstract|summary)\s?<\/\1title>/i;
/** Inline tags in JATS: a space in their place would split words. */
const JATS_INLINE_TAG = new RegExp(
  `</?jats:(?:bold|italic|sub|sup|sc|monospace|underline|inline-formula|tex-math|alternatives|ext-link|xref|named-content|styled-content|roman|sans-serif)${ATTRIBUTES}\\s?/?>`,
  "gi",
);

/** Control characters except white space, text direction marks, soft hyphen, zero width space, byte order mark. */
const INVISIBLE = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u00ad\u200b\ufeff\ufffe\uffff]/gu;
const WHITE = /[\s\u0085]+/g;
/** Printable ASCII without markup, with single spaces: most input. */
const CLEAN = /^(?:[!-%'-;=-~]+(?: [!-%'-;=-~]+)*)?$/;
/** ASCII without white space: most identifiers. */
const PRINTABLE = /^[!-~]*$/;
/** Most rounds of decoding. Real files need two or three. */
const MAX_ROUNDS = 10;

/** The text to show, embed and search. Never throws; may be empty. */
export function cleanText(raw: string): string {
  let text = raw.trim();
  if (CLEAN.test(text)) return text;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const cleaned = once(text);
    if (cleaned === text) return text;
    text = cleaned;
  }
  // Nobody nests markup this deep. Without these two characters nothing is left to decode.
  return once(text.replace(/[&<]/g, " "));
}

function once(text: string): string {
  let cleaned = text;
  if (cleaned.includes("&")) cleaned = decodeHTMLStrict(cleaned.replace(/&(?:amp;)+/gi, "&amp;"));
  cleaned = cleaned.replace(WHITE, " ").replace(INVISIBLE, "");
  if (cleaned.includes("<")) {
    cleaned = cleaned
      .replace(ABSTRACT_HEADING, " ")
      .replace(INLINE_TAG, "")
      .replace(JATS_INLINE_TAG, "")
      .replace(BLOCK_TAG, " ")
      .replace(WHITE, " ");
  }
  return cleaned.normalize("NFC").trim();
}

/** Removes white space around an id, DOI or URL, and invisible characters; the rest is kept. */
export const cleanIdentifier = (raw: string): string =>
  PRINTABLE.test(raw) ? raw : raw.replace(WHITE, " ").replace(INVISIBLE, "").replace(WHITE, " ").trim();

export function excerpt(text: string, length = 60): string {
  const cleaned = cleanIdentifier(text.slice(0, length * 4));
  return cleaned.length <= length ? cleaned : `${cleaned.slice(0, length).replace(/[\ud800-\udbff]$/, "")}...`;
}

/** A full stop that ends a sentence, not one of an ellipsis or of an abbreviation such as "U.S.". */
const FULL_STOP = /(?<![.\s]|\.\p{L}{1,3})\.$/u;

/** Without the full stop that PubMed and DBLP write after each title. */
export const withoutFullStop = (title: string): string => title.trim().replace(FULL_STOP, "");
