/** A file in any format at an address. */
import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { hashOf } from "../core/files.js";
import { type Version, versionSchema, webAddress } from "./feed.js";
import { validatorsOf } from "./fetch.js";
import { commonOptions, type Kind } from "./kind.js";

const options = z.strictObject({ ...commonOptions, url: webAddress.describe("Its address.") });

export const url: Kind<z.infer<typeof options>, Version> = {
  name: "url",
  summary: "a file of papers at an address",
  base: ({ url }) => url,
  options,
  position: versionSchema,
  async *pages(options, saved, { fetcher }) {
    // A file is whole before the first paper is taken from it.
    const folder = await mkdtemp(join(tmpdir(), "kindred-"));
    const path = join(folder, "file");
    try {
      const address = new URL(options.baseUrl ?? options.url);
      const { headers, unchanged } = await fetcher.download(address, path, { validators: saved });
      if (unchanged) {
        yield { count: 0, position: saved!, done: true };
        return;
      }
      const hash = (await hashOf(path)).digest("hex");
      const position = { ...validatorsOf({ headers }), hash };
      const name = address.pathname.split("/").at(-1) || address.hostname;
      if (hash === saved?.hash) yield { count: 0, position, done: true };
      else yield { bytes: createReadStream(path), count: 0, name, position, done: true };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
