/** Remote calls between threads: typed arguments, a result or an error, and progress in between. */
import { parentPort, Worker, type TransferListItem } from "node:worker_threads";
import { KindredError, messageOf, type ErrorCode } from "./errors.js";
import { isTooManyFiles, TOO_MANY_FILES } from "./files.js";

/** The context of a call, for the method that answers it. */
export type Call = {
  /** Aborted when the caller no longer wants the result. */
  signal: AbortSignal;
  /** Sends a value to the caller's `onProgress`. */
  progress: (news: unknown) => void;
};

/** The methods of a thread: one argument and one result, both structured-cloneable. */
export type Methods = Record<string, (argument: never, call: Call) => unknown>;

/** undefined for a method without an argument. */
type Argument<M extends Methods, K extends keyof M> = Parameters<M[K]>[0];
type Result<M extends Methods, K extends keyof M> = Awaited<ReturnType<M[K]>>;

type Request = { call: number; method: string; argument: unknown } | { call: number; abort: true } | { end: true };
type Failure = Pick<Error, "message"> & { stack?: string | undefined; code?: ErrorCode } & Partial<
    Pick<KindredError, "parameter" | "report">
  >;
type Response = { call: number } & ({ result: unknown } | { failure: Failure } | { news: unknown });

/**
 * How long a thread may take to end by itself, in milliseconds. A model may be loading on a busy machine, and
 * terminating the thread meanwhile would end the process. A thread with threads of its own waits for them first.
 */
const GRACE = { thread: 20_000, ofThreads: 60_000 };

/**
 * In a worker: answers calls with `methods` until the thread is closed. Then running calls are aborted and awaited, and
 * `methods.close` is called last.
 *
 * @param loading What must finish before the thread may end: ending it inside native code ends the whole process.
 */
export function answerCalls(methods: Methods, ...loading: Promise<unknown>[]): void {
  const port = parentPort;
  if (port === null) throw new Error("answerCalls must be called in a worker thread");
  const running = new Map<number, AbortController>();
  const answers = new Set<Promise<void>>();
  port.on("message", (request: Request) => {
    if ("end" in request) void end();
    else if ("abort" in request) running.get(request.call)?.abort();
    else {
      const one = answer(request).finally(() => answers.delete(one));
      answers.add(one);
    }
  });
  const end = async (): Promise<void> => {
    for (const controller of running.values()) controller.abort();
    await Promise.allSettled([...answers, ...loading]);
    try {
      await methods["close"]?.(undefined as never, { signal: AbortSignal.abort(), progress: () => {} });
    } finally {
      process.exit();
    }
  };
  const answer = async ({ call, method, argument }: Extract<Request, { method: string }>): Promise<void> => {
    const controller = new AbortController();
    running.set(call, controller);
    const send = (response: Response) => port.postMessage(response);
    try {
      const result: unknown = await methods[method]?.(argument as never, {
        signal: controller.signal,
        progress: (news) => send({ call, news }),
      });
      send({ call, result });
    } catch (thrown) {
      send({ call, failure: failureOf(thrown) });
    } finally {
      running.delete(call);
    }
  };
}

/**
 * In the calling thread: a worker and its unanswered calls. The first call starts the worker, and so does the next after it
 * ended by itself, for example because memory ran out, or because it was idle.
 */
export class Thread<M extends Methods> {
  readonly #module;
  readonly #workerData;
  readonly #idle;
  readonly #grace;
  #worker: Worker | undefined;
  /** Ends an idle worker. */
  #timer: NodeJS.Timeout | undefined;
  /** Workers that end because they were idle. */
  readonly #ending = new Set<Promise<void>>();
  readonly #waiting = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void; news: ((news: unknown) => void) | undefined }
  >();
  #calls = 0;
  #closed = false;

  /**
   * @param module URL of the worker's module, which calls `answerCalls`.
   * @param idle Milliseconds without a call after which the worker ends, to free its memory; never by default.
   * @param grace Milliseconds after which a worker that does not end is terminated.
   */
  constructor(module: URL, workerData: unknown, idle = Infinity, grace = GRACE) {
    this.#module = module;
    this.#workerData = workerData;
    this.#idle = idle;
    this.#grace = grace;
  }

