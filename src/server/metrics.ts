/** What a Prometheus server reads: https://prometheus.io/docs/practices/naming/. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { RequestHandler } from "express";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { EmbeddingProgress, Kindred, Stages } from "../kindred.js";
import type { Lanes } from "./lanes.js";

/** Seconds: a query embeds in 0.005, and 30 is all a question has. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];

/** How often it is checked whether searches find the nearest papers, in milliseconds: it compares all of them. */
const CHECK_EVERY = 300_000;

/** Stands for a status where the client went before it had all of its answer, as nginx has it. */
const LEFT = 499;

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests;
  readonly #stages;
  readonly #embedded;
  readonly #papers;
  readonly #pending;
  readonly #failed;
  readonly #behind;
  readonly #age;
  readonly #checked;
  readonly #found;
  readonly #up;
  readonly #kindred;
  #looking: Promise<void> | undefined;
  /** When recall was checked last, and whether a check is under way. */
  #checkedAt = -Infinity;
  #checking = false;

  constructor(kindred: Kindred, lanes: Lanes) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Histogram({
      name: "kindred_request_seconds",
      help: "How long requests took, by route, method and status",
      labelNames: ["route", "method", "status"],
      buckets: BUCKETS,
      registers,
    });
    this.#stages = new Histogram({
      name: "kindred_stage_seconds",
      help: "How long the parts of answering a question took: waiting, embedding the query, the answer with it",
      labelNames: ["stage"],
      buckets: BUCKETS,
      registers,
    });
    const inLanes = (name: string, help: string, of: "running" | "waiting") =>
      new Gauge({
        name,
        help,
        labelNames: ["lane"],
        registers,
        collect() {
          for (const [lane, one] of Object.entries(lanes)) this.set({ lane }, one[of]);
        },
      });
    inLanes("kindred_lane_running", "Requests in hand, by what they are", "running");
    inLanes("kindred_lane_waiting", "Requests that wait for their turn, by what they are", "waiting");
    this.#papers = new Gauge({ name: "kindred_papers", help: "Papers there are", registers });
    this.#pending = new Gauge({
      name: "kindred_pending",
      help: "Papers that wait to have their abstracts or sentences embedded, or a place on the map",
      labelNames: ["of"],
      registers,
    });
    this.#failed = new Gauge({
      name: "kindred_failed",
      help: "Papers whose text could not be embedded",
      registers,
    });
    this.#behind = new Gauge({
      name: "kindred_snapshot_changes_behind",
      help: "Changes of the store that the snapshot of the graph on disk lacks",
      registers,
    });
    this.#embedded = new Counter({
      name: "kindred_embedded_texts_total",
      help: "Texts this process has embedded",
      labelNames: ["of"],
      registers,
    });
    this.#age = new Gauge({
      name: "kindred_snapshot_age_seconds",
      help: "How long ago the snapshot of the graph was written; NaN where there is none",
      registers,
    });
    this.#checked = new Counter({
      name: "kindred_recall_checked_total",
      help: "Nearest neighbours looked up by exact comparison, every five minutes at most, to see whether a search finds them",
      registers,
    });
    this.#found = new Counter({
      name: "kindred_recall_found_total",
      help: "Of these, those that a search finds: the share is recall@10",
      registers,
    });
    this.#up = new Gauge({ name: "kindred_up", help: "1 where the thread that answers does", registers });
    this.#kindred = kindred;
  }

  /** Counts every request, however it ends. */
  readonly count: RequestHandler = (request, response, next) => {
    const end = this.#requests.startTimer();
    response.on("close", () => {
      const { route = "none" } = response.locals as { route?: string };
      end({ route, method: request.method, status: response.writableFinished ? response.statusCode : LEFT });
    });
    next();
  };

  /** @returns What is to be told how far one run of embedding has come, whenever it has. */
  embedding(): (progress: EmbeddingProgress) => void {
    const told = { vectors: 0, sentences: 0 };
    return ({ phase, done }) => {
      this.#embedded.inc({ of: phase === "vectors" ? "abstracts" : "sentences" }, done - told[phase]);
      told[phase] = done;
    };
  }

  observe(stages: Stages): void {
    for (const [stage, milliseconds] of Object.entries(stages)) this.#stages.observe({ stage }, milliseconds / 1_000);
  }

  readonly serve: RequestHandler = async (_request, response) => {
    // However many ask, what it takes of the thread that answers is taken once at a time.
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    await this.#looking;
    const text = await this.#registry.metrics();
    response.set("Content-Type", this.#registry.contentType).end(text);
  };

  async #look(): Promise<void> {
    try {
      const { papers, pending, pendingSentences, pendingPoints, failed, index } = await this.#kindred.status();
      this.#papers.set(papers);
      this.#failed.set(failed);
      this.#pending.set({ of: "abstracts" }, pending);
      this.#pending.set({ of: "sentences" }, pendingSentences);
      this.#pending.set({ of: "points" }, pendingPoints);
      this.#behind.set(index.storeChange - index.saved);
      const written = await stat(join(this.#kindred.directory, "vectors.json")).catch(() => ({ mtimeMs: NaN }));
      this.#age.set((Date.now() - written.mtimeMs) / 1_000);
      this.#up.set(1);
      void this.#check();
    } catch {
      this.#up.set(0);
    }
  }

  /** No scrape waits for it: what it finds is in the next one. */
  async #check(): Promise<void> {
    if (this.#checking || performance.now() < this.#checkedAt + CHECK_EVERY) return;
    this.#checking = true;
    try {
      const { nearest, found } = await this.#kindred.checkRecall();
      this.#checked.inc(nearest);
      this.#found.inc(found);
      // Papers that come meanwhile leave nothing to say: then the next scrape has it checked again.
      if (nearest > 0) this.#checkedAt = performance.now();
    } catch {
      // A thread that does not answer is told of by `kindred_up`.
    } finally {
      this.#checking = false;
    }
  }
}
