/** DataCite, by query. */
import { z } from "zod";
import { dayOf, plusDays, serverDay } from "./days.js";
import { commonOptions, cursorSchema, daySchema, type Kind, textSchema } from "./kind.js";
import { addressOf, numberAt, part, recordsIn, recordsOf, textAt } from "./parts.js";
import { SourceError } from "./source-error.js";

/** Without `since`, the first walk begins so many days back. */
const DAYS_BACK = 30;
const OVERLAP = 1;
const PAGE = 200;

const options = z
  .strictObject({
    ...commonOptions,
    query: textSchema.optional().describe("Words, or a query as in DataCite's documentation."),
    client: textSchema.optional().describe("The id of a repository, such as `cern.zenodo`."),
    resourceType: textSchema.optional().describe("Such as `text` or `dataset`."),
    since: daySchema.optional().describe("The first day on which records were added."),
  })
  .refine(({ query, client }) => query !== undefined || client !== undefined, {
    path: ["query"],
    message: "expected a query, or the id of a repository (client)",
  });

const position = z.object({
  /** Records that were added before this day are left out. */
  start: daySchema,
  /** The server's day when the last walk began. */
  read: daySchema.optional(),
  walk: z.object({ cursor: cursorSchema, seen: z.number().int().min(0), began: daySchema }).optional(),
});
type Position = z.infer<typeof position>;

export const datacite: Kind<z.infer<typeof options>, Position> = {
  name: "datacite",
  summary: "records of DataCite, by query or repository",
  base: () => "https://api.datacite.org",
  options,
  position,
  async *pages(options, saved, { fetcher, base, now }) {
    const { start, read } = saved ?? { start: options.since ?? plusDays(dayOf(now()), -DAYS_BACK), read: undefined };
    const query = [
      options.query === undefined ? undefined : `(${options.query})`,
      `created:[${start} TO *]`,
      read === undefined ? undefined : `updated:[${plusDays(read, -OVERLAP)} TO *]`,
    ].filter((one) => one !== undefined);
    // Any text that is no cursor begins a list.
    let { cursor, seen, began } = saved?.walk ?? { cursor: "1", seen: 0, began: undefined };
    const before = new Set<string>();
    for (;;) {
      const url = addressOf(base, "/dois", {
        query: query.join(" AND "),
        "client-id": options.client,
        "resource-type-id": options.resourceType,
        sort: "updated",
        "disable-facets": "true",
        affiliation: "false",
        "page[size]": Math.min(PAGE, options.max),
        "page[cursor]": cursor,
      });
      const answer = await fetcher.ask(url, { expect: "json" });
      began ??= serverDay(answer.headers, now());
      const records = recordsIn(answer, url.hostname, "data");
      seen += records.length;
      const page = { ...recordsOf(records), keys: records.map((record) => textAt(record, "id") ?? "") };
      // Of the address of the next page only the cursor is taken: the rest stays what was asked.
      const next = cursorIn(textAt(answer.json, "links", "next"));
      if (next === undefined || records.length === 0) {
        const total = numberAt(part(answer.json, "meta"), "total") ?? 0;
        const remarks = seen < total ? [`${url.hostname} sent ${seen} of the ${total} records that it counts`] : [];
        yield { ...page, position: { start, read: began }, done: true, remarks };
        return;
      }
      if (before.has(next)) throw new SourceError(`${url.hostname} sends the same page again and again`);
      before.add(next);
      cursor = next;
      yield { ...page, position: { start, read, walk: { cursor, seen, began } } };
    }
  },
};

function cursorIn(link: string | undefined): string | undefined {
  if (link === undefined) return undefined;
  try {
    return new URL(link, "https://api.datacite.org").searchParams.get("page[cursor]") ?? undefined;
  } catch {
    return undefined;
  }
}
