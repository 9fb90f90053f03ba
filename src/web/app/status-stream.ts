/** News of the server: listened to while something is under way and the page is seen, asked for where that will not do. */
import type { Status } from "../../api.js";
import { fetchStatus, type Problem } from "../api/client.js";

/** How long a stream may say nothing at first, and how long none is tried after one has failed, in milliseconds. */
const SILENCE = 5_000;
const DISTRUST = 30_000;
/** Until a server that did not answer is asked again, in milliseconds. */
const GONE = 5_000;

const isUnderWay = ({ importing, indexing, pending, pendingSentences, index }: Status): boolean =>
  importing.length > 0 || (indexing && pending + pendingSentences > 0) || index.state === "building";

/** Milliseconds until the server is asked again where it does not tell; null when nothing changes by itself. */
function pause(status: Status, underWay: boolean): number | null {
  if (underWay) return 700;
  // Embedding is about to begin, or another process does it.
  if (status.pending > 0) return 1_500;
  return status.papers === 0 ? 4_000 : null;
}

/**
 * A browser opens six connections to one server, for all of its pages: so the stream is closed as soon as nothing is
 * under way, or nobody looks at the page.
 */
export class News {
  readonly #tell;
  #waiting = false;
  #stream: EventSource | null = null;
  #asking: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #distrusted = 0;
  readonly #ended = new AbortController();

  constructor(tell: (status: Status) => void) {
    this.#tell = tell;
    const onVisible = (): void => (document.hidden ? this.#rest() : this.look());
    document.addEventListener("visibilitychange", onVisible, { signal: this.#ended.signal });
    this.look();
  }

  /** Looks now, unless what changes is told anyway. */
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
        // With a key the page is loaded anew; until then, nobody wants to be asked for one again and again.
        if (problem.status === 401) return this.end();
        // Whoever asked the server for papers says that it is gone; here it is enough to try again.
        this.#lookIn(GONE);
      },
    );
  }

  /** Says whether this page waits for something that the server may not know of yet, or has just ended to wait. */
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
    this.#tell(status);
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
    // What lies between may hold back what is streamed.
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

  /** Neither listens nor asks, until told to. */
  #rest(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#stream?.close();
    this.#stream = null;
  }
}
