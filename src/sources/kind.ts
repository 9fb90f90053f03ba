/** What a source is: one kind of service, its options, and a walk through its pages that can be resumed. */
import { z } from "zod";
import type { Fetcher } from "./fetch.js";

/** One step of a walk, in the order in which it must be saved. */
export interface Page<Position> {
  /** Records in a format that `readPapers` reads; absent if there are none. */
  bytes?: Uint8Array | AsyncIterable<Uint8Array>;
  /** How many records there are; 0 if nobody has counted. */
  count: number;
  /** Where the walk goes on once the papers of this page are stored. Absent: keep the position before. */
  position?: Position;
  /** The walk has ended: the position says from when the next one asks. */
  done?: boolean;
  /** The walk began again, so records that came before come a second time. */
  restarted?: boolean;
  /** The service's own key for the record on each line of `bytes`, which then has one record a line. */
  keys?: readonly string[];
  /** For each of `keys`, the keys of the collections that it is in. */
  collections?: readonly (readonly string[])[];
  /** The names of all collections. */
  collectionNames?: Readonly<Record<string, string>>;
  /** Identifiers of papers that the service has deleted. */
  deleted?: readonly string[];
  /**
   * All keys that exist: papers of this source with another key have been deleted. A page with papers has them where another
   * library than before may have answered.
   */
  existing?: readonly string[];
  /** A file's name. */
  name?: string;
  /** What a person should know, such as records that could not be had. */
  remarks?: readonly string[];
}

/** The bytes of a page as a stream. */
export async function* streamOf(bytes: Uint8Array | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (bytes instanceof Uint8Array) yield bytes;
  else yield* bytes;
}

export interface Context {
  fetcher: Fetcher;
  /** The address of the service, without a slash at its end. */
  base: string;
  signal?: AbortSignal | undefined;
  /** Milliseconds since 1970. */
  now: () => number;
  /** The service's key. */
  key?: string | undefined;
  /** An e-mail address that services can write to. */
  contact?: string | undefined;
}

export interface Kind<Options, Position> {
  name: string;
  /** What it brings, for help. */
  summary: string;
  /** The address of the service; undefined if the options name it. */
  base?: (options: Options) => string | undefined;
  /** Whether that address, unless options name another, is on this machine. */
  local?: (options: Options) => boolean;
  options: z.ZodType<Options>;
  position: z.ZodType<Position>;
  /** The headers that hold the key. Undefined: the kind needs no key, or sends it otherwise. */
  keyHeaders?: (key: string) => Record<string, string>;
  /** Headers of every request. */
  headers?: Record<string, string>;
  /** From the position, or from the start. Ends after a page that is `done`. */
  pages: (options: Options, position: Position | undefined, context: Context) => AsyncGenerator<Page<Position>>;
}

/** Options of every source. */
export const commonOptions = {
  baseUrl: z
    .string()
    .regex(/^https?:\/\/[^/?#@]+(?:\/[^?#]*)?$/, "expected an address like https://example.org/path")
    .optional()
    .describe("A mirror, a proxy or a test server instead of the service's own address."),
  private: z
    .boolean()
    .optional()
    .describe("The source is on this machine or a private network: nothing there is asked otherwise."),
  max: z.number().int().min(1).max(10_000_000).default(10_000).describe("Records that one run brings at most."),
};

export const daySchema = z.iso.date();
export const textSchema = z.string().min(1).max(2_000);
/** Where a service continues a list. */
export const cursorSchema = z.string().min(1).max(20_000);
