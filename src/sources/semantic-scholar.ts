/** Semantic Scholar, by a query of its bulk search. */
import { z } from "zod";
import { later, plusDays, serverDay } from "./days.js";
import { commonOptions, cursorSchema, daySchema, type Kind, textSchema } from "./kind.js";
import { addressOf, part, recordsIn, recordsOf, textAt, unexpected } from "./parts.js";
import { SourceError } from "./source-error.js";

/** Papers arrive late, and there is no way to ask for those that were added since a day. */
const OVERLAP = 30;
export const FIELDS =
  "title,abstract,authors,venue,year,publicationDate,externalIds,url,fieldsOfStudy,publicationVenue,journal";

const options = z.strictObject({
  ...commonOptions,
  query: textSchema.describe("Words, with `+`, `|`, `-` and quotes."),
  since: daySchema.optional().describe("The first day of publication."),
  fieldsOfStudy: textSchema.optional().describe("Such as `Computer Science`; several with commas."),
  venue: textSchema.optional().describe("A venue; several with commas."),
  minCitations: z.number().int().min(0).optional().describe("The least number of citations."),
});

const position = z.object({
  /** The server's day when the last walk began. */
  read: daySchema.optional(),
  walk: z.object({ token: cursorSchema, began: daySchema }).optional(),
});
type Position = z.infer<typeof position>;

export const semanticScholar: Kind<z.infer<typeof options>, Position> = {
  name: "semantic-scholar",
  summary: "papers of Semantic Scholar, by query",
  base: () => "https://api.semanticscholar.org",
  options,
  position,
  keyHeaders: (key) => ({ "x-api-key": key }),
  async *pages(options, saved, { fetcher, base, now }) {
    const read = saved?.read;
    const from = read === undefined ? options.since : later(options.since ?? "", plusDays(read, -OVERLAP));
    let { token, began } = saved?.walk ?? { token: undefined, began: undefined };
    let refused = false;
    let restarted = false;
    for (;;) {
      const url = addressOf(base, "/graph/v1/paper/search/bulk", {
        query: options.query,
        fields: FIELDS,
        publicationDateOrYear: from === undefined ? undefined : `${from}:`,
        fieldsOfStudy: options.fieldsOfStudy,
        venue: options.venue,
        minCitationCount: options.minCitations,
        sort: "publicationDate:desc",
        token,
      });
      let answer;
      try {
        answer = await fetcher.ask(url, { expect: "json" });
      } catch (thrown) {
        const expired = thrown instanceof SourceError && [400, 404, 410].includes(thrown.status ?? 0);
        if (token === undefined || refused || !expired) throw thrown;
        // The token has expired, and nothing else says where the list was.
        [token, refused, restarted] = [undefined, true, true];
        continue;
      }
      began ??= serverDay(answer.headers, now());
      // An answer without papers may lack the list.
      const empty = part(answer.json, "data") === undefined && part(answer.json, "total") === 0;
      if (!empty && part(answer.json, "data") === undefined) throw unexpected(answer.json, url.hostname);
      const papers = empty ? [] : recordsIn(answer, url.hostname, "data");
      const page = { ...recordsOf(papers), keys: papers.map((paper) => textAt(paper, "paperId") ?? ""), restarted };
      restarted = false;
      const next = textAt(answer.json, "token");
      if (next !== undefined && (next === token || papers.length === 0))
        throw new SourceError(`${url.hostname} continues its list with the same page again and again`);
      if (next === undefined) {
        yield { ...page, position: { read: began }, done: true };
        return;
      }
      token = next;
      yield { ...page, position: { read, walk: { token, began } } };
    }
  },
};
