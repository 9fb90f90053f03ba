/** The search thread: opens an engine, and answers questions. Another thread embeds queries. */
import type { Embed } from "../embedding/embed.js";
import { workerData } from "node:worker_threads";
import { LRUCache } from "lru-cache";
import type { PaperAnswer } from "../api.js";
import { sentencesOf } from "../embedding/sentences.js";
import { KindredError, unknownPaper } from "../core/errors.js";
import { citationKey } from "../formats/citation-key.js";
import type { Input, Output, Questions } from "../operations/table.js";
import { answerCalls, Thread, type Call } from "../core/thread.js";
import { browse } from "./browse.js";
import type { Engine, Entry } from "../engine/engine.js";
import type { Opening, Saved } from "../engine/module.js";
import { openReader } from "../engine/open.js";
import type { Hold } from "../engine/reading.js";
import { explain } from "./explain.js";
import { neighbourhood } from "./neighbourhood.js";
import { mapMatches, mapPapers, MapReader } from "./map.js";
import { find } from "./find.js";
import { pauses } from "../core/pauses.js";
import { recommend } from "./recommend.js";
import { related } from "./related.js";
import type { QueryMethods } from "./embedder.js";
import { search } from "./search.js";

const opening = workerData as Answering;

/** What the thread is given; `prepares` if `prepare` is called first. */
export type Answering = Opening & { prepares: boolean };

/** Limits of the caches: queries with their vectors; characters of these queries, and of answers with their requests. */
const QUERIES = 2_000;
const CHARACTERS = 4 * 2 ** 20;

/** Embeds queries while this thread answers others. Started on first use, because many requests need no model. */
let embedder: Thread<QueryMethods> | undefined;
const started = () =>
  (embedder ??= new Thread<QueryMethods>(new URL("./embedder.js", import.meta.url), opening.model.name));
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

// The model loads while the tables are read.
if (opening.prepares) started().start();

const reader = await openReader(opening);
const map = new MapReader(reader.engine);

/** How long a recommendation may wait until all words are read, in milliseconds: it compares all of them. */
const BEFORE_RECOMMENDING = 1_000;

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
  const sentences = paper.abstract === null ? [] : sentencesOf(paper.abstract);
  return { paper, sentences, sources: [], citationKey: citationKey(paper) };
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
  if (question === "recommend") await reader.settle(BEFORE_RECOMMENDING);
  for (;;) {
    const hold = await reader.begin();
    const { engine, version } = reader;
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
      if (reader.version !== version) throw CHANGED;
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
  if (reader.version === version) answers.set(key, json);
  return json;
}

const LAST_TIME = 8.64e15;
const timeOf = (milliseconds: number): string => new Date(Math.min(milliseconds, LAST_TIME)).toISOString();

const methods = {
  /** Loads the model, counts facets and begins to sort papers before the first request needs them. */
  prepare: async (): Promise<void> => {
    const ready = started().call("ready", undefined);
    const engine = await reader.latest();
    await engine.facets({});
    await engine.browse({}, "date", 1);
    await ready;
  },
  /** Answers in JSON, which the server passes on unparsed. */
  answer: <Q extends keyof Questions>(
    { question, input }: { question: Q; input: Input<Questions[Q]> },
    { signal }: Call,
  ): Promise<Timed> =>
    answer(question, input, signal).catch((thrown: unknown) => {
      throw reader.explained(thrown);
    }),
  /** Papers after a label, in the order they were added. */
  page: ({ after, limit }: { after: number; limit: number }) => reader.engine.papersAfter(after, limit),
  owned: (rows: Parameters<Engine["owned"]>[0]) => reader.engine.owned(rows),
  countOwned: (rows: Parameters<Engine["countOwned"]>[0]) => reader.engine.countOwned(rows),
  list: async (name: string): Promise<Entry[]> => (await (await reader.latest()).list([name]))[0]!,
  status: async () => {
    const engine = await reader.latest();
    const { jobs, ...status } = await engine.status();
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
  checkRecall: async () => (await reader.latest()).checkRecall(),
  /** The points of the map, as bytes. */
  points: async () => {
    const hold = await reader.begin();
    hold.end();
    return map.points();
  },
  health: async () => (await reader.health?.()) ?? null,
  notice: () => reader.notice(),
  settle: () => reader.settle(),
  written: (saved: Saved) => reader.written(saved),
  close: async (): Promise<void> => {
    await reader.close();
    await embedder?.close();
  },
};
export type SearchMethods = typeof methods;

answerCalls(methods);
