/**
 * Cells of a table that a spreadsheet would take for formulas: a title from somebody's file must not run on the machine
 * of whoever opens an export. An apostrophe in front makes them text (OWASP, "CSV Injection").
 *
 * What begins with an apostrophe and such a character by itself gets one more, so that taking one away gives back every
 * text as it was.
 */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;

export const protectedCell = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

export const plainCell = (cell: string): string => (cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell);
