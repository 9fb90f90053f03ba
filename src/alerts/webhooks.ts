/**
 * Posts what alerts find to webhooks: a message for each run that found something, in their order. How far a webhook has got is noted
 * when it has accepted a message. If this process ends in between, it receives the same message again, under the same `webhook-id`.
 * Signed as the Standard Webhooks specification says (https://www.standardwebhooks.com).
 */
import { createHmac } from "node:crypto";
import { messageIn, waitAsked } from "../sources/answers.js";
import { connectionFailure, refusalIn } from "../sources/failures.js";
import { userAgent } from "../sources/fetch.js";
import type { Network } from "../sources/network.js";
import { publicUrl } from "../mail/settings.js";
import type { AlertRun, WebhookMessage } from "../operations/alerts.js";
import type { Alerts } from "./alerts.js";
import { linkOf, pageOf } from "./digest.js";
import {
  failureAfter,
  failuresOf,
  hasSomething,
  paperFound,
  readersOf,
  retryAt,
  type Reader,
  type Refusal,
  type SendLibrary,
} from "./readers.js";
import { row, type Delivery } from "./recipients.js";
import { Sending } from "./sending.js";
import type { Known } from "./stored.js";

/** How long a webhook may take to answer, in milliseconds. */
const ANSWER_TIMEOUT = 20_000;
/** Webhooks that are posted to at the same time. */
const AT_ONCE = 8;
/** After this time, a run begins no more messages, so that other jobs have their turn, in milliseconds. */
const RUN_FOR = 60_000;
/** What is read of an answer, in bytes. */
const MAX_ANSWER = 16 * 1024;
/** Authors of a paper. */
const MAX_AUTHORS = 50;

export type WebhookReport = { accepted: number; refused: { url: string; said: string }[] };

export class Webhooks {
  readonly #library;
  readonly #alerts;
  readonly #now;
  readonly #environment;
  readonly #timeout;
  #network: Promise<Network> | undefined;
  readonly #sending;
  #report: WebhookReport = { accepted: 0, refused: [] };

