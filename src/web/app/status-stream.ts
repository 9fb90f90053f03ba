/** The server's status: streamed while something is in progress and the page is visible, polled where streaming fails. */
import type { Status } from "../../api.js";
import { fetchStatus } from "../api/client.js";
import type { Problem } from "../api/http.js";

/** How long a stream may take to send its first status, and how long none is tried after a failure, in milliseconds. */
const SILENCE = 5_000;
const DISTRUST = 30_000;
/** The pause until a server that did not answer is asked again, in milliseconds. */
const RETRY = 5_000;

const isUnderWay = ({ importing, indexing, pending, pendingSentences, index }: Status): boolean =>
  importing.length > 0 || (indexing && pending + pendingSentences > 0) || index.state === "building";

/** Milliseconds until the next poll; null when nothing will change by itself. */
function pause(status: Status, underWay: boolean): number | null {
  if (underWay) return 700;
  // Embedding is about to start, or another process does it.
  if (status.pending > 0) return 1_500;
  return status.papers === 0 ? 4_000 : null;
}

/**
 * Browsers open six connections to a server, for all pages together. So the stream is closed as soon as nothing is in
 * progress, or the page is hidden.
 */
export class StatusStream {
  readonly #onStatus;
  #waiting = false;
  #stream: EventSource | null = null;
  #asking: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #distrusted = 0;
  readonly #ended = new AbortController();

  constructor(onStatus: (status: Status) => void) {
    this.#onStatus = onStatus;
    const onVisible = (): void => (document.hidden ? this.#rest() : this.look());
    document.addEventListener("visibilitychange", onVisible, { signal: this.#ended.signal });
    this.look();
  }

  /** Asks for the status now, unless it is being streamed. */
  look(): void {
    if (this.#stream !== null) return;
    this.#rest();
    const asking = (this.#asking = new AbortController());
    fetchStatus(asking.signal).then(
      (status) => {
        if (!asking.signal.aborted) this.#hear(status);
      },
      (problem: Problem) => {
        if (asking.signal.aborted) return;
        // Entering a key reloads the page; until then, one prompt is enough.
        if (problem.status === 401) return this.end();
        // The view says that the server is gone; here it is enough to try again.
        this.#lookIn(RETRY);
      },
    );
  }

  /** Sets whether this page waits for something that the server may not know of yet. */
  wait(waiting: boolean): void {
    if (waiting === this.#waiting) return;
    this.#waiting = waiting;
    if (!waiting) this.#rest();
    this.look();
  }

  end(): void {
    this.#ended.abort();
    this.#rest();
  }

  #hear(status: Status): void {
    this.#onStatus(status);
    if (document.hidden) return this.#rest();
    const underWay = this.#waiting || isUnderWay(status);
    if (underWay && performance.now() >= this.#distrusted) return this.#listen();
    this.#rest();
    this.#lookIn(pause(status, underWay));
  }

  #listen(): void {
    if (this.#stream !== null) return;
    this.#rest();
    const stream = (this.#stream = new EventSource("api/events"));
    const fail = (): void => {
      this.#distrusted = performance.now() + DISTRUST;
      this.#rest();
      this.look();
    };
    // A proxy may hold back the stream.
    this.#timer = setTimeout(fail, SILENCE);
    stream.addEventListener("status", ({ data }: MessageEvent<string>) => {
      clearTimeout(this.#timer);
      const status: Status = JSON.parse(data);
      this.#hear(status);
    });
    stream.addEventListener("error", fail);
  }

  #lookIn(milliseconds: number | null): void {
    if (milliseconds !== null && !document.hidden) this.#timer = setTimeout(() => this.look(), milliseconds);
  }

  /** Stops streaming and polling. */
  #rest(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#stream?.close();
    this.#stream = null;
  }
}
