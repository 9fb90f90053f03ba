/** Requests to an OpenSearch cluster: waits where it is busy, accepts no partial answer, reports failures in words. */
import { Client, errors } from "@opensearch-project/opensearch";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { KindredError, messageOf } from "../core/errors.js";
import { validate } from "../core/validate.js";
import type { ClusterHealth, Traffic } from "../engine/module.js";
import { settingsSchema } from "./settings.js";

/** Times in milliseconds. */
const TIMES = {
  /** How long a request that reads may take, one that writes, and one that only asks whether the cluster is there. */
  read: 15_000,
  write: 60_000,
  ping: 1_500,
  /** How long a busy cluster is waited for. */
  patience: 30_000,
  /** How long nobody waits again after one has waited in vain: each request is tried once. */
  impatient: 10_000,
  /** How often a cluster that does not answer is asked whether it is there; requests fail at once meanwhile. */
  rest: 2_000,
};
/** The first pause, doubled after each further one up to the longest, in milliseconds. */
const PAUSE = { first: 100, longest: 5_000 };
/** Answers of a cluster that has too much to do, is full, or elects a leader. */
const BUSY: readonly number[] = [429, 502, 503, 504];
/** What a search with status 404 meets when the node that ran it has restarted. */
const RESTARTED = "search_context_missing_exception";
/** What a closed index answers with status 400, whatever the document is. */
const CLOSED = "index_closed_exception";
/** Documents read by one request. */
const READ = 1_000;
/** Documents found by one request, where all are wanted. */
const PAGE = 5_000;
/** Largest request to write documents, in characters; it shrinks to the least while the cluster refuses some. */
const WRITTEN = 8_000_000;
const LEAST_WRITTEN = 250_000;

/** A search hit; `fields` are doc values. */
export type Hit<S = unknown> = {
  _id: string;
  _score: number | null;
  /** With `version` in the request. */
  _version?: number;
  _source: S;
  fields?: Record<string, unknown[]>;
  sort?: (string | number)[];
  matched_queries?: Record<string, number>;
};
export type Found<S = unknown> = {
  hits: { hits: Hit<S>[]; total?: { value: number } };
  aggregations?: Record<string, unknown>;
  timed_out?: boolean;
  _shards?: { failed: number };
  error?: Failure;
  status?: number;
};
export type Json = Record<string, unknown>;
type Reason = { reason?: string; type?: string };
type Failure = Reason & { root_cause?: Reason[] };

/** What to do with a document: null deletes it. Ignored if a later version of it is stored. */
export type Change = { index: string; id: string; version: number; source: Json | null };

