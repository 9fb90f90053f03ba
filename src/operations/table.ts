/**
 * The table of operations: everything that can be asked or done, once. The HTTP routes, the OpenAPI document and the methods
 * of the library derive from it. The search thread answers the questions (`search/thread.ts`), a call has a `run`, and the
 * server handles the streams (`server/streams.ts`).
 */
import { z } from "zod";
import { WRITTEN } from "../formats/write.js";
import type { IndexingMethods } from "../indexing/thread.js";
import { unknownPaper } from "../errors.js";
import type { Paper } from "../paper.js";
import type { Thread } from "../thread.js";
import { answerSchema } from "./answer.js";
import { importReportSchema, importsAnswerSchema, undoneSchema, undoSchema, uploadSchema } from "./imports.js";
import { createListSchema, deleteListSchema, entrySchema, listsAnswerSchema, renameListSchema } from "./lists.js";
import { mapMatchesAnswerSchema, mapMatchesSchema, mapPapersAnswerSchema, mapPapersSchema, mapSchema } from "./map.js";
import {
  browseAnswerSchema,
  browseSchema,
  citeSchema,
  exportSchema,
  findAnswerSchema,
  findSchema,
  noteSchema,
  paperAnswerSchema,
  paperRequestSchema,
} from "./papers.js";
import { recommendSchema } from "./recommend.js";
import { neighbourhoodAnswerSchema, neighbourhoodSchema, relatedByIdSchema, relatedSchema } from "./related.js";
import { explainSchema, explanationSchema, searchSchema } from "./search.js";
import { statusSchema, type Status } from "./status.js";

export type Method = "get" | "post" | "put" | "patch" | "delete";

/** Where HTTP serves an operation. */
export type Address = {
  method: Method;
  /** As Express writes it: `/papers/:id`. It names fields of the input; the query of a GET, otherwise the body, has the rest. */
  path: string;
  /** These replace those of the operation. */
  summary?: string;
  input?: z.ZodObject;
};

export type Operation = {
  summary: string;
  input: z.ZodType;
  /** The schema of a JSON answer, or the media types of text or bytes; null for no answer. */
  output: z.ZodType | readonly string[] | null;
  /** Whether it needs a key that may write, where keys are required. */
  access: "read" | "write";
  /** The queue of the server that it waits in. */
  lane: "questions" | "changes" | "imports" | "exports";
  addresses: readonly [Address, ...Address[]];
  /** Whether it adds or removes papers, so that there may be work for the indexer. */
  changesPapers?: true;
  /** Whether the body is a file of papers; the query then has the input. */
  file?: true;
};

export type Call = Operation & { run: (context: Context, input: never) => Promise<unknown> };

/** What the `run` of a call can use. */
export type Context = {
  /** The thread that writes. @throws KindredError `storage` if the directory is read-only. */
  writing: () => Thread<IndexingMethods>;
  /** Waits until answers include everything stored so far. */
  settled: () => Promise<void>;
  /** @throws KindredError `not-found`. */
  paper: (id: string) => Promise<Paper>;
  status: () => Promise<Status>;
};

const at = (method: Method, path: string, more: Omit<Address, "method" | "path"> = {}): Address => ({
  method,
  path,
  ...more,
});

const NOTHING = z.strictObject({});

type Described<I, O> = { summary: string; input: I; output: O; addresses: Operation["addresses"] };
const question = <I extends z.ZodType, O extends z.ZodType>(described: Described<I, O>) => ({
  ...described,
  access: "read" as const,
  lane: "questions" as const,
});
const change = <I extends z.ZodType, O extends z.ZodType | null>(
  described: Described<I, O> & {
    changesPapers?: true;
    run: (context: Context, input: z.output<I>) => Promise<O extends z.ZodType ? z.output<O> : void>;
  },
) => ({ ...described, access: "write" as const, lane: "changes" as const });

export const QUESTIONS = {
  search: question({
    summary: "Find papers by words and meaning",
    input: searchSchema,
    output: answerSchema,
    addresses: [
      at("get", "/search"),
      at("post", "/search", { summary: "Find papers by words and meaning; for long queries" }),
    ],
  }),
  explain: question({
    summary: "Explain the place of a paper in the answer to a search, or why it is not in it",
    input: explainSchema,
    output: explanationSchema,
    addresses: [at("post", "/explain")],
  }),
  find: question({
    summary: "Look up the papers whose DOIs, arXiv ids or URLs a text contains",
    input: findSchema,
    output: findAnswerSchema,
    addresses: [at("post", "/find")],
  }),
  browse: question({
    summary: "List papers in an order, without a query",
    input: browseSchema,
    output: browseAnswerSchema,
    addresses: [at("get", "/papers")],
  }),
  paper: question({
    summary: "Get a paper, and where the sentences of its abstract are",
    input: paperRequestSchema,
    output: paperAnswerSchema,
    addresses: [at("get", "/papers/:id")],
  }),
  related: question({
    summary: "Find papers like one in the index, or like a text",
    input: relatedSchema,
    output: answerSchema,
    addresses: [
      at("get", "/papers/:id/related", { summary: "Find papers like this one", input: relatedByIdSchema }),
      at("post", "/related"),
    ],
  }),
  neighbourhood: question({
    summary: "Get the papers around this one, and which of them are near each other",
    input: neighbourhoodSchema,
    output: neighbourhoodAnswerSchema,
    addresses: [at("get", "/papers/:id/neighbourhood")],
  }),
  recommend: question({
    summary: "Find papers like those you like and unlike those you do not",
    input: recommendSchema,
    output: answerSchema,
    addresses: [at("post", "/recommend")],
  }),
  lists: question({
    summary: "Get likes, dislikes and lists with the ids of their papers, and notes",
    input: NOTHING,
    output: listsAnswerSchema,
    addresses: [at("get", "/lists")],
  }),
  imports: question({
    summary: "List the imports that can be undone, newest first",
    input: NOTHING,
    output: importsAnswerSchema,
    addresses: [at("get", "/imports")],
  }),
  map: question({
    summary: "Get the map of all papers: its size, its regions and their names",
    input: NOTHING,
    output: mapSchema,
    addresses: [at("get", "/map")],
  }),
  mapMatches: question({
    summary: "Get the labels of the papers that a search finds, or that pass the filters",
    input: mapMatchesSchema,
    output: mapMatchesAnswerSchema,
    addresses: [at("get", "/map/matches")],
  }),
  mapPapers: question({
    summary: "Get papers by their labels on the map",
    input: mapPapersSchema,
    output: mapPapersAnswerSchema,
    addresses: [at("get", "/map/papers")],
  }),
} satisfies Record<string, Operation>;

