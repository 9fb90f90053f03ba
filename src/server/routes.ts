/** What is served under /api: one entry an operation, with the schemas that parse it and that describe it. */
import type { Request } from "express";
import { z } from "zod";
import {
  answerSchema,
  browseAnswerSchema,
  browseSchema,
  citeSchema,
  explainSchema,
  explanationSchema,
  findAnswerSchema,
  findSchema,
  exportSchema,
  importReportSchema,
  importsAnswerSchema,
  listsAnswerSchema,
  newListNameSchema,
  noteSchema,
  neighbourhoodAnswerSchema,
  neighbourhoodSchema,
  paperAnswerSchema,
  litAnswerSchema,
  litSchema,
  mapPapersAnswerSchema,
  mapPapersSchema,
  mapSchema,
  recommendSchema,
  relatedByIdSchema,
  relatedSchema,
  searchSchema,
  statusSchema,
  undoneSchema,
} from "../api.js";
import { KindredError } from "../errors.js";
import { WRITTEN, writePapers } from "../formats/write.js";
import type { Kindred, Stages } from "../kindred.js";
import { textOf } from "../segment.js";
import { validate } from "../validate.js";
import type { Lanes } from "./lanes.js";
import { arriving } from "./pace.js";
import { parseQuery } from "./query.js";
import { Bytes, Text } from "./text.js";

/** Bytes one import may send, as they come over the wire. */
const MAX_UPLOAD = 2 * 1024 ** 3;

export type Route = {
  method: "get" | "post" | "put" | "patch" | "delete";
  /** Express's spelling: `/papers/:id`. */
  path: string;
  summary: string;
  query?: z.ZodObject;
  /** A JSON body; or any import format, as bytes. */
  body?: z.ZodType | "papers";
  /** What it takes its place among; questions where nothing is said of a GET, changes otherwise. */
  lane?: keyof Lanes;
  /** JSON of this shape, or text or bytes of one of these media types. */
  answer?: z.ZodType | readonly string[];
  /**
   * What is sent: a string is JSON already, a `Text` is sent as it is, `Bytes` are with their ETag, anything else becomes
   * JSON; undefined sends 204.
   */
  handle(kindred: Kindred, request: Request, waiting: { signal: AbortSignal; stages: Stages }): Promise<unknown>;
};

export const laneOf = ({ method, lane }: Route): keyof Lanes => lane ?? (method === "get" ? "questions" : "changes");

const json = <S extends z.ZodType>(schema: S, request: Request): z.output<S> => {
  if (request.body === undefined)
    throw new KindredError("invalid", "the body: got none, expected JSON with Content-Type: application/json");
  return validate(schema, request.body);
};
/** What the address names; an id that came with its slashes as they are is in parts. */
const named = (request: Request, parameter: "id" | "list"): string =>
  textOf([request.params[parameter] ?? []].flat().join("/"));
const idOf = (request: Request): string => named(request, "id");
const listOf = (request: Request): string => named(request, "list");
const renameSchema = z.strictObject({ name: newListNameSchema });
const importSchema = z.strictObject({
  import: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, "expected the number of an import, as api/imports has it")
    .transform(Number),
});

const neighbourhoodByIdSchema = neighbourhoodSchema.omit({ id: true });
/** The media types papers are written in. */
const WRITTEN_TYPES = Object.values(WRITTEN).map(({ type }) => type);

const uploadSchema = z.strictObject({
  name: z.string().min(1).max(255).default("upload").describe("What problems call the file."),
});

