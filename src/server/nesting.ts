/** Refuses JSON that is nested deeper, or has more fields, than any request needs. */
import type { RequestHandler } from "express";
import { KindredError } from "../core/errors.js";

/** Levels of lists and objects; no request needs more than three. */
const MAX_DEPTH = 20;
/** Fields of one object. */
const MAX_FIELDS = 1_000;

/** Runs after the parser of the body. */
export const shallow: RequestHandler = (request, _response, next) => {
  walk(request.body, MAX_DEPTH);
  next();
};

function walk(value: unknown, depth: number): void {
  if (typeof value !== "object" || value === null) return;
  if (depth === 0) throw new KindredError("invalid", `the body: JSON is nested more than ${MAX_DEPTH} levels deep`);
  const inner: unknown[] = Object.values(value);
  if (!Array.isArray(value) && inner.length > MAX_FIELDS)
    throw new KindredError("invalid", `the body: an object has ${inner.length} fields, expected at most ${MAX_FIELDS}`);
  for (const one of inner) walk(one, depth - 1);
}
