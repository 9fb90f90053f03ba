/** How a cluster is reached, and how its indices are made. */
import { z } from "zod";
import { KindredError } from "../core/errors.js";

/** @throws KindredError `invalid`. It does not show the address, because that may have a password. */
function isAddress(address: string): boolean {
  try {
    const { protocol, username, password } = new URL(address);
    decodeURIComponent(`${username}${password}`);
    if (/^https?:$/.test(protocol)) return true;
  } catch {
    // Reported below.
  }
  throw new KindredError(
    "invalid",
    'opensearch: got an address that cannot be read, expected https://user:password@host:9200, with "%" in a password as "%25"',
  );
}

export const settingsSchema = z.strictObject({
  /** Nodes of the cluster, `https://user:password@host:9200`. */
  urls: z.array(z.string().refine(isAddress)).min(1),
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
