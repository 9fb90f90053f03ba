import { z } from "zod";
import { canBeNamed } from "../core/list.js";

/** The name of a list, in any case. */
export const listNameSchema = z.string().trim().min(1).max(200);
/** A name that is given to a list now: older lists keep names that are not allowed any more. */
export const newListNameSchema = listNameSchema.refine(
  canBeNamed,
  "expected a name other than . and .., without line breaks, control characters or marks of writing direction",
);

export const listsAnswerSchema = z.strictObject({
  /** `likes` and `dislikes` first, then the others by name. */
  lists: z.array(
    z.strictObject({
      name: z.string(),
      created: z.string(),
      papers: z.int(),
      /** Last added at the end; includes papers that have been removed. */
      ids: z.array(z.string()),
    }),
  ),
  notes: z.array(z.strictObject({ id: z.string(), note: z.string(), changed: z.string() })),
});
export type ListsAnswer = z.infer<typeof listsAnswerSchema>;

export const createListSchema = z.strictObject({ list: newListNameSchema });
export const renameListSchema = z.strictObject({ list: z.string(), name: newListNameSchema.describe("The new name.") });
export const deleteListSchema = z.strictObject({ list: z.string() });
/** A paper's place in a list. */
export const entrySchema = z.strictObject({ list: z.string(), id: z.string() });
