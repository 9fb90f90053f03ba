/** Submissions from OpenReview's API, whose fields are `{value}` since version 2. */
import { type Draft, finish, type Outcome } from "./draft.js";
import { type Fields, isObject, type JsonObject } from "./fields.js";

export const isOpenReviewNote = (object: JsonObject): boolean =>
  isObject(object["content"]) && "title" in object["content"] && "forum" in object;

export function readOpenReviewNote(content: Fields, object: JsonObject, note: Fields): Outcome {
  const take = (name: string): unknown => {
    const field = content.take(name);
    return isObject(field) && "value" in field ? field["value"] : field;
  };
  const forum = note.take("forum");
  const draft: Draft = {
    title: take("title"),
    abstract: take("abstract"),
    authors: take("authors"),
    venue: take("venue"),
    published: ["pdate", "odate", "cdate", "tcdate"].map((name) => dayOf(note.take(name))),
    url: typeof forum === "string" ? `https://openreview.net/forum?id=${encodeURIComponent(forum)}` : undefined,
    keywords: take("keywords"),
  };
  return finish(draft, { found: Object.keys(object) });
}

/** The day of a time in milliseconds. */
function dayOf(time: unknown): string | undefined {
  return typeof time === "number" && time > 0 && time < 8.64e15 ? new Date(time).toISOString().slice(0, 10) : undefined;
}
