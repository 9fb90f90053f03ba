/**
 * The table of operations: everything that can be asked or done, once. The HTTP routes, the OpenAPI document and the methods
 * of the library derive from it. The search thread answers the questions (`questions/thread.ts`), a call has a `run`, and the
 * server handles the streams (`server/streams.ts`).
 */
import { z } from "zod";
import { WRITTEN } from "../formats/write.js";
import type { Writer } from "../engine/writer.js";
import { unknownPaper } from "../core/errors.js";
import type { Paper } from "../core/paper.js";
import { addReportSchema, addSchema, type AddReport } from "./add.js";
import {
  addAlertSchema,
  alertAnswerSchema,
  alertPreviewSchema,
  alertRequestSchema,
  alertsAnswerSchema,
  changeAlertSchema,
  previewNewAlertSchema,
  seeAlertsSchema,
  type AlertAnswer,
  type AlertChanges,
  type AlertPreview,
  type AlertsAnswer,
  type NewAlert,
  type NewAlertPreview,
} from "./alerts.js";
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
import {
  addSourceSchema,
  changeSourceSchema,
  previewAnswerSchema,
  previewSchema,
  removedSourceSchema,
  removeSourceSchema,
  sourceAnswerSchema,
  sourceKindsAnswerSchema,
  sourceRequestSchema,
  sourcesAnswerSchema,
  type PreviewAnswer,
  type SourceAnswer,
  type SourceChanges,
  type SourceKindsAnswer,
  type SourcesAnswer,
} from "./sources.js";
import { statusSchema, type Status } from "./status.js";

export type Method = "get" | "post" | "put" | "patch" | "delete";

/** Where HTTP serves an operation. */
export type Address = {
  method: Method;
  /** As Express writes it: `/papers/:id`. It names fields of the input; the query of a GET or DELETE, otherwise the body, has the rest. */
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
  /** `write` changes something, and needs a key where writes are protected; `read` where everything is. */
  access: "read" | "write";
  /** The queue of the server that it waits in. */
  lane: "questions" | "changes" | "imports" | "exports";
  addresses: readonly Address[];
  /** Whether it adds or removes papers, so that there may be work for the indexer. */
  changesPapers?: true;
  /** Whether the body is a file of papers; the query then has the input. */
  file?: true;
};

export type Call = Operation & { run: (context: Context, input: never) => Promise<unknown> };

/** What the `run` of a call can use. */
export type Context = {
  /** Its methods throw `storage` if the directory is read-only. */
  writer: Writer;
  /** Waits until answers include everything stored so far. */
  settled: () => Promise<void>;
  /** @throws KindredError `not-found`. */
  paper: (id: string) => Promise<Paper>;
  status: () => Promise<Status>;
  add: (identifiers: readonly string[], signal: AbortSignal) => Promise<AddReport>;
  sources: {
    list: () => Promise<SourcesAnswer>;
    get: (name: string) => Promise<SourceAnswer>;
    kinds: (local: boolean) => SourceKindsAnswer;
    preview: (source: { kind: string; options: Record<string, unknown> }, asking: Asking) => Promise<PreviewAnswer>;
    add: (source: z.output<typeof addSourceSchema>, asking: Pick<Asking, "local">) => Promise<string>;
    change: (name: string, changes: SourceChanges) => Promise<void>;
    begin: (name: string) => Promise<void>;
    remove: (name: string, papers: boolean) => Promise<number>;
  };
  alerts: {
    list: (local: boolean) => Promise<AlertsAnswer>;
    get: (name: string, local: boolean, written?: readonly string[]) => Promise<AlertAnswer>;
    preview: (alert: string | NewAlertPreview, signal: AbortSignal) => Promise<AlertPreview>;
    add: (alert: NewAlert, local: boolean) => Promise<string>;
    change: (name: string, changes: AlertChanges, local: boolean) => Promise<void>;
    see: () => Promise<void>;
    renameList: (name: string, to: string) => Promise<void>;
    begin: (name: string) => Promise<void>;
    remove: (name: string) => Promise<void>;
  };
} & Asking;

