/** The thread that answers: it reads the store and holds words, vectors and sketches; another embeds queries for it. */
import { setImmediate } from "node:timers/promises";
import { workerData } from "node:worker_threads";
import { LRUCache } from "lru-cache";
import type { PaperAnswer } from "../api.js";
import type { ModelDescription } from "../embedding/description.js";
import { sentencesOf } from "../embedding/sentences.js";
import { KindredError, unknownPaper } from "../errors.js";
import type { Input, Output, Questions } from "../operations/table.js";
import { answerCalls, Thread, type Call } from "../thread.js";
import { browse } from "./browse.js";
import type { Saved } from "./builder.js";
import { EmbeddedEngine } from "./embedded.js";
import { explain } from "./explain.js";
import { neighbourhood } from "./neighbourhood.js";
import { mapMatches, mapPapers, MapReader } from "./map.js";
import { find } from "./find.js";
import { pauses } from "./pauses.js";
import { recommend } from "./recommend.js";
import { related } from "./related.js";
import type { QueryMethods } from "./embedder.js";
import { search, type Embed } from "./search.js";

export type SearchThreadData = { directory: string; model: ModelDescription };

const { directory, model: description } = workerData as SearchThreadData;

/** Queries whose vectors are kept; and characters of all of them, and of answers that are kept, with what was asked. */
const QUERIES = 2_000;
const CHARACTERS = 16 * 2 ** 20;

/** Embeds queries while this thread answers others. Begun by the first who needs it: much is asked for that needs no model. */
let embedder: Thread<QueryMethods> | undefined;
const begun = () =>
  (embedder ??= new Thread<QueryMethods>(new URL("./embedder.js", import.meta.url), description.name));
const vectors = new LRUCache<string, Promise<Float32Array>>({
  max: QUERIES,
  maxSize: CHARACTERS,
  sizeCalculation: (_, text) => text.length + 1,
});
const embed: Embed = (text) => {
  const known = vectors.get(text);
  if (known !== undefined) return known;
  const vector = begun().call("embed", text);
  vectors.set(text, vector);
  vector.catch(() => vectors.delete(text));
  return vector;
};

const engine = new EmbeddedEngine(directory, description);
const map = new MapReader(engine);

/** How long memory is brought up to date between two questions, and how often news is looked for, in milliseconds. */
const SLICE = 5;
const LOOK_EVERY = 250;
/** How long a question may wait for changes to be read before it is answered, in milliseconds. */
const BEFORE_ANSWER = 10;

let looking: NodeJS.Timeout | undefined;
let folding = false;
/** Why folding failed: every question fails with this until folding succeeds. */
let failed: { thrown: unknown } | null = null;
/** Folds in slices, so that a question waits for one slice at most. */
function fold(): void {
  try {
    folding = engine.fold(SLICE);
    failed = null;
  } catch (thrown) {
    folding = false;
    failed = { thrown: engine.store.explained(thrown) };
  }
  if (folding) void setImmediate().then(fold);
}
function keepUp(): void {
  // What goes wrong here goes wrong again for the next question, which is told.
  if (!folding) fold();
}
const graph = engine.openGraph().then(() => {
  fold();
  looking = setInterval(keepUp, LOOK_EVERY);
});
graph.catch(() => {});

/**
 * Every question is answered from the newest state of the store, as far as it can be read in a moment; while very many
 * papers come, some of them may be missing for as long as it takes to fold them in.
 */
function current(): EmbeddedEngine {
  engine.catchUp(BEFORE_ANSWER);
  if (failed !== null) fold();
  if (failed !== null) throw failed.thrown;
  if (!engine.current && !folding) {
    folding = true;
    void setImmediate().then(fold);
  }
  return engine;
}

/** What a question may use. */
type Asking = { engine: EmbeddedEngine; embed: Embed; signal: AbortSignal };

/** How each question of the table is answered. */
const questions: {
  [Q in keyof Questions]: (
    input: Input<Questions[Q]>,
    asking: Asking,
  ) => Output<Questions[Q]> | Promise<Output<Questions[Q]>>;
} = {
  search: (input, { engine, embed }) => search(engine, embed, input),
  explain: (input, { engine, embed }) => explain(engine, embed, input),
  find: ({ text }, { engine }) => find(engine, text),
  browse: (input, { engine }) => browse(engine, input),
  paper: ({ id }, { engine }) => paperOf(engine, id),
  related: (input, { engine, embed }) => related(engine, embed, input),
  neighbourhood: (input, { engine, embed }) => neighbourhood(engine, embed, input),
  recommend: (input, { engine, embed, signal }) => recommend(engine, embed, input, pauses(signal)),
  lists: (_, { engine }) => engine.store.lists.all(),
  imports: (_, { engine }) => ({ imports: engine.store.imports.all() }),
  map: () => map.map(),
  mapMatches: (input, { engine, embed }) => mapMatches(engine, embed, input),
  mapPapers: (input, { engine }) => mapPapers(engine, input),
};

