/** Parts of parsed JSON whose shape only the service knows. */
import type { Answer } from "./fetch.js";
import { SourceError } from "./source-error.js";

/** The value under these names; undefined if there is none. */
export function part(value: unknown, ...names: readonly string[]): unknown {
  let inner = value;
  for (const name of names) {
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, name)) return undefined;
    inner = (inner as Record<string, unknown>)[name];
  }
  return inner;
}

/** A text that is not empty. */
export const textAt = (value: unknown, ...names: readonly string[]): string | undefined => {
  const found = part(value, ...names);
  return typeof found === "string" && found !== "" ? found : undefined;
};

/** A whole number, also one that is written as a text. */
export const numberAt = (value: unknown, ...names: readonly string[]): number | undefined => {
  const found = part(value, ...names);
  const number = typeof found === "string" && /^\d+$/.test(found) ? Number(found) : found;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined;
};

/** The list of records in an answer. @throws SourceError if there is none, with what the service says. */
export function recordsIn({ json }: Answer, hostname: string, ...names: readonly string[]): object[] {
  const found = part(json, ...names);
  if (Array.isArray(found)) return found.filter((one) => typeof one === "object" && one !== null) as object[];
  throw unexpected(json, hostname);
}

export function unexpected(json: unknown, hostname: string): SourceError {
  const said = [textAt(json, "errMsg"), textAt(json, "message"), textAt(json, "error")].find(
    (one) => one !== undefined,
  );
  return new SourceError(
    `${hostname} answered without a list of records: ${said ?? JSON.stringify(json)?.slice(0, 100) ?? "nothing"}`,
  );
}

/** One record a line, as `readPapers` reads them. */
export const linesOf = (records: readonly unknown[]): Buffer =>
  Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(""));

/** A page's records, if there are any. */
export const recordsOf = (records: readonly unknown[]): { bytes?: Buffer; count: number } =>
  records.length === 0 ? { count: 0 } : { bytes: linesOf(records), count: records.length };

/** An address with a query. Undefined values are left out. */
export function addressOf(base: string, path: string, query: Record<string, string | number | undefined> = {}): URL {
  const url = new URL(`${base}${path}`);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  return url;
}
