/** The description of a model, which is read without loading the model or its library. */
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { KindredError, messageOf } from "../core/errors.js";
import { ROOT } from "../core/root.js";

// The runtime that computes the model would report its use to its makers. Its native code reads this from the process, which
// only the main thread can set; and that has loaded this file before it starts a thread.
process.env["ORT_DISABLE_TELEMETRY"] = "1";

/** `KINDRED_MODEL` is the folder of a model outside this package, with its `kindred.json`. */
const chosen = resolve(process.env["KINDRED_MODEL"] ?? join(ROOT, "models", "all-MiniLM-L6-v2"));
export const MODELS_DIRECTORY = dirname(chosen);
export const DEFAULT_MODEL = basename(chosen);
const SHOWN = MODELS_DIRECTORY === join(ROOT, "models") ? "models/" : MODELS_DIRECTORY;

/** `kindred.json` in a model's folder: everything that its vectors depend on. */
const manifestSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/),
  dtype: z.enum(["fp32", "fp16", "q8"]),
  pooling: z.literal("mean"),
  /** Most word pieces of a text, including the two markers; the rest is cut off. */
  cut: z.int().min(8),
  dimensions: z.int().positive().multipleOf(8),
  /** Of every file that is loaded. */
  sha256: z.record(z.string(), z.string()),
});

export type ModelDescription = {
  name: string;
  dtype: "fp32" | "fp16" | "q8";
  pooling: "mean";
  cut: number;
  dimensions: number;
  /** Of the weights. */
  sha256: string;
  /** All of the above in one string: vectors are comparable if and only if their identities are equal. */
  identity: string;
};

/** Reads the description of a model. @throws KindredError `invalid` when there is none, or its manifest is wrong. */
export async function describeModel(name: string = DEFAULT_MODEL): Promise<ModelDescription> {
  return (await readManifest(name)).description;
}

export async function readManifest(name: string) {
  const path = join(MODELS_DIRECTORY, name, "kindred.json");
  const known = (await readdir(MODELS_DIRECTORY, { withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const invalid = (problem: string, cause?: unknown) =>
    new KindredError("invalid", `no model "${name}" (${problem}); ${SHOWN} contains: ${known.join(", ")}`, {
      parameter: "model",
      cause,
    });
  if (!known.includes(name)) throw invalid("not found");
  let manifest: z.infer<typeof manifestSchema>;
  try {
    manifest = manifestSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (thrown) {
    throw invalid(`${path}: ${messageOf(thrown)}`, thrown);
  }
  // Threads load a model by the name in its description, so that must be its folder.
  if (manifest.name !== name) throw invalid(`${path} names "${manifest.name}", expected the name of its folder`);
  const weights = Object.keys(manifest.sha256).find((file) => file.endsWith(".onnx"));
  if (weights === undefined) throw new KindredError("invalid", `${path} names no .onnx file`, { parameter: "model" });
  const { dtype, pooling, cut, dimensions } = manifest;
  const sha256 = manifest.sha256[weights] as string;
  const description = { name: manifest.name, dtype, pooling, cut, dimensions, sha256 };
  return { manifest, description: { ...description, identity: JSON.stringify(description) } };
}
