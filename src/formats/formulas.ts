/**
 * Escapes cells that a spreadsheet would run as formulas: a title from a file must not run code where an export is
 * opened. An apostrophe in front makes them text (OWASP, "CSV Injection").
 *
 * A text that already starts with apostrophes and such a character gets one more, so that removing one restores every
 * text.
 */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;

export const protectedCell = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

export const plainCell = (cell: string): string => (cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell);
