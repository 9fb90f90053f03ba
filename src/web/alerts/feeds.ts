/** The feeds of views. docs/alerts.md lists them. */
import { segmentOf } from "../../core/segment.js";
import { titleOfList } from "../lists/lists.js";
import { filterParameters, type PageFilters, type SearchView, sortOf, type View } from "../navigation/address.js";
import { askInWords, askOf } from "./question.js";

export interface Feed {
  title: string;
  /** The part of its address after the format. */
  path: string;
}

/** The feed of what a view shows; null when there is none. */
export function feedOf(view: View): Feed | null {
  switch (view.view) {
    case "search":
      return feedOfSearch(view);
    case "for-you":
      return { title: "For you", path: pathOf("recommend", [["basedOn", view.list]], view.filters) };
    case "library":
      return { title: titleOfList(view.list), path: `lists/${segmentOf(view.list)}` };
    case "daily":
      return view.by === "trending"
        ? { title: "Trending papers", path: "trending" }
        : { title: "Daily papers", path: "daily" };
    case "alerts":
      return view.alert === null ? null : { title: view.alert, path: `alerts/${segmentOf(view.alert)}` };
    default:
      return null;
  }
}

function feedOfSearch(view: SearchView): Feed {
  const { q, mode, filters } = view;
  const ask = askOf(view);
  const title = ask === null ? "All papers" : askInWords(ask);
  if (q === "" && sortOf(view) === "trending") return { title, path: pathOf("trending", [], filters) };
  const query: [string, string][] =
    q === "" ? [] : [["q", q], ...(mode === "hybrid" ? [] : [["mode", mode] as [string, string]])];
  return { title, path: pathOf("search", query, filters) };
}

/** Without the papers added since a visit: readers keep an address for long. */
function pathOf(kind: string, query: [string, string][], filters: PageFilters): string {
  const { addedAfter: _added, ...lasting } = filters;
  const parameters = new URLSearchParams([...query, ...filterParameters(lasting)]).toString();
  return parameters === "" ? kind : `${kind}?${parameters}`;
}
