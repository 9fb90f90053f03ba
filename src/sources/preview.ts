/** The first papers that a source would bring. */
import { KindredError } from "../core/errors.js";
import { readPapers } from "../formats/index.js";
import type { PreviewAnswer } from "../operations/sources.js";
import { harvest } from "./harvest.js";
import { keyOf } from "./keys.js";
import { streamOf } from "./kind.js";
import { kindOf, type KindName } from "./kinds.js";
import type { Network } from "./network.js";
import { SourceError } from "./source-error.js";

const PAPERS = 10;
/** Pages that are asked for until one has papers. */
const PAGES = 5;
const PREVIEW_TIMEOUT = 60_000;
/** Somebody is waiting: requests are tried twice, and pauses that a service asks for may have so many milliseconds. */
const TRIES = 2;
const PATIENCE = 20_000;

/**
 * At most ten papers of the first page that has any. Nothing is stored.
 *
 * @throws SourceError if the service cannot be read, or takes longer than a minute.
 */
export async function previewOf(
  name: KindName,
  options: Record<string, unknown>,
  network: Network,
  signal: AbortSignal = new AbortController().signal,
): Promise<PreviewAnswer> {
  const late = AbortSignal.timeout(PREVIEW_TIMEOUT);
  const answer: PreviewAnswer = { papers: [], remarks: [] };
  try {
    const pages = harvest(kindOf(name), {
      // Some services then send a smaller page.
      options: { ...options, max: PAPERS },
      saved: undefined,
      network,
      key: keyOf(name, process.env),
      contact: process.env["KINDRED_CONTACT"],
      signal: AbortSignal.any([signal, late]),
      patience: PATIENCE,
      tries: TRIES,
    });
    let asked = 0;
    for await (const { bytes, remarks = [], stopped } of pages) {
      if (stopped === true) break;
      answer.remarks.push(...remarks);
      if (bytes !== undefined) await read(bytes, answer);
      if (answer.papers.length > 0 || ++asked === PAGES) break;
    }
    return answer;
  } catch (thrown) {
    if (signal.aborted) throw new KindredError("cancelled", "the preview was cancelled", { cause: thrown });
    if (late.aborted)
      throw new SourceError(`the service took longer than ${PREVIEW_TIMEOUT / 1_000} seconds: try again later`, {
        cause: thrown,
      });
    throw thrown;
  }
}

/** Adds the first papers of a page to the answer, and what could not be read before them. */
async function read(bytes: Uint8Array | AsyncIterable<Uint8Array>, { papers, remarks }: PreviewAnswer): Promise<void> {
  for await (const reading of readPapers(streamOf(bytes))) {
    if (reading.kind === "problem" && remarks.length < PAPERS) remarks.push(reading.reason);
    if (reading.kind !== "paper") continue;
    const { title, authors = [], published = null, venue = null } = reading.paper;
    papers.push({ title, authors: authors.slice(0, PAPERS), published, venue });
    if (papers.length === PAPERS) return;
  }
}