  /**
   * @param options.now Milliseconds since 1970.
   * @param options.timeout How long a webhook may take to answer, in milliseconds.
   */
  constructor(
    library: SendLibrary,
    alerts: Alerts,
    options: { now?: () => number; environment?: NodeJS.ProcessEnv; timeout?: number; network?: Promise<Network> } = {},
  ) {
    this.#library = library;
    this.#alerts = alerts;
    this.#now = options.now ?? Date.now;
    this.#environment = options.environment ?? process.env;
    this.#timeout = options.timeout ?? ANSWER_TIMEOUT;
    this.#network = options.network;
    this.#sending = new Sending(library.jobs, this.#now, {
      job: "webhooks",
      nextDue: () => this.#nextDue(),
      run: (signal, forced) => this.#run(signal, forced),
    });
  }

  /** Posts what is due from now on. Needs `jobs.start`. */
  start(failed: (thrown: unknown) => void): void {
    this.#sending.start(failed);
  }

  /** Stops looking for what is to be posted. */
  stop(): void {
    this.#sending.stop();
  }

  /** Makes the job due when the next message is. */
  look(): Promise<void> {
    return this.#sending.look();
  }

  /** Ends the connections. */
  async close(): Promise<void> {
    await (await this.#network)?.close();
  }

  /** Posts what waits now, also what was refused before. @throws KindredError `busy` when another process is posting. */
  async send(signal?: AbortSignal): Promise<WebhookReport> {
    if (!(await this.#readers()).some(hasSomething)) return { accepted: 0, refused: [] };
    await this.#sending.send(signal);
    return this.#report;
  }

  async #readers(): Promise<Reader[]> {
    return readersOf(this.#alerts, await this.#alerts.recipients.hooks(), false);
  }

  async #nextDue(): Promise<number | null> {
    const readers = await this.#readers();
    if (readers.length === 0) return null;
    const now = this.#now();
    const due = readers.filter(hasSomething).flatMap((reader) => retryAt(reader, now) ?? []);
    const first = Math.min(...due);
    return first <= now ? 0 : first;
  }

  async #run(signal: AbortSignal, forced: boolean): Promise<string> {
    const report: WebhookReport = { accepted: 0, refused: [] };
    this.#report = report;
    const expired = await this.#alerts.recipients.expired();
    if (expired.length > 0) await this.#library.putOwned(expired);
    const now = this.#now();
    const hooks = await this.#alerts.recipients.hooks();
    const anywhere = new Set(hooks.filter((one) => one.anywhere).map(({ reader }) => reader));
    const due = (await this.#readers()).filter((one) => {
      const at = retryAt(one, now);
      return hasSomething(one) && (forced || (at !== null && at <= now));
    });
    const queue = due.toSorted((a, b) => failuresOf(a) - failuresOf(b)).values();
    const began = performance.now();
    const isLate = () => !forced && performance.now() - began > RUN_FOR;
    const failures: unknown[] = [];
    const work = async () => {
      for (const reader of queue) {
        signal.throwIfAborted();
        if (isLate()) return;
        try {
          await this.#deliver(reader, anywhere.has(reader.id), isLate, signal, report);
        } catch (thrown) {
          if (signal.aborted) throw thrown;
          // The messages of others may not fail.
          failures.push(thrown);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    if (failures.length > 0) throw failures[0];
    const { accepted, refused } = report;
    // Everybody can read it.
    return `${accepted} messages were accepted${refused.length === 0 ? "" : `, ${refused.length} webhooks failed`}`;
  }

  /**
   * Posts the runs that wait for a webhook, in their order, until it refuses one.
   *
   * @param anywhere Whether it may be at a private address.
   */
  async #deliver(
    reader: Reader,
    anywhere: boolean,
    isLate: () => boolean,
    signal: AbortSignal,
    report: WebhookReport,
  ): Promise<void> {
    const { id, address: url, waiting } = reader;
    for (const { alert, before, upTo } of waiting) {
      const known = reader.alerts.find((one) => one.alert.id === alert)!;
      const runs = await this.#alerts.runs(alert, before.number, upTo.number);
      // Of runs that are not kept any more only the number of papers is known: the first message has it.
      let missing = upTo.found - before.found - runs.reduce((sum, { papers }) => sum + papers.length, 0);
      let { found } = before;
      for (const run of runs) {
        signal.throwIfAborted();
        if (isLate()) return;
        const message = await this.#messageOf(known, run, missing);
        const refusal = message === null ? null : await this.#post(url, id, anywhere, alert, message, signal);
        if (refusal !== null) {
          report.refused.push({ url, said: refusal.said });
          const failure = failureAfter(reader, refusal, true, this.#now());
          await this.#library.putOwned([row(`delivery/${id}`, { ...reader.delivery, failure } satisfies Delivery)]);
          return;
        }
        if (message !== null) report.accepted++;
        found += missing + run.papers.length;
        missing = 0;
        const sent = run === runs.at(-1) ? upTo : { number: run.number, ran: run.at, found };
        reader.delivery = { last: new Date(this.#now()).toISOString(), outbox: null, failure: null };
        await this.#library.putOwned([row(`delivery/${id}`, reader.delivery), row(`sent/${alert}/${id}`, sent)]);
      }
      if (runs.length === 0) await this.#library.putOwned([row(`sent/${alert}/${id}`, upTo)]);
    }
  }

  /** What a run found; null if all of its papers were removed. */
  async #messageOf({ name }: Known, run: AlertRun, missing: number): Promise<WebhookMessage | null> {
    const url = publicUrl(this.#environment);
    const papers: WebhookMessage["papers"] = [];
    for (const { id, title, ...why } of run.papers) {
      const paper = await paperFound(this.#library, { id, title });
      if (paper === null) continue;
      const { authors, published, venue, doi, arxiv, notice } = paper;
      papers.push({
        id: paper.id,
        title: paper.title,
        authors: authors.slice(0, MAX_AUTHORS),
        published,
        venue,
        doi,
        arxiv,
        notice,
        why,
        links: { paper: linkOf(paper), kindred: url === null ? null : pageOf(url, paper) },
      });
    }
    if (papers.length === 0) return null;
    const { number, at, after } = run;
    return {
      type: "alert.found",
      version: 1,
      alert: name,
      run: { number, at, after },
      papers,
      more: run.more + missing,
    };
  }

  /** @returns Why it was not accepted; null if it was. */
  async #post(
    address: string,
    reader: string,
    anywhere: boolean,
    alert: string,
    message: WebhookMessage,
    signal: AbortSignal,
  ): Promise<Refusal | null> {
    const { recipients } = this.#alerts;
    const body = JSON.stringify(message);
    const secret = await recipients.hookSecret(reader);
    // The same for the same run, however often it is posted. After a backup is restored, numbers of runs come again.
    const { number, at } = message.run;
    const id = `msg_${signatureOf(secret, `${alert}.${number}.${at}`, "hex").slice(0, 32)}`;
    const seconds = String(Math.floor(this.#now() / 1_000));
    const late = AbortSignal.timeout(this.#timeout);
    try {
      const network = await (this.#network ??= opened());
      const answer = await network.send(new URL(address), anywhere, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "user-agent": userAgent(undefined),
          "webhook-id": id,
          "webhook-timestamp": seconds,
          "webhook-signature": `v1,${signatureOf(secret, `${id}.${seconds}.${body}`, "base64")}`,
        },
        body,
        signal: AbortSignal.any([signal, late]),
      });
      const { statusCode: status } = answer;
      const said = messageIn(await startOf(answer.body));
      if (status >= 200 && status < 300) return null;
      const brief = `status ${status}${status >= 300 && status < 400 ? ": redirects are not followed" : ""}`;
      const headers = { "retry-after": String(answer.headers["retry-after"] ?? "") };
      return {
        // Gone (410) says that nothing is wanted any more; anything else may be a mistake that is fixed.
        permanent: status === 410,
        said: said === "" ? brief : `${brief}: ${said}`,
        brief,
        wait: waitAsked(status, headers, this.#now()),
      };
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      // Without the name of the host: others can read it.
      const brief = late.aborted
        ? `no answer within ${this.#timeout / 1_000} seconds`
        : refusalIn(thrown) !== undefined
          ? "it is on this machine or a private network: only the person at the machine can add it"
          : connectionFailure("the host", thrown).message;
      return { permanent: false, said: brief, brief };
    }
  }
}

/** Connections are only loaded when something is posted. */
async function opened(): Promise<Network> {
  const { Network } = await import("../sources/network.js");
  return new Network();
}

function signatureOf(secret: string, text: string, encoding: "base64" | "hex"): string {
  const key = Buffer.from(secret.slice(secret.indexOf("_") + 1), "base64");
  return createHmac("sha256", key).update(text).digest(encoding);
}

/** The start of an answer, whatever its length and however it ends. */
async function startOf(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= MAX_ANSWER) break;
    }
  } catch {
    // The status is known, which is all that matters.
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER);
}