type Request = { method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD"; path: string; query?: Json; body?: unknown };

/** A document that was read by its id. */
type Read<S> = { _id: string; found?: boolean; _source: S; error?: { reason: string; type?: string; index?: string } };

/** A document that the cluster cannot store, because of what is in it. */
export type RefusedDocument = { index: string; id: string; reason: string };

/** Some documents of a write were refused because of what is in them; all others are stored. */
export class Refused extends KindredError {
  constructor(
    message: string,
    readonly documents: readonly RefusedDocument[],
  ) {
    super("unreachable", message);
  }
}

/** A failure that passes when the cluster has less to do, has elected a leader, or has replaced a node. */
class Passing extends Error {
  /** @param reason What is thrown if it does not pass in time. */
  constructor(readonly reason: unknown) {
    super();
  }
}

export class Cluster {
  readonly #client: Client;
  readonly #hosts: string;
  readonly #several: boolean;
  readonly #retries;
  readonly #times;
  readonly #traffic: Traffic = {
    answered: 0,
    busy: 0,
    failed: 0,
    unanswered: 0,
    skipped: 0,
    repeated: 0,
    seconds: 0,
    running: 0,
  };
  /** Set while the cluster does not answer: why, and when it is asked next. */
  #down: { error: unknown; next: number } | null = null;
  /** Until when requests are not repeated. */
  #impatient = 0;
  /** Largest request to write documents at present, in characters. */
  #most = WRITTEN;

  /** @param times Others than usual, for tests. */
  constructor(given: unknown, times: Partial<typeof TIMES> = {}) {
    this.#times = { ...TIMES, ...times };
    const { urls, ca } = validate(settingsSchema, given);
    this.#several = urls.length > 1;
    this.#hosts = urls.map((url) => new URL(url).host).join(", ");
    // A connection that was idle may be closed; if one node does not answer, all others are asked.
    this.#retries = Math.max(1, urls.length - 1);
    this.#client = new Client({
      nodes: urls,
      // It is looked for in all of an answer, which takes as long as to parse it, and nothing here copies properties by name.
      disablePrototypePoisoningProtection: true,
      ...(ca !== undefined && { ssl: { ca: certificates(ca) } }),
    });
  }

  /** @returns The status and the body; a status of `allowed` is not an error. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows what is answered
  async request<B = Json>(request: Request, allowed: readonly number[] = []): Promise<{ status: number; body: B }> {
    return this.#patiently(() => this.#send<B>(request, allowed));
  }

  /** @throws Passing when it can be repeated. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows what is answered
  async #send<B>(request: Request, allowed: readonly number[] = []): Promise<{ status: number; body: B }> {
    await this.#expectUp();
    const { method, path, query = {}, body } = request;
    const reads = /^(GET|HEAD)$/.test(method) || /\/_(search|msearch|mget|search_shards|termvectors)$/.test(path);
    const lines = typeof body === "string" ? { bulkBody: body } : body === undefined ? {} : { body };
    const begin = performance.now();
    this.#traffic.running++;
    try {
      const answer = await this.#client.transport.request(
        { method, path, querystring: query, ...lines } as Parameters<Client["transport"]["request"]>[0],
        {
          ignore: [...allowed],
          maxRetries: this.#retries,
          requestTimeout: reads ? this.#times.read : this.#times.write,
        },
      );
      this.#traffic.answered++;
      return { status: answer.statusCode ?? 0, body: answer.body as B };
    } catch (thrown) {
      const error = this.#explained(thrown);
      const answered = thrown instanceof errors.ResponseError;
      const busy = answered && passes(thrown.statusCode ?? 0, (thrown.body as { error?: Failure } | undefined)?.error);
      this.#traffic[busy ? "busy" : answered ? "failed" : "unanswered"]++;
      if (answered || this.#down !== null) throw busy ? new Passing(error) : error;
      if (!(await this.#answers())) {
        this.#down = { error, next: performance.now() + this.#times.rest };
        throw error;
      }
      // Another node may answer. A question that takes too long is not asked again.
      throw this.#several && thrown instanceof errors.ConnectionError ? new Passing(error) : error;
    } finally {
      this.#traffic.running--;
      this.#traffic.seconds += (performance.now() - begin) / 1_000;
    }
  }

  /** @throws At once while the cluster does not answer, so that requests do not pile up; now and then one asks whether it does. */
  async #expectUp(): Promise<void> {
    const down = this.#down;
    if (down === null) return;
    if (performance.now() >= down.next) {
      down.next = Infinity;
      if (await this.#answers()) {
        this.#down = null;
        return;
      }
      down.next = performance.now() + this.#times.rest;
    }
    this.#traffic.skipped++;
    throw down.error;
  }

  #answers(): Promise<boolean> {
    const options = { requestTimeout: this.#times.ping, maxRetries: this.#retries };
    return this.#client.transport.request({ method: "HEAD", path: "/" }, options).then(
      () => true,
      (thrown: unknown) => thrown instanceof errors.ResponseError,
    );
  }

  /** Repeats work that fails with a `Passing`, after growing pauses, unless others have just waited in vain. */
  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const end = performance.now() + this.#times.patience;
    for (let pause = PAUSE.first; ; pause = Math.min(PAUSE.longest, 2 * pause)) {
      try {
        const result = await work();
        this.#impatient = 0;
        return result;
      } catch (thrown) {
        if (!(thrown instanceof Passing)) throw thrown;
        const now = performance.now();
        if (now < this.#impatient) throw thrown.reason;
        if (now + pause > end) {
          this.#impatient = now + this.#times.impatient;
          throw thrown.reason;
        }
        this.#traffic.repeated++;
        await sleep(pause * (0.5 + Math.random()));
      }
    }
  }

  get traffic(): Traffic {
    return { ...this.#traffic };
  }

  /** How the cluster is, soon, whatever else is asked. */
  async health(): Promise<ClusterHealth> {
    type Health = {
      status: string;
      number_of_nodes: number;
      number_of_pending_tasks: number;
      unassigned_shards: number;
    };
    const ask = async (path: string) =>
      (
        await this.#client.transport.request(
          { method: "GET", path },
          { requestTimeout: this.#times.ping, maxRetries: 0, ignore: [408] },
        )
      ).body as unknown;
    try {
      const [about, health] = await Promise.all([
        ask("/") as Promise<{ version: { number: string } }>,
        ask("/_cluster/health?timeout=1s") as Promise<Health>,
      ]);
      return {
        reachable: true,
        version: about.version.number,
        status: health.status,
        nodes: health.number_of_nodes,
        pendingTasks: health.number_of_pending_tasks,
        shardsMissing: health.unassigned_shards,
      };
    } catch (thrown) {
      return { reachable: false, reason: messageOf(this.#explained(thrown)) };
    }
  }

  async search<S = unknown>(index: string, body: Json, query: Json = {}): Promise<Found<S>> {
    const asked = { allow_partial_search_results: false, ...query };
    const request = { method: "POST", path: `/${index}/_search`, query: asked, body } as const;
    return this.#patiently(async () => this.#whole((await this.#send<Found<S>>(request)).body));
  }

  /** Several searches in one round trip. */
  async searchAll(index: string, bodies: readonly Json[]): Promise<Found[]> {
    if (bodies.length === 0) return [];
    const lines = bodies.map(
      (body) => `{"index":"${index}","allow_partial_search_results":false}\n${JSON.stringify(body)}\n`,
    );
    const request = { method: "POST", path: "/_msearch", body: lines.join("") } as const;
    return this.#patiently(async () => {
      const { responses } = (await this.#send<{ responses: Found[] }>(request)).body;
      return responses.map((found) => this.#whole(found));
    });
  }

  /**
   * Those of some terms of a field that occur in any document, which may have been deleted. The cluster looks them up, which takes far
   * less time than to search each.
   *
   * @param terms Without spaces; the field's analyzer separates terms at spaces only.
   */
  async occurring(index: string, field: string, terms: readonly string[]): Promise<Set<string>> {
    type Shards = { shards: unknown[] };
    type Terms = Record<string, { doc_freq?: number }>;
    type Vectors = { term_vectors: Record<string, { terms: Terms } | undefined> };
    const { body } = await this.request<Shards>({ method: "POST", path: `/${index}/_search_shards` });
    const found = new Set<string>();
    const asked = body.shards.map(async (_, shard) => {
      const answer = await this.request<Vectors>({
        method: "POST",
        path: `/${index}/_termvectors`,
        query: { preference: `_shards:${shard}` },
        body: {
          doc: { [field]: terms.join(" ") },
          fields: [field],
          term_statistics: true,
          field_statistics: false,
          positions: false,
          offsets: false,
          payloads: false,
        },
      });
      const known = answer.body.term_vectors[field]?.terms ?? {};
      for (const [term, { doc_freq: documents }] of Object.entries(known)) if (documents !== undefined) found.add(term);
    });
    await Promise.all(asked);
    return found;
  }

  /** The present documents with some ids, also those that searches do not find yet; without those that do not exist. */
  async read<S>(index: string, ids: readonly string[], fields?: readonly string[]): Promise<Map<string, S>> {
    const found = new Map<string, S>();
    for (let from = 0; from < ids.length; from += READ) {
      const some = ids.slice(from, from + READ);
      for (const doc of await this.#readSome<S>(index, some, fields))
        if (doc.found === true) found.set(doc._id, doc._source);
    }
    return found;
  }

  #readSome<S>(index: string, ids: readonly string[], fields: readonly string[] | undefined): Promise<Read<S>[]> {
    return this.#patiently(async () => {
      const { body } = await this.#send<{ docs: Read<S>[] }>({
        method: "POST",
        path: `/${index}/_mget`,
        ...(fields !== undefined && { query: { _source_includes: fields.join(",") } }),
        body: { ids },
      });
      const error = body.docs.find((doc) => doc.error !== undefined)?.error;
      // Not if the name was of an index that has been replaced meanwhile: then the error names that.
      if (error?.type === "index_not_found_exception" && error.index === index) throw this.#failed(error.reason);
      // The node that has it may have been lost: soon another has it.
      if (error !== undefined) throw new Passing(this.#failed(error.reason));
      return body.docs;
    });
  }

  /** Stores changes; those that later ones have replaced meanwhile are ignored. */
  async write(changes: readonly Change[]): Promise<void> {
    for (const lines of linesOf(changes)) await this.writeLines(lines);
  }

  /** @param lines Of bulk requests: as many are sent at once as the cluster takes. */
  async writeLines(lines: string): Promise<void> {
    type Item = {
      status: number;
      _index: string;
      _id: string;
      error?: { reason: string; type?: string; caused_by?: Reason };
    };
    type Answer = { errors: boolean; items: Record<string, Item>[] };
    const isPassing = ({ status, error }: Item) => error !== undefined && passes(status);
    const refused: RefusedDocument[] = [];
    let left = actionsOf(lines);
    while (left.length > 0)
      await this.#patiently(async () => {
        const some = this.#fitting(left);
        const { status, body } = await this.#send<Answer>(
          {
            method: "POST",
            path: "/_bulk",
            // A deleted index must not be made again from documents.
            query: { require_alias: true },
            body: some.join(""),
          },
          some.length > 1 ? [413] : [],
        ).catch((thrown: unknown) => {
          this.#shrink();
          throw thrown;
        });
        if (status === 413) {
          this.#most = some.join("").length / 2;
          return;
        }
        const items = body.items.flatMap((item) => Object.values(item));
        for (const item of items) {
          const { status: is, error, _index: index, _id: id } = item;
          // With 409, a later version is there.
          if (error === undefined || is === 409 || isPassing(item)) continue;
          if (is !== 400 || error.type === CLOSED) throw this.#failed(error.reason);
          const reason = [error.reason, error.caused_by?.reason].filter((one) => one !== undefined).join(": ");
          refused.push({ index, id, reason });
        }
        left = [...some.filter((_, i) => isPassing(items[i]!)), ...left.slice(some.length)];
        const busy = items.find(isPassing);
        if (busy === undefined) {
          this.#most = Math.min(WRITTEN, 2 * this.#most);
          return;
        }
        this.#shrink();
        const reason = `the cluster at ${this.#hosts} does not accept writes: ${busy.error!.reason}`;
        throw new Passing(new KindredError("overloaded", reason));
      });
    if (refused.length > 0) throw new Refused(this.#failed(refused[0]!.reason).message, refused);
  }

  #shrink(): void {
    this.#most = Math.max(LEAST_WRITTEN, this.#most / 2);
  }

  /** The first of some actions, as many as one request may have. */
  #fitting(actions: readonly string[]): string[] {
    let characters = 0;
    const end = actions.findIndex((action) => (characters += action.length) > this.#most);
    return actions.slice(0, end === -1 ? actions.length : Math.max(1, end));
  }

  async refresh(index: string): Promise<void> {
    await this.request({ method: "POST", path: `/${index}/_refresh` });
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /** @throws Passing if it failed, or has found only a part, because a node is lost or busy. */
  #whole<S>(found: Found<S>): Found<S> {
    const { error, status = 0 } = found;
    if (error !== undefined) {
      const failed = this.#failed(reasonOf(error) ?? "a search failed");
      throw passes(status, error) ? new Passing(failed) : failed;
    }
    const partial = "a part of the papers could not be searched";
    if (found.timed_out === true) throw this.#failed(partial);
    if ((found._shards?.failed ?? 0) > 0) throw new Passing(this.#failed(partial));
    return found;
  }

  #failed(reason: string): KindredError {
    if (isTooMany(reason)) return TOO_MANY();
    return new KindredError("unreachable", `the cluster at ${this.#hosts} reports: ${reason}`);
  }

  #explained(thrown: unknown): unknown {
    if (thrown instanceof errors.ResponseError) {
      const { statusCode = 0, body } = thrown as {
        statusCode?: number;
        body?: { error?: Failure };
      };
      const { type } = body?.error?.root_cause?.[0] ?? body?.error ?? {};
      const reason = reasonOf(body?.error) ?? `status ${statusCode}`;
      if (isTooMany(reason)) return TOO_MANY();
      // A blocked index is no matter of the user.
      if (statusCode === 401 || (statusCode === 403 && type !== "cluster_block_exception"))
        return new KindredError(
          "unreachable",
          `the cluster at ${this.#hosts} refuses this user: check name and password`,
        );
      if (BUSY.includes(statusCode))
        return new KindredError(
          "overloaded",
          `the cluster at ${this.#hosts} has too much to do, or no room (${statusCode}: ${reason}): try again later`,
        );
      return new KindredError("unreachable", `the cluster at ${this.#hosts} reports: ${reason}`, { cause: thrown });
    }
    if (thrown instanceof errors.OpenSearchClientError)
      return new KindredError(
        "unreachable",
        `the cluster at ${this.#hosts} does not answer (${thrown.message}): check that it runs, and its address`,
        { cause: thrown },
      );
    return thrown;
  }
}

