/** Addresses for e-mail. */

/** RFC 5321, 4.5.3.1: of an address and of the part before the @, in octets. */
const LONGEST = 254;
const LONGEST_LOCAL = 64;
/** RFC 5322, dot-atom. Quoted local parts exist, but no provider gives them out. */
const LOCAL = /^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
const LABEL = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/;

/**
 * One address in the form in which it is sent to: the domain in lower case, and in Punycode if it has letters beyond ASCII.
 * Undefined if the text is anything else, such as two addresses, a name with an address, or an address with a line break.
 */
export function emailAddress(text: string): string | undefined {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, at);
  // A program such as sendmail would take an address that starts with a dash for an option.
  if (at < 1 || local.length > LONGEST_LOCAL || !LOCAL.test(local) || local.startsWith("-")) return undefined;
  const domain = asciiDomain(text.slice(at + 1));
  if (domain === undefined || local.length + 1 + domain.length > LONGEST) return undefined;
  return `${local}@${domain}`;
}

function asciiDomain(domain: string): string | undefined {
  // Only letters, digits, marks, dots and hyphens: URL would also read a port, a path or a percent-encoded sign.
  if (!/^[\p{L}\p{N}\p{M}.-]{1,253}$/u.test(domain)) return undefined;
  let ascii: string;
  try {
    ascii = new URL(`http://${domain}/`).hostname;
  } catch {
    return undefined;
  }
  const labels = ascii.split(".");
  const isName = labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? "");
  return isName && (labels.length > 1 || ascii === "localhost") ? ascii : undefined;
}

/** An address that strangers may see: `a…@example.org`. */
export const maskedAddress = (address: string): string => address.replace(/^(.).*@/, "$1…@");
