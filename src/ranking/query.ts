/**
 * The query language: plain words and conditions: `"exact phrase"`, `-word`, `syn*`, `author:`, `title:`, `venue:`,
 * `category:`, `year:2019..2022`. A `-` or `NOT` before a condition excludes it; parentheses group. `AND` means the same as a
 * space; `OR` binds more tightly, and makes alternatives of its two sides. Plain words are not conditions, unless they are an
 * alternative to one. Anything that does not parse is searched as words.
 */
import type { Restriction } from "../api.js";
import { phraseOf, termsIn } from "../core/text.js";

/** A longer query is a text, such as a pasted abstract, in which quotes and colons are not operators. */
const LONGEST = 300;

export type Query = {
  /** The text to search by words and meaning: plain words and those of phrases; empty if there are only conditions. */
  text: string;
  /** Only the plain words. */
  words: string;
  restrictions: Restriction[];
  /** Terms of `text` that are prefixes of words. */
  beginnings: string[];
  /** Whether AND, OR or NOT was read as an operator. */
  operators: boolean;
  /** Sentences for the user about parts that were not understood. */
  notes: string[];
};

/** A part of a query between white space, or in parentheses. */
type Unit =
  | { is: "words"; source: string }
  /** `text` is the part to search. */
  | { is: "condition"; restriction: Restriction; text: string; beginnings: string[] }
  | { is: "all" | "any"; not: boolean; of: Unit[] };

