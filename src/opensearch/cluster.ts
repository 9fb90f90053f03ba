/** Requests to an OpenSearch cluster: waits where it is busy, accepts no partial answer, reports failures in words. */
import { Client, errors } from "@opensearch-project/opensearch";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { KindredError, messageOf } from "../core/errors.js";
import { validate } from "../core/validate.js";
import { settingsSchema } from "./settings.js";

/** How long one request may take, and how long a busy cluster is waited for, in milliseconds. */
const TIMEOUT = 60_000;
const PATIENCE = 30_000;
/** The first pause, doubled after each further one up to the longest, in milliseconds. */
const PAUSE = { first: 100, longest: 5_000 };
/** Answers of a cluster that has too much to do, is full, or elects a leader. */
const BUSY: readonly number[] = [429, 502, 503, 504];
/** What a search meets when a node is lost while it runs. */
const LOST = new Set(["node_disconnected_exception", "node_not_connected_exception", "node_closed_exception"]);
/** Documents read by one request. */
const READ = 1_000;
/** Documents found by one request, where all are wanted. */
const PAGE = 5_000;
/** Largest request to write documents, in characters. */
const WRITTEN = 8_000_000;

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
type Read<S> = { _id: string; found?: boolean; _source: S; error?: { reason: string } };

/** A failure that passes when the cluster has less to do, has elected a leader, or has replaced a node. */
class Passing extends Error {
  /** @param reason What is thrown if it does not pass in time. */
  constructor(readonly reason: unknown) {
    super();
  }
}

/** Repeats work that fails with a `Passing`, after growing pauses. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const end = Date.now() + PATIENCE;
  for (let pause = PAUSE.first; ; pause = Math.min(PAUSE.longest, 2 * pause)) {
    try {
      return await work();
    } catch (thrown) {
      if (!(thrown instanceof Passing)) throw thrown;
      if (Date.now() + pause > end) throw thrown.reason;
      await sleep(pause * (0.5 + Math.random()));
    }
  }
}

export class Cluster {
  readonly #client: Client;
  readonly #hosts: string;

  constructor(given: unknown) {
    const { urls, ca } = validate(settingsSchema, given);
    this.#hosts = urls.map((url) => new URL(url).host).join(", ");
    this.#client = new Client({
      nodes: urls,
      requestTimeout: TIMEOUT,
      maxRetries: 3,
      ...(ca !== undefined && { ssl: { ca: certificates(ca) } }),
    });
  }

  /** @returns The status and the body; a status of `allowed` is not an error. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows what is answered
  async request<B = Json>(request: Request, allowed: readonly number[] = []): Promise<{ status: number; body: B }> {
    const { method, path, query = {}, body } = request;
    const lines = typeof body === "string" ? { bulkBody: body } : body === undefined ? {} : { body };
    return patiently(async () => {
      try {
        const answer = await this.#client.transport.request(
          { method, path, querystring: query, ...lines } as Parameters<Client["transport"]["request"]>[0],
          { ignore: [...allowed], maxRetries: 3 },
        );
        return { status: answer.statusCode ?? 0, body: answer.body as B };
      } catch (thrown) {
        const busy =
          thrown instanceof errors.ResponseError &&
          passes(thrown.statusCode ?? 0, (thrown.body as { error?: Failure } | undefined)?.error);
        throw busy ? new Passing(this.#explained(thrown)) : this.#explained(thrown);
      }
    });
  }

  async search<S = unknown>(index: string, body: Json, query: Json = {}): Promise<Found<S>> {
    const asked = { allow_partial_search_results: false, ...query };
    const { body: found } = await this.request<Found<S>>({
      method: "POST",
      path: `/${index}/_search`,
      query: asked,
      body,
    });
    return this.#whole(found);
  }

  /** Several searches in one round trip. */
  async searchAll(index: string, bodies: readonly Json[]): Promise<Found[]> {
    if (bodies.length === 0) return [];
    const lines = bodies.map(
      (body) => `{"index":"${index}","allow_partial_search_results":false}\n${JSON.stringify(body)}\n`,
    );
    const request = { method: "POST", path: "/_msearch", body: lines.join("") } as const;
    return patiently(async () => {
      const { responses } = (await this.request<{ responses: Found[] }>(request)).body;
      const busy = responses.find(({ error, status = 0 }) => error !== undefined && passes(status, error));
      if (busy !== undefined) throw new Passing(this.#failed(busy.error?.reason ?? "a search failed"));
      return responses.map((found) => this.#whole(found));
    });
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
    return patiently(async () => {
      const { body } = await this.request<{ docs: Read<S>[] }>({
        method: "POST",
        path: `/${index}/_mget`,
        ...(fields !== undefined && { query: { _source_includes: fields.join(",") } }),
        body: { ids },
      });
      // The node that has it may have been lost: soon another has it.
      const error = body.docs.find((doc) => doc.error !== undefined)?.error;
      if (error !== undefined) throw new Passing(this.#failed(error.reason));
      return body.docs;
    });
  }

  /** Stores changes; those that later ones have replaced meanwhile are ignored. */
  async write(changes: readonly Change[]): Promise<void> {
    for (const lines of linesOf(changes)) await this.writeLines(lines);
  }

  async writeLines(lines: string): Promise<void> {
    type Item = { status: number; error?: { reason: string } };
    return patiently(async () => {
      const { body } = await this.request<{ errors: boolean; items: Record<string, Item>[] }>({
        method: "POST",
        path: "/_bulk",
        // A deleted index must not be made again from documents.
        query: { require_alias: true },
        body: lines,
      });
      const items = body.errors ? body.items.flatMap((item) => Object.values(item)) : [];
      // With 409, a later version is there.
      const refused = items.filter(({ status, error }) => error !== undefined && status !== 409);
      if (refused.length === 0) return;
      const { status, error } = refused.find((item) => !BUSY.includes(item.status)) ?? refused[0]!;
      if (!BUSY.includes(status)) throw this.#failed(error!.reason);
      throw new Passing(
        new KindredError("overloaded", `the cluster at ${this.#hosts} does not accept writes: ${error!.reason}`),
      );
    });
  }

  async refresh(index: string): Promise<void> {
    await this.request({ method: "POST", path: `/${index}/_refresh` });
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  #whole<S>(found: Found<S>): Found<S> {
    if (found.error !== undefined) throw this.#failed(found.error.reason ?? "a search failed");
    if (found.timed_out === true || (found._shards?.failed ?? 0) > 0)
      throw this.#failed("a part of the papers could not be searched");
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
      const { reason: said, type } = body?.error?.root_cause?.[0] ?? body?.error ?? {};
      const reason = said ?? type ?? `status ${statusCode}`;
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
const passes = (status: number, error: Failure | undefined): boolean =>
  BUSY.includes(status) || [error, ...(error?.root_cause ?? [])].some((one) => LOST.has(one?.type ?? ""));

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
