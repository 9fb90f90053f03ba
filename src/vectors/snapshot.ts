/** The HNSW graph on disk: `vectors.hnsw`, and its manifest `vectors.json`. */
import { randomUUID } from "node:crypto";
import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { messageOf } from "../core/errors.js";
import { hashOf, sync, writingError } from "../core/files.js";
import { EF_CONSTRUCTION, HnswGraph, M, METRIC } from "./hnsw.js";

const FORMAT = 2;

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** The identity of the embedding model, as in the store. */
  model: z.string(),
  dimensions: z.int().positive(),
  metric: z.literal(METRIC),
  m: z.literal(M),
  efConstruction: z.literal(EF_CONSTRUCTION),
  /** The graph contains every change of the store up to this one. */
  change: z.int().nonnegative(),
  /** Identifies the two files to the store. */
  token: z.uuid(),
  count: z.int().nonnegative(),
  deleted: z.array(z.int().nonnegative()),
  bytes: z.int().nonnegative(),
  /** Of the graph's bytes followed by this manifest as JSON without the checksum. */
  sha256: z.string(),
});
type Manifest = z.infer<typeof manifestSchema>;
type Described = Omit<Manifest, "sha256">;

/** Whether the store contains everything in a file with this token, up to this change. */
type Known = (token: string, change: number) => boolean;

export type Loaded =
  /** The graph, or only its size if it was not to be loaded, and the change up to which it is valid. */
  | { graph: HnswGraph; change: number; count: number }
  | { graph: "not loaded"; change: number; count: number }
  /** Why no graph can be used; null if there is none yet. */
  | { graph: null; reason: string | null };

const graphPath = (directory: string) => join(directory, "vectors.hnsw");
const manifestPath = (directory: string) => join(directory, "vectors.json");

/**
 * Reads the snapshot in `directory`, if it is complete, was made with this model and these settings, and the store
 * knows its token.
 *
 * @param known Asks the store at that moment: another process may update both meanwhile.
 * @param withGraph Whether to load the graph; otherwise the files are only checked.
 */
export async function loadSnapshot(
  directory: string,
  model: string,
  dimensions: number,
  known: Known,
  withGraph: boolean,
): Promise<Loaded> {
  for (;;) {
    let text: string | null;
    try {
      text = await readManifest(directory);
    } catch (thrown) {
      return { graph: null, reason: `vectors.json could not be read (${messageOf(thrown)})` };
    }
    if (text === null) return { graph: null, reason: null };
    const loaded = await loadGraph(directory, text, model, dimensions, known, withGraph);
    // Another process may have replaced the snapshot between reading the two files.
    if (loaded.graph !== null || (await readManifest(directory)) === text) return loaded;
  }
}

async function readManifest(directory: string): Promise<string | null> {
  try {
    return await readFile(manifestPath(directory), "utf8");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw thrown;
  }
}

async function loadGraph(
  directory: string,
  text: string,
  model: string,
  dimensions: number,
  known: Known,
  withGraph: boolean,
): Promise<Loaded> {
  const unusable = (reason: string): Loaded => ({ graph: null, reason });
  let manifest: Manifest;
  try {
    manifest = manifestSchema.parse(JSON.parse(text));
  } catch {
    return unusable("vectors.json is damaged, or was written by another version of Kindred");
  }
  if (manifest.model !== model || manifest.dimensions !== dimensions)
    return unusable("vectors.hnsw was made with another model");
  if (!known(manifest.token, manifest.change)) return unusable("vectors.hnsw was made from another papers.db");
  try {
    const { sha256, ...described } = manifest;
    const { size } = await stat(graphPath(directory));
    if (size !== manifest.bytes)
      return unusable(`vectors.hnsw is damaged: it has ${size} bytes, expected ${manifest.bytes}`);
    if ((await checksum(graphPath(directory), described)) !== sha256)
      return unusable("vectors.hnsw is damaged: its checksum is not the recorded one");
    const { change, count } = manifest;
    if (!withGraph) return { graph: "not loaded", change, count };
    const graph = await HnswGraph.load(graphPath(directory), dimensions, manifest.deleted);
    if (graph.count !== manifest.count)
      return unusable(`vectors.hnsw is damaged: it holds ${graph.count} vectors, expected ${manifest.count}`);
    return { graph, change, count };
  } catch (thrown) {
    return unusable(`vectors.hnsw could not be read (${messageOf(thrown)})`);
  }
}

/**
 * Writes graph and manifest under new names, syncs both, then renames them, the manifest last: however this is
 * interrupted, a manifest never describes a graph that is not its own. Call only while holding the directory's lock.
 *
 * @param register Registers the token in the store, durably, before the files take their names.
 */
export async function saveSnapshot(
  directory: string,
  { model, change }: { model: string; change: number },
  graph: HnswGraph,
  register: (token: string) => void,
): Promise<void> {
  const graphFile = `${graphPath(directory)}.new`;
  const manifestFile = `${manifestPath(directory)}.new`;
  const token = randomUUID();
  try {
    await graph.save(graphFile);
    await sync(graphFile);
    const described: Described = {
      format: FORMAT,
      model,
      dimensions: graph.dimensions,
      metric: METRIC,
      m: M,
      efConstruction: EF_CONSTRUCTION,
      change,
      token,
      count: graph.count,
      deleted: [...graph.deleted].toSorted((a, b) => a - b),
      bytes: (await stat(graphFile)).size,
    };
    const manifest: Manifest = { ...described, sha256: await checksum(graphFile, described) };
    await writeFile(manifestFile, `${JSON.stringify(manifest)}\n`);
    await sync(manifestFile);
    register(token);
    // Removed first: if this is killed between the two renames, the old manifest would make the new graph look damaged.
    await rm(manifestPath(directory), { force: true });
    await rename(graphFile, graphPath(directory));
    await rename(manifestFile, manifestPath(directory));
    await sync(directory);
  } catch (thrown) {
    await Promise.all([rm(graphFile, { force: true }), rm(manifestFile, { force: true })]);
    throw writingError(thrown, graphPath(directory));
  }
}

/** The token of the snapshot in `directory`; null if there is none that can be read. */
export async function snapshotToken(directory: string): Promise<string | null> {
  try {
    return manifestSchema.parse(JSON.parse((await readManifest(directory)) ?? "")).token;
  } catch {
    return null;
  }
}

const checksum = async (path: string, described: Described): Promise<string> =>
  (await hashOf(path)).update(JSON.stringify(described)).digest("hex");
