/** Options that several commands share, and how they are read. */
import { Command, InvalidArgumentError, Option } from "commander";
import { modeSchema, sortSchema, type Filters, type Sort } from "../api.js";
import { hasPapers, KindredError, openKindred, type Kindred, type OpenOptions } from "../kindred.js";

export const directoryOption = (): Option =>
  new Option("-d, --directory <folder>", "where the data lives").default("index").env("KINDRED_DIRECTORY");

export const jsonOption = (): Option => new Option("--json", "print JSON, for programs").default(false);

export const modeOption = (): Option =>
  new Option("--mode <mode>", "by words and meaning, by meaning, or by words")
    .choices(modeSchema.options)
    .default("hybrid");

/** A whole number in a range; anything else is told with what was got. */
export const integer =
  (low: number, high: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < low || value > high || text.trim() === "")
      throw new InvalidArgumentError(`got "${text}", expected a whole number from ${low} to ${high}.`);
    return value;
  };

const share = (text: string): number => {
  const value = Number(text);
  if (!(value >= 0 && value <= 1) || text.trim() === "")
    throw new InvalidArgumentError(`got "${text}", expected a number from 0 to 1.`);
  return value;
};

/** How much of the machine embedding may take, for the commands that embed. */
export function withWorkers(command: Command): Command {
  return command
    .option("--workers <number>", "threads that embed, 1 to 1024 (default: one a core)", integer(1, 1_024))
    .option("--polite", "keep the machine usable: fewer threads, on Linux at the lowest priority", false);
}

export type Workers = Pick<OpenOptions, "workers" | "polite">;

/** The values of an option that may be repeated. */
export const collect = (value: string, before: string[] = []): string[] => [...before, value];
const collectYears = (value: string, before: number[] = []): number[] => [...before, integer(0, 9999)(value)];

/** The filters, which every command that answers with papers takes. */
export function withFilters(command: Command): Command {
  return command
    .option("--from <date>", "published on or after (2017, 2017-06 or 2017-06-12)")
    .option("--to <date>", "published on or before")
    .option("--year <year>", "published in this year; may be repeated", collectYears)
    .option("--category <category>", "in this category (cs also finds cs.LG); may be repeated", collect)
    .option("--venue <name>", "the venue is called so, or holds these words where none is; may be repeated", collect)
    .option("--author <name>", "an author's name holds these words; may be repeated", collect)
    .option("--source <source>", "imported from this source; may be repeated", collect)
    .option("--listed <period>", "on a daily list in 2024-05-01, 2024-W18, 2024-05 or 2024")
    .option("--list <name>", "in one of your lists: likes, dislikes or your own; may be repeated", collect)
    .option(
      "--added-after <number>",
      "imported since: the newest of an earlier status",
      integer(0, Number.MAX_SAFE_INTEGER),
    )
    .option("--within <id>", "only this paper; may be repeated", collect);
}

/** How many hits, from where on, in which order. */
export function withPaging(command: Command): Command {
  return command
    .option("-n, --limit <number>", "papers to print, 1 to 500", integer(1, 500), 10)
    .option("--cursor <cursor>", '"next" of the answer before, for the page behind it')
    .addOption(new Option("--sort <order>", "order of the papers").choices(sortSchema.options))
    .option("--diversity <share>", "0 to 1: how much papers like one before them stand back", share)
    .option("--explain", "say of each paper what each witness said");
}

export type Asked = Filters & {
  directory: string;
  json: boolean;
  limit: number;
  cursor?: string;
  sort?: Sort;
  diversity?: number;
  explain?: boolean;
};

/** The part of a command's options that is the request itself. */
export function requestOf<O extends { directory: string; json: boolean }>({
  directory: _directory,
  json: _json,
  ...request
}: O): Omit<O, "directory" | "json"> {
  return request;
}

/** @throws KindredError `not-found`: what imports nothing should not leave an empty directory behind. */
export function expectPapers(directory: string): void {
  if (!hasPapers(directory))
    throw new KindredError(
      "not-found",
      `there are no papers in ${directory}: import some with "kindred import FILE", or name another folder with --directory`,
    );
}

/** Opens a directory that holds papers. */
export async function reading<T>(directory: string, work: (kindred: Kindred) => Promise<T>): Promise<T> {
  expectPapers(directory);
  return using({ directory }, (kindred) => {
    if (kindred.readOnly !== null)
      console.error(`kindred: ${directory} may only be read by this user: a copy of papers.db is read, as it is now`);
    return work(kindred);
  });
}

/** Opens a directory, does the work, closes it, whatever happens. */
export async function using<T>(options: OpenOptions, work: (kindred: Kindred) => Promise<T>): Promise<T> {
  const kindred = await openKindred(options);
  try {
    return await work(kindred);
  } finally {
    await kindred.close();
  }
}
