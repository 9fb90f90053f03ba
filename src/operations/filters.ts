/** The filters of every request that answers with papers. */
import { z } from "zod";
import { dateSchema, LIMITS } from "../core/paper.js";
import { PERIOD } from "../core/period.js";
import { id, values } from "./fields.js";

/** Ids in `within`. */
export const MAX_IDS = 10_000;
const year = z.int().min(0).max(9999);
/** Two opposite corners of a rectangle in the coordinates of the map: `x0,y0,x1,y1`. */
const areaSchema = z
  .string()
  .max(LIMITS.name)
  .refine(
    (area) =>
      area.split(",").length === 4 && area.split(",").every((part) => /\d/.test(part) && isFinite(Number(part))),
    "expected four numbers separated by commas, x0,y0,x1,y1, in the coordinates of /api/map",
  );
/** A paper must pass every filter that is given; it passes a filter with several values if it matches any of them. */
export const filtersSchema = z.strictObject({
  from: dateSchema
    .optional()
    .describe(
      "Published on or after this date (2017, 2017-06 or 2017-06-12). A paper with only a year counts as of 1 January.",
    ),
  to: dateSchema.optional().describe("Published on or before this date; a year or a month includes its last day."),
  year: z.array(year).max(100).optional().describe("Published in one of these years."),
  category: values.optional().describe("In one of these categories, ignoring case; `cs` includes `cs.LG`."),
  venue: values
    .optional()
    .describe(
      "The exact name of the venue; if no venue has that name, venues that contain these words, ignoring case.",
    ),
  author: values
    .optional()
    .describe(
      "One author's name contains all these words, ignoring case and accents; an initial matches any name that starts with it.",
    ),
  source: values.optional().describe("Imported from this source, spelled exactly."),
  listed: z
    .string()
    .regex(PERIOD, "expected a day, a week, a month or a year: 2024-05-01, 2024-W18, 2024-05 or 2024")
    .optional()
    .describe("On a daily list on this day, or in this week (2024-W18), month (2024-05) or year."),
  list: values
    .optional()
    .describe("In one of your lists: `likes`, `dislikes` or a list you made. A search fails if there is no such list."),
  addedAfter: z.int().min(0).optional().describe("Imported after the paper that was `newest` in an earlier status."),
  within: z.array(id).max(MAX_IDS).optional().describe("Only the papers with these ids."),
  area: areaSchema.optional().describe("In this rectangle of the map, given by two opposite corners: x0,y0,x1,y1."),
});
export type Filters = z.infer<typeof filtersSchema>;

/** A condition from the query: only these papers or, with `not`, all others. */
export type Restriction = { not: boolean } & (
  | { is: "author" | "title" | "venue" | "category"; value: string }
  /** The words one after the other in title or abstract, compared without case, accents and punctuation. */
  | { is: "phrase"; value: string }
  /**
   * The word or another of its stem, in title, abstract or keywords; for `syn*`, a word that starts so, or one of its
   * stem.
   */
  | { is: "word"; value: string }
  /** All of them, or any of them. */
  | { is: "all" | "any"; of: readonly Restriction[] }
  /** Years, both inclusive. */
  | { is: "published"; from: string | undefined; to: string | undefined }
);

/** The papers to search: those that pass the filters of the request and the conditions of the query. */
export type Selection = Filters & { restrictions?: readonly Restriction[] };
