/** Any feed, RSS or Atom. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { validatorsOf } from "./fetch.js";
import { commonOptions, type Kind } from "./kind.js";
import { SourceError } from "./source-error.js";

/** The root element is looked for in so many characters. */
const HEAD = 10_000;

export const webAddress = z
  .string()
  .max(2_000)
  .regex(/^https?:\/\/[^/?#@\s]+(?:[/?][^\s#]*)?$/, "expected an address like https://example.org/feed.xml");

const options = z.strictObject({ ...commonOptions, url: webAddress.describe("Its address.") });
export const versionSchema = z.object({
  etag: z.string().max(1_000).optional(),
  lastModified: z.string().max(200).optional(),
  /** The sha256 of what was read last: some servers say that everything has changed. */
  hash: z.string().optional(),
});
export type Version = z.infer<typeof versionSchema>;

export const feed: Kind<z.infer<typeof options>, Version> = {
  name: "feed",
  summary: "an RSS or Atom feed",
  base: ({ url }) => url,
  options,
  position: versionSchema,
  async *pages(options, saved, { fetcher }) {
    const address = options.baseUrl ?? options.url;
    const answer = await fetcher.ask(new URL(address), { expect: "xml", validators: saved });
    if (answer.unchanged) {
      yield { count: 0, position: saved!, done: true };
      return;
    }
    const hash = createHash("sha256").update(answer.bytes).digest("hex");
    const position = { ...validatorsOf(answer), hash };
    const text = answer.bytes.toString();
    const count = [...text.matchAll(/<(?:\w+:)?(?:item|entry)[\s>]/g)].length;
    // A feed may be empty, but an error may come with the status 200 too.
    const head = text.slice(0, HEAD).replaceAll(/<!--[^]*?-->/g, "");
    const root = /<(?:[\w.-]+:)?([a-z][\w.-]*)/i.exec(head)?.[1] ?? "";
    if (count === 0 && !/^(?:rss|feed|RDF|channel)$/i.test(root))
      throw new SourceError(`${new URL(address).hostname} answered with XML that is not a feed (<${root}>)`);
    const changed = hash !== saved?.hash && count > 0;
    yield { ...(changed ? { bytes: answer.bytes, count } : { count: 0 }), position, done: true };
  },
};
