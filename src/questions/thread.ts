/** The search thread: reads the store, holds words, vectors and sketches in memory, and answers questions. Another thread embeds queries. */
import type { Embed } from "../embedding/embed.js";
import { setImmediate } from "node:timers/promises";
import { workerData } from "node:worker_threads";
import { LRUCache } from "lru-cache";
import type { PaperAnswer } from "../api.js";
import type { ModelDescription } from "../embedding/description.js";
import { sentencesOf } from "../embedding/sentences.js";
import { KindredError, unknownPaper } from "../core/errors.js";
import type { Input, Output, Questions } from "../operations/table.js";
import { answerCalls, Thread, type Call } from "../core/thread.js";
import { browse } from "./browse.js";
import { EmbeddedEngine } from "../engine/embedded.js";
import type { Engine } from "../engine/engine.js";
import { Reading, type Hold } from "../engine/reading.js";
import { explain } from "./explain.js";
import { neighbourhood } from "./neighbourhood.js";
import { mapMatches, mapPapers, MapReader } from "./map.js";
import { find } from "./find.js";
import { pauses } from "../core/pauses.js";
import { recommend } from "./recommend.js";
import { related } from "./related.js";
import type { QueryMethods } from "./embedder.js";
import { search } from "./search.js";

export type SearchThreadData = { directory: string; model: ModelDescription };

const { directory, model: description } = workerData as SearchThreadData;

/** Limits of the caches: queries with their vectors; characters of these queries, and of answers with their requests. */
const QUERIES = 2_000;
const CHARACTERS = 16 * 2 ** 20;

/** Embeds queries while this thread answers others. Started on first use, because many requests need no model. */
let embedder: Thread<QueryMethods> | undefined;
const started = () =>
  (embedder ??= new Thread<QueryMethods>(new URL("./embedder.js", import.meta.url), description.name));
const vectors = new LRUCache<string, Promise<Float32Array>>({
  max: QUERIES,
  maxSize: CHARACTERS,
  sizeCalculation: (_, text) => text.length + 1,
});
const embed: Embed = (text) => {
  const known = vectors.get(text);
  if (known !== undefined) return known;
  const vector = started().call("embed", text);
  vectors.set(text, vector);
  vector.catch(() => vectors.delete(text));
  return vector;
};

const engine = new EmbeddedEngine(directory, description);
const map = new MapReader(engine);

/** How long a slice of catching up takes between two questions, and how often to check for changes, in milliseconds. */
const SLICE = 5;
const LOOK_EVERY = 250;
/** How long a question may wait for catching up, in milliseconds; one that compares all words, until all are read. */
const BEFORE_ANSWER = 10;
const BEFORE_RECOMMENDING = 1_000;

const reading = new Reading(() => failed !== null || engine.stale, catchUp);

let looking: NodeJS.Timeout | undefined;
let advancing = false;
/** Why advancing failed: every question fails with this until advancing succeeds. */
let failed: { thrown: unknown } | null = null;
/** Catches up in slices between answers, so that a question waits for one slice at most. */
function advance(): void {
  if (!reading.free) {
    advancing = true;
    void reading.whenFree().then(advance);
    return;
  }
  try {
    advancing = engine.advance(SLICE);
    failed = null;
  } catch (thrown) {
    advancing = false;
    failed = { thrown: engine.explained(thrown) };
  }
  if (advancing) void setImmediate().then(advance);
}
function keepUp(): void {
  // The next question meets the same error and reports it.
  if (!advancing) advance();
}
const graph = engine.openGraph().then(() => {
  advance();
  looking = setInterval(keepUp, LOOK_EVERY);
});
graph.catch(() => {});

/**
 * Catches up with the store as far as BEFORE_ANSWER allows: during a large import the newest papers may be missing for a
 * while.
 *
 * @throws The error of catching up.
 */
function catchUp(): void {
  engine.catchUp(BEFORE_ANSWER);
  if (failed !== null) advance();
  if (failed !== null) throw failed.thrown;
  if (!engine.current && !advancing) {
    advancing = true;
    void setImmediate().then(advance);
  }
}

/** The engine, caught up unless an answer is running. @throws The error of catching up. */
function current(): EmbeddedEngine {
  if (reading.free) catchUp();
  return engine;
}

/** Waits, for a limited time, until `advance` has indexed the words of new papers. */
async function wordsRead(): Promise<void> {
  current();
  const end = performance.now() + BEFORE_RECOMMENDING;
  while ((await engine.unread()) > 0 && performance.now() < end) await setImmediate();
}

/** What a question can use. */
type Asking = { engine: Engine; embed: Embed; signal: AbortSignal; hold: Hold };

/** Answers each question of the table. */
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
  lists: (_, { engine }) => engine.lists(),
  imports: (_, { engine }) => engine.imports(),
  map: (_, { hold }) => {
    // This reads the map in slices, and again if it has changed.
    hold.release();
    return map.map();
  },
  mapMatches: (input, { engine, embed }) => mapMatches(engine, embed, input),
  mapPapers: (input, { engine }) => mapPapers(engine, input),
};

/** The answer as JSON, and how long it took in milliseconds: in all, and until the query was embedded. */
export type Timed = { json: string; stages: { embed?: number; answer: number } };