export const CALLS = {
  status: {
    ...question({
      summary: "Get the number of papers, and how far embedding has come",
      input: NOTHING,
      output: statusSchema,
      addresses: [at("get", "/status")],
    }),
    run: (context: Context): Promise<Status> => context.status(),
  },
  remove: change({
    summary: "Remove a paper for good",
    input: paperRequestSchema,
    output: null,
    addresses: [at("delete", "/papers/:id")],
    changesPapers: true,
    run: async ({ writing, settled }, { id }) => {
      if (!(await writing().call("remove", id))) throw unknownPaper(id);
      await settled();
    },
  }),
  note: change({
    summary: "Set the note on a paper; an empty one removes it",
    input: noteSchema,
    output: null,
    addresses: [at("put", "/papers/:id/note")],
    run: async ({ writing, paper }, { id, note }) => {
      // A note can be removed from a paper that has been removed.
      const named = note.trim() === "" ? id : (await paper(id)).id;
      await writing().call("note", { id: named, note });
    },
  }),
  createList: change({
    summary: "Create a list, unless there is one of that name",
    input: createListSchema,
    output: null,
    addresses: [at("put", "/lists/:list")],
    run: ({ writing }, { list }) => writing().call("createList", list),
  }),
  renameList: change({
    summary: "Rename a list",
    input: renameListSchema,
    output: null,
    addresses: [at("patch", "/lists/:list")],
    run: ({ writing }, { list, name }) => writing().call("renameList", { name: list, to: name }),
  }),
  deleteList: change({
    summary: "Delete a list; its papers stay",
    input: deleteListSchema,
    output: null,
    addresses: [at("delete", "/lists/:list")],
    run: ({ writing }, { list }) => writing().call("deleteList", list),
  }),
  addToList: change({
    summary: "Add a paper to a list; adding to likes removes it from dislikes, and the other way round",
    input: entrySchema,
    output: null,
    addresses: [at("put", "/lists/:list/papers/:id")],
    run: async ({ writing, paper }, { list, id }) =>
      writing().call("addToList", { name: list, id: (await paper(id)).id }),
  }),
  removeFromList: change({
    summary: "Remove a paper from a list",
    input: entrySchema,
    output: null,
    addresses: [at("delete", "/lists/:list/papers/:id")],
    run: ({ writing }, { list, id }) => writing().call("removeFromList", { name: list, id }),
  }),
  undo: change({
    summary: "Undo an import, except for papers that a later import contains too",
    input: undoSchema,
    output: undoneSchema,
    addresses: [at("post", "/imports/:import/undo")],
    changesPapers: true,
    run: async ({ writing, settled }, input) => {
      const undone = await writing().call("undo", input.import);
      await settled();
      return undone;
    },
  }),
} satisfies Record<string, Call>;

/** The media types papers are written in. */
const WRITTEN_TYPES = Object.values(WRITTEN).map(({ type }) => type);

export const STREAMS = {
  import: {
    summary: "Import papers: the body is a file in any supported format, gzipped or not",
    input: uploadSchema,
    output: importReportSchema,
    access: "write",
    lane: "imports",
    addresses: [at("post", "/papers")],
    changesPapers: true,
    file: true,
  },
  cite: {
    summary: "Get the citation of a paper",
    input: citeSchema,
    output: WRITTEN_TYPES,
    access: "read",
    lane: "questions",
    addresses: [at("get", "/papers/:id/cite")],
  },
  export: {
    summary: "Export all papers, in the order they were added, or those of a list",
    input: exportSchema,
    output: WRITTEN_TYPES,
    access: "read",
    lane: "exports",
    addresses: [at("get", "/export")],
  },
  mapPoints: {
    summary:
      "Get the points of the map, 16 bytes each, little-endian: uint32 label, float32 x, float32 y, uint16 year, uint8 category, 0",
    input: NOTHING,
    output: ["application/octet-stream"],
    access: "read",
    lane: "questions",
    addresses: [at("get", "/map/points")],
  },
} satisfies Record<string, Operation>;

export type Questions = typeof QUESTIONS;
export type Calls = typeof CALLS;
export type Streams = typeof STREAMS;

/** The parsed input of an operation, and its answer. */
export type Input<O extends { input: z.ZodType }> = z.output<O["input"]>;
export type Output<O extends { output: unknown }> = O["output"] extends z.ZodType ? z.output<O["output"]> : void;
