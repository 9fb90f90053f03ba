/** Reads the few elements of a page that a walk needs. Papers are read by `formats`. */
import sax from "sax";
import { pauses } from "../core/pauses.js";
import { SourceError } from "./source-error.js";

export interface Element {
  /** The local names from the root. */
  path: readonly string[];
  attributes: Readonly<Record<string, string>>;
  /** The text directly in it. */
  text: string;
  /** Character offsets of the element in the page. */
  start: number;
  end: number;
}

const DEEPEST = 100;
/** Characters that are parsed before other work gets its turn. */
const PIECE = 64 * 1024;

/**
 * Calls `visit` at the end of each element whose local name is in `names`. Entities that a document defines are not expanded.
 *
 * @throws SourceError if the page is not well-formed, or ends early.
 */
export async function visitElements(
  page: string,
  hostname: string,
  names: ReadonlySet<string>,
  visit: (element: Element) => void,
): Promise<void> {
  const parser = sax.parser(true, {});
  const path: string[] = [];
  const open: { attributes: Record<string, string>; text: string; start: number }[] = [];
  const fail = (why: string): SourceError =>
    new SourceError(`${hostname} sent XML that cannot be read: ${why.split("\n")[0]!.slice(0, 200)}`);
  const add = (text: string): void => {
    const inner = open.at(-1);
    if (inner !== undefined && names.has(path.at(-1)!)) inner.text += text;
  };
  Object.assign(parser, {
    onerror: (error: Error) => {
      throw fail(error.message);
    },
    onopentag: ({ name, attributes }: sax.Tag) => {
      if (path.length === DEEPEST) throw fail("its elements are nested too deeply");
      path.push(name.slice(name.indexOf(":") + 1));
      open.push({ attributes, text: "", start: parser.startTagPosition - 1 });
    },
    ontext: add,
    oncdata: add,
    onclosetag: () => {
      const { attributes, text, start } = open.pop()!;
      const name = path.at(-1)!;
      if (names.has(name)) visit({ path: [...path], attributes, text: text.trim(), start, end: parser.position });
      path.pop();
    },
  });
  const pause = pauses();
  for (let at = 0; at < page.length; at += PIECE) {
    parser.write(page.slice(at, at + PIECE));
    await pause();
  }
  if (path.length > 0) throw fail("it ends early");
  parser.close();
}
