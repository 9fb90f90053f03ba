/**
 * Everything that can be asked or done, once: the routes and their description, and the library's methods, come from here.
 * A question is answered by the search thread (`search/thread.ts`), a call by its `run`, a stream by the server
 * (`server/streams.ts`).
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
import { litAnswerSchema, litSchema, mapPapersAnswerSchema, mapPapersSchema, mapSchema } from "./map.js";
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

/** How an operation is reached over HTTP. */
export type Address = {
  method: Method;
  /** Express's spelling: `/papers/:id`. It names fields of the input; the query of a GET, or else the body, holds the rest. */
  path: string;
  /** Where it differs from the operation's. */
  summary?: string;
  input?: z.ZodObject;
};

export type Operation = {
  summary: string;
  input: z.ZodType;
  /** JSON of this shape; or text or bytes of one of these media types; null for nothing. */
  output: z.ZodType | readonly string[] | null;
  /** What a key may be asked for: reading, or changing something. */
  access: "read" | "write";
  /** Which requests it takes turns with. */
  lane: "questions" | "changes" | "imports" | "exports";
  addresses: readonly [Address, ...Address[]];
  /** Whether papers come or go, so that there may be something to index. */
  changesPapers?: true;
  /** Whether the body is a file of papers; then the query holds the input. */
  file?: true;
};

/** An operation that is done by its `run`. */
export type Call = Operation & { run: (context: Context, input: never) => Promise<unknown> };

/** What a call can use. */
export type Context = {
  /** The thread that writes. @throws KindredError `storage` where nothing may be written. */
  writing: () => Thread<IndexingMethods>;
  /** Waits until answers know what was stored. */
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
    summary: "Why a paper stands where it stands in the answer to a search, or is not in it",
    input: explainSchema,
    output: explanationSchema,
    addresses: [at("post", "/explain")],
  }),
  find: question({
    summary: "Which of the papers that a text names are here, by DOI, arXiv id or web address",
    input: findSchema,
    output: findAnswerSchema,
    addresses: [at("post", "/find")],
  }),
  browse: question({
    summary: "List papers, newest or most voted first",
    input: browseSchema,
    output: browseAnswerSchema,
    addresses: [at("get", "/papers")],
  }),
  paper: question({
    summary: "One paper, and where the sentences of its abstract are",
    input: paperRequestSchema,
    output: paperAnswerSchema,
    addresses: [at("get", "/papers/:id")],
  }),
  related: question({
    summary: "Find papers like one in the index, or like a text that is not",
    input: relatedSchema,
    output: answerSchema,
    addresses: [
      at("get", "/papers/:id/related", { summary: "Find papers like this one", input: relatedByIdSchema }),
      at("post", "/related"),
    ],
  }),
  neighbourhood: question({
    summary: "The papers around this one, and which of them are near to each other",
    input: neighbourhoodSchema,
    output: neighbourhoodAnswerSchema,
    addresses: [at("get", "/papers/:id/neighbourhood")],
  }),
  recommend: question({
    summary: "Find papers like those that are liked and unlike those that are not",
    input: recommendSchema,
    output: answerSchema,
    addresses: [at("post", "/recommend")],
  }),
  lists: question({
    summary: "Likes, dislikes and lists with the ids of their papers, and notes",
    input: NOTHING,
    output: listsAnswerSchema,
    addresses: [at("get", "/lists")],
  }),
  imports: question({
    summary: "The imports that can be undone, the newest first",
    input: NOTHING,
    output: importsAnswerSchema,
    addresses: [at("get", "/imports")],
  }),
  map: question({
    summary: "The map of all papers: its size, its regions and their names",
    input: NOTHING,
    output: mapSchema,
    addresses: [at("get", "/map")],
  }),
  lit: question({
    summary: "Labels of the papers that a search finds, or that pass the filters",
    input: litSchema,
    output: litAnswerSchema,
    addresses: [at("get", "/map/lit")],
  }),
  mapPapers: question({
    summary: "Papers by their labels on the map",
    input: mapPapersSchema,
    output: mapPapersAnswerSchema,
    addresses: [at("get", "/map/papers")],
  }),
} satisfies Record<string, Operation>;

export const CALLS = {
  status: {
    ...question({
      summary: "How many papers there are, and how far embedding has come",
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
    summary: "Keep a note on a paper in place of the one before; an empty one is forgotten",
    input: noteSchema,
    output: null,
    addresses: [at("put", "/papers/:id/note")],
    run: async ({ writing, paper }, { id, note }) => {
      // An empty one may be of a paper that is gone.
      const named = note.trim() === "" ? id : (await paper(id)).id;
      await writing().call("note", { id: named, note });
    },
  }),
  createList: change({
    summary: "Make a list, or leave the one of that name as it is",
    input: createListSchema,
    output: null,
    addresses: [at("put", "/lists/:list")],
    run: ({ writing }, { list }) => writing().call("createList", list),
  }),
  renameList: change({
    summary: "Give a list another name",
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
    summary: "Put a paper into a list; what is put into likes leaves dislikes, and the other way round",
    input: entrySchema,
    output: null,
    addresses: [at("put", "/lists/:list/papers/:id")],
    run: async ({ writing, paper }, { list, id }) =>
      writing().call("addToList", { name: list, id: (await paper(id)).id }),
  }),
  removeFromList: change({
    summary: "Take a paper out of a list",
    input: entrySchema,
    output: null,
    addresses: [at("delete", "/lists/:list/papers/:id")],
    run: ({ writing }, { list, id }) => writing().call("removeFromList", { name: list, id }),
  }),
  undo: change({
    summary: "Take back what an import did, but for papers that a later one has brought as well",
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
    summary: "Import papers: the body is a file in any known format, gzip or not",
    input: uploadSchema,
    output: importReportSchema,
    access: "write",
    lane: "imports",
    addresses: [at("post", "/papers")],
    changesPapers: true,
    file: true,
  },
  cite: {
    summary: "One paper as a citation, to be pasted",
    input: citeSchema,
    output: WRITTEN_TYPES,
    access: "read",
    lane: "questions",
    addresses: [at("get", "/papers/:id/cite")],
  },
  export: {
    summary: "Every paper as a file, in the order in which they came; or those of a list",
    input: exportSchema,
    output: WRITTEN_TYPES,
    access: "read",
    lane: "exports",
    addresses: [at("get", "/export")],
  },
  mapPoints: {
    summary:
      "The points of the map, 16 bytes each, little-endian: uint32 label, float32 x, float32 y, uint16 year, uint8 category, 0",
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

/** What an operation is given, once parsed; and what it answers. */
export type Input<O extends { input: z.ZodType }> = z.output<O["input"]>;
export type Output<O extends { output: unknown }> = O["output"] extends z.ZodType ? z.output<O["output"]> : void;
