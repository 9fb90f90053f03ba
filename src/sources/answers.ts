/** What is in an answer: unpacked, parsed, or an error in words. */
import { promisify } from "node:util";
import { PassThrough, type Transform } from "node:stream";
import {
  brotliDecompress,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  gunzip,
  inflate,
  inflateRaw,
} from "node:zlib";
import { Failure, tooLarge } from "./failures.js";

export type Expected = "json" | "xml" | "any";

/** @returns the bytes without HTTP compression. @throws Failure if they are damaged or too many. */
export async function decompress(bytes: Buffer, encoding = "identity", url: URL, limit: number): Promise<Buffer> {
  const options = { maxOutputLength: limit };
  const ways: Record<string, (bytes: Buffer) => Promise<Buffer>> = {
    identity: (plain) => Promise.resolve(plain),
    gzip: (packed) => promisify<Buffer, object, Buffer>(gunzip)(packed, options),
    br: (packed) => promisify<Buffer, object, Buffer>(brotliDecompress)(packed, options),
    // Some servers send deflate without its header.
    deflate: (packed) =>
      promisify<Buffer, object, Buffer>(((packed[0] ?? 0) & 0x0f) === 8 ? inflate : inflateRaw)(packed, options),
  };
  const way = ways[encoding.trim().toLowerCase().replace(/^x-/, "")];
  if (way === undefined)
    throw new Failure(`${url.hostname} sent the unknown content encoding "${encoding.slice(0, 40)}"`, { again: false });
  try {
    return await way(bytes);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(url, limit);
    throw damaged(url, cause);
  }
}

/** Unpacks what a server has compressed although it was asked not to. */
export function unpacker(encoding = "identity"): Transform {
  const ways: Record<string, () => Transform> = {
    gzip: createGunzip,
    br: createBrotliDecompress,
    deflate: createInflate,
  };
  return ways[encoding.trim().toLowerCase().replace(/^x-/, "")]?.() ?? new PassThrough();
}

export const damaged = ({ hostname }: URL, cause: unknown): Failure =>
  new Failure(`${hostname} sent compressed data that is cut off or damaged`, { again: true, cause });

const isHtml = (head: string): boolean =>
  /^\s*(?:<!--[^]*?-->\s*)*<(?:!doctype\s+html|html|head|body)[\s>]/i.test(head);

/** The parsed JSON, if that was expected. @throws Failure if the answer is something else than expected. */
export function understood(
  expect: Expected,
  bytes: Buffer,
  headers: Record<string, string>,
  { hostname }: URL,
): unknown {
  if (expect === "any") return undefined;
  const wanted = expect.toUpperCase();
  const head = bytes.subarray(0, 1000).toString();
  if (isHtml(head.replace(/^\uFEFF/, "")))
    throw new Failure(`${hostname} answered with a web page instead of ${wanted}: is there a login page in between?`, {
      again: false,
    });
  if (expect === "xml") {
    if (!/^\uFEFF?\s*</.test(head) && bytes.length > 0 && (bytes[0] ?? 0) < 0x80)
      throw new Failure(`${hostname} answered with something else than XML: ${excerptOf(head)}`, { again: false });
    return undefined;
  }
  const text = bytes.toString().replace(/^\uFEFF/, "");
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const type = headers["content-type"] ?? "no type";
    const json = /^\s*[[{]/.test(head);
    throw new Failure(
      json
        ? `${hostname} sent JSON that is cut off or damaged`
        : `${hostname} answered with something else than JSON (${type.slice(0, 60)}): ${excerptOf(head)}`,
      { again: json || bytes.length === 0, cause },
    );
  }
}

const excerptOf = (text: string): string => {
  const plain = text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim();
  return plain.length > 200 ? `${plain.slice(0, 200)}...` : plain;
};

/** What a service says about an error, in any of the forms that they use; "" for a web page. */
export function messageIn(bytes: Buffer): string {
  const text = bytes.subarray(0, 20_000).toString();
  if (isHtml(text)) return "";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return excerptOf(text.replaceAll(/<[^>]*>/g, " "));
  }
  return excerptOf(wordsIn(value, 0));
}

function wordsIn(value: unknown, depth: number): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || depth > 4) return "";
  if (Array.isArray(value)) return value.map((one) => wordsIn(one, depth + 1)).find((words) => words !== "") ?? "";
  const fields = value as Record<string, unknown>;
  for (const name of ["message", "errMsg", "title", "detail", "error", "errors"]) {
    const words = wordsIn(fields[name], depth + 1);
    if (words !== "") return words;
  }
  return "";
}

/** A number of seconds, also with a fraction. */
export const secondsIn = (value: string | undefined): number | undefined =>
  value !== undefined && /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : undefined;

/** The milliseconds that a host asks to wait: `Retry-After` in seconds or as a date, or the reset of its rate limit. */
export function waitAsked(status: number, headers: Record<string, string>, now: number): number | undefined {
  const after = headers["retry-after"];
  const seconds = secondsIn(after);
  if (seconds !== undefined) return seconds * 1000;
  const date = after === undefined ? NaN : Date.parse(after);
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  if (status !== 429) return undefined;
  const reset = /(?:^|;)\s*t=(\d+)/.exec(headers["ratelimit"] ?? "")?.[1] ?? headers["x-ratelimit-reset"];
  const left = secondsIn(reset);
  // Some hosts give the time itself.
  return left === undefined || left > 86_400 ? undefined : (left + 1) * 1000;
}
