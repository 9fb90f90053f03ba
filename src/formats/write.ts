/** Writes papers as text in any export format, as a stream and in bounded memory. */
import type { ExportFormat } from "../api.js";
import type { Paper } from "../core/paper.js";
import { pauses } from "../core/pauses.js";
import { citationKey } from "./citation-key.js";
import { toJsonLine } from "./jsonl.js";
import { toMarkdown, toReference } from "./reference.js";
import { toBiblatex, toBibtex } from "./to-bibtex.js";
import { toCsl } from "./to-csl.js";
import { CSV_HEADER, toCsvRow } from "./to-csv.js";
import { toRis } from "./to-ris.js";

export type Written = {
  /** The extension of a file name, without the dot. */
  extension: string;
  /** The media type, without the charset, which is UTF-8. */
  type: string;
  before?: string;
  between?: string;
  after?: string;
  write: (paper: Paper) => string;
};

/** The media types are those of doi.org's citations where it has one. */
export const WRITTEN: Readonly<Record<ExportFormat, Written>> = {
  jsonl: { extension: "jsonl", type: "application/x-ndjson", write: (paper) => `${toJsonLine(paper)}\n` },
  bibtex: {
    extension: "bib",
    type: "application/x-bibtex",
    between: "\n",
    write: (paper) => toBibtex(paper, citationKey(paper)),
  },
  biblatex: {
    extension: "biblatex.bib",
    type: "application/x-biblatex",
    between: "\n",
    write: (paper) => toBiblatex(paper, citationKey(paper)),
  },
  ris: { extension: "ris", type: "application/x-research-info-systems", between: "\r\n", write: toRis },
  "csl-json": {
    extension: "json",
    type: "application/vnd.citationstyles.csl+json",
    before: "[\n",
    between: ",\n",
    after: "\n]\n",
    write: toCsl,
  },
  csv: { extension: "csv", type: "text/csv", before: CSV_HEADER, write: toCsvRow },
  markdown: {
    extension: "md",
    type: "text/markdown",
    write: (paper) => `${toMarkdown(paper, citationKey(paper))}\n`,
  },
  text: { extension: "txt", type: "text/plain", write: (paper) => `${toReference(paper)}\n` },
};

/** Characters written at once. */
const CHUNK = 64 * 1024;

/** The papers in this format, as pieces of one text. Other work runs in between, and nothing is read ahead. */
export async function* writePapers(
  papers: AsyncIterable<Paper> | Iterable<Paper>,
  format: ExportFormat,
): AsyncGenerator<string> {
  const { before = "", between = "", after = "", write } = WRITTEN[format];
  const pause = pauses();
  let text = before;
  let first = true;
  for await (const paper of papers) {
    text += first ? write(paper) : between + write(paper);
    first = false;
    if (text.length >= CHUNK) {
      yield text;
      text = "";
    }
    await pause();
  }
  text += after;
  if (text !== "") yield text;
}
