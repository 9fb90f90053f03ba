/** The routes under /api: one for each address in the table of operations. */
import type { Request } from "express";
import { z } from "zod";
import { KindredError } from "../core/errors.js";
import type { Kindred, Stages } from "../kindred.js";
import {
  CALLS,
  QUESTIONS,
  STREAMS,
  type Address,
  type Asking,
  type Calls,
  type Method,
  type Operation,
  type Questions,
  type Streams,
} from "../operations/table.js";
import { textOf } from "../core/segment.js";
import { validate } from "../core/validate.js";
import { parseQuery } from "./query.js";
import { STREAMED } from "./streams.js";

type Waiting = Asking & { stages: Stages };

export type Route = Pick<Operation, "access" | "lane" | "changesPapers"> & {
  method: Method;
  /** Express's spelling: `/papers/:id`. */
  path: string;
  summary: string;
  query?: z.ZodObject;
  /** The schema of a JSON body; or `papers` for a file of papers. */
  body?: z.ZodType | "papers";
  /** The schema of a JSON answer, or the media types of text or bytes; undefined if there is no answer (204). */
  answer?: z.ZodType | readonly string[];
  /**
   * @returns What to send: a string that is JSON already, a `Text`, `Bytes`, any other value as JSON, or undefined for 204.
   * @throws KindredError `invalid` when the address or the body is invalid.
   */
  handle(kindred: Kindred, request: Request, waiting: Waiting): Promise<unknown>;
};

/** Runs an operation on parsed input. */
type Run = (kindred: Kindred, input: never, request: Request, waiting: Waiting) => Promise<unknown>;

const all = <T extends object>(table: T, how: (name: keyof T) => Run) =>
  Object.entries<Operation>(table as Record<string, Operation>).flatMap(([name, operation]) =>
    operation.addresses.map((address) => routeOf(operation, address, how(name as keyof T))),
  );

export const ROUTES: readonly Route[] = [
  ...all<Questions>(QUESTIONS, (name) => (kindred, input, _, waiting) => kindred.answer(name, input, waiting)),
  ...all<Calls>(CALLS, (name) => (kindred, input, _, asking) => kindred.call(name, input, asking)),
  ...all<Streams>(
    STREAMS,
    (name) =>
      (kindred, input, request, { signal }) =>
        STREAMED[name](input, { kindred, request, signal }),
  ),
];

function routeOf(operation: Operation, address: Address, work: Run): Route {
  const { access, lane, changesPapers, output, file } = operation;
  const { method, path, summary = operation.summary } = address;
  const input = address.input ?? operation.input;
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name as string);
  const { inPath, others } = divided(input, names);
  const hasOthers = !(others instanceof z.ZodObject) || Object.keys(others.shape).length > 0;
  const inQuery = file === true || method === "get" || method === "delete";
  const read = (request: Request): object =>
    !hasOthers ? {} : inQuery ? parseQuery(others as z.ZodObject, request.query) : (bodyOf(others, request) as object);
  return {
    method,
    path,
    summary,
    access,
    lane,
    ...(changesPapers && { changesPapers }),
    ...(hasOthers && inQuery && { query: others as z.ZodObject }),
    ...(file === true ? { body: "papers" } : hasOthers && !inQuery && { body: others }),
    ...(output === null ? {} : { answer: output }),
    handle: async (kindred, request, waiting) => {
      const asked = read(request);
      const named = validate(inPath, Object.fromEntries(names.map((name) => [name, segment(request, name)])));
      return work(kindred, { ...named, ...asked } as never, request, waiting);
    },
  };
}

/** Splits the schema of the input into the fields that the path names and the rest. */
function divided(input: z.ZodType, names: readonly string[]): { inPath: z.ZodObject; others: z.ZodType } {
  if (names.length === 0) return { inPath: z.strictObject({}), others: input };
  const mask = Object.fromEntries(names.map((name) => [name, true])) as never;
  const whole = input as z.ZodObject;
  return { inPath: whole.pick(mask), others: whole.omit(mask) };
}

function bodyOf(schema: z.ZodType, request: Request): unknown {
  if (request.body === undefined)
    throw new KindredError("invalid", "the body: got none, expected JSON with Content-Type: application/json");
  return validate(schema, request.body);
}

/** The text of a parameter in the path. Express splits an id that contains slashes into parts. */
const segment = (request: Request, name: string): string => textOf([request.params[name] ?? []].flat().join("/"));
