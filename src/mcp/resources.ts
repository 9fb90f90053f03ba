/** A paper and a list as resources, which a person attaches to a conversation. */
import { KindredError } from "../core/errors.js";
import type { Asker } from "./asking.js";
import { CUT, oneLine, paperLines, papersText, shownPaper, asData } from "./shown.js";

const SCHEME = "kindred://";
const TYPE = "text/plain";
/** Papers of a list that are shown at most. */
const SHOWN = 100;

/** An id or a name, as a client expands the templates below: percent-encoded. */
const addressOf = (kind: "papers" | "lists", name: string): string => `${SCHEME}${kind}/${encodeURIComponent(name)}`;

export const TEMPLATES = [
  {
    uriTemplate: `${SCHEME}papers/{id}`,
    name: "paper",
    title: "A paper",
    description: "Everything known about the paper with this id.",
    mimeType: TYPE,
  },
  {
    uriTemplate: `${SCHEME}lists/{name}`,
    name: "list",
    title: "A list of papers",
    description: `The papers of a list, last added first, at most ${SHOWN}.`,
    mimeType: TYPE,
  },
];

/** The user's lists. There may be too many papers to list them. */
export async function listResources(asker: Asker) {
  const { lists } = await asker.ask("lists", {});
  return lists.map(({ name, papers }) => ({
    uri: addressOf("lists", name),
    name: oneLine(name),
    title: `List: ${oneLine(name)}`,
    description: papers === 1 ? "1 paper" : `${papers} papers`,
    mimeType: TYPE,
  }));
}

/** @throws KindredError `not-found` when nothing is at the address. */
export async function readResource(asker: Asker, uri: string) {
  const [, kind, name] = /^kindred:\/\/(papers|lists)\/(.+)$/su.exec(uri) ?? [];
  if (kind === undefined || name === undefined)
    throw new KindredError("not-found", `expected ${TEMPLATES.map(({ uriTemplate }) => uriTemplate).join(" or ")}`);
  const text = kind === "papers" ? await paperText(asker, decoded(name)) : await listText(asker, decoded(name));
  return { uri, mimeType: TYPE, text };
}

async function paperText(asker: Asker, id: string): Promise<string> {
  const { paper } = await asker.paper(id);
  return asData(paperLines(shownPaper(paper, "full", {}, CUT.alone)));
}

async function listText(asker: Asker, name: string): Promise<string> {
  const list = (await asker.list(name)).name;
  const { papers, total } = await asker.ask("browse", { list: [list], sort: "added", limit: SHOWN });
  return papersText({ papers: papers.map((paper) => shownPaper(paper, "short")), total });
}

/** Not every client encodes an id. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
