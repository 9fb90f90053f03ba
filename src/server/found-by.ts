/** What other programs look for: browsers a description of the search, reference managers the records of papers by unAPI. */
import type { RequestHandler } from "express";
import { z } from "zod";
import type { ExportFormat } from "../api.js";
import { WRITTEN, writePapers } from "../formats/write.js";
import type { Kindred } from "../kindred.js";
import { escaped } from "./feed-text.js";
import { homeOf } from "./base-path.js";
import type { Lane } from "./lanes.js";
import { sendProblem } from "./problems.js";
import { parseQuery } from "./query.js";

export const OPENSEARCH = {
  path: "/opensearch.xml",
  summary: "Get the description of the search for browsers (OpenSearch 1.1); needs no key",
  type: "application/opensearchdescription+xml",
} as const;

export const describeSearch: RequestHandler = (request, response) => {
  const home = escaped(homeOf(request));
  response.type(`${OPENSEARCH.type}; charset=utf-8`).send(`<?xml version="1.0" encoding="utf-8"?>
<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
<ShortName>Kindred</ShortName>
<Description>Search your papers by meaning</Description>
<InputEncoding>UTF-8</InputEncoding>
<Image width="16" height="16" type="image/svg+xml">${home}icon.svg</Image>
<Url type="text/html" method="get" template="${home}?q={searchTerms}"/>
<Url type="application/atom+xml" template="${home}feeds/atom/search?q={searchTerms}"/>
<Url type="${OPENSEARCH.type}" rel="self" template="${home}opensearch.xml"/>
</OpenSearchDescription>
`);
};

/** The formats of unAPI, by the names that reference managers know. */
const NAMES = ["ris", "bibtex", "csl-json"] as const satisfies readonly ExportFormat[];

export const UNAPI = {
  path: "/unapi",
  summary: "Get a paper for a reference manager (unAPI 1): without a format, the formats that there are",
  query: z.strictObject({
    id: z.string().optional().describe("The id of a paper."),
    format: z
      .string()
      .optional()
      .describe(`\`${NAMES.join("`, `")}\`. Any other answers 406.`),
  }),
  types: ["application/xml", ...NAMES.map((name) => WRITTEN[name].type)],
} as const;

/** As in "unAPI Version 1": 200, or 300 where there is a choice; 404 for an unknown paper, 406 for an unknown format. */
export const unapi =
  (kindred: Kindred, lane: Lane): RequestHandler =>
  async (request, response) => {
    const { id, format } = parseQuery(UNAPI.query, request.query);
    const paper = id === undefined ? null : await lane.run(() => kindred.paper(id), new AbortController().signal);
    if (paper === null || format === undefined) {
      response.status(paper === null ? 200 : 300).type(`${UNAPI.types[0]}; charset=utf-8`);
      response.send(formats(id));
      return;
    }
    const name = NAMES.find((one) => one === format);
    if (name === undefined) {
      const got = format.slice(0, 100);
      sendProblem(response, 406, `format: got "${got}", expected one of ${NAMES.join(", ")}`, "format");
      return;
    }
    let text = "";
    for await (const piece of writePapers([paper], name)) text += piece;
    response.type(`${WRITTEN[name].type}; charset=utf-8`).send(text);
  };

const formats = (id: string | undefined): string =>
  [
    '<?xml version="1.0" encoding="utf-8"?>',
    id === undefined ? "<formats>" : `<formats id="${escaped(id)}">`,
    ...NAMES.map((name) => `<format name="${name}" type="${WRITTEN[name].type}"/>`),
    "</formats>\n",
  ].join("\n");
