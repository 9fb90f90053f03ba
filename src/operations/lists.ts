import { z } from "zod";
import { canBeNamed } from "../list.js";

/** A list's name, as a person writes it. */
export const listNameSchema = z.string().trim().min(1).max(200);
/** The name of a list that is made, or given another: older ones keep theirs. */
export const newListNameSchema = listNameSchema.refine(
  canBeNamed,
  "expected a name other than . and .., without line breaks, control characters or marks of writing direction",
);
export const listsAnswerSchema = z.strictObject({
  /** `likes` and `dislikes` first, the others by name. */
  lists: z.array(
    z.strictObject({
      name: z.string(),
      created: z.string(),
      papers: z.int(),
      /** The one that was put in last at the end; also those of papers that are not here any more. */
      ids: z.array(z.string()),
    }),
  ),
  notes: z.array(z.strictObject({ id: z.string(), note: z.string(), changed: z.string() })),
});
export type ListsAnswer = z.infer<typeof listsAnswerSchema>;

export const createListSchema = z.strictObject({ list: newListNameSchema });
export const renameListSchema = z.strictObject({ list: z.string(), name: newListNameSchema });
export const deleteListSchema = z.strictObject({ list: z.string() });
/** A paper's place in a list. */
export const entrySchema = z.strictObject({ list: z.string(), id: z.string() });