export const ROUTES: readonly Route[] = [
  {
    method: "get",
    path: "/search",
    summary: "Find papers by words and meaning",
    query: searchSchema,
    answer: answerSchema,
    handle: (kindred, request, waiting) => kindred.json("search", parseQuery(searchSchema, request.query), waiting),
  },
  {
    method: "post",
    path: "/search",
    lane: "questions",
    summary: "Find papers by words and meaning; for long queries",
    body: searchSchema,
    answer: answerSchema,
    handle: (kindred, request, waiting) => kindred.json("search", json(searchSchema, request), waiting),
  },
  {
    method: "post",
    path: "/explain",
    lane: "questions",
    summary: "Why a paper stands where it stands in the answer to a search, or is not in it",
    body: explainSchema,
    answer: explanationSchema,
    handle: (kindred, request, waiting) => kindred.json("explain", json(explainSchema, request), waiting),
  },
  {
    method: "post",
    path: "/find",
    lane: "questions",
    summary: "Which of the papers that a text names are here, by DOI, arXiv id or web address",
    body: findSchema,
    answer: findAnswerSchema,
    handle: (kindred, request) => kindred.find(json(findSchema, request).text),
  },
  {
    method: "get",
    path: "/papers",
    summary: "List papers, newest or most voted first",
    query: browseSchema,
    answer: browseAnswerSchema,
    handle: (kindred, request, waiting) => kindred.json("browse", parseQuery(browseSchema, request.query), waiting),
  },
  {
    method: "post",
    path: "/papers",
    lane: "imports",
    summary: "Import papers: the body is a file in any known format, gzip or not",
    query: uploadSchema,
    body: "papers",
    answer: importReportSchema,
    handle: importBody,
  },
  {
    method: "get",
    path: "/papers/:id",
    summary: "One paper, and where the sentences of its abstract are",
    answer: paperAnswerSchema,
    handle: (kindred, request, waiting) => kindred.json("paper", { id: idOf(request) }, waiting),
  },
  {
    method: "delete",
    path: "/papers/:id",
    summary: "Remove a paper for good",
    handle: (kindred, request) => kindred.remove(idOf(request)),
  },
  {
    method: "get",
    path: "/papers/:id/related",
    summary: "Find papers like this one",
    query: relatedByIdSchema,
    answer: answerSchema,
    handle: (kindred, request, waiting) =>
      kindred.json("related", { ...parseQuery(relatedByIdSchema, request.query), id: idOf(request) }, waiting),
  },
  {
    method: "get",
    path: "/papers/:id/neighbourhood",
    summary: "The papers around this one, and which of them are near to each other",
    query: neighbourhoodByIdSchema,
    answer: neighbourhoodAnswerSchema,
    handle: (kindred, request, waiting) =>
      kindred.json(
        "neighbourhood",
        { ...parseQuery(neighbourhoodByIdSchema, request.query), id: idOf(request) },
        waiting,
      ),
  },
  {
    method: "get",
    path: "/papers/:id/cite",
    summary: "One paper as a citation, to be pasted",
    query: citeSchema,
    answer: WRITTEN_TYPES,
    handle: async (kindred, request) => {
      const { format } = parseQuery(citeSchema, request.query);
      return new Text(WRITTEN[format].type, writePapers([await kindred.paper(idOf(request))], format));
    },
  },
  {
    method: "get",
    path: "/export",
    lane: "exports",
    summary: "Every paper as a file, in the order in which they came; or those of a list",
    query: exportSchema,
    answer: WRITTEN_TYPES,
    handle: async (kindred, request) => {
      const { format, list } = parseQuery(exportSchema, request.query);
      const { type, extension } = WRITTEN[format];
      if (list === undefined) return new Text(type, writePapers(kindred.papers(), format), `kindred.${extension}`);
      return new Text(type, writePapers(kindred.papersIn(list), format), `list.${extension}`);
    },
  },
  {
    method: "post",
    path: "/related",
    lane: "questions",
    summary: "Find papers like one in the index, or like a text that is not",
    body: relatedSchema,
    answer: answerSchema,
    handle: (kindred, request, waiting) => kindred.json("related", json(relatedSchema, request), waiting),
  },
  {
    method: "post",
    path: "/recommend",
    lane: "questions",
    summary: "Find papers like those that are liked and unlike those that are not",
    body: recommendSchema,
    answer: answerSchema,
    handle: (kindred, request, waiting) => {
      // Not parsed here: its examples change shape, and the library parses them.
      if (request.body === undefined) json(recommendSchema, request);
      return kindred.json("recommend", request.body, waiting);
    },
  },
  {
    method: "put",
    path: "/papers/:id/note",
    summary: "Keep a note on a paper in place of the one before; an empty one is forgotten",
    body: noteSchema,
    handle: (kindred, request) => kindred.note(idOf(request), json(noteSchema, request).note),
  },
  {
    method: "get",
    path: "/lists",
    summary: "Likes, dislikes and lists with the ids of their papers, and notes",
    answer: listsAnswerSchema,
    handle: (kindred) => kindred.lists(),
  },
  {
    method: "put",
    path: "/lists/:list",
    summary: "Make a list, or leave the one of that name as it is",
    handle: (kindred, request) => kindred.createList(listOf(request)),
  },
  {
    method: "patch",
    path: "/lists/:list",
    summary: "Give a list another name",
    body: renameSchema,
    handle: (kindred, request) => kindred.renameList(listOf(request), json(renameSchema, request).name),
  },
  {
    method: "delete",
    path: "/lists/:list",
    summary: "Delete a list; its papers stay",
    handle: (kindred, request) => kindred.deleteList(listOf(request)),
  },
  {
    method: "put",
    path: "/lists/:list/papers/:id",
    summary: "Put a paper into a list; what is put into likes leaves dislikes, and the other way round",
    handle: (kindred, request) => kindred.addToList(listOf(request), idOf(request)),
  },
  {
    method: "delete",
    path: "/lists/:list/papers/:id",
    summary: "Take a paper out of a list",
    handle: (kindred, request) => kindred.removeFromList(listOf(request), idOf(request)),
  },
  {
    method: "get",
    path: "/imports",
    summary: "The imports that can be undone, the newest first",
    answer: importsAnswerSchema,
    handle: (kindred) => kindred.imports(),
  },
  {
    method: "post",
    path: "/imports/:import/undo",
    summary: "Take back what an import did, but for papers that a later one has brought as well",
    answer: undoneSchema,
    handle: (kindred, request) => kindred.undo(validate(importSchema, request.params).import),
  },
  {
    method: "get",
    path: "/map",
    summary: "The map of all papers: its size, its regions and their names",
    answer: mapSchema,
    handle: (kindred) => kindred.map(),
  },
  {
    method: "get",
    path: "/map/points",
    summary:
      "The points of the map, 16 bytes each, little-endian: uint32 label, float32 x, float32 y, uint16 year, uint8 category, 0",
    answer: ["application/octet-stream"],
    handle: async (kindred) => {
      const { bytes, version } = await kindred.mapPoints();
      return new Bytes(bytes, version);
    },
  },
  {
    method: "get",
    path: "/map/lit",
    summary: "Labels of the papers that a search finds, or that pass the filters",
    query: litSchema,
    answer: litAnswerSchema,
    handle: (kindred, request, waiting) => kindred.json("lit", parseQuery(litSchema, request.query), waiting),
  },
  {
    method: "get",
    path: "/map/papers",
    summary: "Papers by their labels on the map",
    query: mapPapersSchema,
    answer: mapPapersAnswerSchema,
    handle: (kindred, request, waiting) =>
      kindred.json("mapPapers", parseQuery(mapPapersSchema, request.query), waiting),
  },
  {
    method: "get",
    path: "/status",
    summary: "How many papers there are, and how far embedding has come",
    answer: statusSchema,
    handle: (kindred) => kindred.status(),
  },
];

/** Reads the body as it comes; what was committed stays, even when the client goes. */
async function importBody(kindred: Kindred, request: Request, { signal }: { signal: AbortSignal }): Promise<unknown> {
  const { name } = parseQuery(uploadSchema, request.query);
  const type = request.get("content-type") ?? "";
  if (/^multipart\//i.test(type))
    throw new KindredError(
      "invalid",
      `the body: got a form (${type.slice(0, 60)}), expected the file itself, as "curl --data-binary @FILE" sends it`,
    );
  const report = await kindred.import(limited(arriving(request)), { name, signal });
  if (report.format === null)
    throw new KindredError("invalid", report.problems[0]?.reason ?? "the body: got nothing, expected a file of papers");
  return report;
}

async function* limited(request: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.byteLength;
    if (bytes > MAX_UPLOAD)
      throw new KindredError(
        "too-large",
        `the body: got more than ${MAX_UPLOAD} bytes; send it in parts, or use "kindred import"`,
      );
    yield chunk;
  }
}
