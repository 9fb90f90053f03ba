/**
 * Writes an id or the name of a list as one segment of a URL path. Percent-encoding is not enough: browsers resolve `.`
 * and `..` before sending, and proxies decode `%2F`, merge slashes and resolve again.
 */
import { KindredError } from "./errors.js";

const PREFIX = "base64url:";
/** Texts that no browser, client or proxy changes. */
const PLAIN = /^\w(?:[\w.:-]*\w)?$/;

/** The canonical form of a segment, which the web page and documented clients send. */
export const SEGMENT = `^(\\w([\\w.:-]*\\w)?|${PREFIX}[\\w-]*)$`;

/** A text as a segment: unchanged if nothing can alter its meaning, else its UTF-8 bytes as base64url. */
export const segmentOf = (text: string): string =>
  PLAIN.test(text) && !text.startsWith(PREFIX) ? text : PREFIX + base64url(new TextEncoder().encode(text));

/**
 * The text of a segment that the router has percent-decoded.
 *
 * @throws KindredError `invalid` when it starts with `base64url:` followed by anything else.
 */
export function textOf(segment: string): string {
  if (!segment.startsWith(PREFIX)) return segment;
  try {
    const digits = segment.slice(PREFIX.length);
    const bytes = Uint8Array.from(atob(digits.replaceAll("-", "+").replaceAll("_", "/")), (byte) => byte.charCodeAt(0));
    // Accepts only one spelling of each text: atob would skip blanks and ignore spare bits.
    if (base64url(bytes) === digits) return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Reported below.
  }
  throw new KindredError(
    "invalid",
    `the address: got "${segment.slice(0, 100)}", expected the UTF-8 bytes of an id or a name in base64url after "${PREFIX}"`,
  );
}

const base64url = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
