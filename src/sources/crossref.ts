/** Crossref, by query or filter. */
import { z } from "zod";
import { dayOf, later, plusDays, serverDay } from "./days.js";
import { commonOptions, daySchema, type Kind, textSchema } from "./kind.js";
import { addressOf, numberAt, recordsIn, recordsOf, textAt } from "./parts.js";
import { SourceError } from "./source-error.js";

/** Without `since`, the first walk begins so many days back: a query alone matches millions. */
const DAYS_BACK = 30;
const OVERLAP = 1;
const PAGE = 500;
/** Lists that fail one after the other without reaching another day; then the run ends. */
const MOST_FAILURES = 6;
const FIELDS =
  "DOI,title,author,abstract,container-title,issued,URL,type,subject,update-to,updated-by,relation,created";

const options = z
  .strictObject({
    ...commonOptions,
    query: textSchema.optional().describe("Words."),
    filter: textSchema.optional().describe("As in Crossref's documentation: `issn:1234-5678,type:journal-article`."),
    since: daySchema.optional().describe("The first day on which works were registered."),
  })
  .refine(({ filter, query }) => filter !== undefined || query !== undefined, {
    path: ["filter"],
    message: "expected a filter or a query",
  });

const position = z.object({
  /** Works that were registered before this day are left out. */
  start: daySchema,
  /** The server's day when the last walk began. */
  read: daySchema.optional(),
  /** Works come in the order in which they were registered: up to this day they have come. */
  walk: z.object({ reached: daySchema, began: daySchema }).optional(),
});
type Position = z.infer<typeof position>;

export const crossref: Kind<z.infer<typeof options>, Position> = {
  name: "crossref",
  summary: "works registered at Crossref, by query or filter",
  base: () => "https://api.crossref.org",
  options,
  position,
  keyHeaders: (key) => ({ "crossref-plus-api-token": `Bearer ${key}` }),
  async *pages(options, saved, { fetcher, base, now }) {
    const { start, read } = saved ?? { start: options.since ?? plusDays(dayOf(now()), -DAYS_BACK), read: undefined };
    const changed = read === undefined ? undefined : plusDays(read, -OVERLAP);
    const rows = Math.min(PAGE, options.max);
    let { reached, began } = saved?.walk ?? { reached: start, began: undefined };
    // A list, and where it is read. The server remembers the place, and a request that is repeated may get the page after the
    // one that was lost. So each failure begins a list at the day that was reached, and so does each run.
    let [from, cursor, seen] = [reached, "*", 0];
    let failures = 0;
    let again = false;
    for (;;) {
      const filter = [
        options.filter,
        `from-created-date:${from}`,
        // Not the index date, which also changes with every citation.
        changed === undefined ? undefined : `from-update-date:${changed}`,
      ].filter((one) => one !== undefined);
      const url = addressOf(base, "/works", {
        query: options.query,
        filter: filter.join(","),
        sort: "created",
        order: "asc",
        select: FIELDS,
        rows,
        cursor,
      });
      let answer;
      try {
        answer = await fetcher.ask(url, { expect: "json", ...(cursor === "*" ? {} : { tries: 1 }) });
      } catch (thrown) {
        // 404: the cursor has expired, which takes minutes.
        const lost = thrown instanceof SourceError && (thrown.passing || thrown.status === 404);
        if (cursor === "*" || !lost || ++failures === MOST_FAILURES) throw thrown;
        [from, cursor, seen] = [reached, "*", 0];
        continue;
      }
      began ??= serverDay(answer.headers, now());
      const works = recordsIn(answer, url.hostname, "message", "items");
      const page = { ...recordsOf(works), keys: works.map((work) => textAt(work, "DOI") ?? "") };
      const day = textAt(works.at(-1), "created", "date-time")?.slice(0, 10) ?? "";
      if (daySchema.safeParse(day).success && later(day, reached) !== reached) [reached, failures] = [day, 0];
      seen += works.length;
      // The cursor stays the same text from page to page, so only a short page is the end, and not if works are missing.
      const next = textAt(answer.json, "message", "next-cursor");
      const total = numberAt(answer.json, "message", "total-results") ?? 0;
      if (next !== undefined && (works.length === rows || (works.length > 0 && seen < total))) cursor = next;
      else {
        if (seen >= total || again) {
          const remarks = seen < total ? [`${url.hostname} sent ${seen} of the ${total} works that it counts`] : [];
          yield { ...page, position: { start, read: began }, done: true, remarks };
          return;
        }
        [again, cursor, seen] = [true, "*", 0];
      }
      yield { ...page, position: { start, read, walk: { reached, began } } };
    }
  },
};
