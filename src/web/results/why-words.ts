/** An explanation in words. */
import type { Explain, SignalName } from "../../api.js";
import { count } from "../ui/wording.js";

type Signal = Explain["signals"][number];

/** What each signal is called in a table of what speaks for a paper. */
export const NAMES: Record<SignalName, string> = {
  words: "Words",
  abstract: "Abstract",
  sentence: "Best sentence",
  title: "Title",
  neighbours: "Papers like it",
  likes: "What you like",
  dislikes: "What you do not",
  votes: "Votes and comments",
  age: "Age",
};

const ENDINGS = new Map([
  ["one", "st"],
  ["two", "nd"],
  ["few", "rd"],
]);
const ordinals = new Intl.PluralRules("en", { type: "ordinal" });

/** `1st`, `22nd`, `113th`. */
export const ordinal = (place: number): string => `${place}${ENDINGS.get(ordinals.select(place)) ?? "th"}`;

const nearest = (place: number): string =>
  place === 1 ? "the nearest of all" : `the ${ordinal(place)} nearest of all`;

/** Signals whose place among all is worth a sentence, and how it begins. */
const SAID: Partial<Record<SignalName, string>> = {
  abstract: "its abstract is",
  sentence: "its best sentence is",
  title: "its title is",
  likes: "to what you like it is",
};
/** Places told of: the rest is in the table. */
const MOST = 2;

/** `Its abstract is the 3rd nearest of all; 4 of 5 words occur in it.` Empty when there is nothing to say. */
export function inWords({ signals, words }: Explain): string {
  const said = signals
    .flatMap(({ name, rank }) => {
      const begins = SAID[name];
      return begins === undefined || rank === null ? [] : [{ begins, rank }];
    })
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, MOST)
    .map(({ begins, rank }) => `${begins} ${nearest(rank)}`);
  if (words.length > 0) {
    const there = words.filter(({ weight }) => weight > 0).length;
    const [of, occur] = [count(words.length, "word"), there === 1 ? "occurs in it" : "occur in it"];
    if (words.length === 1) said.push(`the word ${there === 1 ? "occurs" : "does not occur"} in it`);
    else if (there === words.length) said.push(`all ${of} ${occur}`);
    else said.push(`${there === 0 ? "none" : there} of ${of} ${occur}`);
  }
  const [first = "", ...others] = said;
  return first === "" ? "" : `${first[0]!.toUpperCase()}${first.slice(1)}${others.map((one) => `; ${one}`).join("")}.`;
}

/** How wide the bar of each is, 0 to 1 of the widest. */
export function widthsOf(values: readonly number[]): number[] {
  const widest = Math.max(...values.map(Math.abs), 0);
  return values.map((value) => (widest === 0 ? 0 : Math.abs(value) / widest));
}

/** Signals in the order of what they add; those that said nothing of the paper and took nothing are left out. */
export const telling = (signals: readonly Signal[]): Signal[] =>
  signals
    .filter(({ rank, contribution }) => rank !== null || contribution !== 0)
    .toSorted((a, b) => b.contribution - a.contribution);
