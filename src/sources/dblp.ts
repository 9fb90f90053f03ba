/** DBLP, by query. */
import { z } from "zod";
import { serverDay } from "./days.js";
import { commonOptions, daySchema, type Kind, textSchema } from "./kind.js";
import { addressOf, numberAt, part, recordsOf, textAt, unexpected } from "./parts.js";

const PAGE = 1_000;
/** The service sends no more hits than about so many. */
const MOST_HITS = 10_000;

const options = z.strictObject({
  ...commonOptions,
  query: textSchema.describe("Words, or a query as in DBLP's documentation."),
});
const position = z.object({
  /** The server's day when the last walk began. */
  read: daySchema.optional(),
  walk: z.object({ first: z.number().int().min(0), began: daySchema }).optional(),
});
type Position = z.infer<typeof position>;

export const dblp: Kind<z.infer<typeof options>, Position> = {
  name: "dblp",
  summary: "publications listed by DBLP, by query",
  base: () => "https://dblp.org",
  options,
  position,
  async *pages(options, saved, { fetcher, base, now }) {
    // There is no way to ask for what is new: the whole list is read each time.
    let { first, began } = saved?.walk ?? { first: 0, began: undefined };
    for (;;) {
      const url = addressOf(base, "/search/publ/api", {
        q: options.query,
        format: "json",
        h: Math.min(PAGE, options.max),
        f: first,
        c: 0,
      });
      const answer = await fetcher.ask(url, { expect: "json" });
      began ??= serverDay(answer.headers, now());
      const hits = part(answer.json, "result", "hits");
      const total = numberAt(hits, "@total");
      if (total === undefined) throw unexpected(answer.json, url.hostname);
      // Without hits there is no list; a single hit may come without one.
      const hit = part(hits, "hit");
      const found = (Array.isArray(hit) ? hit : hit === undefined ? [] : [hit]) as unknown[];
      first += found.length;
      const page = { ...recordsOf(found), keys: found.map((one) => textAt(one, "info", "key") ?? "") };
      if (found.length === 0 || first >= Math.min(total, MOST_HITS)) {
        const remarks =
          first < total
            ? [`${url.hostname} sent ${first} of ${total} hits, which is as many as it sends: use a narrower query`]
            : [];
        yield { ...page, position: { read: began }, done: true, remarks };
        return;
      }
      const read = saved?.read;
      yield { ...page, position: { read, walk: { first, began } } };
    }
  },
};
