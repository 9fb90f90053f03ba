/** Additional papers with features that the sample lacks: sources, votes, nested categories, odd names and ids. */
import type { Kindred } from "../../src/kindred.js";
import { bytesOf, jsonLines } from "./serving.js";

const CATEGORIES = [["cs"], ["cs.LG", "stat.ML"], ["cs.CL"], ["css"], ["CS.LG"], []];
const AUTHORS = [["Émilie du Châtelet"], ["du Bois, W. E. B.", "Ada Lovelace"], ["ADA Byron"], ["Jean-Luc Björn"], []];
const SOURCES = ["feed", "Feed", "bookshelf", undefined];
const DATES = ["2019", "2019-03", "2019-03-31", "2020-02-29", undefined];

export const EXTRA = Array.from({ length: 40 }, (_, i) => ({
  id: `extra/${i} é%`,
  title: `Field notes on tortoise number ${i}`,
  abstract: `Tortoise number ${i} walked ${i * 7} metres in one day. It slept under a hedge for the rest of the year.`,
  authors: AUTHORS[i % AUTHORS.length],
  categories: CATEGORIES[i % CATEGORIES.length],
  source: SOURCES[i % SOURCES.length],
  published: DATES[i % DATES.length],
  venue: i % 3 === 0 ? "Annals of Slow Beasts" : undefined,
  listed: i % 5 === 0 ? "2024-05-0" + (1 + (i % 3)) : undefined,
  upvotes: i % 4 === 0 ? undefined : (i * 13) % 10,
}));

export async function addExtra(kindred: Kindred): Promise<void> {
  await kindred.import(bytesOf(jsonLines(...EXTRA)));
  await kindred.index();
}
