import { z } from "zod";
import { CLEARED, NOTICES } from "./notice.js";

/**
 * Limits of one record. A record with a title, abstract or id above its limit is reported and not imported; any other
 * field above its limit is left out, with a remark.
 */
export const LIMITS = {
  /** Characters of an id, DOI, URL, venue, author, or category. */
  name: 2_000,
  title: 5_000,
  abstract: 200_000,
  /** Entries in authors, categories, keywords. */
  list: 20_000,
} as const;

/** A date with as much precision as is known: `2017`, `2017-06` or `2017-06-12`. As strings, they sort by time. */
export const dateSchema = z
  .string()
  .regex(/^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/, "expected a date like 2017, 2017-06 or 2017-06-12")
  .refine((date) => date.length < 10 || isCalendarDay(date), "there is no such day");

function isCalendarDay(date: string): boolean {
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  const parsed = new Date(0);
  parsed.setUTCFullYear(year, month - 1, day);
  return parsed.getUTCMonth() === month - 1 && parsed.getUTCDate() === day;
}

const name = z.string().trim().min(1).max(LIMITS.name);
const names = z.array(name).max(LIMITS.list);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** A paper as one source describes it, from a format to the store. A missing field is unknown, not empty. */
export const recordSchema = z.strictObject({
  /** The id of the source, unchanged. */
  id: name.optional(),
  /** A citation key (BibTeX, RIS): unique only in its file, so it becomes the id only if no paper has it yet. */
  key: name.optional(),
  /** If the source has none, the first sentence of the abstract in brackets: see missing-title.ts. */
  title: z.string().trim().min(1).max(LIMITS.title),
  abstract: z.string().trim().min(1).max(LIMITS.abstract).optional(),
  authors: names.optional(),
  venue: name.optional(),
  categories: names.optional(),
  published: dateSchema.optional(),
  updated: dateSchema.optional(),
  /** Normalised: lower case, without resolver. */
  doi: name.optional(),
  /** Normalised: without version, without `arXiv:`. */
  arxiv: name.optional(),
  url: name.optional(),
  source: name.optional(),
  organization: name.optional(),
  /** The day it appeared in a daily list. */
  listed: dateSchema.optional(),
  upvotes: count.optional(),
  comments: count.optional(),
  keywords: names.optional(),
  notice: z.enum([...NOTICES, CLEARED]).optional(),
});
export type PaperRecord = z.infer<typeof recordSchema>;

const orNull = <S extends z.ZodType>(schema: S) => schema.nullable();

/** A paper as the API, the command line, the page and the library show it. */
export const paperSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  /** null if the source has none: then only the title is embedded, and `basis` is "title". */
  abstract: orNull(z.string()),
  authors: z.array(z.string()),
  venue: orNull(z.string()),
  categories: z.array(z.string()),
  published: orNull(z.string()),
  updated: orNull(z.string()),
  doi: orNull(z.string()),
  arxiv: orNull(z.string()),
  url: orNull(z.string()),
  source: orNull(z.string()),
  organization: orNull(z.string()),
  listed: orNull(z.string()),
  upvotes: orNull(z.int()),
  comments: orNull(z.int()),
  keywords: z.array(z.string()),
  notice: orNull(z.enum(NOTICES)).describe(
    "What was said about the paper after it had appeared: `retracted`, `withdrawn` by its authors or publisher, `concern` (an " +
      "expression of concern), or `deleted` by the service that it came from. null if nothing is known.",
  ),
  /** The text of the paper's vector. */
  basis: z.enum(["abstract", "title"]),
});
export type Paper = z.infer<typeof paperSchema>;
