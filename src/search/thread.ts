/** The thread that answers: it reads the store, holds the vectors, and embeds queries. */
import { workerData } from "node:worker_threads";
import type {
  BrowseAnswer,
  BrowseRequest,
  ExplainRequest,
  RecommendRequest,
  RelatedRequest,
  SearchRequest,
} from "../api.js";
import { EmbeddingModel, type ModelDescription } from "../embedding/model.js";
import { unknownPaper } from "../errors.js";
import type { Paper } from "../paper.js";
import { answerCalls, type Call } from "../thread.js";
import { browse } from "./browse.js";
import { EmbeddedEngine } from "./embedded.js";
import { explain } from "./explain.js";
import { recommend } from "./recommend.js";
import { related } from "./related.js";
import { search } from "./search.js";

export type SearchThreadData = { directory: string; model: ModelDescription };

const { directory, model: description } = workerData as SearchThreadData;
const engine = new EmbeddedEngine(directory, description);

const model = EmbeddingModel.load(description.name);
// Told to whoever asks something that needs it.
model.catch(() => {});
const embed = async (text: string) => (await model).embed(text);

/** How long the graph is brought up to date between two questions, and how often news is looked for, in milliseconds. */
const SLICE = 5;
const LOOK_EVERY = 250;

let looking: NodeJS.Timeout | undefined;
let folding = false;
/** Folds in slices, so that a question waits for one slice at most. */
function fold(): void {
  folding = engine.fold(SLICE);
  if (folding) setImmediate(fold);
}
function keepUp(): void {
  try {
    engine.catchUp();
  } catch {
    // Told to whoever asks next, who finds the same.
    return;
  }
  if (!folding) fold();
}
const graph = engine.loadGraph().then(() => {
  fold();
  looking = setInterval(keepUp, LOOK_EVERY);
});
graph.catch(() => {});

/** Every question is answered from the newest state of the store. */
function current(): EmbeddedEngine {
  engine.catchUp();
  return engine;
}

const methods = {
  search: (request: SearchRequest) => search(current(), embed, request),
  explain: (request: ExplainRequest) => explain(current(), embed, request),
  related: (request: RelatedRequest) => related(current(), embed, request),
  recommend: (request: RecommendRequest) => recommend(current(), embed, request),
  browse: (request: BrowseRequest): BrowseAnswer => browse(current().papers, request),
  paper: (id: string): Paper => {
    const label = engine.find({ kind: "id", value: id });
    const paper = label === undefined ? undefined : engine.fetch(label);
    if (paper === undefined) throw unknownPaper(id);
    return paper;
  },
  /** Papers from behind a label on, in the order in which they came. */
  page: ({ after, limit }: { after: number; limit: number }) => engine.papers.export(after, limit),
  status: () => ({ ...current().counts(), index: engine.index() }),
  /** What was found wrong with the snapshot on opening. */
  found: async (): Promise<string | null> => {
    await graph;
    return engine.index().notice;
  },
  /** Writes the graph to disk; the caller holds the directory's lock. */
  save: async (_nothing: undefined, { signal }: Call): Promise<void> => {
    await graph;
    await engine.save(signal);
  },
  /** Makes the graph again from the stored vectors. */
  rebuild: async (_nothing: undefined, { signal }: Call): Promise<void> => {
    await graph;
    engine.rebuild();
    await engine.save(signal);
  },
  close: (): void => {
    clearInterval(looking);
    engine.close();
  },
};
export type SearchMethods = typeof methods;

answerCalls(methods, model, graph);
