/** Hugging Face's daily papers. */
import { z } from "zod";
import { dayOf, earlier, later, plusDays, serverDay } from "./days.js";
import { commonOptions, daySchema, type Kind } from "./kind.js";
import { addressOf, recordsIn, recordsOf } from "./parts.js";

const DAYS_BACK = 7;
/** Votes and comments grow for days, so the last days are read again. */
const OVERLAP = 7;
const PAGE = 100;
/** No day has so many pages. */
const MOST_PAGES = 50;

const options = z.strictObject({ ...commonOptions, since: daySchema.optional().describe("The first day.") });
const position = z.object({
  /** The server's day when the last walk began. */
  read: daySchema.optional(),
  walk: z.object({ day: daySchema, page: z.number().int().min(0), began: daySchema }).optional(),
});
type Position = z.infer<typeof position>;

export const dailyPapers: Kind<z.infer<typeof options>, Position> = {
  name: "daily-papers",
  summary: "Hugging Face's daily papers, with their votes",
  base: () => "https://huggingface.co",
  options,
  position,
  keyHeaders: (key) => ({ authorization: `Bearer ${key}` }),
  async *pages(options, saved, { fetcher, base, now }) {
    const today = dayOf(now());
    const read = saved?.read;
    const since = options.since ?? plusDays(today, -DAYS_BACK);
    const first = earlier(today, read === undefined ? since : later(options.since ?? "", plusDays(read, -OVERLAP)));
    let { day, page, began } = saved?.walk ?? { day: first, page: 0, began: undefined };
    let before: Buffer | undefined;
    for (;;) {
      const url = addressOf(base, "/api/daily_papers", { date: day, limit: PAGE, p: page });
      const answer = await fetcher.ask(url, { expect: "json" });
      began ??= serverDay(answer.headers, now());
      const papers = recordsIn(answer, url.hostname);
      // The day ends with an empty page. A server that does not know pages would send the first one again.
      const ended = papers.length === 0 || page === MOST_PAGES || (before?.equals(answer.bytes) ?? false);
      before = ended ? undefined : answer.bytes;
      if (!ended) page++;
      else if (day < today) [day, page] = [plusDays(day, 1), 0];
      else {
        yield { count: 0, position: { read: began }, done: true };
        return;
      }
      const next = { read, walk: { day, page, began } };
      yield { ...recordsOf(ended ? [] : papers), position: next };
    }
  },
};