const QUOTES = `"“”„‟«»`;
const QUOTED = `"[^"]+"|[“”„‟«»][^${QUOTES}]+[“”„‟«»]`;
/** A field with its value, a phrase, or a word, up to the end of the clause. */
const PART = new RegExp(
  String.raw`(?<not>-)?(?:(?<field>author|title|venue|category|year):(?:(?<quoted>${QUOTED})|(?<value>[^\s${QUOTES}]+))` +
    String.raw`|(?<phrase>${QUOTED})|(?<word>\p{N}*\p{L}[^\s${QUOTES}]*))(?<end>[,;.?!]*)(?=\s|$)`,
  "iuy",
);
const OPERATOR = /(AND|OR|NOT)(?=[\s(]|$)/y;
const CHUNK = /\S+/y;
const SPACE = /\s*/y;
/** A prefix: at least two letters or digits, and a `*`. */
const BEGINNING = /^(?<beginning>[^*]*[\p{L}\p{N}]{2})\*[,;.?!]*$/u;
/** Words after which a name continues: `author:van der maaten`. */
const PARTICLES = new Set("van von vom der den de del della dos das da la el al ter ten zu zur bin ibn".split(" "));
const INITIAL = /^\p{L}\.?$/u;
const INITIALS = /^(?:\p{Lu}\.-?)+,?$/u;

/** `behavio*r`, `*itis`: a `*` followed by letters, unless it is mathematics. */
const AMID = /(?:^|\p{L}{2})\*\p{L}{2}|\p{L}{2}\?\p{L}/u;
/** Operators and field tags of other search engines. */
const FOREIGN =
  /\b(?:NEAR|ADJ|PRE|W)\/?\d+\b|\bTITLE-ABS(?:-KEY)?\(|\[(?:tiab|tw|ti|ab|au|all fields|mh|mesh[^\]]*|majr|dp|pt)\]/iu;

export function parseQuery(q: string): Query {
  const operators = /(?<!\S)\(*(?:AND|OR|NOT)(?=[\s(])/u.test(q);
  const asWords = (text: string, notes: string[]): Query => ({
    text,
    words: text,
    restrictions: [],
    beginnings: [],
    operators: false,
    notes,
  });
  if (q.length > LONGEST || q.includes("\n"))
    return asWords(
      q,
      operators
        ? [
            `A query of more than ${LONGEST} characters or several lines is searched as a text: AND, OR, NOT, quotes and ` +
              `fields in it are not understood. Ask for its parts one after the other.`,
          ]
        : [],
    );
  const notes: string[] = [];
  // In a query all in capitals, operators cannot be distinguished from words.
  const shouted = !/[\p{Ll}\p{Lo}]/u.test(q) && !new RegExp(`[${QUOTES}]`, "u").test(q);
  if (shouted && /\sNOT\s/u.test(q))
    notes.push("Where all is in capitals NOT is a word: write -word for papers without it.");
  const foreign = FOREIGN.exec(q)?.[0];
  if (foreign !== undefined) notes.push(`"${foreign}" is not understood: it was searched for as words.`);
  const parser = { operators: false, notes, shouted };
  const units = unitsIn(q, parser);
  const query: Query = { ...asWords("", notes), operators: parser.operators };
  const texts: string[] = [];
  const words: string[] = [];
  const add = (unit: Unit): void => {
    if (isPlain(unit)) for (const source of sourcesOf(unit)) [texts, words].forEach((each) => each.push(source));
    else if (unit.is === "all" && !unit.not) unit.of.forEach(add);
    else {
      const restriction = restrictionOf(unit);
      if (restriction === null) return;
      query.restrictions.push(restriction);
      const { text, beginnings } = wantedOf(unit);
      if (text !== "") texts.push(text);
      query.beginnings.push(...beginnings);
    }
  };
  units.forEach(add);
  // Only words: kept as written, including parentheses.
  if (query.restrictions.length === 0 && !parser.operators) return asWords(tidy(q), notes);
  return { ...query, text: tidy(texts.join(" ")), words: tidy(words.join(" ")) };
}

const tidy = (text: string): string => text.replaceAll(/\s+/gu, " ").trim();

type Parser = { operators: boolean; notes: string[]; shouted: boolean };
type Operator = { is: "AND" | "OR" | "NOT" };

/** The parts of a query, or of a group in parentheses. */
function unitsIn(q: string, parser: Parser): Unit[] {
  const read: (Unit | Operator)[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(q);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  for (match(SPACE); at < q.length; match(SPACE)) {
    const operator = parser.shouted ? null : match(OPERATOR);
    if (operator !== null) {
      read.push({ is: operator[1] as Operator["is"] });
      continue;
    }
    const not = q.startsWith("-(", at);
    const opening = not ? at + 1 : at;
    const closing = q[opening] === "(" ? closingOf(q, opening) : -1;
    if (closing >= 0) {
      const inner = { ...parser, operators: false };
      const of = unitsIn(q.slice(opening + 1, closing), inner);
      const group: Unit = { is: "all", not, of };
      parser.operators ||= inner.operators;
      // "(a survey)" is part of a text.
      read.push(isPlain(group) && !inner.operators ? { is: "words", source: q.slice(at, closing + 1) } : group);
      at = closing + 1;
      continue;
    }
    const start = at;
    const part = match(PART);
    const unit = part === null ? null : conditionIn(part, () => match(/\s+(?<next>[^\s"“”„‟«»():]+)(?=\s|$)/uy));
    if (unit === null) {
      if (part === null) match(CHUNK);
      const source = q.slice(start, at);
      if (AMID.test(source) && !/["“”„‟«»]/u.test(source))
        parser.notes.push(`"${source}" was searched for as it is: a * is understood at the end of a word.`);
      read.push({ is: "words", source });
    } else read.push(unit);
  }
  return joined(read, parser);
}

/** The position of the parenthesis that closes the one at `at`, if white space or the end follows it; otherwise -1. */
function closingOf(q: string, opening: number): number {
  let depth = 0;
  let quoted = false;
  for (let at = opening; at < q.length; at++) {
    if (q[at] === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (q[at] === "(") depth++;
    else if (q[at] === ")" && --depth === 0) return /^(?:\s|$)/u.test(q.slice(at + 1)) ? at : -1;
  }
  return -1;
}

/** Applies operators: NOT to the next unit, OR to the units on both sides. An operator without operands is a word. */
function joined(read: readonly (Unit | Operator)[], parser: Parser): Unit[] {
  const isOperator = (one: Unit | Operator | undefined): one is Operator =>
    one?.is === "AND" || one?.is === "OR" || one?.is === "NOT";
  const isUnit = (one: Unit | Operator | undefined): boolean => one !== undefined && !isOperator(one);
  const units: Unit[] = [];
  let alternative = false;
  for (let i = 0; i < read.length; i++) {
    const one = read[i]!;
    const next = read[i + 1]?.is === "NOT" ? read[i + 2] : read[i + 1];
    if (isOperator(one)) {
      // A text may start with "Not".
      if (units.length > 0 && isUnit(one.is === "NOT" ? read[i + 1] : next)) {
        parser.operators = true;
        if (one.is === "OR") alternative = true;
        if (one.is === "NOT") add(excluded(read[++i] as Unit));
      } else units.push({ is: "words", source: one.is });
    } else add(one);
  }
  return units;

  function add(unit: Unit): void {
    const before = units.at(-1);
    if (!alternative || before === undefined) units.push(unit);
    else if (before.is === "any" && !before.not) units[units.length - 1] = { ...before, of: [...before.of, unit] };
    else units[units.length - 1] = { is: "any", not: false, of: [before, unit] };
    alternative = false;
  }
}

function excluded(unit: Unit): Unit {
  if (unit.is === "words") {
    const value = unit.source.replace(/[,;.?!]+$/u, "");
    if (termsIn(value).length === 0) return unit;
    return condition({ is: /\p{L}/u.test(value) ? "word" : "phrase", not: true, value });
  }
  if (unit.is === "condition") return condition({ ...unit.restriction, not: true });
  return { ...unit, not: true };
}

const condition = (restriction: Restriction, text = "", beginnings: string[] = []): Unit => ({
  is: "condition",
  restriction,
  text: restriction.not ? "" : text,
  beginnings: restriction.not ? [] : beginnings,
});

/** @param more Reads the next word of the query. */
function conditionIn(part: RegExpExecArray, more: () => RegExpExecArray | null): Unit | null {
  const { field, quoted, value, phrase, word, end = "", not: sign } = part.groups!;
  const not = sign !== undefined;
  const unquoted = (text: string) => text.slice(1, -1);
  if (field !== undefined) {
    const name = field.toLowerCase();
    const written = quoted === undefined ? value! : unquoted(quoted);
    const whole = quoted === undefined && name === "author" ? written + restOfName(written, part, more) : written;
    const positive = fieldOf(name, quoted === undefined ? whole.replace(/[,;?!]+$|(?<!\.)\.$/u, "") : whole);
    return positive === null ? null : condition({ ...positive, not });
  }
  if (phrase !== undefined) {
    const positive = holding("phrase", unquoted(phrase));
    return positive === null ? null : condition({ ...positive, not }, unquoted(phrase) + end);
  }
  const beginning = BEGINNING.exec(word!)?.groups!["beginning"];
  if (beginning !== undefined) {
    const { terms } = phraseOf(beginning);
    return condition({ is: "word", not, value: `${beginning}*` }, beginning, terms.slice(-1));
  }
  return not ? condition({ is: "word", not, value: word! }) : null;
}

/** The rest of a name after `author:van`, `author:J.` or `author:Müller,`. */
function restOfName(first: string, part: RegExpExecArray, more: () => RegExpExecArray | null): string {
  let rest = "";
  for (let last = first; ;) {
    const upcoming = /^\s+(\S+)/u.exec(part.input.slice(part.index + part[0].length + rest.length))?.[1] ?? "";
    const goesOn = first.endsWith(",")
      ? INITIALS.test(upcoming)
      : PARTICLES.has(last.toLowerCase()) || INITIAL.test(last);
    if (!goesOn || /^(?:AND|OR|NOT|-.*)$/u.test(upcoming)) return rest;
    const next = more();
    if (next === null) return rest;
    rest += next[0];
    last = next.groups!["next"]!;
  }
}

/** Whether a unit consists only of words. */
const isPlain = (unit: Unit): boolean =>
  unit.is === "words" || (unit.is !== "condition" && !unit.not && unit.of.every(isPlain));

const sourcesOf = (unit: Unit): string[] =>
  unit.is === "words" ? [unit.source] : unit.is === "condition" ? [] : unit.of.flatMap(sourcesOf);

/** The text to search in a unit that is a condition. */
function wantedOf(unit: Unit): { text: string; beginnings: string[] } {
  if (unit.is === "words") return { text: unit.source, beginnings: [] };
  if (unit.is === "condition") return unit;
  const all = unit.not ? [] : unit.of.map(wantedOf);
  return { text: all.map(({ text }) => text).join(" "), beginnings: all.flatMap(({ beginnings }) => beginnings) };
}

/** A unit as a condition, in which words are conditions too. Null if it has no letter or digit. */
function restrictionOf(unit: Unit): Restriction | null {
  if (unit.is === "condition") return unit.restriction;
  if (unit.is === "words") {
    const positive = holding("word", unit.source);
    return positive === null ? null : { ...positive, not: false };
  }
  const of = unit.of.map(restrictionOf).filter((restriction) => restriction !== null);
  const [only] = of;
  if (only === undefined) return null;
  return of.length === 1 && !(unit.not && only.not) ? { ...only, not: unit.not || only.not } : { ...unit, of };
}

/** Restrictions in the syntax of the query language, to show how they were understood. */
export function spelled(restrictions: readonly Restriction[]): string {
  return restrictions
    .map((restriction) => {
      const sign = restriction.not ? "-" : "";
      if (restriction.is === "published") {
        const { from, to } = restriction;
        return `${sign}year:${from === to ? from : `${from ?? ""}..${to ?? ""}`}`;
      }
      if ("of" in restriction) {
        const operator = restriction.is === "all" ? " AND " : " OR ";
        return `${sign}(${restriction.of.map((one) => spelled([one])).join(operator)})`;
      }
      const { is, value } = restriction;
      if (is === "phrase") return `${sign}"${value}"`;
      if (is === "word") return `${sign}${value}`;
      return `${sign}${is}:${/\s/u.test(value) ? `"${value}"` : value}`;
    })
    .join(" ");
}

/** Whether a restriction is about words, which also count for ranking. */
export function isOfWords(restriction: Restriction): boolean {
  if (restriction.not) return false;
  if ("of" in restriction) return restriction.of.every(isOfWords);
  return restriction.is === "phrase" || restriction.is === "word";
}

type Positive = Restriction extends infer R ? (R extends Restriction ? Omit<R, "not"> : never) : never;

function holding(is: "phrase" | "word" | "author" | "title" | "venue", value: string): Positive | null {
  return termsIn(value).length === 0 ? null : { is, value };
}

function fieldOf(field: string, value: string): Positive | null {
  if (field === "category") return { is: "category", value };
  if (field !== "year") return holding(field as "author" | "title" | "venue", value);
  const years = /^(\d{4})?(\.\.|[-–])?(\d{4})?$/u.exec(value);
  if (years === null) return null;
  const [, from, range, to] = years;
  if (range === undefined) return from === undefined || to !== undefined ? null : { is: "published", from, to: from };
  if (from === undefined && to === undefined) return null;
  if (from !== undefined && to !== undefined && from > to) return { is: "published", from: to, to: from };
  return { is: "published", from, to };
}
