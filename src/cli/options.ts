/** Options that several commands share, and how they are read. */
import { Command, InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { hasPapers, KindredError, openKindred, type Kindred, type OpenOptions } from "../kindred.js";
import { unwrapped } from "../core/validate.js";
import { engineFrom } from "./engine.js";

export const directoryOption = (): Option =>
  new Option("-d, --directory <folder>", "where the data lives").default("index").env("KINDRED_DIRECTORY");

export const jsonOption = (): Option => new Option("--json", "print JSON, for programs").default(false);

/** Parses a whole number in a range. */
export const integer =
  (low: number, high: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < low || value > high || text.trim() === "")
      throw new InvalidArgumentError(`got "${text}", expected a whole number from ${low} to ${high}.`);
    return value;
  };

/** The options of the address that a server listens on. */
export const listening = (command: Command): Command =>
  command
    .addOption(new Option("--host <host>", "address to listen on").default("127.0.0.1").env("KINDRED_HOST"))
    .addOption(
      new Option("--port <port>", "port to listen on; 0 for any free one")
        .default(3000)
        .env("KINDRED_PORT")
        .argParser(integer(0, 65_535)),
    );

/** The options of the commands that embed. */
export function withWorkers(command: Command): Command {
  return command
    .option("--workers <number>", "embedding threads, 1 to 1024 (default: one per core)", integer(1, 1_024))
    .option("--polite", "leave the machine to other programs: fewer threads, on Linux at the lowest priority", false);
}

export type Workers = Pick<OpenOptions, "workers" | "polite">;

/** The values of an option that may be repeated. */
export const collect = (value: string, before: string[] = []): string[] => [...before, value];

/** What an option takes, where that is not its name. */
const TAKES: Record<string, string> = {
  from: "date",
  to: "date",
  listed: "period",
  list: "name",
  basedOn: "list",
  addedAfter: "number",
  within: "id",
  limit: "number",
  diversity: "share",
  since: "date",
  baseUrl: "address",
  url: "address",
  path: "folder",
  max: "number",
  user: "number",
  group: "number",
  collection: "key",
  client: "id",
  resourceType: "type",
  fieldsOfStudy: "fields",
  minCitations: "number",
};
const SHORT: Record<string, string> = { limit: "-n" };
const DEFAULTS: Record<string, unknown> = { limit: 10 };

/** Adds an option for each field of a request, except those that the command reads otherwise. */
export function withFields(command: Command, { shape }: z.ZodObject, except: readonly string[] = []): Command {
  for (const [name, field] of Object.entries(shape))
    if (!except.includes(name)) command.addOption(optionOf(name, field as z.ZodType));
  return command;
}

function optionOf(name: string, field: z.ZodType): Option {
  const schema = unwrapped(field);
  const many = schema instanceof z.ZodArray;
  const one = many ? unwrapped(schema.element as z.ZodType) : schema;
  const long = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const flags = SHORT[name] === undefined ? long : `${SHORT[name]}, ${long}`;
  const help = `${described(field)}${many ? "; may be repeated" : ""}`;
  if (one instanceof z.ZodBoolean) return new Option(flags, help);
  const option = new Option(`${flags} <${TAKES[name] ?? name}>`, help);
  if (one instanceof z.ZodEnum) option.choices(one.options as string[]);
  const parse = one instanceof z.ZodNumber ? numberIn(one) : undefined;
  const parsed = (text: string): unknown => (parse === undefined ? text : parse(text));
  if (many) option.argParser((text, before: unknown[] | undefined) => [...(before ?? []), parsed(text)]);
  else if (parse !== undefined) option.argParser(parse);
  const fallback = DEFAULTS[name] ?? (field instanceof z.ZodDefault ? field.def.defaultValue : undefined);
  return fallback === undefined ? option : option.default(fallback);
}

/** In the style of commander: a phrase without a full stop. */
const described = ({ description = "" }: z.ZodType): string =>
  `${description.charAt(0).toLowerCase()}${description.slice(1)}`.replaceAll("`", '"').replace(/\.$/, "");

function numberIn({ minValue, maxValue, format }: z.ZodNumber): (text: string) => number {
  const [low, high] = [minValue ?? 0, maxValue ?? Number.MAX_SAFE_INTEGER];
  if (format === "safeint") return integer(low, high);
  return (text) => {
    const value = Number(text);
    if (!(value >= low && value <= high) || text.trim() === "")
      throw new InvalidArgumentError(`got "${text}", expected a number from ${low} to ${high}.`);
    return value;
  };
}

/** The options of every command that are not part of the request. */
export type Asked = { directory: string; json: boolean; engine?: string; opensearch?: string };

/** The options that are the request. */
export function requestOf<O extends Asked>({
  directory: _directory,
  json: _json,
  engine: _engine,
  opensearch: _opensearch,
  ...request
}: O): Omit<O, keyof Asked> {
  return request;
}

/** @throws KindredError `not-found`, so that only an import creates a directory. */
export function expectPapers(directory: string): void {
  if (engineFrom(process.env) === undefined) expectPapersIn(directory);
}

/** @throws KindredError `not-found`. */
export function expectPapersIn(directory: string): void {
  if (!hasPapers(directory))
    throw new KindredError(
      "not-found",
      `there are no papers in ${directory}: import some with "kindred import FILE", or name another folder with --directory`,
    );
}

/** Opens a directory that holds papers. */
export async function opened<T>(directory: string, work: (kindred: Kindred) => Promise<T>): Promise<T> {
  expectPapers(directory);
  return using({ directory }, work);
}

/** Opens a directory that holds papers, to read it only. */
export async function reading<T>(directory: string, work: (kindred: Kindred) => Promise<T>): Promise<T> {
  return opened(directory, (kindred) => {
    if (kindred.readOnly !== null)
      console.error(`kindred: this user may not write to ${directory}: reading a copy of papers.db as it is now`);
    return work(kindred);
  });
}

/** Opens a directory, or the papers that another engine holds. */
export function open({ directory, workers, polite }: Workers & { directory: string }): Promise<Kindred> {
  const engine = engineFrom(process.env);
  return openKindred({
    directory,
    ...(workers !== undefined && { workers }),
    ...(polite !== undefined && { polite }),
    ...(engine !== undefined && { engine }),
  });
}

/** Opens a directory, does the work, and closes it even if that fails. */
export async function using<T>(
  options: Workers & { directory: string },
  work: (kindred: Kindred) => Promise<T>,
): Promise<T> {
  const kindred = await open(options);
  try {
    return await work(kindred);
  } finally {
    await kindred.close();
  }
}
