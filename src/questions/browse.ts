import type { BrowseAnswer, BrowseRequest } from "../api.js";
import { decodeCursor, encodeCursor } from "../ranking/cursor.js";
import type { Engine } from "../engine/engine.js";
import { filtersOf } from "./search.js";

/** A page of the papers that pass the filters, in the requested order. */
export async function browse(engine: Engine, request: BrowseRequest): Promise<BrowseAnswer> {
  const filters = filtersOf(request);
  const after = decodeCursor(request);
  // One more than requested, to know whether there is a next page.
  const found = await engine.browse(filters, request.sort, request.limit + 1, after);
  const page = found.slice(0, request.limit);
  const last = page.at(-1);
  return {
    papers: page.map(({ paper }) => paper),
    total: await engine.count(filters),
    next: last !== undefined && found.length > page.length ? encodeCursor(request, last) : null,
    ...(request.facets ? { facets: await engine.facets(filters) } : {}),
  };
}