/**
 * Splits the abstract here, because a long one would block the server thread. The caller adds the sources, which change without
 * the papers: this answer is kept.
 */
async function paperOf(engine: Engine, id: string): Promise<PaperAnswer> {
  const [label] = await engine.resolve([{ kind: "id", value: id }]);
  const [paper] = label === undefined ? [] : await engine.papers([label]);
  if (paper === undefined) throw unknownPaper(id);
  return { paper, sentences: paper.abstract === null ? [] : sentencesOf(paper.abstract), sources: [] };
}

/** Answers as JSON, until something changes. */
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
  const stages: Timed["stages"] = { answer: 0 };
  /** Vectors of this question's texts, so that each attempt has one more of them. */
  const embedded = new Map<string, Float32Array>();
  if (question === "recommend") await wordsRead();
  for (;;) {
    const hold = await reading.begin();
    const { version } = engine;
    // The state is not held during embedding, which may take long, for example while the model loads.
    const timed: Embed = async (text) => {
      const known = embedded.get(text);
      if (known !== undefined) return known;
      hold.release();
      try {
        embedded.set(text, await embed(text));
      } finally {
        await hold.resume();
      }
      stages.embed = performance.now() - start;
      // The caller has gone.
      if (signal.aborted) throw new KindredError("cancelled", "cancelled");
      if (engine.version !== version) throw CHANGED;
      return embedded.get(text)!;
    };
    try {
      const json = await jsonOf(question, input, version, { engine, embed: timed, signal, hold });
      stages.answer = performance.now() - start;
      return { json, stages };
    } catch (thrown) {
      if (thrown !== CHANGED) throw thrown;
    } finally {
      hold.end();
    }
  }
}

/** Thrown if the state changed while a text was embedded: an answer must be of one state, so it starts again. */
const CHANGED = new Error("the state has changed");

/** The answer in the current state of the engine, cached or computed. */
async function jsonOf<Q extends keyof Questions>(
  question: Q,
  input: Input<Questions[Q]>,
  version: number,
  asking: Asking,
): Promise<string> {
  if (version !== answersOf) answers.clear();
  answersOf = version;
  const key = `${question} ${JSON.stringify(input)}`;
  const json = answers.get(key) ?? JSON.stringify(await questions[question](input, asking));
  // The map may have changed: the state was not held.
  if (engine.version === version) answers.set(key, json);
  return json;
}

const LAST_TIME = 8.64e15;
const timeOf = (milliseconds: number): string => new Date(Math.min(milliseconds, LAST_TIME)).toISOString();

const methods = {
  /** Loads the model and counts facets before the first request needs them. */
  prepare: async (): Promise<void> => {
    const ready = started().call("ready", undefined);
    await current().facets({});
    await ready;
  },
  /** Answers in JSON, which the server passes on unparsed. */
  answer: <Q extends keyof Questions>(
    { question, input }: { question: Q; input: Input<Questions[Q]> },
    { signal }: Call,
  ): Promise<Timed> =>
    answer(question, input, signal).catch((thrown: unknown) => {
      throw engine.explained(thrown);
    }),
  /** Papers after a label, in the order they were added. */
  page: ({ after, limit }: { after: number; limit: number }) => engine.papersAfter(after, limit),
  owned: (rows: Parameters<Engine["owned"]>[0]) => engine.owned(rows),
  countOwned: (rows: Parameters<Engine["countOwned"]>[0]) => engine.countOwned(rows),
  /** Ids of the papers in a list. */
  list: async (name: string): Promise<string[]> => (await current().list([name]))[0]!,
  /** @throws KindredError `damaged` when papers.db was removed or replaced: a server then is not ready. */
  status: async () => {
    engine.refuseReplaced();
    const { jobs, ...status } = await current().status();
    return {
      ...(await engine.counts()),
      ...status,
      jobs: jobs.map((job) => ({
        ...job,
        next: timeOf(job.next),
        started: job.started === null ? null : timeOf(job.started),
        ended: job.ended === null ? null : timeOf(job.ended),
      })),
    };
  },
  checkRecall: () => current().checkRecall(),
  /** The points of the map, as bytes. */
  points: async () => {
    const hold = await reading.begin();
    hold.end();
    return map.points();
  },
  /** What was wrong with the files of the index when they were opened. */
  openingNotice: async (): Promise<string | null> => {
    await graph;
    return engine.index().notice;
  },
  /** Waits until answers include everything that was stored before. */
  settle: async (): Promise<void> => {
    // One look is enough: where files may only be read, SQLite reports a change each time it is asked.
    (await reading.begin()).end();
    while (!current().current) await setImmediate();
  },
  /** Whether tables or graph on disk are stale. */
  unsaved: async (): Promise<boolean> => {
    await graph;
    return current().unsaved;
  },
  /** Takes over the files that a builder has written. */
  written: async ({ change, again }: { change: number; again: boolean }): Promise<void> => {
    await graph;
    await engine.written(change, again);
  },
  close: async (): Promise<void> => {
    clearInterval(looking);
    engine.close();
    await embedder?.close();
  },
};
export type SearchMethods = typeof methods;

answerCalls(methods, graph);
