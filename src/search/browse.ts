import type { BrowseAnswer, BrowseRequest } from "../api.js";
import type { Store } from "../store/store.js";
import { decodeCursor, encodeCursor } from "./cursor.js";
import { filtersOf } from "./search.js";

/** Papers without a question, in the order that is asked for. */
export function browse({ papers, facets }: Pick<Store, "papers" | "facets">, request: BrowseRequest): BrowseAnswer {
  const filters = filtersOf(request);
  const after = decodeCursor(request);
  // One more than asked for tells whether there is a next page.
  const found = papers.browse(filters, request.sort, request.limit + 1, after);
  const page = found.slice(0, request.limit);
  const last = page.at(-1);
  return {
    papers: page.map(({ paper }) => paper),
    total: papers.count(filters),
    next: last !== undefined && found.length > page.length ? encodeCursor(request, last) : null,
    ...(request.facets ? { facets: facets.of(filters) } : {}),
  };
}
