/** All kinds of sources by their names. */
import { KindredError } from "../core/errors.js";
import { arxiv } from "./arxiv.js";
import { biorxiv } from "./biorxiv.js";
import { crossref } from "./crossref.js";
import { dailyPapers } from "./daily-papers.js";
import { datacite } from "./datacite.js";
import { dblp } from "./dblp.js";
import { europepmc } from "./europepmc.js";
import { feed } from "./feed.js";
import { folder } from "./folder.js";
import type { AnyKind } from "./harvest.js";
import { openalex } from "./openalex.js";
import { pubmed } from "./pubmed.js";
import { semanticScholar } from "./semantic-scholar.js";
import { url } from "./url.js";
import { zotero } from "./zotero.js";

export const KINDS = {
  arxiv,
  "daily-papers": dailyPapers,
  openalex,
  "semantic-scholar": semanticScholar,
  crossref,
  pubmed,
  europepmc,
  biorxiv,
  datacite,
  dblp,
  zotero,
  feed,
  url,
  folder,
} as const;
export type KindName = keyof typeof KINDS;

/** The kind with a name. Its options are whatever it validates. */
export const kindOf = (name: KindName): AnyKind => KINDS[name] as unknown as AnyKind;

/** @throws KindredError `invalid` if there is no kind of that name. */
export function kindNamed(name: string): KindName {
  if (Object.hasOwn(KINDS, name)) return name as KindName;
  throw new KindredError(
    "invalid",
    `kind: got "${name.slice(0, 100)}", expected one of ${Object.keys(KINDS).join(", ")}`,
    { parameter: "kind" },
  );
}
