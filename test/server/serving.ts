/** A real server on a copy of the sample, for all tests of a file, with helpers for requests. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { z } from "zod";
import { answerSchema, browseAnswerSchema, statusSchema, type Answer, type BrowseAnswer } from "../../src/api.js";
import { openKindred, type Kindred } from "../../src/kindred.js";
import { problemSchema } from "../../src/server/problems.js";
import { createLogger } from "../../src/server/log.js";
import { serve, type Serving } from "../../src/server/serve.js";
import { sampleDirectory } from "../sample.js";

export type Problem = z.infer<typeof problemSchema>;
export type Reply = { status: number; headers: Headers; text: string };
type Init = Omit<RequestInit, "headers"> & { headers?: Record<string, string>; duplex?: "half" };

/** Parameters of a query string: lists are repeated, undefined is left out. */
export type Query = Record<string, string | number | boolean | readonly (string | number)[] | undefined>;

export class Asking {
  kindred!: Kindred;
  serving!: Serving;
  directory = "";
  /** Errors that the server logged; tests fail if there are any. */
  readonly logged: string[] = [];

  async ask(path: string, init: Init = {}): Promise<Reply> {
    const response = await fetch(this.serving.url + path, init);
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /** Posts JSON; a string is sent as it is. */
  post(path: string, body: unknown): Promise<Reply> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return this.ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: text });
  }

  path(path: string, query: Query): string {
    const pairs = Object.entries(query).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : value === undefined ? [] : [value]).map((one): [string, string] => [
        name,
        String(one),
      ]),
    );
    return `${path}?${new URLSearchParams(pairs).toString()}`;
  }

  async answer(query: Query, path = "api/search"): Promise<Answer> {
    return answerIn(await this.ask(this.path(path, query)));
  }

  async browse(query: Query = {}): Promise<BrowseAnswer> {
    return parsed(browseAnswerSchema, await this.ask(this.path("api/papers", query)));
  }

  async status() {
    return parsed(statusSchema, await this.ask("api/status"));
  }

  import(body: Init["body"], query = "", headers: Record<string, string> = {}): Promise<Reply> {
    return this.ask(`api/papers${query}`, { method: "POST", ...(body == null ? {} : { body }), headers });
  }

  /** Waits until every paper and its sentences are embedded. */
  async embedded(): Promise<void> {
    for (let i = 0; i < 600; i++) {
      const { pending, pendingSentences } = await this.status();
      if (pending + pendingSentences === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("papers are still pending after a minute");
  }
}

/** Call once at the top of a test file. */
export function servedSample(prepare: (kindred: Kindred) => Promise<unknown> = async () => {}): Asking {
  const asking = new Asking();
  const cleaning: (() => unknown)[] = [];
  before(async () => {
    asking.directory = await sampleDirectory({ after: (work) => void cleaning.push(work) });
    asking.kindred = await openKindred({ directory: asking.directory, workers: 1 });
    await prepare(asking.kindred);
    asking.serving = await serve(asking.kindred, {
      host: "127.0.0.1",
      port: 0,
      log: createLogger("error", { write: (line) => void asking.logged.push(line) }),
    });
  });
  after(async () => {
    await asking.serving.close();
    await asking.kindred.close();
    for (const clean of cleaning) await clean();
    assert.deepEqual(asking.logged, [], "the server logged a defect");
  });
  return asking;
}

/** Checks that a response is JSON with exactly this schema. */
export function parsed<S extends z.ZodType>(schema: S, { status, headers, text }: Reply): z.output<S> {
  assert.equal(status, 200, text.slice(0, 300));
  assert.match(headers.get("content-type") ?? "", /^application\/json/);
  const body: unknown = JSON.parse(text);
  const value = schema.parse(body);
  assert.deepEqual(value, body, "parsing changes nothing: the body has exactly this shape");
  return value;
}

/** Checks an answer to a ranked request: it must have hits or a reason. */
export function answerIn(reply: Reply): Answer {
  const answer = parsed(answerSchema, reply);
  for (const { paper, matched } of answer.hits) {
    if (matched.sentence === null) continue;
    const { start, end, text } = matched.sentence;
    assert.equal(paper.abstract?.slice(start, end), text);
  }
  return answer;
}

/** Checks for a problem document with exactly the published schema and this status. */
export function problemIn({ status, headers, text }: Reply, expected: number): Problem {
  assert.equal(status, expected, text.slice(0, 300));
  assert.match(headers.get("content-type") ?? "", /^application\/problem\+json/);
  const problem = problemSchema.parse(JSON.parse(text));
  assert.equal(problem.status, expected);
  assert.ok(problem.title.length > 0 && problem.detail.length > 0);
  return problem;
}

export const idsOf = ({ hits }: Answer): string[] => hits.map(({ paper }) => paper.id);

/** The bytes of a JSON Lines file. */
export const jsonLines = (...records: object[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join("");

export const bytesOf = async function* (text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
};
