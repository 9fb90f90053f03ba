/** OpenAlex, by filter or search. */
import { z } from "zod";
import { later, plusDays, serverDay } from "./days.js";
import { commonOptions, cursorSchema, daySchema, type Kind, textSchema } from "./kind.js";
import { addressOf, recordsIn, recordsOf, textAt } from "./parts.js";
import { SourceError } from "./source-error.js";

/** Works arrive late, and only a paid plan can ask for those that were added or changed since a day. */
const OVERLAP = 30;
const PAGE = 100;
/** Empty pages before the last one; then the walk ends. */
const MOST_EMPTY = 5;
export const FIELDS =
  "id,doi,title,display_name,ids,publication_date,publication_year,type,language,is_retracted,primary_location,locations," +
  "authorships,abstract_inverted_index,primary_topic,keywords";

const options = z
  .strictObject({
    ...commonOptions,
    filter: textSchema.optional().describe("As in OpenAlex's documentation: `topics.id:T10028,type:article`."),
    search: textSchema.optional().describe("Words."),
    since: daySchema.optional().describe("The first day of publication."),
  })
  .refine(({ filter, search }) => filter !== undefined || search !== undefined, {
    path: ["filter"],
    message: "expected a filter, or words to search for",
  });

const position = z.object({
  /** The server's day when the last walk began. */
  read: daySchema.optional(),
  walk: z
    .object({
      cursor: cursorSchema,
      /** The day of publication that a new walk begins with if the cursor has expired; works come newest first. */
      reached: daySchema.optional(),
      began: daySchema,
    })
    .optional(),
});
type Position = z.infer<typeof position>;

export const openalex: Kind<z.infer<typeof options>, Position> = {
  name: "openalex",
  summary: "works of OpenAlex, by filter or words",
  base: () => "https://api.openalex.org",
  options,
  position,
  keyHeaders: (key) => ({ authorization: `Bearer ${key}` }),
  async *pages(options, saved, { fetcher, base, now }) {
    const read = saved?.read;
    const from = read === undefined ? options.since : later(options.since ?? "", plusDays(read, -OVERLAP));
    let { cursor, reached, began } = saved?.walk ?? { cursor: "*", reached: undefined, began: undefined };
    // The cursor belongs to this filter.
    let until = cursor === "*" ? reached : undefined;
    let empty = 0;
    let refused: string | undefined;
    for (;;) {
      const filter = [
        options.filter,
        from === undefined ? undefined : `from_publication_date:${from}`,
        until === undefined ? undefined : `to_publication_date:${until}`,
      ].filter((one) => one !== undefined);
      const url = addressOf(base, "/works", {
        filter: filter.length === 0 ? undefined : filter.join(","),
        search: options.search,
        sort: "publication_date:desc",
        "per-page": Math.min(PAGE, options.max),
        select: FIELDS,
        cursor,
      });
      let answer;
      try {
        answer = await fetcher.ask(url, { expect: "json" });
      } catch (thrown) {
        if (cursor === "*" || !(thrown instanceof SourceError && [400, 404, 410, 422].includes(thrown.status ?? 0)))
          throw thrown;
        // The cursor has expired.
        if (refused === (reached ?? "")) throw thrown;
        refused = reached ?? "";
        [cursor, until] = ["*", reached];
        continue;
      }
      began ??= serverDay(answer.headers, now());
      const works = recordsIn(answer, url.hostname, "results");
      const next = textAt(answer.json, "meta", "next_cursor");
      const last = works.map((work) => textAt(work, "publication_date")).findLast((day) => day !== undefined);
      if (last !== undefined && daySchema.safeParse(last).success) reached = last;
      empty = works.length === 0 ? empty + 1 : 0;
      const page = { ...recordsOf(works), keys: works.map((work) => textAt(work, "id") ?? "") };
      if (next === undefined || next === cursor || empty === MOST_EMPTY) {
        yield { ...page, position: { read: began }, done: true };
        return;
      }
      cursor = next;
      const walk = { cursor, reached, began };
      yield { ...page, position: { read, walk } };
    }
  },
};
