/** Metrics for Prometheus: https://prometheus.io/docs/practices/naming/. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { RequestHandler } from "express";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ClusterState } from "../engine/module.js";
import type { EmbeddingProgress, Kindred, Stages } from "../kindred.js";
import type { Lanes } from "./lanes.js";

/** Seconds: embedding a query takes 0.005; a question times out after 30. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];

/** How often recall is checked, in milliseconds: a check compares all vectors. */
const CHECK_EVERY = 300_000;

/** The status of a request whose client left before the end of the answer, as in nginx. */
const LEFT = 499;

/** Of a cluster that holds the papers: what it says of itself, and what became of requests to it. */
class ClusterMetrics {
  readonly #up;
  readonly #missing;
  readonly #running;
  readonly #requests;
  readonly #repeated;
  readonly #seconds;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#up = new Gauge({ name: "kindred_cluster_up", help: "1 if the cluster answers", registers });
    this.#missing = new Gauge({
      name: "kindred_cluster_shards_missing",
      help: "Shards and replicas that no node has; NaN if the cluster does not answer",
      registers,
    });
    this.#running = new Gauge({
      name: "kindred_cluster_running",
      help: "Requests of this process that the cluster has not answered yet",
      registers,
    });
    this.#requests = new Counter({
      name: "kindred_cluster_requests_total",
      help: "Requests of this process to the cluster, by outcome; skipped ones were not sent, because it does not answer",
      labelNames: ["outcome"],
      registers,
    });
    this.#repeated = new Counter({
      name: "kindred_cluster_repeated_total",
      help: "Repetitions of requests that the cluster had refused because it was busy",
      registers,
    });
    this.#seconds = new Counter({
      name: "kindred_cluster_seconds_total",
      help: "How long all requests to the cluster took",
      registers,
    });
  }

  set(state: ClusterState): void {
    const { running, repeated, seconds, ...outcomes } = state.requests;
    this.#up.set(state.reachable ? 1 : 0);
    this.#missing.set(state.reachable ? state.shardsMissing : NaN);
    this.#running.set(running);
    for (const [counter, of] of [
      [this.#repeated, repeated],
      [this.#seconds, seconds],
    ] as const) {
      counter.reset();
      counter.inc(of);
    }
    this.#requests.reset();
    for (const [outcome, count] of Object.entries(outcomes)) this.#requests.inc({ outcome }, count);
  }
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests;
  readonly #stages;
  readonly #embedded;
  readonly #papers;
  readonly #pending;
  readonly #failed;
  readonly #jobFailures;
  readonly #jobAge;
  readonly #behind;
  readonly #age;
  readonly #checked;
  readonly #found;
  readonly #up;
  readonly #kindred;
  #cluster: ClusterMetrics | undefined;
  #looking: Promise<void> | undefined;
  /** When recall was last checked, and whether a check is running. */
  #checkedAt = -Infinity;
  #checking = false;

  constructor(kindred: Kindred, lanes: Lanes) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Histogram({
      name: "kindred_request_seconds",
      help: "Duration of requests, by route, method and status",
      labelNames: ["route", "method", "status"],
      buckets: BUCKETS,
      registers,
    });
    this.#stages = new Histogram({
      name: "kindred_stage_seconds",
      help: "Duration of the stages of a question: waiting, embedding the query, answering (which includes it)",
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
    inLanes("kindred_lane_running", "Running requests, by lane", "running");
    inLanes("kindred_lane_waiting", "Waiting requests, by lane", "waiting");
    this.#papers = new Gauge({ name: "kindred_papers", help: "Number of papers", registers });
    this.#pending = new Gauge({
      name: "kindred_pending",
      help: "Papers whose abstract or sentences are not embedded yet, or that have no point on the map",
      labelNames: ["of"],
      registers,
    });
    this.#failed = new Gauge({
      name: "kindred_failed",
      help: "Papers whose text could not be embedded",
      registers,
    });
    this.#jobFailures = new Gauge({
      name: "kindred_job_failures",
      help: "Failed runs of a background job since the last that did not fail",
      labelNames: ["job"],
      registers,
    });
    this.#jobAge = new Gauge({
      name: "kindred_job_age_seconds",
      help: "Time since the last run of a background job ended; NaN if there was none, or the job is paused",
      labelNames: ["job"],
      registers,
    });
    this.#behind = new Gauge({
      name: "kindred_snapshot_changes_behind",
      help: "Changes of the store that are missing from the files derived from it",
      registers,
    });
    this.#embedded = new Counter({
      name: "kindred_embedded_texts_total",
      help: "Texts embedded by this process",
      labelNames: ["of"],
      registers,
    });
    this.#age = new Gauge({
      name: "kindred_snapshot_age_seconds",
      help: "Age of tables.bin; NaN if there is none",
      registers,
    });
    this.#checked = new Counter({
      name: "kindred_recall_checked_total",
      help: "Nearest neighbours found by exact comparison, at most every five minutes, to check whether a search finds them",
      registers,
    });
    this.#found = new Counter({
      name: "kindred_recall_found_total",
      help: "Those of them that a search finds: the ratio is recall@10",
      registers,
    });
    this.#up = new Gauge({ name: "kindred_up", help: "1 if the search thread answers", registers });
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

  /** @returns A listener for the progress of one run of embedding. */
  embedding(): (progress: EmbeddingProgress) => void {
    const counted = { vectors: 0, sentences: 0 };
    return ({ phase, done }) => {
      this.#embedded.inc({ of: phase === "vectors" ? "abstracts" : "sentences" }, done - counted[phase]);
      counted[phase] = done;
    };
  }

  observe(stages: Stages): void {
    for (const [stage, milliseconds] of Object.entries(stages)) this.#stages.observe({ stage }, milliseconds / 1_000);
  }

  readonly serve: RequestHandler = async (_request, response) => {
    // Concurrent scrapes share one status.
    this.#looking ??= Promise.all([this.#look(), this.#lookAtCluster()])
      .then(() => {})
      .finally(() => (this.#looking = undefined));
    await this.#looking;
    const text = await this.#registry.metrics();
    response.set("Content-Type", this.#registry.contentType).end(text);
  };

  async #look(): Promise<void> {
    try {
      const { papers, pending, pendingSentences, pendingPoints, failed, jobs, index } = await this.#kindred.status();
      this.#papers.set(papers);
      this.#failed.set(failed);
      // Jobs may have been removed.
      this.#jobFailures.reset();
      this.#jobAge.reset();
      for (const { name: job, failures, ended, next } of jobs) {
        this.#jobFailures.set({ job }, failures);
        this.#jobAge.set({ job }, ended === null || next === null ? NaN : (Date.now() - Date.parse(ended)) / 1_000);
      }
      this.#pending.set({ of: "abstracts" }, pending);
      this.#pending.set({ of: "sentences" }, pendingSentences);
      this.#pending.set({ of: "points" }, pendingPoints);
      this.#behind.set(index.storeChange - index.saved);
      const written = await stat(join(this.#kindred.directory, "tables.bin")).catch(() => ({ mtimeMs: NaN }));
      this.#age.set((Date.now() - written.mtimeMs) / 1_000);
      this.#up.set(1);
      void this.#check();
    } catch {
      this.#up.set(0);
    }
  }

  async #lookAtCluster(): Promise<void> {
    const state = await this.#kindred.cluster().catch(() => null);
    if (state === null) return;
    this.#cluster ??= new ClusterMetrics(this.#registry);
    this.#cluster.set(state);
  }

  /** Runs in the background: the next scrape reports the result. */
  async #check(): Promise<void> {
    if (this.#checking || performance.now() < this.#checkedAt + CHECK_EVERY) return;
    this.#checking = true;
    try {
      const { nearest, found } = await this.#kindred.checkRecall();
      this.#checked.inc(nearest);
      this.#found.inc(found);
      // If papers changed during the check there is no result, and the next scrape checks again.
      if (nearest > 0) this.#checkedAt = performance.now();
    } catch {
      // `kindred_up` reports a thread that does not answer.
    } finally {
      this.#checking = false;
    }
  }
}
