/**
 * The one rule by which text from a file becomes text of a paper, whatever the format.
 *
 * - Entities of HTML that end in a semicolon are decoded.
 * - Tags of HTML, JATS and MathML that are known by name go, and what they hold stays; those that end a line or a
 *   paragraph leave a space. Anything else between angle brackets is text: `x < y` stays.
 * - Control characters, invisible characters and half surrogate pairs go; any white space becomes one space.
 * - Unicode is in normal form C.
 *
 * The outcome is text, never markup, and cleaning it again changes nothing: markup that only appears once other markup
 * is gone (`&amp;lt;`) is treated alike.
 */
import { decodeHTMLStrict } from "entities";

const INLINE =
  "a|abbr|b|bold|big|cite|code|em|ext-link|font|i|inf|italic|monospace|named-content|roman|s|sans-serif|sc|scp|small|span|strike|strong|styled-content|sub|sup|tt|u|underline|xref|inline-formula|tex-math|alternatives|mml:[a-z]+|math|mi|mn|mo|mrow|msub|msup|msubsup|mtext|mspace|mfrac|msqrt|mover|munder|munderover|mstyle|semantics|annotation";
const BLOCK =
  "abstract|abstracttext|blockquote|br|dd|div|dl|dt|disp-formula|h[1-6]|hr|label|li|list|list-item|ol|p|pre|sec|section|table|tbody|td|th|title|tr|ul|jats:[a-z-]+";
/** Attributes are asked for in full, so that "a <b and c> d" is not taken for a tag. */
const ATTRIBUTES = `(?:\\s[\\w:.-]+\\s?=\\s?(?:"[^"<>]*"|'[^'<>]*'|[^\\s"'<>=]+))*`;
const INLINE_TAG = new RegExp(`</?(?:${INLINE})${ATTRIBUTES}\\s?/?>`, "gi");
const BLOCK_TAG = new RegExp(`</?(?:${BLOCK})${ATTRIBUTES}\\s?/?>`, "gi");
/** A heading that says no more than that this is the abstract. */
const ABSTRACT_HEADING = /^<(jats:)?title>\s?(?:abstract|summary)\s?<\/\1title>/i;
/** JATS marks up words with these too, where a space would split the word. */
const JATS_INLINE_TAG = new RegExp(
  `</?jats:(?:bold|italic|sub|sup|sc|monospace|underline|inline-formula|tex-math|alternatives|ext-link|xref|named-content|styled-content|roman|sans-serif)${ATTRIBUTES}\\s?/?>`,
  "gi",
);

/** Control characters that are not white space, those for text direction; soft hyphen, zero width space, byte order mark. */
const INVISIBLE = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u00ad\u200b\ufeff\ufffe\uffff]/gu;
const WHITE = /[\s\u0085]+/g;
/** Printable ASCII without markup and with single spaces: most of what comes. */
const CLEAN = /^(?:[!-%'-;=-~]+(?: [!-%'-;=-~]+)*)?$/;
/** ASCII without white space: most identifiers. */
const PRINTABLE = /^[!-~]*$/;
/** Rounds of decoding. Real files need two or three. */
const MAX_ROUNDS = 10;

/** Text as it is shown, embedded and searched. Never throws; may be empty. */
export function cleanText(raw: string): string {
  let text = raw.trim();
  if (CLEAN.test(text)) return text;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const cleaned = once(text);
    if (cleaned === text) return text;
    text = cleaned;
  }
  // Markup nested this deep is no text anyone wrote. Without these two characters nothing is left to decode.
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

/** An id, a DOI or a web address: white space around it and characters nobody sees go, the rest is kept as it is. */
export const cleanIdentifier = (raw: string): string =>
  PRINTABLE.test(raw) ? raw : raw.replace(WHITE, " ").replace(INVISIBLE, "").replace(WHITE, " ").trim();

/** The beginning of a text, for a message. */
export function excerpt(text: string, length = 60): string {
  const cleaned = cleanIdentifier(text.slice(0, length * 4));
  return cleaned.length <= length ? cleaned : `${cleaned.slice(0, length).replace(/[\ud800-\udbff]$/, "")}...`;
}
