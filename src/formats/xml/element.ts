/* oxlint-disable unicorn/prefer-add-event-listener -- the parser has properties for its events only */
import sax from "sax";
import { excerpt } from "../text.js";
import { localName } from "./cutter.js";
import { flatText } from "./text.js";

/** Deepest nesting of elements in one record. Real ones reach 15, with formulas 40. */
const MAX_DEPTH = 200;

/**
 * Prefixes of elements that mean something else than those without a prefix, in feeds: a `media:title` is that of a
 * picture. Only these are part of an element's name.
 */
const FOREIGN = /^(?:media|itunes|podcast|image|slash|thr):/;

/** An element of XML. Its name has no prefix. */
export class Element {
  readonly children: (Element | string)[] = [];
  private readonly asked = new Set<string>();

  constructor(
    readonly name: string,
    readonly attributes: Readonly<Record<string, string>> = {},
  ) {}

  /** The child elements with one of these names, which count as read. */
  all(...names: string[]): Element[] {
    for (const name of names) this.asked.add(name);
    return this.elements().filter(({ name }) => names.includes(name));
  }

  /** The first descendant on this path of names, or an empty element. */
  at(...path: string[]): Element {
    return path.reduce<Element>((element, name) => element.all(name)[0] ?? new Element(name), this);
  }

  elements(): Element[] {
    return this.children.filter((child) => typeof child !== "string");
  }

  /** All text in it, where other elements than those for typography separate words. Empty if there is none. */
  get text(): string {
    return flatText(this);
  }

  /** The value of the attribute, with any prefix; empty if there is none. */
  attribute(name: string): string {
    const found = Object.keys(this.attributes).find((one) => localName(one) === name);
    return found === undefined ? "" : (this.attributes[found] ?? "");
  }

  /** Names of child elements that have text and were not asked for. */
  unread(): string[] {
    const unread = this.elements().filter((child) => !this.asked.has(child.name) && child.text.trim() !== "");
    return [...new Set(unread.map(({ name }) => name))];
  }
}

/** Stops the parser, which would go on after an error. */
class Stop extends Error {}

/** The element that a text consists of, or the reason why it is not well-formed, with a line counted from `line`. */
export function parseElement(text: string, line: number): Element | { problem: string } {
  const parsed = parse(text, line);
  return "problem" in parsed && LONE.test(text) ? parse(text.replace(LONES, escaped), line) : parsed;
}

/** A `&` that starts no entity, and a `<` that starts no markup: frequent in feeds. */
const LONE = /&(?!#?\w+;)|<(?![\p{L}_:/!?])/u;
const LONES = new RegExp(LONE, "gu");
const escaped = (character: string): string => (character === "&" ? "&amp;" : "&lt;");

/** `&#x;`, which stays as it is. */
const HARMLESS = /^Invalid character entity/;

/**
 * Entities of XML and HTML as characters; all others as they are written, whatever a DOCTYPE says. They are not errors,
 * because dialects define some.
 */
const entities = (known: Record<string, string>): Record<string, string> =>
  new Proxy(known, {
    get: (_, name) => (typeof name !== "string" || name.startsWith("#") ? undefined : (known[name] ?? `&${name};`)),
  });

function parse(text: string, line: number): Element | { problem: string } {
  const parser = sax.parser(true, { position: true });
  parser.ENTITIES = entities(parser.ENTITIES);
  const open: Element[] = [];
  let root: Element | undefined;
  parser.onopentag = ({ name, attributes }) => {
    if (open.length >= MAX_DEPTH) throw new Stop(`elements are nested more than ${MAX_DEPTH} deep`);
    const element = new Element(FOREIGN.test(name) ? name : localName(name), attributes as Record<string, string>);
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  };
  parser.onclosetag = () => {
    open.pop();
  };
  parser.ontext = parser.oncdata = (piece: string) => {
    open.at(-1)?.children.push(piece);
  };
  parser.onerror = (error) => {
    const [what = ""] = error.message.split("\n");
    if (!HARMLESS.test(what))
      throw new Stop(`not well-formed XML (${excerpt(what)} in line ${line + parser.line}): ${excerpt(text)}`);
    parser.resume();
  };
  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof Stop) return { problem: error.message };
    throw error;
  }
  return root ?? { problem: `not XML: ${excerpt(text)}` };
}
