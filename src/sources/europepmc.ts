/** Europe PMC, by query. */
import { z } from "zod";
import { plusDays, serverDay } from "./days.js";
import { commonOptions, cursorSchema, daySchema, type Kind, textSchema } from "./kind.js";
import { addressOf, numberAt, recordsIn, recordsOf, textAt } from "./parts.js";
import { SourceError } from "./source-error.js";

const OVERLAP = 2;
const PAGE = 200;

const options = z.strictObject({
  ...commonOptions,
  query: textSchema.describe("As on the page of Europe PMC."),
  since: daySchema.optional().describe("The first day on which records were there."),
});

const position = z.object({
  /** The server's day when the last walk began. */
  read: daySchema.optional(),
  walk: z.object({ cursor: cursorSchema, seen: z.number().int().min(0), began: daySchema }).optional(),
});
type Position = z.infer<typeof position>;

export const europepmc: Kind<z.infer<typeof options>, Position> = {
  name: "europepmc",
  summary: "papers of Europe PMC, by query",
  base: () => "https://www.ebi.ac.uk/europepmc/webservices/rest",
  options,
  position,
  async *pages(options, saved, { fetcher, base, now }) {
    const read = saved?.read;
    const query = [
      `(${options.query})`,
      ...(options.since === undefined ? [] : [`(FIRST_IDATE:[${options.since} TO 3000-12-31])`]),
      ...(read === undefined ? [] : [`(UPDATE_DATE:[${plusDays(read, -OVERLAP)} TO 3000-12-31])`]),
    ].join(" AND ");
    const first = { cursor: "*", seen: 0, began: undefined as string | undefined };
    let { cursor, seen, began } = saved?.walk ?? first;
    let refused = false;
    let restarted = false;
    for (;;) {
      const url = addressOf(base, "/search", {
        query,
        format: "json",
        // Without it there are no abstracts.
        resultType: "core",
        pageSize: Math.min(PAGE, options.max),
        sort: "P_PDATE_D desc",
        cursorMark: cursor,
      });
      let answer;
      let records;
      try {
        answer = await fetcher.ask(url, { expect: "json" });
        // An error comes with the status 200 and without a list.
        records = recordsIn(answer, url.hostname, "resultList", "result");
      } catch (thrown) {
        // The cursor may have expired; the list is then read from its start.
        if (cursor === "*" || refused || !(thrown instanceof SourceError) || thrown.passing) throw thrown;
        ({ cursor, seen } = first);
        [refused, restarted] = [true, true];
        continue;
      }
      began ??= serverDay(answer.headers, now());
      seen += records.length;
      const page = {
        ...recordsOf(records),
        keys: records.map((record) => `${textAt(record, "source") ?? ""}:${textAt(record, "id") ?? ""}`),
        restarted,
      };
      restarted = false;
      // The list has ended when the cursor comes back, with an empty page.
      const next = textAt(answer.json, "nextCursorMark");
      if (next === undefined || next === cursor || records.length === 0) {
        const total = numberAt(answer.json, "hitCount") ?? 0;
        const remarks = seen < total ? [`${url.hostname} sent ${seen} of the ${total} records that it counts`] : [];
        yield { ...page, position: { read: began }, done: true, remarks };
        return;
      }
      cursor = next;
      yield { ...page, position: { read, walk: { cursor, seen, began } } };
    }
  },
};
