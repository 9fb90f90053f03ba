/** From the number of papers of each year to the bars of a histogram, and to those that a filter includes. */
import type { Facets } from "../../api.js";
import type { PageFilters } from "../navigation/address.js";

/** The years from `first` to `last`, both inclusive. */
export interface Bin {
  first: number;
  last: number;
  papers: number;
}

/** The most bars that can be distinguished, and clicked, in a side column. */
const MAX_BARS = 60;

/** Years of one bar. */
const WIDTHS = [1, 2, 5, 10, 20, 50, 100, 200];

/**
 * Bars from the first year to the last, including years without papers. All bars have the same number of years, except
 * that the outer ones end with the first and the last year.
 */
export function binsOf(years: Facets["years"]): Bin[] {
  const known = years.map(({ value, papers }) => ({ year: Number(value), papers }));
  const first = Math.min(...known.map(({ year }) => year));
  const last = Math.max(...known.map(({ year }) => year));
  if (known.length === 0) return [];
  const bars = (width: number): number => Math.floor(last / width) - Math.floor(first / width) + 1;
  const width = WIDTHS.find((one) => bars(one) <= MAX_BARS) ?? WIDTHS.at(-1)!;
  const start = Math.floor(first / width) * width;
  const bins = Array.from({ length: bars(width) }, (_, i) => ({
    first: Math.max(first, start + i * width),
    last: Math.min(last, start + (i + 1) * width - 1),
    papers: 0,
  }));
  for (const { year, papers } of known) bins[Math.floor((year - start) / width)]!.papers += papers;
  return bins;
}

/** Bars by index, both ends inclusive. */
export type Span = readonly [from: number, to: number];

/** The bars that the date filters include, at least in part; null without date filters, or when they include none. */
export function spanOf(bins: readonly Bin[], { from, to }: PageFilters): Span | null {
  if (from === undefined && to === undefined) return null;
  const begin = from === undefined ? -Infinity : Number(from.slice(0, 4));
  const end = to === undefined ? Infinity : Number(to.slice(0, 4));
  const taken = bins.flatMap(({ first, last }, i) => (last >= begin && first <= end ? [i] : []));
  return taken.length === 0 ? null : [taken[0]!, taken.at(-1)!];
}

/** The filters with the years of a span as dates; without dates for null, and for all bars. */
export function withSpan(filters: PageFilters, bins: readonly Bin[], span: Span | null): PageFilters {
  const { from: _from, to: _to, year: _year, ...others } = filters;
  if (span === null || (span[0] === 0 && span[1] === bins.length - 1)) return others;
  return { ...others, from: inFour(bins[span[0]]!.first), to: inFour(bins[span[1]]!.last) };
}

const inFour = (year: number): string => String(year).padStart(4, "0");

/** `2017`, or `2016 to 2019`. */
export const yearsInWords = (first: number, last: number): string =>
  first === last ? `${first}` : `${first} to ${last}`;

export const papersIn = (bins: readonly Bin[], [from, to]: Span): number =>
  bins.slice(from, to + 1).reduce((sum, { papers }) => sum + papers, 0);
