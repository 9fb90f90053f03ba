/** bioRxiv and medRxiv, day by day. */
import { z } from "zod";
import { dayOf, earlier, later, plusDays, serverDay } from "./days.js";
import { commonOptions, daySchema, type Kind } from "./kind.js";
import { addressOf, numberAt, part, recordsIn, recordsOf, textAt } from "./parts.js";

const DAYS_BACK = 7;
const OVERLAP = 2;
/** No day has so many versions. */
const MOST_OFFSET = 20_000;

const options = z.strictObject({
  ...commonOptions,
  server: z.enum(["biorxiv", "medrxiv"]).default("biorxiv").describe("Which of the two."),
  category: z
    .string()
    .regex(/^[a-z][a-z _-]{0,99}$/i, "expected a subject like neuroscience")
    .optional()
    .describe("A subject such as `neuroscience`."),
  since: daySchema.optional().describe("The first day on which versions were posted."),
});

const position = z.object({
  /** The server's day when the last walk began. */
  read: daySchema.optional(),
  walk: z.object({ day: daySchema, offset: z.number().int().min(0), began: daySchema }).optional(),
});
type Position = z.infer<typeof position>;

export const biorxiv: Kind<z.infer<typeof options>, Position> = {
  name: "biorxiv",
  summary: "preprints of bioRxiv or medRxiv",
  // The host of medRxiv ignores pages.
  base: () => "https://api.biorxiv.org",
  options,
  position,
  async *pages(options, saved, { fetcher, base, now }) {
    const today = dayOf(now());
    const read = saved?.read;
    const since = options.since ?? plusDays(today, -DAYS_BACK);
    const first = earlier(today, read === undefined ? since : later(options.since ?? "", plusDays(read, -OVERLAP)));
    let { day, offset, began } = saved?.walk ?? { day: first, offset: 0, began: undefined };
    const category = options.category?.toLowerCase().replaceAll(" ", "_");
    for (;;) {
      const path = `/details/${options.server}/${day}/${day}/${offset}/json`;
      const url = addressOf(base, path, { category });
      const answer = await fetcher.ask(url, { expect: "json" });
      began ??= serverDay(answer.headers, now());
      const posts = recordsIn(answer, url.hostname, "collection");
      const messages = part(answer.json, "messages");
      const message: unknown = Array.isArray(messages) ? messages[0] : undefined;
      // The server decides how long a page is, and says so.
      offset += numberAt(message, "count") || posts.length;
      // The total is not reliable: a day ends with an empty page.
      const ended = posts.length === 0 || offset >= MOST_OFFSET;
      const page = { ...recordsOf(posts), keys: posts.map((post) => textAt(post, "doi") ?? "") };
      if (ended && day >= today) {
        yield { ...page, position: { read: began }, done: true };
        return;
      }
      if (ended) [day, offset] = [plusDays(day, 1), 0];
      yield { ...page, position: { read, walk: { day, offset, began } } };
    }
  },
};
