/** How a cluster is reached, and how its indices are made. */
import { z } from "zod";

export const settingsSchema = z.strictObject({
  /** Nodes of the cluster, `https://user:password@host:9200`. */
  urls: z.array(z.url({ protocol: /^https?$/ })).min(1),
  /** What the names of all indices start with. */
  prefix: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,50}$/, "expected lower-case letters, digits, - and _, starting with a letter")
    .default("kindred"),
  /** A file with the certificates of the authority that signed the nodes' own. */
  ca: z.string().optional(),
  /** Shards and replicas of the index of papers, when it is created. */
  shards: z.int().min(1).max(1_000).default(1),
  replicas: z.int().min(0).max(10).default(1),
});
export type Settings = z.infer<typeof settingsSchema>;
