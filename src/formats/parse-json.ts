/**
 * Parses JSON, with bare NaN, Infinity and -Infinity read as null: Python's json module and data frames write them for
 * missing values.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const mended = withoutNaN(text);
    if (mended === text) throw error;
    return JSON.parse(mended);
  }
}

const BARE = /"|-?\b(?:NaN|Infinity)\b/g;

/** Replaces bare NaN and Infinity outside strings with null. */
function withoutNaN(text: string): string {
  if (!/NaN|Infinity/.test(text)) return text;
  let mended = "";
  let from = 0;
  BARE.lastIndex = 0;
  for (let match = BARE.exec(text); match !== null; match = BARE.exec(text)) {
    if (match[0] === '"') {
      const end = endOfString(text, BARE.lastIndex);
      if (end === -1) break;
      BARE.lastIndex = end;
      continue;
    }
    mended += `${text.slice(from, match.index)}null`;
    from = BARE.lastIndex;
  }
  return mended + text.slice(from);
}

/** The offset after the closing quotation mark of a string; -1 if there is none. */
function endOfString(text: string, from: number): number {
  let at = from;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return -1;
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\" && quote - 1 - backslashes >= from) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}
