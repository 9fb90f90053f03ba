/** arXiv, through OAI-PMH with the format `arXiv`. */
import { z } from "zod";
import { dayOf, earlier, later, plusDays } from "./days.js";
import { commonOptions, cursorSchema, daySchema, type Kind, type Page } from "./kind.js";
import { SourceError } from "./source-error.js";
import { type Element, visitElements } from "./xml.js";

/** The first datestamp that the service accepts. */
const FIRST_DAY = "2005-09-16";
/** Without `since`, the first walk begins so many days back. */
const DAYS_BACK = 7;
/** The last days are read again: records may have moved while they were read, and answers about today are cached. */
const OVERLAP = 2;
/** Days of one request. Fewer when they do not fit on one page, more when there is room. */
const FIRST_WINDOW = 8;
const LONGEST_WINDOW = 64;
const FEW_RECORDS = 600;

/** Archives of the group physics; all others are groups themselves. */
const PHYSICS = new Set(
  "astro-ph cond-mat gr-qc hep-ex hep-lat hep-ph hep-th math-ph nlin nucl-ex nucl-th physics quant-ph".split(" "),
);

/** `cs.CL` is the set `cs:cs:CL`, `hep-th` is `physics:hep-th`, and `cs` is `cs`. */
export function setOf(category: string): string {
  const [archive = "", subject] = category.split(".");
  const group = PHYSICS.has(archive) ? "physics" : archive;
  if (subject !== undefined) return `${group}:${archive}:${subject}`;
  return group === archive && archive !== "physics" ? archive : `${group}:${archive}`;
}

const options = z.strictObject({
  ...commonOptions,
  category: z
    .array(z.string().regex(/^[a-z][a-z-]*(?:\.[A-Za-z-]+)?$/, "expected a category like cs.CL or hep-th"))
    .min(1)
    .max(200)
    .describe("A category such as `cs.CL`, or an archive such as `math`."),
  since: daySchema.optional().describe("Papers that were submitted or changed before this day are left out."),
});

const position = z.object({
  /** Papers before this day are left out. */
  start: daySchema,
  /** Everything before this day was read. */
  read: daySchema.optional(),
  /** A walk that has not ended. */
  walk: z
    .object({
      /** Which of the categories. */
      set: z.number().int().min(0),
      /** The first day that is not read completely, and how many days to ask for. */
      from: daySchema,
      days: z.number().int().min(1),
      /** The rest of a day that does not fit on one page. */
      token: cursorSchema.optional(),
      /** The server's day when the walk began. */
      began: daySchema,
    })
    .optional(),
});
type Position = z.infer<typeof position>;

