/** Draws random records and operations from a seed. */
import type { Paper } from "../../src/core/paper.js";
import { mulberry32 } from "../../src/map/random.js";
import { REMEMBERED, ROW, type Library, type NamedRecord, type Operation } from "./library.js";

export type Random = () => number;

export const below = (random: Random, count: number): number => Math.floor(random() * count);
export const oneOf = <T>(random: Random, all: readonly T[]): T => all[below(random, all.length)]!;

export const WORDS = (
  "antenna bread crow tide metal signal sleep winter graph knot proof number river light glass memory protein cell " +
  "market price vote crowd sound speech image colour storm ice planet star dust engine wing leaf root soil virus"
).split(" ");
const DOING = "measure predict explain compare model observe count sort heal move".split(" ");
const NAMES = "Ada Crow, Ben Tide, Cleo Root, Dana Knot, Emil Frost".split(", ");

const sentence = (random: Random): string =>
  `We ${oneOf(random, DOING)} ${oneOf(random, WORDS)} and ${oneOf(random, WORDS)} by ${oneOf(random, WORDS)}.`;

/**
 * A new paper, or a new version of one. Each version leaves out some fields.
 *
 * @param work Identifies the paper. Different works may have the same id, as when the ids of a file count from 1.
 */
export function record(random: Random, id: string, work = id): NamedRecord {
  const some = <T>(value: T): T | undefined => (random() < 0.5 ? value : undefined);
  const day = `20${10 + below(random, 15)}-0${1 + below(random, 9)}-1${below(random, 9)}`;
  const own = mulberry32(hashOf(work));
  const author = oneOf(own, NAMES);
  const title = `${work}: ${oneOf(own, DOING)} ${oneOf(own, WORDS)} with ${oneOf(own, WORDS)} ${oneOf(own, WORDS)}`;
  const fields = {
    abstract: some(`${[sentence(random), sentence(random)].slice(0, 1 + below(random, 2)).join(" ")} (${work})`),
    authors: some([author, oneOf(random, NAMES)]),
    venue: some(`Journal of ${oneOf(random, WORDS)}`),
    categories: some([oneOf(random, WORDS)]),
    published: some(day),
    updated: some(day),
    doi: some(`10.1000/${work}`),
    url: some(`https://example.org/${work}`),
    source: some(oneOf(random, ["here", "there"])),
    organization: some("Institute of Crows"),
    upvotes: some(below(random, 100)),
    comments: some(below(random, 9)),
    keywords: some([oneOf(random, WORDS)]),
  };
  return {
    id,
    // Versions of a paper have nearly the same title.
    title: random() < 0.5 ? title : `${title} ${oneOf(random, WORDS)}`,
    ...(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as object),
  };
}

const hashOf = (text: string): number =>
  Buffer.from(text).reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5) >>> 0;

/** Number of papers above which more are removed than added, and of different ids; removed ids are used again. */
const MANY = 50;
const IDS = 400;

/** An operation that is possible on the library as it is. @param name For an import or a list; must be new. */
export function operation(random: Random, library: Library, name: string): Operation {
  const papers = [...library.papers.values()];
  const paper = papers.length === 0 ? undefined : oneOf(random, papers);
  const lists = [...library.lists.keys()];
  const own = lists.filter((list) => !/^(dis)?likes$/.test(list));
  const undoable = [...library.imports].filter(
    ([number, { undone }]) => number > library.number - REMEMBERED && !undone,
  );
  const drawn = random();
  if (paper === undefined || drawn < (papers.length > MANY ? 0.1 : 0.35)) return someImport(random, library, name);
  if (drawn < 0.5) return { kind: "remove", id: paper.id };
  if (drawn < 0.6 && undoable.length > 0) return { kind: "undo", number: oneOf(random, undoable)[0] };
  if (drawn < 0.68) return { kind: "note", id: paper.id, note: random() < 0.2 ? "" : sentence(random) };
  if (drawn < 0.72 && lists.length < 8) return { kind: "create list", list: name };
  if (drawn < 0.76 && own.length > 0) return { kind: "delete list", list: oneOf(random, own) };
  if (drawn < 0.79 && own.length > 0) return { kind: "rename list", list: oneOf(random, own), to: name };
  const list = oneOf(random, lists);
  const ids = library.lists.get(list)!;
  if (drawn < 0.84 && ids.length > 0) return { kind: "take from list", list, id: oneOf(random, ids) };
  return { kind: "add to list", list, id: paper.id };
}

/** Records that their ids do not identify. @param name Of the import; must be new. */
function otherwise(random: Random, { id, title, doi, authors }: Paper, name: string): NamedRecord[] {
  const unique = name.replace(" ", "-");
  const drawn = random();
  // The same paper: another id, but the same DOI.
  if (drawn < 0.35 && doi !== null) return [{ ...record(random, unique, id), doi }];
  // The same paper: another id, but a DOI that the paper had before.
  if (drawn < 0.6 && doi !== null)
    return [
      { id, title, doi: `${doi}.journal` },
      { id: unique, title, doi },
    ];
  // Another paper: the same id, but another DOI, title and authors.
  if (authors.length === 0) return [];
  const work = `row-${unique.replace(/\D+/g, "9000")}`;
  return [{ ...record(random, id, work), doi: `10.1000/${work}`, authors: ["Zoe Quill"], source: ROW }];
}

function someImport(random: Random, library: Library, name: string): Operation {
  const all = [...library.papers.values()];
  const papers = all.filter(({ id }) => id.startsWith("paper-"));
  const records = Array.from({ length: 1 + below(random, 5) }, () =>
    record(random, papers.length > 0 && random() < 0.4 ? oneOf(random, papers).id : `paper-${1 + below(random, IDS)}`),
  );
  // Sometimes updates of existing papers that take more than one transaction.
  const drawn = random();
  if (papers.length > 0 && drawn < 0.25)
    for (let more = 250 + below(random, 300); more > 0; more--) {
      const { id, title } = oneOf(random, papers);
      records.splice(below(random, records.length), 0, { id, title, upvotes: below(random, 1_000) });
    }
  else if (papers.length > 0 && drawn < 0.6) records.unshift(...otherwise(random, oneOf(random, papers), name));
  return { kind: "import", name, records };
}