/** Whether a failure passes when the cluster has less to do, or has replaced a node. */
const passes = (status: number, error?: Failure): boolean =>
  !isTooMany(reasonOf(error) ?? "") &&
  (status === 429 || status >= 500 || [error, ...(error?.root_cause ?? [])].some((one) => one?.type === RESTARTED));

function reasonOf(error: Failure | undefined): string | undefined {
  const { reason, type } = error?.root_cause?.[0] ?? error ?? {};
  return reason ?? type;
}

/** Whether more words start as a query says than it may have. */
const isTooMany = (reason: string): boolean => reason.includes("maxClauseCount");
const TOO_MANY = () =>
  new KindredError(
    "invalid",
    'a phrase of the query ends in "*", and too many words start so (more than 1,024 by default): write more letters before it',
  );

function certificates(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    throw new KindredError("invalid", `the certificates of the cluster could not be read: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}

/** The actions of a bulk request, each with its document. */
function actionsOf(lines: string): string[] {
  const actions: string[] = [];
  for (let from = 0; from < lines.length;) {
    let end = lines.indexOf("\n", from) + 1;
    if (!lines.startsWith('{"delete"', from)) end = lines.indexOf("\n", end) + 1;
    actions.push(lines.slice(from, end));
    from = end;
  }
  return actions;
}

/** The bodies of bulk requests that store changes, each of a limited size. */
export function linesOf(changes: readonly Change[]): string[] {
  const bodies: string[] = [];
  let lines = "";
  for (const { index, id, version, source } of changes) {
    const action = {
      [source === null ? "delete" : "index"]: { _index: index, _id: id, version, version_type: "external_gte" },
    };
    lines += `${JSON.stringify(action)}\n${source === null ? "" : `${JSON.stringify(source)}\n`}`;
    if (lines.length < WRITTEN) continue;
    bodies.push(lines);
    lines = "";
  }
  return lines === "" ? bodies : [...bodies, lines];
}

/** All documents that match, by a field with a different value in each. */
export async function all<S>(
  cluster: Cluster,
  index: string,
  query: Json,
  by: string,
  source?: string[],
): Promise<S[]> {
  const found: S[] = [];
  for (let after: unknown[] | undefined; ;) {
    const { hits } = await cluster.search<S>(index, {
      query,
      sort: [{ [by]: "asc" }],
      size: PAGE,
      ...(source !== undefined && { _source: source }),
      ...(after !== undefined && { search_after: after }),
    });
    found.push(...hits.hits.map(({ _source }) => _source));
    if (hits.hits.length < PAGE) return found;
    after = hits.hits.at(-1)!.sort;
  }
}
