/** How tools, resources and prompts ask Kindred: through the table of operations, in the queues of the server if there is one. */
import { KindredError } from "../core/errors.js";
import { listKey } from "../core/list.js";
import { validate } from "../core/validate.js";
import type { Kindred } from "../kindred.js";
import {
  CALLS,
  QUESTIONS,
  type Calls,
  type Input,
  type Operation,
  type Output,
  type Questions,
} from "../operations/table.js";
import type { ListsAnswer } from "../operations/lists.js";
import type { PaperAnswer } from "../operations/papers.js";

/** Whom a connection serves, and what it may do. */
export type Connection = {
  kindred: Kindred;
  /** Whether it may change lists and notes. */
  write: boolean;
  /** Whether it may have services on the network asked for papers. */
  add: boolean;
  /** Whether it is a person at this machine. */
  local: boolean;
  /** Runs work when its queue has room. */
  queued: <T>(lane: Operation["lane"], work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal) => Promise<T>;
  /** Called after papers were added. */
  changed: () => void;
  /** The message for what was thrown. Reports it, if it is a defect. */
  said: (thrown: unknown) => string;
};

/** Asks for one request of a client. */
export class Asker {
  /** @param progress Tells the client how many steps are done; does nothing if it did not ask. */
  constructor(
    readonly connection: Connection,
    readonly signal: AbortSignal,
    readonly progress: (done: number, total: number) => void = () => {},
  ) {}

  /** Asks a question of the table. */
  async ask<Q extends keyof Questions>(name: Q, request: unknown): Promise<Output<Questions[Q]>> {
    const { input, lane } = QUESTIONS[name];
    const parsed = validate(input, request) as Input<Questions[Q]>;
    const json = await this.run(lane, (signal) => this.connection.kindred.answer(name, parsed, { signal }));
    return JSON.parse(json) as Output<Questions[Q]>;
  }

  /** Runs a call of the table. */
  async call<C extends keyof Calls>(name: C, request: unknown): Promise<Output<Calls[C]>> {
    const { kindred, local } = this.connection;
    const parsed = validate(CALLS[name].input, request) as Input<Calls[C]>;
    return this.run(CALLS[name].lane, (signal) => kindred.call(name, parsed, { local, signal }));
  }

  run<T>(lane: Operation["lane"], work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.connection.queued(lane, work, this.signal);
  }

  /** The paper with an id, or the one that a DOI, an arXiv id or a URL names. @throws KindredError `not-found`. */
  async paper(id: string): Promise<PaperAnswer> {
    try {
      return await this.ask("paper", { id });
    } catch (thrown) {
      if (!(thrown instanceof KindredError) || thrown.code !== "not-found") throw thrown;
      const { found } = await this.ask("find", { text: id });
      if (found[0] === undefined)
        throw new KindredError(
          "not-found",
          `there is no paper with the id "${id.slice(0, 200)}" in this library: find its id with search_papers`,
          { parameter: "id" },
        );
      return this.ask("paper", { id: found[0].paper.id });
    }
  }

  /** The list of this name, in any case; undefined if there is none. */
  async listIfAny(name: string): Promise<ListsAnswer["lists"][number] | undefined> {
    const { lists } = await this.ask("lists", {});
    return lists.find((list) => listKey(list.name) === listKey(name));
  }

  /** @throws KindredError `not-found`. */
  async list(name: string): Promise<ListsAnswer["lists"][number]> {
    const list = await this.listIfAny(name);
    if (list !== undefined) return list;
    const message = `there is no list "${name.slice(0, 200)}": list_papers without arguments names all`;
    throw new KindredError("not-found", message, { parameter: "list" });
  }

  /** The ids of the papers that these name. @throws KindredError `not-found`, also if only one is unknown. */
  async ids(named: readonly string[]): Promise<string[]> {
    return (await this.papers(named)).map(({ paper }) => paper.id);
  }

  /** Several papers, in this order; reports progress. */
  async papers(ids: readonly string[]): Promise<PaperAnswer[]> {
    const answers: PaperAnswer[] = [];
    for (const id of ids) {
      answers.push(await this.paper(id));
      this.progress(answers.length, ids.length);
    }
    return answers;
  }
}
