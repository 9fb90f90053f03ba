/** The HNSW graph on disk: `vectors.hnsw`, and `vectors.json`, the manifest that says what it is and what it is good for. */
import { randomUUID } from "node:crypto";
import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { messageOf } from "../errors.js";
import { hashOf, sync, writingError } from "../files.js";
import { EF_CONSTRUCTION, HnswGraph, M, METRIC } from "./hnsw.js";

const FORMAT = 2;

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** The identity of the model that made the vectors, as the store spells it. */
  model: z.string(),
  dimensions: z.int().positive(),
  metric: z.literal(METRIC),
  m: z.literal(M),
  efConstruction: z.literal(EF_CONSTRUCTION),
  /** Every change of the store up to this one is in the graph. */
  change: z.int().nonnegative(),
  /** By which the store knows the two files. */
  token: z.uuid(),
  count: z.int().nonnegative(),
  deleted: z.array(z.int().nonnegative()),
  bytes: z.int().nonnegative(),
  /** Of the graph's bytes, and behind them this manifest as JSON without its checksum. */
  sha256: z.string(),
});
type Manifest = z.infer<typeof manifestSchema>;
type Described = Omit<Manifest, "sha256">;

/** Whether the store has all that a file with this token holds, up to this change. */
type Known = (token: string, change: number) => boolean;

export type Loaded =
  /** The graph, and the change it is good for; its size alone when it was not to be held. */
  | { graph: HnswGraph; change: number; count: number }
  | { graph: "not held"; change: number; count: number }
  /** Why there is none to be used, in words; null when there simply is none yet. */
  | { graph: null; reason: string | null };

const graphPath = (directory: string) => join(directory, "vectors.hnsw");
const manifestPath = (directory: string) => join(directory, "vectors.json");

/**
 * Reads the snapshot in `directory`, if it is whole and was made with this model and these settings, and the store knows
 * its token.
 *
 * @param known Asks the store: another process may make both newer meanwhile.
 * @param hold Whether the graph is wanted; otherwise the files are checked, and no more.
 */
export async function loadSnapshot(
  directory: string,
  model: string,
  dimensions: number,
  known: Known,
  hold: boolean,
): Promise<Loaded> {
  for (;;) {
    let text: string | null;
    try {
      text = await readManifest(directory);
    } catch (thrown) {
      return { graph: null, reason: `vectors.json could not be read (${messageOf(thrown)})` };
    }
    if (text === null) return { graph: null, reason: null };
    const loaded = await loadGraph(directory, text, model, dimensions, known, hold);
    // Another process may have put a new snapshot in place between the reading of the two files.
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
  hold: boolean,
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
    if (!hold) return { graph: "not held", change, count };
    const graph = await HnswGraph.load(graphPath(directory), dimensions, manifest.deleted);
    if (graph.count !== manifest.count)
      return unusable(`vectors.hnsw is damaged: it holds ${graph.count} vectors, expected ${manifest.count}`);
    return { graph, change, count };
  } catch (thrown) {
    return unusable(`vectors.hnsw could not be read (${messageOf(thrown)})`);
  }
}

/**
 * Writes graph and manifest under new names, has both reach the disk, then renames them, the manifest last: whatever
 * is cut short, a manifest never vouches for a graph that is not its own. Only who holds the directory's lock may call it.
 *
 * @param vouch Has the store know the token, for good, before the files take their names.
 */
export async function saveSnapshot(
  directory: string,
  { model, change }: { model: string; change: number },
  graph: HnswGraph,
  vouch: (token: string) => void,
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
    vouch(token);
    // Killed between the two others, there is none: the manifest of before would call the new graph damaged.
    await rm(manifestPath(directory), { force: true });
    await rename(graphFile, graphPath(directory));
    await rename(manifestFile, manifestPath(directory));
    await sync(directory);
  } catch (thrown) {
    await Promise.all([rm(graphFile, { force: true }), rm(manifestFile, { force: true })]);
    throw writingError(thrown, graphPath(directory));
  }
}

/** The token of the snapshot in `directory`; null when there is none that can be read. */
export async function snapshotToken(directory: string): Promise<string | null> {
  try {
    return manifestSchema.parse(JSON.parse((await readManifest(directory)) ?? "")).token;
  } catch {
    return null;
  }
}

const checksum = async (path: string, described: Described): Promise<string> =>
  (await hashOf(path)).update(JSON.stringify(described)).digest("hex");
