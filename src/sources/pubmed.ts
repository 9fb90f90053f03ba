/** PubMed, by query, through NCBI's E-utilities. */
import { z } from "zod";
import type { Answer } from "./fetch.js";
import { dayOf, daysBetween, earlier, plusDays, serverDay } from "./days.js";
import { commonOptions, type Context, daySchema, type Kind, textSchema } from "./kind.js";
import { addressOf, numberAt, part, textAt, unexpected } from "./parts.js";
import { SourceError } from "./source-error.js";
import { visitElements } from "./xml.js";

/** Without `since`, the first walk begins so many days back. */
const DAYS_BACK = 30;
const OVERLAP = 2;
/** A search gives no more ids than these. */
const MOST_IDS = 9_999;
/** Records of one request. With thousands, answers break off without an error. */
const PAGE = 200;

const options = z.strictObject({
  ...commonOptions,
  query: textSchema.describe("As on the page of PubMed."),
  since: daySchema.optional().describe("The first day on which records were added."),
});

const position = z.object({
  /** Records that were added before this day are left out. */
  start: daySchema,
  /** The server's day when the last walk began. */
  read: daySchema.optional(),
  walk: z
    .object({
      /** First what was added, then what was changed. */
      changed: z.boolean(),
      /** The first day that is not read, and the last PubMed id of it that is, in the order of ids. */
      from: daySchema,
      days: z.number().int().min(1),
      after: z.number().int().min(0),
      began: daySchema,
    })
    .optional(),
});
type Position = z.infer<typeof position>;

export const pubmed: Kind<z.infer<typeof options>, Position> = {
  name: "pubmed",
  summary: "papers of PubMed, by query",
  base: () => "https://eutils.ncbi.nlm.nih.gov/entrez/eutils",
  options,
  position,
  async *pages(options, saved, context) {
    const today = dayOf(context.now());
    const { start, read } = saved ?? { start: options.since ?? plusDays(today, -DAYS_BACK), read: undefined };
    const first = earlier(today, read === undefined ? start : plusDays(read, -OVERLAP));
    let walk: Omit<NonNullable<Position["walk"]>, "began"> & { began?: string } = saved?.walk ?? {
      changed: false,
      from: first,
      days: daysBetween(first, today) + 1,
      after: 0,
    };
    for (;;) {
      const { changed, from, days, after } = walk;
      const until = plusDays(from, days - 1);
      const last = until >= today;
      const search = await ask(context, "esearch.fcgi", "json", {
        // What was changed, but not what is older than the start.
        term: changed ? `(${options.query}) AND ${start.replaceAll("-", "/")}:3000[edat]` : options.query,
        datetype: changed ? "mdat" : "edat",
        mindate: from.replaceAll("-", "/"),
        maxdate: last ? "3000" : until.replaceAll("-", "/"),
        retmode: "json",
        retmax: String(MOST_IDS),
      });
      const began = walk.began ?? serverDay(search.headers, context.now());
      const { count, ids, remarks } = idsIn(search, new URL(context.base).hostname);
      if (count > ids.length && days > 1) {
        walk = { ...walk, days: Math.ceil(days / 2) };
        continue;
      }
      if (count > ids.length) {
        remarks.push(
          `${count} records of ${from} match, and PubMed gives no more than ${ids.length}: use a narrower query`,
        );
      }
      const state = { start, read };
      const left = ids.filter((id) => id > after);
      for (let i = 0; i < left.length; i += PAGE) {
        const asked = left.slice(i, i + PAGE);
        const pages = [await fetchRecords(context, asked)];
        const got = new Set(pages.flatMap(({ found }) => found));
        const missing = asked.filter((id) => !got.has(id));
        if (missing.length > 0) pages.push(await fetchRecords(context, missing));
        const found = new Set(pages.flatMap((page) => page.found));
        if (found.size < asked.length)
          remarks.push(
            `PubMed did not send ${asked.length - found.size} records that it lists, among them ${asked.find((id) => !found.has(id))}`,
          );
        const position = { ...state, walk: { changed, from, days, began, after: asked.at(-1)! } };
        // The position is past these records when the last of them are stored.
        const parts = pages.filter((page) => page.found.length > 0);
        for (const { bytes, found: ofPart } of parts.slice(0, -1)) yield { bytes, count: ofPart.length };
        const rest = parts.at(-1);
        yield { ...(rest === undefined ? { count: 0 } : { bytes: rest.bytes, count: rest.found.length }), position };
      }
      if (last && (changed || read === undefined)) {
        yield { count: 0, position: { start, read: began }, done: true, remarks };
        return;
      }
      walk = last
        ? { changed: true, from: first, days: daysBetween(first, today) + 1, after: 0, began }
        : { changed, from: plusDays(until, 1), days, after: 0, began };
      yield { count: 0, position: { ...state, walk: { ...walk, began } }, remarks };
    }
  },
};

/** With POST, so that the key is in no address. */
export function ask(
  { fetcher, base, key, contact }: Context,
  path: string,
  expect: "json" | "xml",
  form: Record<string, string>,
): Promise<Answer> {
  return fetcher.ask(addressOf(base, `/${path}`), {
    expect,
    form: {
      db: "pubmed",
      tool: "kindred",
      ...(contact === undefined ? {} : { email: contact }),
      ...(key === undefined ? {} : { api_key: key }),
      ...form,
    },
  });
}

export function idsIn({ json }: Answer, hostname: string): { count: number; ids: number[]; remarks: string[] } {
  const result = part(json, "esearchresult");
  const error = textAt(result, "ERROR");
  if (error !== undefined) throw new SourceError(`${hostname} answered: ${error.slice(0, 300)}`, { passing: true });
  const list = part(result, "idlist");
  const count = numberAt(result, "count");
  if (!Array.isArray(list) || count === undefined) throw unexpected(json, hostname);
  const ids = list.map(Number).filter((id) => Number.isSafeInteger(id) && id > 0);
  const unknown = part(result, "errorlist", "phrasesnotfound");
  const remarks =
    Array.isArray(unknown) && unknown.length > 0
      ? [`PubMed knows no "${String(unknown[0]).slice(0, 100)}", which is in the query`]
      : [];
  return { count, ids: ids.toSorted((a, b) => a - b), remarks };
}

const PMID = new Set(["PMID"]);

/** Records by their ids, and which of them came. */
export async function fetchRecords(
  context: Context,
  ids: readonly number[],
): Promise<{ bytes: Buffer; found: number[] }> {
  const { bytes } = await ask(context, "efetch.fcgi", "xml", { id: ids.join(","), retmode: "xml" });
  const found: number[] = [];
  await visitElements(bytes.toString(), new URL(context.base).hostname, PMID, ({ path, text }) => {
    // Not those of references and corrections.
    const parent = path.at(-2);
    if (path.length === 4 && (parent === "MedlineCitation" || parent === "BookDocument")) found.push(Number(text));
  });
  return { bytes, found };
}
