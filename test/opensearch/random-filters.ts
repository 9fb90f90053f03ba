/** Random filters made of what some papers have, the same in every run. */
import type { Restriction, Selection } from "../../src/api.js";
import type { PaperRecord } from "../../src/core/paper.js";
import { randomNumbers } from "../vectors/random.js";

export function randomFilters(papers: readonly PaperRecord[], count: number): Selection[] {
  const random = randomNumbers(7);
  const below = (end: number) => Math.floor(random() * end);
  const pick = <T>(of: readonly T[]): T => of[below(of.length)]!;
  const having = <K extends keyof PaperRecord>(field: K): NonNullable<PaperRecord[K]> => {
    for (;;) {
      const value = pick(papers)[field];
      if (value !== undefined && (!Array.isArray(value) || value.length > 0)) return value;
    }
  };
  /** Some words of a text that follow one another; the last may be cut and end in `*`. */
  const some = (text: string, most: number): string => {
    const words = text.split(" ");
    const from = below(words.length);
    const taken = words.slice(from, from + 1 + below(most));
    const last = taken.pop()!;
    const cut = random() < 0.3 ? `${last.slice(0, 1 + below(last.length))}*` : last;
    return [...taken, cut].join(" ");
  };
  /** A part of a name, with its words in any order and some of them as initials. */
  const author = (): string => {
    const words = pick(having("authors")).split(/[ .]+/).filter(Boolean);
    const chosen = words.filter(() => random() < 0.7).toSorted(() => random() - 0.5);
    const initial = below(chosen.length);
    const parts = chosen.map((word, i) => (i === initial && random() < 0.6 ? word.slice(0, 1) : word));
    return some((parts.length === 0 ? words : parts).join(pick([" ", ", ", ". "])), 3);
  };
  const date = () => having("published").slice(0, pick([4, 7, 10]));
  const restriction = (depth: number): Restriction => {
    const not = random() < 0.3;
    if (depth < 2 && random() < 0.3) {
      const of = Array.from({ length: 1 + below(3) }, () => restriction(depth + 1));
      return { is: pick(["all", "any"] as const), of, not };
    }
    switch (below(6)) {
      case 0:
        return { is: "published", from: date(), to: undefined, not };
      case 1:
        return { is: "title", value: some(having("title"), 3), not };
      case 2:
        return { is: "venue", value: some(having("venue"), 2), not };
      case 3:
        return { is: "phrase", value: some(random() < 0.5 ? having("title") : having("abstract"), 4), not };
      case 4:
        return { is: "word", value: some(random() < 0.5 ? having("title") : having("abstract"), 2), not };
      default:
        return { is: "author", value: author(), not };
    }
  };
  const filters: (() => Selection)[] = [
    () => ({ from: date() }),
    () => ({ to: date() }),
    () => ({ year: [Number(date().slice(0, 4)), Number(date().slice(0, 4))] }),
    () => ({ category: [pick([pick(having("categories")), pick(having("categories")).split(".")[0]!.toUpperCase()])] }),
    () => ({ venue: [random() < 0.5 ? having("venue") : some(having("venue"), 2)] }),
    () => ({ author: [author(), author()].slice(below(2)) }),
    () => ({ within: Array.from({ length: 20 }, () => having("id")) }),
    () => ({ addedAfter: below(papers.length) }),
    () => ({ restrictions: [restriction(0)] }),
    () => ({ restrictions: [restriction(0), restriction(0)] }),
  ];
  return Array.from({ length: count }, () => ({ ...pick(filters)(), ...(random() < 0.2 && pick(filters)()) }));
}
