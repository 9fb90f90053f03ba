/** Serves the streams of the table: imports, citations, exports and the points of the map. */
import type { Request } from "express";
import { KindredError } from "../core/errors.js";
import { WRITTEN, writePapers } from "../formats/write.js";
import type { Kindred } from "../kindred.js";
import type { Input, Streams } from "../operations/table.js";
import { arriving } from "./pace.js";
import { Bytes, Text } from "./text.js";

/** Bytes of an import, as they are transferred. */
const MAX_UPLOAD = 2 * 1024 ** 3;

type Asking = { kindred: Kindred; request: Request; signal: AbortSignal };

export const STREAMED: {
  [S in keyof Streams]: (input: Input<Streams[S]>, asking: Asking) => Promise<Text | Bytes | object>;
} = {
  /** Imports the body while it arrives. What was committed stays, even if the client goes. */
  import: async ({ name }, { kindred, request, signal }) => {
    const type = request.get("content-type") ?? "";
    if (/^multipart\//i.test(type))
      throw new KindredError(
        "invalid",
        `the body: got a form (${type.slice(0, 60)}), expected the file itself, as "curl --data-binary @FILE" sends it`,
      );
    const report = await kindred.import(limited(arriving(request)), { name, signal });
    if (report.format === null)
      throw new KindredError(
        "invalid",
        report.problems[0]?.reason ?? "the body: got nothing, expected a file of papers",
      );
    return report;
  },

  cite: async ({ id, format }, { kindred }) =>
    new Text(WRITTEN[format].type, writePapers([await kindred.paper(id)], format)),

  export: async ({ format, list }, { kindred }) => {
    const { type, extension } = WRITTEN[format];
    if (list === undefined) return new Text(type, writePapers(kindred.papers(), format), `kindred.${extension}`);
    return new Text(type, writePapers(kindred.papersIn(list), format), `list.${extension}`);
  },

  mapPoints: async (_, { kindred }) => {
    const { bytes, version } = await kindred.mapPoints();
    return new Bytes(bytes, version);
  },
};

async function* limited(request: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.byteLength;
    if (bytes > MAX_UPLOAD)
      throw new KindredError(
        "too-large",
        `the body: got more than ${MAX_UPLOAD} bytes; send it in parts, or use "kindred import"`,
      );
    yield chunk;
  }
}
