/** Cursors: the position of the last hit of a page, and a fingerprint of the request. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { KindredError } from "../core/errors.js";
import type { Place } from "../engine/engine.js";

export type { Place };

const cursorSchema = z.strictObject({ k: z.union([z.number(), z.string()]), l: z.int(), r: z.string() });

/** A hash that is equal for requests for pages of the same list. */
export function fingerprint(request: object): string {
  const asked = Object.entries({
    ...request,
    limit: undefined,
    cursor: undefined,
    explain: undefined,
    facets: undefined,
  })
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(asked)).digest("base64url").slice(0, 16);
}

export const encodeCursor = (request: object, place: Place): string =>
  Buffer.from(JSON.stringify({ k: place.key, l: place.label, r: fingerprint(request) })).toString("base64url");

/**
 * @throws KindredError `invalid` when the cursor is malformed, or belongs to another request.
 */
export function decodeCursor(request: { cursor?: string | undefined }): Place | undefined {
  if (request.cursor === undefined) return undefined;
  const wrong = (reason: string) =>
    new KindredError("invalid", `cursor: ${reason}; expected "next" of an earlier answer to the same request`, {
      parameter: "cursor",
    });
  let decoded: z.infer<typeof cursorSchema>;
  try {
    decoded = cursorSchema.parse(JSON.parse(Buffer.from(request.cursor, "base64url").toString()));
  } catch {
    throw wrong(`got "${request.cursor.slice(0, 60)}"`);
  }
  if (decoded.r !== fingerprint(request)) throw wrong("it belongs to another request");
  return { key: decoded.k, label: decoded.l };
}

/** Larger keys first, ties by label: the order of every list. */
export function byPlace(a: Place, b: Place): number {
  if (a.key !== b.key) return a.key > b.key ? -1 : 1;
  return a.label - b.label;
}