/** JSON, and how long it took in milliseconds: all of it, and waiting for the model where it was asked. */
export type Timed = { json: string; stages: { embed?: number; answer: number } };

/** One paper, with its abstract split here rather than in the thread that serves, which a long one would hold up. */
function paperOf(engine: EmbeddedEngine, id: string): PaperAnswer {
  const label = engine.find({ kind: "id", value: id });
  const paper = label === undefined ? undefined : engine.fetch(label);
  if (paper === undefined) throw unknownPaper(id);
  return { paper, sentences: paper.abstract === null ? [] : sentencesOf(paper.abstract) };
}

/** Answers as JSON, for as long as nothing changes. */
const answers = new LRUCache<string, string>({
  maxSize: CHARACTERS,
  sizeCalculation: (json, key) => json.length + key.length,
});
let answersOf = -1;

async function answer<Q extends keyof Questions>(
  question: Q,
  input: Input<Questions[Q]>,
  signal: AbortSignal,
): Promise<Timed> {
  const start = performance.now();
  const { version } = current();
  if (version !== answersOf) answers.clear();
  answersOf = version;
  const key = `${question} ${JSON.stringify(input)}`;
  const known = answers.get(key);
  const stages: Timed["stages"] = { answer: 0 };
  const timed: Embed = async (text) => {
    const vector = await embed(text);
    stages.embed = performance.now() - start;
    // Nobody waits for the rest.
    if (signal.aborted) throw new KindredError("cancelled", "cancelled");
    return vector;
  };
  const json = known ?? JSON.stringify(await questions[question](input, { engine, embed: timed, signal }));
  // What has changed while the query was embedded may be in it, or not.
  if (engine.version === version) answers.set(key, json);
  stages.answer = performance.now() - start;
  return { json, stages };
}

/** SQLite counts points one by one, so they are counted only after something has changed. */
let points = { version: -1, count: 0 };
function pointsNow(): number {
  const { version } = engine;
  if (points.version !== version) points = { version, count: engine.map.count() };
  return points.count;
}

const methods = {
  /** Loads the model, and counts papers, before the first who asks needs it. */
  prepare: (): Promise<void> => {
    const ready = begun().call("ready", undefined);
    current().facetsOf({});
    return ready;
  },
  /** JSON: what asks over HTTP passes it on as it is. */
  answer: <Q extends keyof Questions>(
    { question, input }: { question: Q; input: Input<Questions[Q]> },
    { signal }: Call,
  ): Promise<Timed> =>
    answer(question, input, signal).catch((thrown: unknown) => {
      throw engine.store.explained(thrown);
    }),
  /** Papers from behind a label on, in the order in which they came. */
  page: ({ after, limit }: { after: number; limit: number }) => engine.store.papers.export(after, limit),
  /** Ids of the papers in a list. */
  list: (name: string): string[] => current().list(name),
  /** @throws KindredError `damaged` when papers.db was removed or replaced: a server then is not ready. */
  status: () => {
    engine.store.refuseReplaced();
    const counts = current().counts();
    return {
      ...counts,
      // Points outlive vectors that are forgotten, for a while.
      pendingPoints: Math.max(0, counts.embedded - pointsNow()),
      newest: engine.store.papers.newest(),
      index: engine.index(),
    };
  },
  checkRecall: () => current().checkRecall(),
  /** The points of the map, as bytes. */
  points: () => map.points(),
  /** What was found wrong with the snapshot on opening. */
  openingNotice: async (): Promise<string | null> => {
    await graph;
    return engine.index().notice;
  },
  /** Waits until answers hold everything that was stored before. */
  settle: async (): Promise<void> => {
    while (!current().current) await setImmediate();
  },
  /** Whether tables or graph on disk lack anything. */
  unsaved: async (): Promise<boolean> => {
    await graph;
    return current().unsaved;
  },
  /** Takes over what a builder has written. */
  written: async ({ saved, again }: { saved: Saved; again: boolean }): Promise<void> => {
    await graph;
    await engine.written(saved, again);
  },
  close: async (): Promise<void> => {
    clearInterval(looking);
    engine.close();
    await embedder?.close();
  },
};
export type SearchMethods = typeof methods;

answerCalls(methods, graph);