/** Who asks. */
export type Asking = {
  /** Whether it is a person at this machine: others may not have it read files, or connect to private addresses. */
  local: boolean;
  signal: AbortSignal;
};

const address =
  (method: Method) =>
  (path: string, more: Omit<Address, "method" | "path"> = {}): Address => ({ method, path, ...more });
const [get, post, put] = [address("get"), address("post"), address("put")];
const [patch, remove] = [address("patch"), address("delete")];

const NOTHING = z.strictObject({});

const question = <I extends z.ZodType, O extends z.ZodType>(
  summary: string,
  input: I,
  output: O,
  ...addresses: Address[]
) => ({ summary, input, output, addresses, access: "read" as const, lane: "questions" as const });

const change = <I extends z.ZodType, O extends z.ZodType | null>(
  summary: string,
  input: I,
  output: O,
  at: Address,
  run: (context: Context, input: z.output<I>) => Promise<O extends z.ZodType ? z.output<O> : void>,
) => ({ summary, input, output, addresses: [at], access: "write" as const, lane: "changes" as const, run });

/** The search thread answers these. */
export const QUESTIONS = {
  search: question(
    "Find papers by words and meaning",
    searchSchema,
    answerSchema,
    get("/search"),
    post("/search", { summary: "Find papers by words and meaning; for long queries" }),
  ),
  explain: question(
    "Explain the place of a paper in the answer to a search, or why it is not in it",
    explainSchema,
    explanationSchema,
    post("/explain"),
  ),
  find: question(
    "Look up the papers whose DOIs, arXiv ids or URLs a text contains",
    findSchema,
    findAnswerSchema,
    post("/find"),
  ),
  browse: question("List papers in an order, without a query", browseSchema, browseAnswerSchema, get("/papers")),
  paper: question(
    "Get a paper, where the sentences of its abstract are, and the sources that have brought it",
    paperRequestSchema,
    paperAnswerSchema,
    get("/papers/:id"),
  ),
  related: question(
    "Find papers like one in the index, or like a text",
    relatedSchema,
    answerSchema,
    get("/papers/:id/related", { summary: "Find papers like this one", input: relatedByIdSchema }),
    post("/related"),
  ),
  neighbourhood: question(
    "Get the papers around this one, and which of them are near each other",
    neighbourhoodSchema,
    neighbourhoodAnswerSchema,
    get("/papers/:id/neighbourhood"),
  ),
  recommend: question(
    "Find papers like those you like and unlike those you do not",
    recommendSchema,
    answerSchema,
    post("/recommend"),
  ),
  lists: question(
    "Get likes, dislikes and lists with the ids of their papers, and notes",
    NOTHING,
    listsAnswerSchema,
    get("/lists"),
  ),
  imports: question("List the imports that can be undone, newest first", NOTHING, importsAnswerSchema, get("/imports")),
  map: question("Get the map of all papers: its size, its regions and their names", NOTHING, mapSchema, get("/map")),
  mapMatches: question(
    "Get the labels of the papers that a search finds, or that pass the filters",
    mapMatchesSchema,
    mapMatchesAnswerSchema,
    get("/map/matches"),
  ),
  mapPapers: question(
    "Get papers by their labels on the map",
    mapPapersSchema,
    mapPapersAnswerSchema,
    get("/map/papers"),
  ),
} satisfies Record<string, Operation>;