  /** Starts the worker before the first call, which otherwise does. */
  start(): void {
    if (!this.#closed) this.#worker ??= this.#start();
  }

  #start(): Worker {
    // Flags of the process, such as --input-type, are not meant for its threads.
    const worker = new Worker(this.#module, { workerData: this.#workerData, execArgv: [] });
    // An idle thread must not keep the process alive.
    worker.unref();
    worker.on("message", (response: Response) => this.#receive(response));
    // "error" comes before "exit".
    worker.on("error", (error: Error & Failure) => this.#end(worker, endingError(error)));
    worker.on("exit", (code) => this.#end(worker, interrupted(`with code ${code}`)));
    return worker;
  }

  /**
   * Calls a method of the worker; rejects with the error it throws.
   *
   * @throws KindredError `interrupted` when the thread ends before it has answered.
   */
  call<K extends keyof M & string>(
    method: K,
    argument: Argument<M, K>,
    options: {
      signal?: AbortSignal | undefined;
      onProgress?: ((news: never) => void) | undefined;
      transfer?: TransferListItem[];
    } = {},
  ): Promise<Result<M, K>> {
    if (this.#closed) return Promise.reject(CLOSED());
    if (options.signal?.aborted === true) return Promise.reject(new KindredError("cancelled", "cancelled"));
    const call = this.#calls++;
    const worker = (this.#worker ??= this.#start());
    const abort = () => worker.postMessage({ call, abort: true } satisfies Request);
    options.signal?.addEventListener("abort", abort, { once: true });
    return new Promise<Result<M, K>>((resolve, reject) => {
      // First, because it throws if something cannot be cloned: then there is no answer to wait for.
      worker.postMessage({ call, method, argument } satisfies Request, options.transfer ?? []);
      this.#waiting.set(call, {
        resolve: resolve as (result: unknown) => void,
        reject,
        news: options.onProgress as ((news: unknown) => void) | undefined,
      });
      if (this.#waiting.size === 1) worker.ref();
      clearTimeout(this.#timer);
    }).finally(() => options.signal?.removeEventListener("abort", abort));
  }

  /** Rejects unanswered calls, and ends the thread as soon as nothing runs in it. */
  async close(has: keyof typeof GRACE = "thread"): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const worker = this.#worker;
    this.#reject(CLOSED());
    await Promise.all([...this.#ending, worker && this.#stop(worker, has)]);
  }

  /** Ends a worker as soon as nothing runs in it. */
  async #stop(worker: Worker, has: keyof typeof GRACE): Promise<void> {
    const exited = new Promise<void>((resolve) => void worker.once("exit", () => resolve()));
    worker.ref();
    worker.postMessage({ end: true } satisfies Request);
    const late = setTimeout(() => void worker.terminate(), this.#grace[has]);
    await exited;
    clearTimeout(late);
  }

  #receive(response: Response): void {
    const waiting = this.#waiting.get(response.call);
    if (waiting === undefined) return;
    if ("news" in response) {
      waiting.news?.(response.news);
      return;
    }
    this.#waiting.delete(response.call);
    if (this.#waiting.size === 0) this.#rest();
    if ("failure" in response) waiting.reject(errorOf(response.failure));
    else waiting.resolve(response.result);
  }

  /** Lets the process end, and ends the worker later unless there is another call. */
  #rest(): void {
    this.#worker?.unref();
    if (this.#idle === Infinity) return;
    this.#timer = setTimeout(() => {
      const worker = this.#worker;
      if (worker === undefined) return;
      this.#worker = undefined;
      const ending = this.#stop(worker, "thread").finally(() => this.#ending.delete(ending));
      this.#ending.add(ending);
    }, this.#idle).unref();
  }

  #end(worker: Worker, error: Error): void {
    // A new worker may have started between "error" and "exit" of this one.
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    this.#reject(error);
  }

  #reject(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/**
 * How long a thread that only indexing needs waits for the next call before it ends, in milliseconds: while papers come one
 * after the other, none is started again, and an idle process does without their memory.
 */
export const IDLE = 15_000;

/** How often work is tried if its thread ends: the work itself may be the cause. */
export const TRIES = 3;

/**
 * Repeats the work if a thread that it needs has ended. @throws KindredError `interrupted` if that happens each time.
 */
export async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (thrown) {
      if (tries === TRIES || !(thrown instanceof KindredError && thrown.code === "interrupted")) throw thrown;
    }
  }
}

const CLOSED = () => new KindredError("cancelled", "it was closed");

const interrupted = (why: string, cause?: unknown): KindredError =>
  new KindredError("interrupted", `a thread of Kindred ended before it had answered: ${why}; try again`, { cause });

/** Why a thread ended, as an error for its callers. */
function endingError(error: Error & Failure): Error {
  if (error.name === "KindredError") return errorOf(error);
  if (isTooManyFiles(error)) return new KindredError("storage", TOO_MANY_FILES, { cause: error });
  return interrupted(messageOf(error), error);
}

/** Structured cloning keeps the message of an error but not its class. */
function failureOf(thrown: unknown): Failure {
  if (thrown instanceof KindredError)
    return {
      message: thrown.message,
      stack: thrown.stack,
      code: thrown.code,
      parameter: thrown.parameter,
      report: thrown.report,
    };
  if (thrown instanceof Error) return { message: thrown.message, stack: thrown.stack };
  return { message: String(thrown) };
}

function errorOf({ message, stack, code, parameter, report }: Failure): Error {
  let error = new Error(message);
  if (code !== undefined) {
    const known = new KindredError(code, message, parameter === undefined ? {} : { parameter });
    known.report = report;
    error = known;
  }
  if (stack !== undefined) error.stack = stack;
  return error;
}
