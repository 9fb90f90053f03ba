import { z } from "zod";
import { dateSchema, LIMITS } from "../paper.js";
import { PERIOD } from "../period.js";
import { id, values } from "./fields.js";

/** Ids in `within`, and likes or dislikes in one request. */
export const MAX_IDS = 10_000;
const year = z.int().min(0).max(9999);
/** Two opposite corners of a part of the map, as `x0,y0,x1,y1` in its coordinates. */
const areaSchema = z
  .string()
  .max(LIMITS.name)
  .refine(
    (area) =>
      area.split(",").length === 4 && area.split(",").every((part) => /\d/.test(part) && isFinite(Number(part))),
    "expected four numbers with commas between them, x0,y0,x1,y1, as /api/map has them",
  );
/** Every filter that is given must hold; a list holds when any of its values does. */
export const filtersSchema = z.strictObject({
  from: dateSchema
    .optional()
    .describe(
      "Published on or after this date (2017, 2017-06 or 2017-06-12); a paper dated by its year counts as of 1 January.",
    ),
  to: dateSchema.optional().describe("Published on or before this date; a year or month counts to its end."),
  year: z.array(year).max(100).optional().describe("Published in one of these years."),
  category: values.optional().describe("In one of these categories, in any case; `cs` also finds `cs.LG`."),
  venue: values
    .optional()
    .describe(
      "A venue's whole name, as it is written; where no venue has it, words that the venue holds, in any case.",
    ),
  author: values
    .optional()
    .describe(
      "One author's name holds all these words, in any case, with or without accents; an initial stands for a name.",
    ),
  source: values.optional().describe("Imported from this source, spelt exactly."),
  listed: z
    .string()
    .regex(PERIOD, "expected a day, a week, a month or a year: 2024-05-01, 2024-W18, 2024-05 or 2024")
    .optional()
    .describe("On a daily list on this day, or in this week (2024-W18), month or year."),
  list: values
    .optional()
    .describe("In one of your lists: `likes`, `dislikes`, or one that you made; with a question, each must be there."),
  addedAfter: z
    .int()
    .min(0)
    .optional()
    .describe("Imported since: after the paper that was the `newest` of an earlier status."),
  within: z.array(id).max(MAX_IDS).optional().describe("Only these papers, by id."),
  area: areaSchema.optional().describe("Within this part of the map: x0,y0,x1,y1, two opposite corners."),
});
export type Filters = z.infer<typeof filtersSchema>;