/** These run by their `run`. */
export const CALLS = {
  status: {
    ...question("Get the number of papers, and how far embedding has come", NOTHING, statusSchema, get("/status")),
    run: (context: Context): Promise<Status> => context.status(),
  },
  sources: {
    ...question("List the services and folders that papers come from", NOTHING, sourcesAnswerSchema, get("/sources")),
    run: ({ sources }: Context): Promise<SourcesAnswer> => sources.list(),
  },
  source: {
    ...question("Get a source with its last runs", sourceRequestSchema, sourceAnswerSchema, get("/sources/:source")),
    run: ({ sources }: Context, { source }: { source: string }): Promise<SourceAnswer> => sources.get(source),
  },
  alerts: {
    ...question("List the alerts, with how much each has found", NOTHING, alertsAnswerSchema, get("/alerts")),
    run: ({ alerts, local }: Context): Promise<AlertsAnswer> => alerts.list(local),
  },
  alert: {
    ...question(
      "Get an alert with what it has found, newest first",
      alertRequestSchema,
      alertAnswerSchema,
      get("/alerts/:alert"),
    ),
    run: ({ alerts, local }: Context, { alert }: { alert: string }): Promise<AlertAnswer> => alerts.get(alert, local),
  },
  previewAlert: {
    ...question(
      "Get what an alert would find now; nothing is stored",
      alertRequestSchema,
      alertPreviewSchema,
      get("/alerts/:alert/preview"),
    ),
    run: ({ alerts, signal }: Context, { alert }: { alert: string }): Promise<AlertPreview> =>
      alerts.preview(alert, signal),
  },
  previewNewAlert: {
    ...question(
      "Get which of the papers that are here an alert with this question would report; nothing is stored",
      previewNewAlertSchema,
      alertPreviewSchema,
      post("/alert-preview"),
    ),
    run: ({ alerts, signal }: Context, alert: NewAlertPreview): Promise<AlertPreview> => alerts.preview(alert, signal),
  },
  addAlert: change(
    "Add an alert, which a server then runs when it is due",
    addAlertSchema,
    alertAnswerSchema,
    post("/alerts"),
    async ({ alerts, local }, alert) => alerts.get(await alerts.add(alert, local), local, alert.webhooks),
  ),
  seeAlerts: change("Mark what all alerts have found as seen", seeAlertsSchema, null, patch("/alerts"), ({ alerts }) =>
    alerts.see(),
  ),
  changeAlert: change(
    "Change or rename an alert, pause or resume it, or mark what it has found as seen",
    changeAlertSchema,
    alertAnswerSchema,
    patch("/alerts/:alert"),
    async ({ alerts, local }, { alert, ...changes }) => {
      await alerts.change(alert, changes, local);
      return alerts.get(changes.name ?? alert, local, changes.webhooks);
    },
  ),
  runAlert: change(
    "Run an alert now; the answer does not wait for it",
    alertRequestSchema,
    null,
    post("/alerts/:alert/run"),
    ({ alerts }, { alert }) => alerts.begin(alert),
  ),
  removeAlert: change(
    "Remove an alert, and what it has found; the papers stay",
    alertRequestSchema,
    null,
    remove("/alerts/:alert"),
    ({ alerts }, { alert }) => alerts.remove(alert),
  ),
  add: {
    ...change(
      "Add the papers that identifiers name: services on the network are asked for those that are not here",
      addSchema,
      addReportSchema,
      post("/add"),
      ({ add, signal }, { identifiers }) => add(identifiers, signal),
    ),
    lane: "imports",
    changesPapers: true,
  },
  sourceKinds: {
    ...question(
      "List the kinds of sources, with their options",
      NOTHING,
      sourceKindsAnswerSchema,
      get("/source-kinds"),
    ),
    run: ({ sources, local }: Context): Promise<SourceKindsAnswer> => Promise.resolve(sources.kinds(local)),
  },
  previewSource: {
    ...change(
      "Ask a service for the first papers that a source would bring; nothing is stored",
      previewSchema,
      previewAnswerSchema,
      post("/source-kinds/:kind/preview"),
      ({ sources, local, signal }, source) => sources.preview(source, { local, signal }),
    ),
    // A service may take long; others' changes do not wait for it.
    lane: "imports" as const,
  },
  addSource: change(
    "Add a source, which a server then runs",
    addSourceSchema,
    sourceAnswerSchema,
    post("/sources"),
    async ({ sources, local }, source) => sources.get(await sources.add(source, { local })),
  ),
  changeSource: change(
    "Pause or resume a source, or change how often it runs, its list or its limit",
    changeSourceSchema,
    sourceAnswerSchema,
    patch("/sources/:source"),
    async ({ sources }, { source, ...changes }) => {
      await sources.change(source, changes);
      return sources.get(source);
    },
  ),
  runSource: change(
    "Run a source now; the answer does not wait for it",
    sourceRequestSchema,
    null,
    post("/sources/:source/run"),
    ({ sources }, { source }) => sources.begin(source),
  ),
  removeSource: {
    ...change(
      "Remove a source, and if asked for, the papers that only it has brought",
      removeSourceSchema,
      removedSourceSchema,
      remove("/sources/:source"),
      async ({ sources }, { source, papers }) => ({ removed: await sources.remove(source, papers) }),
    ),
    changesPapers: true,
  },
  remove: {
    ...change("Remove a paper for good", paperRequestSchema, null, remove("/papers/:id"), async (context, { id }) => {
      if (!(await context.writer.remove(id))) throw unknownPaper(id);
      await context.settled();
    }),
    changesPapers: true,
  },
  note: change(
    "Set the note on a paper; an empty one removes it",
    noteSchema,
    null,
    put("/papers/:id/note"),
    async ({ writer, paper }, { id, note }) => {
      // A note can be removed from a paper that has been removed.
      const named = note.trim() === "" ? id : (await paper(id)).id;
      await writer.note({ id: named, note });
    },
  ),
  createList: change(
    "Create a list, unless there is one of that name",
    createListSchema,
    null,
    put("/lists/:list"),
    ({ writer }, { list }) => writer.createList(list),
  ),
  renameList: change(
    "Rename a list, also in the questions of alerts",
    renameListSchema,
    null,
    patch("/lists/:list"),
    ({ alerts }, { list, name }) => alerts.renameList(list, name),
  ),
  deleteList: change(
    "Delete a list; its papers stay",
    deleteListSchema,
    null,
    remove("/lists/:list"),
    ({ writer }, { list }) => writer.deleteList(list),
  ),
  addToList: change(
    "Add a paper to a list; adding to likes removes it from dislikes, and the other way round",
    entrySchema,
    null,
    put("/lists/:list/papers/:id"),
    async ({ writer, paper }, { list, id }) => writer.addToList({ name: list, id: (await paper(id)).id }),
  ),
  removeFromList: change(
    "Remove a paper from a list",
    entrySchema,
    null,
    remove("/lists/:list/papers/:id"),
    ({ writer }, { list, id }) => writer.removeFromList({ name: list, id }),
  ),
  undo: {
    ...change(
      "Undo an import, except for papers that a later import contains too",
      undoSchema,
      undoneSchema,
      post("/imports/:import/undo"),
      async ({ writer, settled }, { import: number }) => {
        const undone = await writer.undo(number);
        await settled();
        return undone;
      },
    ),
    changesPapers: true,
  },
} satisfies Record<string, Call>;