export const arxiv: Kind<z.infer<typeof options>, Position> = {
  name: "arxiv",
  summary: "papers of arXiv by category",
  base: () => "https://oaipmh.arxiv.org/oai",
  options,
  position,
  async *pages(options, saved, { fetcher, base, now }) {
    const sets = options.category.map(setOf);
    const { start, read } = saved ?? { start: options.since ?? plusDays(dayOf(now()), -DAYS_BACK), read: undefined };
    const yesterday = plusDays(dayOf(now()), -1);
    const first = earlier(yesterday, later(FIRST_DAY, read === undefined ? start : plusDays(read, -OVERLAP)));
    let walk = saved?.walk;
    let refused: string | undefined;
    for (;;) {
      const { set, from, days, token } = walk ?? { set: 0, from: first, days: FIRST_WINDOW };
      const until = plusDays(from, days - 1);
      const last = until >= yesterday;
      const url = new URL(base);
      url.search = new URLSearchParams(
        token === undefined
          ? {
              verb: "ListRecords",
              metadataPrefix: "arXiv",
              set: sets[set]!,
              from,
              ...(last ? {} : { until }),
            }
          : { verb: "ListRecords", resumptionToken: token },
      ).toString();
      const answer = await fetcher.ask(url, { expect: "xml" });
      const list = await readList(answer.bytes.toString(), url.hostname, start);
      const began = walk?.began ?? list.day ?? dayOf(now());
      if (list.error?.code === "badResumptionToken" && token !== undefined) {
        if (refused === from)
          throw new SourceError(`${url.hostname} refuses the continuation of its own list of ${from} again and again`);
        // The token has expired: the day is read again.
        refused = from;
        walk = { set, from, days, began };
        continue;
      }
      if (list.error !== undefined && list.error.code !== "noRecordsMatch")
        throw new SourceError(`${url.hostname} answered ${list.error.code}: ${list.error.message}`);
      if (list.token !== undefined && (list.token === token || list.count === 0))
        throw new SourceError(`${url.hostname} continues its list with the same page again and again`);
      // Tokens count records, so if one of them changes meanwhile, the next page misses one. Days that fit on a page do not.
      if (list.token !== undefined && days > 1) {
        walk = { set, from, days: Math.max(1, Math.floor(days / 2)), began };
        continue;
      }
      const longer = token === undefined && list.count < FEW_RECORDS ? Math.min(LONGEST_WINDOW, days * 2) : days;
      const page: Page<Position> = { ...list.page };
      if (list.token !== undefined) walk = { set, from, days, token: list.token, began };
      else if (!last) walk = { set, from: plusDays(until, 1), days: longer, began };
      else if (set + 1 < sets.length) walk = { set: set + 1, from: first, days: FIRST_WINDOW, began };
      else {
        yield { ...page, position: { start, read: began }, done: true };
        return;
      }
      yield { ...page, position: { start, read, walk } };
    }
  },
};

const ELEMENTS = new Set("error responseDate resumptionToken identifier header created updated record".split(" "));

interface List {
  page: Pick<Page<never>, "bytes" | "count" | "deleted">;
  /** Records on the page, with those that are left out. */
  count: number;
  day?: string;
  token?: string;
  error?: { code: string; message: string };
}

/** Reads a page of records, and leaves out those that were submitted and changed before `start`. */
async function readList(xml: string, hostname: string, start: string): Promise<List> {
  const list: List = { page: { count: 0 }, count: 0 };
  const deleted: string[] = [];
  const dropped: Element[] = [];
  let [identifier, newest, gone] = ["", "", false];
  let protocol = false;
  await visitElements(xml, hostname, ELEMENTS, (element) => {
    const { path, attributes, text } = element;
    if (path[0] === "OAI-PMH") protocol = true;
    switch (path.at(-1)) {
      case "responseDate":
        if (/^\d{4}-\d\d-\d\d/.test(text)) list.day = text.slice(0, 10);
        break;
      case "error":
        if (path.length === 2) list.error = { code: attributes["code"] ?? "an error", message: text.slice(0, 300) };
        break;
      case "resumptionToken":
        if (text !== "") list.token = text;
        break;
      case "identifier":
        identifier = text;
        break;
      case "header":
        gone = attributes["status"] === "deleted";
        break;
      case "created":
      case "updated":
        newest = later(newest, text);
        break;
      default:
        list.count++;
        if (gone) deleted.push(identifier.replace(/^oai:arXiv\.org:/i, "arXiv:"));
        if (gone || (newest !== "" && newest < start)) dropped.push(element);
        [identifier, newest, gone] = ["", "", false];
    }
  });
  if (!protocol) throw new SourceError(`${hostname} answered with XML that is not OAI-PMH`);
  const count = list.count - dropped.length;
  list.page = {
    count,
    ...(count === 0 ? {} : { bytes: Buffer.from(without(xml, dropped)) }),
    ...(deleted.length === 0 ? {} : { deleted }),
  };
  return list;
}

function without(page: string, elements: readonly Element[]): string {
  let [rest, at] = ["", 0];
  for (const { start, end } of elements) {
    rest += page.slice(at, start);
    at = end;
  }
  return rest + page.slice(at);
}