/** The media types papers are written in. */
const WRITTEN_TYPES = Object.values(WRITTEN).map(({ type }) => type);

/** The server handles these: files and bytes. */
export const STREAMS = {
  import: {
    summary: "Import papers: the body is a file in any supported format, gzipped or not",
    input: uploadSchema,
    output: importReportSchema,
    access: "write",
    lane: "imports",
    addresses: [post("/papers")],
    changesPapers: true,
    file: true,
  },
  cite: {
    summary: "Get the citation of a paper",
    input: citeSchema,
    output: WRITTEN_TYPES,
    access: "read",
    lane: "questions",
    addresses: [get("/papers/:id/cite")],
  },
  export: {
    summary: "Export all papers, in the order they were added, or those of a list",
    input: exportSchema,
    output: WRITTEN_TYPES,
    access: "read",
    lane: "exports",
    addresses: [get("/export")],
  },
  mapPoints: {
    summary:
      "Get the points of the map, 16 bytes each, little-endian: uint32 label, float32 x, float32 y, uint16 year, uint8 category, 0",
    input: NOTHING,
    output: ["application/octet-stream"],
    access: "read",
    lane: "questions",
    addresses: [get("/map/points")],
  },
} satisfies Record<string, Operation>;

export type Questions = typeof QUESTIONS;
export type Calls = typeof CALLS;
export type Streams = typeof STREAMS;

/** The parsed input of an operation, and its answer. */
export type Input<O extends { input: z.ZodType }> = z.output<O["input"]>;
export type Output<O extends { output: unknown }> = O["output"] extends z.ZodType ? z.output<O["output"]> : void;
